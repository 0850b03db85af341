"""One server process: uvicorn with our settings, on a socket that somebody else may have opened."""

import socket
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from server.web.bodies import MAXIMUM_BYTES

_GRACE: Final = 10


def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Answer on `listener` until SIGTERM or SIGINT, then finish what was begun, for 10 s at most.

    uvicorn writes no access log: addresses are personal data, and paths hold nothing worth knowing.
    """
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="websockets-sansio",
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
    uvicorn.Server(config).run(sockets=[listener])
