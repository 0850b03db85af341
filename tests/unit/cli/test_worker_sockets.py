"""Sockets of several workers on one address: connections are shared out among those that listen, and to no other."""

import socket
import sys
from collections.abc import Generator

import pytest

from server.cli.workers import beside, shared, shares

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all workers wait at one socket")


@pytest.fixture
def first() -> Generator[socket.socket]:
    with socket.socket() as listener:
        shared(listener)
        # One that the kernel chose is given up with the listening; `usher run` names it.
        listener.bind(("127.0.0.1", free_port()))
        listener.listen(256)
        yield listener


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def waiting(*listeners: socket.socket) -> list[int]:
    """How many of 64 connections that are made now wait at each."""
    clients = [socket.create_connection(listeners[0].getsockname()) for _ in range(64)]
    found: list[int] = []
    for listener in listeners:
        listener.setblocking(False)
        found.append(0)
        try:
            while True:
                listener.accept()[0].close()
                found[-1] += 1
        except BlockingIOError:
            pass
    for client in clients:
        client.close()
    return found


def test_connections_are_shared_out_among_those_that_listen(first: socket.socket) -> None:
    """One that is bound and doesn't listen yet is given none."""
    with beside(first) as second, beside(first):
        assert waiting(first) == [64]
        second.listen(256)
        found = waiting(first, second)
        assert sum(found) == 64
        assert min(found) > 0


def test_nobody_is_sent_to_a_socket_that_has_ended(first: socket.socket) -> None:
    """Nor to the first one while it is told not to listen; it listens again afterwards."""
    with beside(first) as second:
        second.listen(256)
        first.shutdown(socket.SHUT_RDWR)
        assert waiting(second) == [64]
        first.listen(256)
        assert min(waiting(first, second)) > 0
    assert waiting(first) == [64]


def test_a_socket_of_its_own_lets_none_beside_it() -> None:
    """As the address of one worker alone, or of somebody else's server, is."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        assert not shares(listener)
        with pytest.raises(OSError, match="in use"):
            beside(listener)
