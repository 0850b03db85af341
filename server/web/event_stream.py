"""Subscriptions as server-sent events: "distinct connections mode" of the protocol graphql-sse, with ids to resume by."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Final

from starlette.types import Receive, Scope, Send

from server.errors import RateLimited, ServerLeaving, Unauthenticated, Unavailable
from server.resolvers.execution import OperationAnswer, OperationRequest
from server.resolvers.live.stream import Stream, Told
from server.web.following import DEADLINE, Opens, failure_body, opened_in_time
from server.web.leaving import Leaving
from server.web.media_types import names, negotiate

EVENT_STREAM: Final = "text/event-stream"
HEARTBEAT: Final = 15.0
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"vary", b"Accept"),
    (b"x-accel-buffering", b"no"),
]
_COMPLETE: Final = b"event: complete\ndata:\n\n"
# To a client that reconnects by itself; the end without `complete` tells it to.
_COME_BACK: Final = b"retry: 1000\n\n"
_LEAVING: Final = "The server process is ending: follow anew behind the last event."


def wants_events(accept: bytes | None) -> bool:
    """Only where JSON isn't accepted too: many clients name the event stream in every request."""
    return accept is not None and negotiate(accept) is None and names(accept, EVENT_STREAM)


def last_event(headers: Mapping[bytes, bytes]) -> str | None:
    return headers.get(b"last-event-id", b"").decode("latin-1") or None


class EventStream:
    """One response; `heartbeat` in seconds."""

    def __init__(
        self,
        opens: Opens,
        leaving: Leaving,
        scope: Scope,
        receive: Receive,
        send: Send,
        heartbeat: float = HEARTBEAT,
        believed: Callable[[], None] = lambda: None,
    ) -> None:
        """`believed` raises Unauthenticated once the token that the stream began with is believed no more."""
        self._opens = opens
        self._leaving = leaving
        self._scope = scope
        self._receive = receive
        self._send = send
        self._heartbeat = heartbeat
        self._believed = believed

    async def tell(self, request: OperationRequest, last: str | None) -> None:
        """Until the stream ends or the client is gone.

        Raises what has a status of its own: Unauthenticated, Unavailable, RateLimited.
        """
        try:
            opened = await opened_in_time(self._opens, request, last)
        except (Unauthenticated, Unavailable, RateLimited):
            raise
        except Exception as error:
            await self._whole(failure_body(error))
            return
        if isinstance(opened, OperationAnswer):
            await self._whole(opened.body)
            return
        try:
            with self._leaving.guest(self._scope, lambda: opened.end(ServerLeaving(_LEAVING)), lambda: False):
                await self._follow(opened)
        finally:
            self._opens.close(opened)

    async def _whole(self, body: bytes) -> None:
        await self._begin()
        await self._end(_event(b"next", body) + _COMPLETE)

    async def _follow(self, stream: Stream) -> None:
        await self._begin(stream.id)
        gone = asyncio.create_task(self._gone())
        coming: asyncio.Task[list[Told]] | None = None
        try:
            await self._write(b":\n\n")
            while True:
                coming = coming or asyncio.create_task(stream.next())
                await asyncio.wait({coming, gone}, timeout=self._heartbeat, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    return
                self._believed()
                if not coming.done():
                    await self._write(b":\n\n")
                    continue
                done, coming = coming, None
                await self._write(b"".join(_event(b"next", one.body, one.id) for one in done.result()))
        except (ClientStalled, OSError):
            return
        except ServerLeaving:
            await self._end(_COME_BACK)
        except Exception as error:
            await self._end(_event(b"next", failure_body(error)) + _COMPLETE)
        finally:
            for task in (gone, coming):
                if task is not None:
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError, Exception):
                        await task

    async def _begin(self, id_: str | None = None) -> None:
        """The id of where the stream stands goes into a header too, for those who are told no event before they go."""
        headers = _HEADERS if id_ is None else [*_HEADERS, (b"last-event-id", id_.encode())]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})

    async def _write(self, data: bytes, *, more: bool = True) -> None:
        try:
            async with asyncio.timeout(DEADLINE):
                await self._send({"type": "http.response.body", "body": data, "more_body": more})
        except TimeoutError:
            raise ClientStalled from None

    async def _end(self, data: bytes) -> None:
        with contextlib.suppress(ClientStalled, OSError):
            await self._write(data, more=False)

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


class ClientStalled(Exception):
    """The client takes nothing any more."""


def _event(name: bytes, body: bytes, id_: str | None = None) -> bytes:
    """`body` is JSON on one line."""
    numbered = b"id: " + id_.encode() + b"\n" if id_ is not None else b""
    return numbered + b"event: " + name + b"\ndata: " + body.replace(b"\n", b" ") + b"\n\n"
