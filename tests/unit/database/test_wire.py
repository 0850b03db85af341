"""The driver of the hot road on real connections: every way in which a pipeline ends, and what is left of the connection."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import psycopg
import pytest
from psycopg.pq import PipelineStatus, TransactionStatus

from server.database import wire
from server.database.command import Command, kept
from server.database.context import Context
from server.database.failures import DatabaseDefect
from server.database.pool import Pool, PoolConnection
from server.database.prepared import Prepared
from server.database.reads import LogMap, Statement, read
from server.database.wire import CommandFailed, exchange
from tests.wire_tap import WireTap

BACKEND = Statement("SELECT to_json(pg_backend_pid())")
NUMBER = Statement("SELECT json_build_object('number', $1::int)")
WAITING = Statement("SELECT json_build_object('waited', pg_advisory_xact_lock(20261123)::text)")
_LOCK = "SELECT pg_advisory_lock(20261123)"
_BAD = ("SELECT 1 / 0", "SELECT no_such_column", "SELEC", "SELECT 'x'::text::int")


@asynccontextmanager
async def taken(pool: Pool) -> AsyncGenerator[PoolConnection]:
    """A connection that has to come back clean, or closed."""
    connection = await pool.take()
    try:
        yield connection
        assert connection.closed or _is_clean(connection)
    finally:
        await pool.putconn(connection)


def _is_clean(connection: PoolConnection) -> bool:
    channel = connection.pgconn
    return (channel.transaction_status, channel.pipeline_status) == (TransactionStatus.IDLE, PipelineStatus.OFF)


async def _values(
    connection: PoolConnection, commands: Sequence[Command], *, prepare: bool = True
) -> list[bytes | None]:
    return [one.get_value(0, 0) for one in await exchange(connection, commands, prepare=prepare)]


@pytest.mark.parametrize("prepare", [True, False], ids=["prepared", "unnamed"])
@pytest.mark.parametrize("bad", _BAD)
@pytest.mark.parametrize("place", range(4))
async def test_a_failure_in_any_place_is_told_with_its_place(pool: Pool, place: int, bad: str, prepare: bool) -> None:
    """Where a statement is parsed or where it runs; the next pipeline on the connection is whole."""
    good = [kept("SELECT $1::int", [number]) for number in range(4)]
    async with taken(pool) as connection:
        with pytest.raises(CommandFailed) as failed:
            await exchange(connection, [*good[:place], kept(bad), *good[place + 1 :]], prepare=prepare)
        assert failed.value.at == place
        assert await _values(connection, good, prepare=prepare) == [b"0", b"1", b"2", b"3"]


async def test_a_failure_at_commit_is_a_failure(pool: Pool) -> None:
    """Deferred constraints speak at COMMIT alone: its result is the one that counts."""
    texts = (
        "BEGIN",
        "CREATE TEMPORARY TABLE once (a int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP",
        "INSERT INTO once VALUES (1), (1)",
        "COMMIT",
    )
    async with taken(pool) as connection:
        with pytest.raises(CommandFailed) as failed:
            await exchange(connection, [Command(text.encode()) for text in texts], prepare=True)
    assert failed.value.at == 3
    assert isinstance(failed.value.error, psycopg.errors.UniqueViolation)


@pytest.mark.parametrize("rows", [0, 2])
async def test_a_row_too_many_or_none_is_a_defect(pool: Pool, context: Context, rows: int) -> None:
    """A compiled statement answers in one row."""
    with pytest.raises(DatabaseDefect, match="one row"):
        await read(pool, Statement("SELECT '1'::json FROM generate_series(1, $1::int)"), [rows], context)


async def test_ten_megabytes_come_whole(pool: Pool, context: Context) -> None:
    """An answer of many reads of the socket."""
    answer = await read(pool, Statement("SELECT to_json(repeat('a', $1::int))"), [10_000_000], context)
    assert answer.json == b'"' + b"a" * 10_000_000 + b'"'


async def test_a_long_question_is_sent_whole(pool: Pool, context: Context) -> None:
    """More than a socket takes at once, while the answers to what went before come in."""
    text = "ä" * 8_000_000
    counted = Statement("SELECT json_build_array(length($1::text), md5($1::text) = md5(repeat('ä', 8000000)))")
    assert (await read(pool, counted, [text], context)).json == b"[8000000, true]"


async def test_thousands_of_parameters(pool: Pool, context: Context) -> None:
    """Each keeps its place."""
    count = 5000
    listed = ", ".join(f"${place}::int" for place in range(1, count + 1))
    answer = await read(pool, Statement(f"SELECT to_json(ARRAY[{listed}])"), list(range(count)), context)
    assert answer.json == ("[" + ",".join(map(str, range(count))) + "]").encode()


async def test_sixteen_connections_answer_each_its_own_question(app_url: str, context: Context) -> None:
    """Nobody gets another's answer."""
    async with Pool(app_url, min_size=16, max_size=16) as pool:
        answers = await asyncio.gather(*(read(pool, NUMBER, [number], context) for number in range(400)))
    assert [answer.json for answer in answers] == [f'{{"number" : {number}}}'.encode() for number in range(400)]


