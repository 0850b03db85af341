"""The hot road: what it sends, what it returns, and what becomes of every failure."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from server.database.context import Context
from server.database.failures import DatabaseDefect, GuardFailed
from server.database.pool import Pool, PoolConnection
from server.database.reads import LogMap, ReadAnswer, Statement, read
from server.errors import LimitExceeded, Unavailable
from tests.unit.database.conftest import add_school
from tests.wire_tap import WireTap

SCHOOLS = Statement(
    "SELECT json_build_object('schools', (SELECT json_agg(json_build_object('id', s.school_id, 'name', s.name))"
    " FROM usher.school AS s WHERE s.school_id = $1::uuid), 'nothing', NULL)"
)
LOGGED = Statement("SELECT '{}'::json, json_build_object('medical', ARRAY[$1::text])", logs=True)
UNLOGGED = Statement("SELECT '{}'::json, NULL::json", logs=True)
# Unlike everything else in a transaction, such a lock outlives a ROLLBACK: it shows whether the statement ran.
LOCKING = Statement("SELECT json_build_object('locked', pg_advisory_lock(20261122)::text)")
_SETTINGS = ("school_id", "person", "capacity")
SLOW = Statement("SELECT json_build_object('slept', pg_sleep(60)::text)")


async def test_the_answer_is_postgresqls_text(pool: Pool, context: Context) -> None:
    """Bytes leave as they came: neither parsed nor printed anew."""
    answer = await read(pool, SCHOOLS, [context.school_id], context)
    assert answer.json == (
        f'{{"schools" : [{{"id" : "{context.school_id}", "name" : "Northfield"}}], "nothing" : null}}'.encode()
    )
    assert answer.log is None


async def test_a_warm_read_is_one_round_trip_and_one_statement(wire_tap: WireTap, context: Context) -> None:
    """Opening with guard, the prepared statement and COMMIT in one pipeline; seen from the server's side."""
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        await read(pool, SCHOOLS, [context.school_id], context)
        wire_tap.clear()
        await read(pool, SCHOOLS, [context.school_id], context)
    assert wire_tap.round_trips == 1
    assert wire_tap.statements == [SCHOOLS.text]
    assert len(wire_tap.guards) == 1
    assert [text.split()[:3] for text in wire_tap.prepared] == [["SET", "LOCAL", f"app.{one}"] for one in _SETTINGS]
    assert [text.split()[0] for text in wire_tap.control] == ["BEGIN", "SET", "SET", "SET", "SET", "COMMIT"]
    assert [sent.kind.value for sent in wire_tap.sent] == [*["control"] * 5, "guard", "statement", "control"]
    assert "READ ONLY" not in wire_tap.control[0].upper()


async def test_without_preparing_nothing_is_named(wire_tap: WireTap, context: Context) -> None:
    """Behind an old PgBouncer a prepared statement may be another client's."""
    async with Pool(wire_tap.url, min_size=1, max_size=1, prepare=False) as pool:
        for _ in range(7):
            await read(pool, SCHOOLS, [context.school_id], context)
    assert wire_tap.prepared.count(SCHOOLS.text) == 7  # the unnamed statement, each time
    assert wire_tap.statements == [SCHOOLS.text] * 7
    assert wire_tap.names == {b""}


@pytest.mark.parametrize(
    "changed",
    [
        {"policy_version": 4},
        {"profile_version": 6},
        {"capacity": "PARENT"},
        {"person_id": uuid4()},
        {"school_id": uuid4()},
    ],
    ids=lambda changed: next(iter(changed)),
)
async def test_a_changed_version_stops_the_statement(
    wire_tap: WireTap, context: Context, changed: dict[str, object], owner_url: str
) -> None:
    """Exactly one head row must match; a missing one is no match. PostgreSQL skips the statement and COMMIT that were
    sent behind the guard, and the connection then serves others."""
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        with pytest.raises(GuardFailed):
            await read(pool, LOCKING, [], replace(context, **changed))  # pyright: ignore[reportArgumentType]
        assert _locks(owner_url) == 0
        assert wire_tap.control[-1] == "ROLLBACK"
        await read(pool, LOCKING, [], context)
        assert _locks(owner_url) == 1


def _locks(owner_url: str) -> int:
    """How many hold the lock of LOCKING in this database."""
    with psycopg.connect(owner_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE l.locktype = 'advisory' AND l.objid = 20261122 AND d.datname = current_database()"
        ).fetchone()
    assert row is not None
    return row[0]


async def test_another_schools_versions_do_not_pass(pool: Pool, context: Context, owner_url: str) -> None:
    """A person of one school has no profile in another."""
    other = add_school(owner_url)
    with pytest.raises(GuardFailed):
        await read(pool, SCHOOLS, [context.school_id], replace(context, school_id=other.school_id))


async def test_the_audit_row_is_written_before_commit(wire_tap: WireTap, context: Context) -> None:
    """Two statements with a log duty, in one transaction."""
    seen: list[LogMap] = []

    async def audit(connection: PoolConnection, log: LogMap) -> None:
        seen.append(log)
        await connection.execute("SELECT 'the audit row'")

    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        answer = await read(pool, LOGGED, ["a"], context, audit)
    assert answer == ReadAnswer(b"{}", {"medical": ["a"]})
    assert seen == [{"medical": ["a"]}]
    assert [sent.text for sent in wire_tap.sent][-3:] == [LOGGED.text, "SELECT 'the audit row'", "COMMIT"]


