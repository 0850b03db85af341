"""One server process: uvicorn with our settings, on a socket that somebody else may have opened."""

import asyncio
import resource
import socket
import time
from collections.abc import Mapping
from typing import Any, Final, cast

import uvicorn
from starlette.types import ASGIApp

from server.web.bodies import MAXIMUM_BYTES
from server.web.leaving import Guest, Leaving
from server.web.protocols import Config, WebSocketProtocol
from server.web.secure_headers import DEFAULTS, Headers
from server.web.slow_heads import PatientProtocol

_GRACE: Final = 10
_TAKES_NOTHING: Final = 1.0
_LOOK: Final = 0.02
_FILES: Final = 16_384
_STUCK: Final = 30.0


def serve(
    app: ASGIApp,
    listener: socket.socket,
    leaving: Leaving,
    own_headers: Headers = DEFAULTS,
    protocol: type[PatientProtocol] = PatientProtocol,
) -> None:
    """Answer on `listener` until SIGTERM or SIGINT, then finish what was begun, for 10 s at most.

    `own_headers` are those of answers to what never reaches `app`.

    Streams end at once: they are never finished. A client that doesn't even take that is cut off after a second.

    uvicorn writes no access log: addresses are personal data, and paths hold nothing worth knowing.
    """
    _open_files()
    give_up_stuck(listener)
    config = Config(
        app,
        http=protocol,
        ws=WebSocketProtocol,
        ws_max_size=MAXIMUM_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
    )
    config.own_headers = own_headers
    _Server(config, leaving).run(sockets=[listener])


def give_up_stuck(listener: socket.socket, seconds: float = _STUCK) -> None:
    """Connections that it accepts end when their client has taken nothing for so long, whatever waits for it.

    Closing one waits until all is sent, which a client that never reads puts off for ever (RFC 9293, 3.8.6.1): the kernel
    gives up by itself where it knows how to (RFC 5482; Linux, also while the window is zero).
    """
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * seconds))


def _open_files() -> None:
    """A thousand streams are a thousand sockets: many systems give 1,024 files unless one asks for what one may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, leaving: Leaving) -> None:
        super().__init__(config)
        self._leaving = leaving

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()  # who comes now comes to another process, or waits for the next
        told = {id(guest.scope): guest for guest in self._leaving.guests}
        for connection, guest in self._connections(told):
            if guest.scope["type"] == "http":
                connection.shutdown()  # no second request over it
        self._leaving.begin()
        await self._until_gone(told)
        await super().shutdown(sockets)

    async def _until_gone(self, told: Mapping[int, Guest]) -> None:
        begun = time.monotonic()
        while (left := self._connections(told)) and (passed := time.monotonic() - begun) < _GRACE:
            for connection, guest in left:
                if passed > _TAKES_NOTHING and not guest.answers():
                    connection.transport.abort()  # what was written for it could wait as long as the client likes
            await asyncio.sleep(_LOOK)

    def _connections(self, told: Mapping[int, Guest]) -> list[tuple[Any, Guest]]:
        """Theirs that are still open: what uvicorn calls a connection has the very scope that the application was given."""
        return [
            (connection, told[id(connection.scope)])
            for connection in cast("list[Any]", list(self.server_state.connections))
            if id(getattr(connection, "scope", None)) in told
        ]
