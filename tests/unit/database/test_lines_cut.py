"""Connections that break in the midst of an answer, under the event loop that servers run."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import uvloop

from server.database.command import Command
from server.database.pool import Pool, PoolConnection
from server.database.wire import CommandFailed, exchange
from tests.drills.proxy import Line
from tests.drills.stage import through

_PATIENCE = 30.0


def under_uvloop(work: Coroutine[Any, Any, None]) -> None:
    uvloop.run(asyncio.wait_for(work, _PATIENCE))


async def ended(app_url: str, pid: int) -> None:
    """End the server's side of that connection, and return once it has."""
    async with await psycopg.AsyncConnection.connect(app_url, autocommit=True) as other:
        await other.execute("SELECT pg_terminate_backend(%s)", [pid])
        query = "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = %s"
        while (await (await other.execute(query, [pid])).fetchone()) != (True,):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


def test_a_connection_that_ended_while_it_was_idle(app_url: str) -> None:
    """What is sent is answered by a reset: libuv stops to watch a socket in error, and tells nobody."""

    async def work() -> None:
        async with Pool(app_url, min_size=1, max_size=1) as pool:
            connection = await pool.take()
            await ended(app_url, connection.info.backend_pid)
            with pytest.raises((psycopg.OperationalError, CommandFailed)):
                await exchange(connection, (Command(b"SELECT 1"),), prepare=False)
            await pool.putconn(connection)

    under_uvloop(work())


@pytest.fixture
def line(app_url: str) -> Generator[Line]:
    parts = urlsplit(app_url)
    with Line(parts.hostname or "", parts.port or 5432) as line:
        yield line


@pytest.mark.parametrize("road", ["wire", "cursor"])
def test_a_server_that_says_nothing_is_given_up(app_url: str, line: Line, road: str) -> None:
    """On the road of reads and on that of writes: its connection is closed, and the next one is a new one."""

    async def work() -> None:
        async with Pool(through(app_url, line), min_size=1, max_size=1, patience=0.5) as pool:
            connection = await pool.take()
            await connection.execute("SELECT 1")
            line.hole()
            one = Command(b"SELECT 1")
            asked = {
                "wire": lambda: exchange(connection, (one,), prepare=False),
                "cursor": lambda: connection.execute("SELECT 1"),
            }
            with pytest.raises(psycopg.OperationalError):
                await asked[road]()
            assert connection.closed
            line.heal()
            await pool.putconn(connection)
            other = await pool.getconn(timeout=_PATIENCE)
            await other.execute("SELECT 1")
            await pool.putconn(other)

    under_uvloop(work())


def test_connections_notice_a_peer_that_is_gone(app_url: str) -> None:
    """Of its own accord the kernel says so after two hours; a connection that isn't answered is tried for minutes."""

    async def parameters() -> dict[str, str]:
        async with Pool(app_url, min_size=1, max_size=1) as pool:
            connection: PoolConnection = await pool.take()
            found = connection.info.get_parameters()
            await pool.putconn(connection)
            return found

    found = asyncio.run(parameters())
    assert 0 < int(found["connect_timeout"]) <= 5
    assert 0 < int(found["tcp_user_timeout"]) <= 15_000
    idle, interval, count = (int(found[f"keepalives_{name}"]) for name in ("idle", "interval", "count"))
    assert idle + interval * count <= 30