async def test_an_empty_log_writes_nothing(pool: Pool, context: Context) -> None:
    """Where nothing was visible there is nothing to log."""

    async def audit(connection: PoolConnection, log: LogMap) -> None:
        raise AssertionError(log)

    assert await read(pool, UNLOGGED, [], context, audit) == ReadAnswer(b"{}")


async def test_no_audit_no_data(pool: Pool, context: Context) -> None:
    """A log duty without a writer, or with one that fails, gives no answer."""

    async def broken(connection: PoolConnection, log: LogMap) -> None:
        raise ZeroDivisionError

    for statement, values in ((LOGGED, ["a"]), (UNLOGGED, [])):
        with pytest.raises(DatabaseDefect, match="audit writer"):
            await read(pool, statement, values, context)
    with pytest.raises(ZeroDivisionError):
        await read(pool, LOGGED, ["a"], context, broken)


async def test_an_unconfirmed_commit_gives_no_answer(pool: Pool, context: Context) -> None:
    """PostgreSQL answers COMMIT of a failed transaction with the tag ROLLBACK and no error: none the less a failure."""

    async def swallowing(connection: PoolConnection, log: LogMap) -> None:
        with pytest.raises(psycopg.errors.DivisionByZero):
            await connection.execute("SELECT 1 / 0")

    with pytest.raises(DatabaseDefect, match="before its COMMIT"):
        await read(pool, LOGGED, ["a"], context, swallowing)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("SELECT json_build_array(1 / 0)", []),
        ("SELECT $1::text::json", ["secret"]),
        ("SELECT name FROM usher.no_such_table WHERE name = $1", ["secret"]),
        ("SELECT '1'::json WHERE $1::text IS NULL", ["secret"]),
        ("SELECT NULL::json WHERE $1::text = 'secret'", ["secret"]),
        ("SELECT audit_id::text::json FROM usher.audit_operation AS a WHERE a.school_id = $1::uuid", [uuid4()]),
    ],
    ids=["division", "bad json", "no table", "no row", "no answer", "not granted"],
)
async def test_defects_are_masked(pool: Pool, context: Context, text: str, values: Sequence[object]) -> None:
    """Unforeseen errors keep their class and lose their values; the guard's division is not mistaken for them."""
    with pytest.raises(DatabaseDefect) as caught:
        await read(pool, Statement(text), values, context)
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__cause__ is None
    await read(pool, SCHOOLS, [context.school_id], context)


async def test_a_statement_that_takes_too_long_is_a_limit(app_url: str, context: Context) -> None:
    """The role's time-out becomes a coded error."""
    async with Pool(f"{app_url}?options=-c%20statement_timeout%3D50", min_size=1, max_size=1) as pool:
        with pytest.raises(LimitExceeded):
            await read(pool, SLOW, [], context)
        await read(pool, SCHOOLS, [context.school_id], context)


async def test_a_cancelled_read_gives_its_connection_back(wire_tap: WireTap, context: Context) -> None:
    """The client hung up: the statement is cancelled on the server, and the connection serves the next one."""
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        task = asyncio.create_task(read(pool, SLOW, [], context))
        assert await asyncio.to_thread(wire_tap.wait_for, SLOW.text)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await read(pool, SCHOOLS, [context.school_id], context)
        connection = await pool.take()
        assert connection.pgconn.transaction_status == TransactionStatus.IDLE
        await pool.putconn(connection)


async def test_lost_connections_are_replaced_under_fifty_callers(wire_tap: WireTap, context: Context) -> None:
    """The server restarted between two requests: nobody notices."""
    async with Pool(wire_tap.url, min_size=4, max_size=4) as pool:
        await pool.wait()
        wire_tap.cut()
        answers = await asyncio.gather(*(read(pool, SCHOOLS, [context.school_id], context) for _ in range(50)))
    assert len({answer.json for answer in answers}) == 1


async def test_a_database_that_stays_away_is_unavailable(app_url: str, context: Context) -> None:
    """After one repetition the caller is told to come back."""
    with WireTap(app_url) as tap:
        pool = Pool(tap.url, min_size=1, max_size=1, timeout=0.2)
        await pool.open(wait=True)
    with pytest.raises(Unavailable):
        await read(pool, SCHOOLS, [context.school_id], context)
    await pool.close()


async def test_an_exhausted_pool_is_unavailable(app_url: str, context: Context) -> None:
    """Waiting for a free connection ends."""
    async with Pool(app_url, min_size=1, max_size=1, timeout=0.05) as pool:
        await pool.wait()
        connection = await pool.take()
        with pytest.raises(Unavailable, match="busy"):
            await read(pool, SCHOOLS, [context.school_id], context)
        await pool.putconn(connection)


@pytest.mark.parametrize("failures", [1, 2])
async def test_a_deadlock_is_repeated_once(pool: Pool, context: Context, failures: int) -> None:
    """The second attempt starts from BEGIN; a second deadlock is the caller's to repeat."""
    attempts: list[LogMap] = []

    async def audit(connection: PoolConnection, log: LogMap) -> None:
        attempts.append(log)
        if len(attempts) <= failures:
            await connection.execute("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")

    if failures == 1:
        assert (await read(pool, LOGGED, ["a"], context, audit)).json == b"{}"
    else:
        with pytest.raises(Unavailable, match="Try again"):
            await read(pool, LOGGED, ["a"], context, audit)
    assert len(attempts) == 2
