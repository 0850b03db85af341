"""Connections that never get to a request, at a real server whose heads have half a second to arrive."""

import json
import socket
import time
from collections.abc import Generator
from contextlib import ExitStack
from http.client import HTTPResponse

import httpx
import pytest

from server.web.slow_heads import LONGEST
from tests.unit.web.conftest import AUTHORISED, Served

MANY = 500
_PATIENCE = 20.0
BEGUN = b"POST /graphql HTTP/1.1\r\nHost: a\r\nX-Slow: "
HEALTHY = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
UNREAD = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n"


@pytest.fixture
def connection(served: Served) -> Generator[socket.socket]:
    with socket.create_connection(("127.0.0.1", served.port), timeout=_PATIENCE) as connection:
        yield connection


def told(connection: socket.socket) -> bytes:
    """All that comes until the server closes; a timeout fails the test."""
    parts: list[bytes] = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def answered(connection: socket.socket, request: bytes) -> int:
    """The status of the whole answer."""
    connection.sendall(request)
    response = HTTPResponse(connection)
    response.begin()
    response.read()
    return response.status


def dripped(connection: socket.socket) -> bytes:
    """What is told to a client that sends a byte every 50 ms for as long as it may."""
    connection.settimeout(0.05)
    parts: list[bytes] = []
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            connection.sendall(b"a")
            part = connection.recv(65536)
        except TimeoutError:
            continue
        except OSError:
            return b"".join(parts)
        if not part:
            return b"".join(parts)
        parts.append(part)
    raise AssertionError("the connection was never closed")


def test_500_slow_connections_are_closed_and_nobody_else_is_hurt(served: Served, client: httpx.Client) -> None:
    """Each is told why; a client that asks meanwhile is answered each time."""
    with ExitStack() as stack:
        slow: list[socket.socket] = []
        for _ in range(MANY):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=_PATIENCE))
            one.sendall(BEGUN)
            slow.append(one)
        body = {"query": "{ hello }"}
        assert {client.post("/graphql", json=body).status_code for _ in range(50)} == {200}
        answers = [told(one) for one in slow]
    assert {answer.split(b"\r\n", 1)[0] for answer in answers} == {b"HTTP/1.1 408 Request Timeout"}
    head, _, sent = answers[0].partition(b"\r\n\r\n")
    assert b"cache-control: no-store" in head
    assert json.loads(sent)["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


def test_a_head_that_drips_is_closed(connection: socket.socket) -> None:
    """More bytes buy no time."""
    connection.sendall(BEGUN)
    assert b" 408 " in dripped(connection)


def test_silence_is_closed(connection: socket.socket) -> None:
    """Nothing was asked, so nothing is said."""
    assert told(connection) == b""


def test_a_second_head_is_waited_for_no_longer(connection: socket.socket) -> None:
    """Neither on a connection that was answered before."""
    assert answered(connection, HEALTHY) == 200
    connection.sendall(BEGUN)
    assert b" 408 " in dripped(connection)


def test_a_body_that_nobody_reads_any_more_is_not_taken_for_ever(connection: socket.socket) -> None:
    """The answer came before the body: what drips in behind it ends with the connection."""
    assert answered(connection, UNREAD) == 401
    assert dripped(connection) == b""


def test_an_endless_head_is_431(connection: socket.socket) -> None:
    """Before the time is over, and with a code."""
    connection.sendall(BEGUN + b"a" * (LONGEST + 1))
    answer = told(connection)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"LIMIT_EXCEEDED" in answer


def test_what_is_no_http_is_a_coded_400(connection: socket.socket) -> None:
    """The one refusal that uvicorn writes itself."""
    connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
    answer = told(connection)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"BAD_USER_INPUT" in answer


def test_an_answer_may_take_longer_than_a_head(served: Served) -> None:
    """Requests in a row, and one after a pause, over one connection: none is cut off."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=_PATIENCE) as connection:
        for _ in range(3):
            assert answered(connection, HEALTHY) == 200
        body = json.dumps({"query": "query slow { hello }", "operationName": "slow"}).encode()
        token = AUTHORISED["Authorization"].encode()
        head = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: " + token
        assert answered(connection, head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body) == 503