async def test_statements_are_prepared_once_and_closed_when_they_are_too_many(
    wire_tap: WireTap, context: Context
) -> None:
    """The longest unused goes; the server holds what the connection believes it holds."""
    statements = [Statement(f"SELECT json_build_object('{letter}', $1::int)") for letter in "abcdefgh"]
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        async with taken(pool) as connection:
            connection.prepared = Prepared(6)
        for statement in (*statements, statements[-1], statements[0]):
            assert (await read(pool, statement, [1], context)).json.endswith(b": 1}")
        async with taken(pool) as connection:
            held = await (await connection.execute("SELECT count(*) FROM pg_prepared_statements")).fetchone()
            assert held == (len(connection.prepared),) == (6,)
    texts = [text for text in wire_tap.prepared if "json_build_object" in text]
    assert texts == [*(one.text for one in statements), statements[0].text]
    # BEGIN, the planner's setting, the guard and COMMIT are used each time and leave room for two.
    assert wire_tap.closed == 7


@pytest.mark.parametrize("what", ["DEALLOCATE ALL", "DISCARD ALL"])
async def test_statements_that_a_pooler_discarded_are_prepared_again(
    wire_tap: WireTap, context: Context, what: str
) -> None:
    """Invalid_sql_statement_name: the transaction is repeated under new names."""
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        await read(pool, NUMBER, [1], context)
        async with taken(pool) as connection:
            await connection.execute(what.encode())
        wire_tap.clear()
        assert (await read(pool, NUMBER, [2], context)).json == b'{"number" : 2}'
        assert (await read(pool, NUMBER, [3], context)).json == b'{"number" : 3}'
    assert wire_tap.prepared.count(NUMBER.text) == 1


async def test_a_name_that_is_taken_is_left_alone(pool: Pool, context: Context) -> None:
    """Duplicate_prepared_statement: what somebody else calls by our name is never executed."""
    async with taken(pool) as connection:
        name = connection.prepared.name(NUMBER.name).decode()
        await connection.execute(f"PREPARE \"{name}\" (int) AS SELECT json_build_object('false', $1)".encode())
    assert (await read(pool, NUMBER, [2], context)).json == b'{"number" : 2}'


async def test_a_backend_killed_between_reads_is_not_noticed(app_url: str, context: Context) -> None:
    """The pool's connections are replaced, and the read repeated."""
    async with Pool(app_url, min_size=1, max_size=1) as pool:
        async with taken(pool) as connection:
            killed = connection.info.backend_pid
        _kill(app_url, killed)
        assert (await read(pool, NUMBER, [1], context)).json == b'{"number" : 1}'
        async with taken(pool) as connection:
            assert connection.info.backend_pid != killed


