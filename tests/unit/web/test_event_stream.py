"""A stream of server-sent events on which nothing happens."""

import asyncio
from typing import Any

from server.resolvers.execution import OperationRequest
from server.web.event_stream import EventStream
from server.web.leaving import Leaving
from tests.unit.web.fakes import PRINCIPAL


class _Silent:
    """A stream that is never told anything, and what opens it."""

    id = "evt_1"

    def __init__(self) -> None:
        self.closed = False

    async def open(self, request: OperationRequest, last: str | None = None) -> Any:
        assert (request.operation_name, last) == (None, None)
        return self

    def close(self, stream: Any) -> None:
        self.closed = stream is self

    async def next(self) -> Any:
        await asyncio.Event().wait()

    def end(self, error: Exception) -> None: ...


async def test_a_silent_stream_is_kept_alive_until_its_client_goes() -> None:
    """By comments, which clients pass over; then it is closed, and nothing more is sent."""
    silent, gone = _Silent(), asyncio.Event()
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) == 5:
            gone.set()

    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/graphql", "headers": []}
    stream = EventStream(silent, Leaving(), scope, receive, send, heartbeat=0.001)
    request = OperationRequest("subscription { a }", None, {}, PRINCIPAL, None, None)
    await asyncio.wait_for(stream.tell(request, None), 60)
    assert sent[0]["status"] == 200
    assert {message["body"] for message in sent[1:]} == {b":\n\n"}
    assert all(message["more_body"] for message in sent[1:])
    assert silent.closed
