"""Answers that PostgreSQL would not give: nothing is made of them, nobody waits for ever, and the connection is closed."""

import asyncio
import struct
from uuid import UUID

import pytest

from server.database import wire
from server.database.command import Command
from server.database.context import Context
from server.database.failures import DatabaseDefect
from server.database.pool import Pool
from server.database.reads import Statement, read
from server.errors import Unavailable
from tests.unit.database.false_server import NO_DATA, READY, answered, done, false_server, message

CONTEXT = Context(UUID(int=1), UUID(int=2), "STAFF", 1, 1)
STATEMENT = Statement("SELECT '1'::json")
OPENING = done(b"BEGIN") + done(b"SET") * 4 + answered(b"1")
GOOD = OPENING + answered(b'{"a":1}') + done(b"COMMIT") + READY

FALSE = {
    "noise": b"\x00\x01\x02\x03\x04\x05\x06\x07" * 8,
    "html": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "a length that lies": OPENING + b"D" + struct.pack("!I", 2),
    "a row without columns": OPENING + message(b"1") + message(b"2") + message(b"D", struct.pack("!H", 1)) + READY,
    "ends too early": OPENING + READY,
    "says it is ready at once": READY,
    "answers twice": OPENING + answered(b"1") * 2 + done(b"COMMIT") * 2 + READY,
    "copies out": OPENING + message(b"1") + message(b"2") + message(NO_DATA) + message(b"H", b"\0\0\0") + READY,
    "nothing": b"",
    "half": GOOD[: len(GOOD) // 2],
}


async def test_the_false_server_can_be_true() -> None:
    """What the others are measured by."""
    async with false_server(GOOD) as server, Pool(server.url, min_size=1, max_size=1, prepare=False) as pool:
        assert (await read(pool, STATEMENT, [], CONTEXT)).json == b'{"a":1}'
        assert (await read(pool, STATEMENT, [], CONTEXT)).json == b'{"a":1}'
        assert server.connections == 1


@pytest.mark.parametrize("answer", FALSE.values(), ids=FALSE)
async def test_a_malformed_answer_is_no_answer(answer: bytes) -> None:
    """Each connection that gave one is closed, and the question repeated once."""
    async with (
        false_server(answer, hangs_up=True) as server,
        Pool(server.url, min_size=1, max_size=1, prepare=False) as pool,
    ):
        with pytest.raises((Unavailable, DatabaseDefect)):
            await read(pool, STATEMENT, [], CONTEXT)
        assert server.connections >= 2


@pytest.mark.parametrize(
    "answer",
    [
        OPENING + answered(b"1") + done(b"ROLLBACK") + READY,
        OPENING + answered(b"1") + done(b"") + READY,
        OPENING + answered() + done(b"COMMIT") + READY,
        OPENING + answered(b"1", b"2") + done(b"COMMIT") + READY,
        OPENING + done(b"COMMIT") + done(b"COMMIT") + READY,
    ],
    ids=["rolled back", "no tag", "no row", "two rows", "no rows at all"],
)
async def test_only_a_commit_that_says_so_is_one(answer: bytes) -> None:
    """Whatever else was answered well."""
    async with false_server(answer) as server, Pool(server.url, min_size=1, max_size=1, prepare=False) as pool:
        with pytest.raises(DatabaseDefect):
            await read(pool, STATEMENT, [], CONTEXT)


async def test_a_server_that_heeds_no_cancellation_loses_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was asked to stop; then the connection is closed, and never given to anybody else."""
    monkeypatch.setattr(wire, "CANCEL_SECONDS", 0.05)
    async with false_server(b"") as server, Pool(server.url, min_size=1, max_size=1) as pool:
        connection = await pool.take()
        task = asyncio.create_task(wire.exchange(connection, [Command(b"SELECT 1")], prepare=True))
        await server.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert connection.closed
        assert server.cancelled >= 1
        await pool.putconn(connection)


async def test_a_statement_that_had_not_begun_is_cancelled_again() -> None:
    """The first request came before the statement and found nothing to cancel; the connection is kept."""
    async with false_server(b"") as server, Pool(server.url, min_size=1, max_size=1) as pool:
        server.heeds = 2
        connection = await pool.take()
        task = asyncio.create_task(wire.exchange(connection, [Command(b"SELECT 1")], prepare=True))
        await server.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert server.cancelled == 2
        assert not connection.closed
        await pool.putconn(connection)


async def test_whoever_is_cancelled_twice_waits_no_longer() -> None:
    """The second cancellation closes the connection at once."""
    async with false_server(b"") as server, Pool(server.url, min_size=1, max_size=1) as pool:
        connection = await pool.take()
        task = asyncio.create_task(wire.exchange(connection, [Command(b"SELECT 1")], prepare=True))
        await server.asked.wait()
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert connection.closed
        await pool.putconn(connection)