async def test_a_backend_killed_within_a_pipeline_is_not_noticed(
    wire_tap: WireTap, context: Context, app_url: str
) -> None:
    """While its statement waits for a lock."""
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        async with taken(pool) as connection:
            killed = connection.info.backend_pid
        with psycopg.connect(app_url, autocommit=True) as other:
            other.execute(_LOCK)
            task = asyncio.create_task(read(pool, WAITING, [], context))
            assert await asyncio.to_thread(wire_tap.wait_for, WAITING.text)
            _kill(app_url, killed)
        assert (await task).json == b'{"waited" : ""}'
    assert wire_tap.statements == [WAITING.text] * 2


async def test_a_cancelled_statement_ends_at_the_server(wire_tap: WireTap, context: Context, owner_url: str) -> None:
    """Its connection serves the next one, with all that it has prepared."""
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        with psycopg.connect(owner_url, autocommit=True) as other:
            other.execute(_LOCK)
            task = asyncio.create_task(read(pool, WAITING, [], context))
            await asyncio.to_thread(_until_somebody_waits, other)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert _waiting(other) == 0
        wire_tap.clear()
        await read(pool, WAITING, [], context)
        async with taken(pool):
            pass
    assert WAITING.text not in wire_tap.prepared


async def test_a_read_that_is_cancelled_again_and_again_keeps_the_pool(wire_tap: WireTap, context: Context) -> None:
    """At whatever moment, the connection comes back clean or is replaced."""
    async with Pool(wire_tap.url, min_size=2, max_size=2) as pool:
        for turns in range(40):
            task = asyncio.create_task(read(pool, NUMBER, [turns], context))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        answers = await asyncio.gather(*(read(pool, NUMBER, [number], context) for number in range(20)))
    assert [answer.json for answer in answers] == [f'{{"number" : {number}}}'.encode() for number in range(20)]


async def test_who_is_cancelled_as_the_answer_comes_keeps_the_connection(
    app_url: str, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the very turn in which it is read: nothing more will come, and nobody waits for it."""
    goes_on = wire._Trip._readable  # pyright: ignore[reportPrivateUsage]

    def cancelled_first(trip: wire._Trip) -> None:  # pyright: ignore[reportPrivateUsage]
        if not task.cancelling():
            task.cancel()
        goes_on(trip)

    async with Pool(app_url, min_size=1, max_size=1) as pool:
        before = await read(pool, BACKEND, [], context)
        task = asyncio.create_task(read(pool, NUMBER, [1], context))
        monkeypatch.setattr(wire._Trip, "_readable", cancelled_first)  # pyright: ignore[reportPrivateUsage]
        await asyncio.wait([task])
        assert task.cancelled()
        assert await read(pool, BACKEND, [], context) == before


async def test_an_audit_row_that_is_cancelled_leaves_no_answer(wire_tap: WireTap, context: Context) -> None:
    """Between the two round trips: the transaction is rolled back, and the connection serves on."""
    logged = Statement("SELECT '{}'::json, json_build_object('medical', ARRAY['a'])", logs=True)
    begun = asyncio.Event()

    async def audit(connection: PoolConnection, log: LogMap) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        task = asyncio.create_task(read(pool, logged, [], context, audit))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert wire_tap.control[-1] == "ROLLBACK"
        await read(pool, NUMBER, [1], context)


async def test_a_text_that_libpq_cannot_send_closes_nothing(pool: Pool, context: Context) -> None:
    """A NUL ends a text for libpq: it is refused before anything is sent, and never cut."""
    with pytest.raises(DatabaseDefect):
        await read(pool, Statement("SELECT to_json($1::text)"), ["a\0b"], context)
    await read(pool, NUMBER, [1], context)


def _waiting(connection: psycopg.Connection) -> int:
    """How many wait for the lock."""
    row = connection.execute(
        "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        " WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()"
    ).fetchone()
    assert row is not None
    return row[0]


def _until_somebody_waits(connection: psycopg.Connection) -> None:
    deadline = time.monotonic() + 60
    while _waiting(connection) == 0 and time.monotonic() < deadline:
        time.sleep(0.01)


def _kill(app_url: str, pid: int) -> None:
    """A role may end its own connections."""
    with psycopg.connect(app_url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [pid])
