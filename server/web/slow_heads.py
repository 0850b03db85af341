"""Connections that don't get to a request: uvicorn waits for ever for the end of its head, and for the rest of a body that
nobody reads any more. Here such a connection is closed, and so is one whose head is longer than any that is read.
"""

import asyncio
from http import HTTPStatus
from typing import Final

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from server.errors import LimitExceeded
from server.web.protocols import HttpProtocol

DEADLINE: Final = 10.0
LONGEST: Final = 32 * 1024
_SLOW: Final = "The head of the request did not arrive within {:g} seconds."
_LONG: Final = "The head of the request is longer than {} bytes. Send fewer or shorter headers."


class PatientProtocol(HttpProtocol):
    """One connection; it waits for a head from its beginning, and after each answer from the first byte that comes.

    No request that arrives in one piece sets a timer.
    """

    deadline = DEADLINE
    longest = LONGEST
    _timer: asyncio.TimerHandle | None = None
    _read = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.deadline, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._answering()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        self._answering()
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        cycle = self._last()
        if cycle is not None and not cycle.response_complete:
            self._answering()
        elif self.transport.get_protocol() is not self:
            return  # a WebSocket's by now
        elif self._timer is None:
            self._timer = self.loop.call_later(self.deadline, self._late)
        self._read = 0 if self._whole(cycle) else self._read + len(data)
        if self._read > self.longest and not self.transport.is_closing():
            self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, LimitExceeded(_LONG.format(self.longest)))

    def _last(self) -> RequestResponseCycle | None:
        """uvicorn's own type of the attribute doesn't say that there is none at first."""
        return self.cycle

    def _whole(self, last: RequestResponseCycle | None) -> bool:
        """Whether the head that came last was read to its end: uvicorn gives its scope to a cycle then."""
        return last is not None and last.scope is self.scope

    def _answering(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if not self.scope or self._whole(self._last()):
            self.transport.close()  # nothing was asked, or all that was asked was answered
        else:
            self.refuse(HTTPStatus.REQUEST_TIMEOUT, LimitExceeded(_SLOW.format(self.deadline)))
