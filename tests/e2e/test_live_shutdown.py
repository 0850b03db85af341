"""A server process that is told to end: its streams end at once and say how to go on; what was asked is answered."""

from __future__ import annotations

import json
import socket as sockets
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from uuid import uuid4

import psycopg
import pytest
from websockets.exceptions import ConnectionClosed

from tests.e2e.live import PATIENCE, Socket, events, raw_socket, socket
from tests.e2e.recording import RECORD, mark, record
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school

MARKS = "subscription($after: ID) { markRecorded(after: $after) { id mark { score } } }"


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = small_school(f"live shutdown {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def mortal(servers: list[Server]) -> Generator[Server]:
    """A server that is told to end, and started again on the same listening socket."""
    yield servers[-1]
    if servers[-1].pid == 0:
        servers[-1].start()
    servers[-1].ready()


def closed(live: Socket) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as found:
        live.receive()
    assert found.value.rcvd is not None
    return found.value.rcvd.code, found.value.rcvd.reason


def waited_in_vain(server: Server) -> int:
    """How often a process ran out of patience with its connections; the server's own line says so."""
    return server.log.read_text().count("timeout graceful shutdown exceeded")


def test_streams_end_at_once_and_go_on_elsewhere(servers: list[Server], mortal: Server, school: World) -> None:
    """An event stream without `complete`, a WebSocket by 1001: clients come back behind the last event."""
    teacher, before = mortal.client(school, "teacher"), waited_in_vain(mortal)
    with ExitStack() as stack:
        sent = stack.enter_context(events(teacher, MARKS))
        live = stack.enter_context(socket(mortal, teacher))
        idle = stack.enter_context(socket(mortal, teacher))
        silent = stack.enter_context(raw_socket(mortal))
        live.subscribe(MARKS)
        record(servers[0].client(school, "teacher"), mark(school, score="5"))
        last = sent.event()["id"]
        assert live.event()["id"] == last
        mortal.stop()
        assert sent.next() == {"retry": "1000"}
        with pytest.raises(EOFError):
            sent.next()
        assert closed(live) == (1001, "The server process is ending: connect again, and go on behind the last event.")
        assert [closed(one)[0] for one in (idle, silent)] == [1001, 1001]
    assert waited_in_vain(mortal) == before
    record(servers[0].client(school, "teacher"), mark(school, score="6"))
    with events(servers[0].client(school, "teacher"), MARKS, last=last) as again:
        assert again.event()["mark"]["score"] == "6"


def test_what_was_asked_over_a_socket_is_answered(mortal: Server, school: World, owner_url: str) -> None:
    """A mutation that waits for a lock while the process is told to end; the stream beside it ends at once."""
    teacher, before = mortal.client(school, "teacher"), waited_in_vain(mortal)
    given = {"input": {"marks": [mark(school, score="8")], "idempotencyKey": f"k{uuid4()}"}}
    with socket(mortal, teacher) as live, events(teacher, MARKS) as sent, ThreadPoolExecutor(1) as threads:
        with psycopg.connect(owner_url) as connection:
            connection.execute("SELECT FROM usher.outbox_head WHERE school_id = %s FOR UPDATE", [school.school_id])
            live.send({"type": "subscribe", "id": "m", "payload": {"query": RECORD, "variables": given}})
            _until_somebody_waits(connection)
            ending = threads.submit(mortal.stop)
            assert sent.next() == {"retry": "1000"}
        frame = live.receive()
        assert frame["payload"]["data"]["recordMarks"]["userErrors"] == []
        assert live.receive() == {"type": "complete", "id": "m"}
        assert closed(live)[0] == 1001
        ending.result(PATIENCE)
    assert waited_in_vain(mortal) == before


def _until_somebody_waits(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    while connection.execute(waiting).fetchone() == (0,):
        pass


def test_a_client_that_takes_nothing_is_cut_off(mortal: Server, school: World) -> None:
    """It never reads, and never answers the close."""
    teacher, before = mortal.client(school, "teacher"), waited_in_vain(mortal)
    body = json.dumps({"query": MARKS}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {teacher.token}\r\nAccept: text/event-stream\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    upgrade = (
        b"GET /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )
    address = mortal.listener.getsockname()
    with sockets.create_connection(address) as stream, sockets.create_connection(address) as silent:
        stream.sendall(head + body)
        silent.sendall(upgrade)
        assert stream.recv(12) == b"HTTP/1.1 200"
        assert silent.recv(12) == b"HTTP/1.1 101"
        mortal.stop()
    assert waited_in_vain(mortal) == before
