"""A client that never reads what it is sent."""

from __future__ import annotations

import select
import socket
from contextlib import suppress

import pytest

from server.web.serving import give_up_stuck

_PATIENCE = 60_000


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the kernel can't give up by itself")
def test_a_client_that_takes_nothing_is_given_up() -> None:
    """Closing its connection would wait for ever: the kernel ends it, though the client is there."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        give_up_stuck(listener, 0.3)
        client.connect(listener.getsockname())
        accepted, _ = listener.accept()
        with accepted:
            accepted.setblocking(False)
            with suppress(BlockingIOError):
                while True:
                    accepted.send(bytes(1 << 20))
            watch = select.poll()
            watch.register(accepted, select.POLLERR)
            assert watch.poll(_PATIENCE)
