"""Answers in one write: uvicorn writes a head and a body by themselves, and each write is a system call that wakes the client.

An extension of ASGI (its specification, "Extensions"): where a scope names EXTENSION, one message of that type is a whole
answer to a POST.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, ClassVar, Final, cast

from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

EXTENSION: Final = "usher.whole_answer"
_OFFERED: Final[Mapping[str, Mapping[str, Any]]] = {EXTENSION: {}}
# Below, copying the body behind its head costs less than a second buffer.
_COPIED: Final = 32 * 1024


def head(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Of HTTP/1.1, without Content-Length and the end: a constant of the program's, since nothing in it is looked at."""
    return b"HTTP/1.1 %d %s\r\n" % (status, HTTPStatus(status).phrase.encode()) + _lines(headers)


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join(b"%s: %s\r\n" % pair for pair in headers)


def whole(head: bytes, body: bytes) -> dict[str, Any]:
    """The message."""
    return {"type": EXTENSION, "head": head, "body": body}


class WholeAnswers(HttpToolsProtocol):
    """uvicorn's protocol, which offers the extension to every POST."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle.scope["method"] == "POST":
            cycle.scope["extensions"] = cast("dict[str, dict[object, object]]", _OFFERED)
            cycle.__class__ = _Cycle
        super()._start_asgi_task(cycle, cast("Any", cast(ASGIApp, app)))


class _Cycle(RequestResponseCycle):
    """One request and its answer. `_daily`: the headers that uvicorn gives every answer, made anew each second (Date)."""

    _daily: ClassVar[tuple[list[tuple[bytes, bytes]], bytes]] = ([], b"")

    async def send(self, message: Any) -> None:
        if message["type"] != EXTENSION:
            await super().send(message)
            return
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if self.response_started:
            raise RuntimeError("a whole answer came after another one")
        self._write(message["head"], message["body"])
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    def _write(self, head: bytes, body: bytes) -> None:
        known, daily = _Cycle._daily
        if known is not self.default_headers:
            daily = _lines(self.default_headers)
            _Cycle._daily = (self.default_headers, daily)
        last = b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"
        whole_head = b"%s%scontent-length: %d\r\n%s" % (head, daily, len(body), last)
        if len(body) < _COPIED:
            self.transport.write(whole_head + body)
        else:
            self.transport.writelines((whole_head, body))
