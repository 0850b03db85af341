"""Hears what a test process is told, whichever way a test asks: each answer is judged, and a fault fails the session too.

Heard are operations that run in this process, httpx, and what programs and commands print. What speaks in another way is
in `SPEAKING` of tests/leaks/ways_of_asking.py with the reason why it need not be heard.
"""

from __future__ import annotations

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from server.errors import UsherError
from server.resolvers.execution import Execution, OperationAnswer, OperationRequest
from tests.leaks.watching import WATCH, Reader, reader_of


@contextmanager
def listening() -> Generator[None]:
    with pytest.MonkeyPatch.context() as patch:
        _operations(patch)
        _clients(patch)
        _programs(patch)
        yield


def _operations(patch: pytest.MonkeyPatch) -> None:
    """In this process; errors that the edge answers are heard as what they say."""
    run = Execution.run

    async def heard(execution: Execution, request: OperationRequest) -> OperationAnswer:
        reader = _reader(execution, request)
        try:
            answer = await run(execution, request)
        except UsherError as error:
            WATCH.hear(str(error), None)
            raise
        WATCH.hear(answer.body.decode(), reader)
        return answer

    patch.setattr(Execution, "run", heard)


def _reader(execution: Execution, request: OperationRequest) -> Reader:
    who = request.principal
    stated = {"reason"} if request.reason else set[str]()
    stated |= {f"purpose:{request.purpose}"} if request.purpose else set()
    now = vars(execution)["_clock"]()
    moment = None if abs(now - datetime.now(UTC)) < timedelta(minutes=1) else now
    return Reader(who.school_id, who.person_id, who.capacity, frozenset(stated), moment)


def _clients(patch: pytest.MonkeyPatch) -> None:
    """httpx, which every way of its own leads through; a stream is read whole."""
    send, send_later = httpx.Client.send, httpx.AsyncClient.send

    def heard(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        response = send(client, request, **options)
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            return response  # it has no end: tests/e2e/live.py hears each of its lines
        response.read()
        _hear(client, response)
        return response

    async def heard_later(client: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
        response = await send_later(client, request, **options)
        await response.aread()
        _hear(client, response)
        return response

    patch.setattr(httpx.Client, "send", heard)
    patch.setattr(httpx.AsyncClient, "send", heard_later)


def _hear(client: httpx.Client | httpx.AsyncClient, response: httpx.Response) -> None:
    WATCH.hear(str(dict(response.headers)), None)
    # An answer of this process was heard where it was made, under the clock that the test set.
    if not isinstance(vars(client)["_transport"], httpx.ASGITransport):
        WATCH.hear(response.text, reader_of(response.request.headers))


def _programs(patch: pytest.MonkeyPatch) -> None:
    """No program prints what is known of a learner or guardian: that is for clients alone."""
    capture, done = pytest.CaptureFixture[str].readouterr, subprocess.CompletedProcess[Any].__init__

    def heard(fixture: pytest.CaptureFixture[str]) -> Any:
        printed = capture(fixture)
        WATCH.hear(f"{printed.out} {printed.err}", None)
        return printed

    def heard_at_its_end(self: Any, args: Any, returncode: int, stdout: Any = None, stderr: Any = None) -> None:
        done(self, args, returncode, stdout, stderr)
        for said in (stdout, stderr):
            if said:
                WATCH.hear(said.decode(errors="replace") if isinstance(said, bytes) else str(said), None)

    patch.setattr(pytest.CaptureFixture, "readouterr", heard)
    patch.setattr(subprocess.CompletedProcess, "__init__", heard_at_its_end)
