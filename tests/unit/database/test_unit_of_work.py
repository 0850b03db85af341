"""Writes: all or nothing, guarded twice, and over after COMMIT."""

from uuid import UUID, uuid4

import psycopg
import pytest

from server.database.context import Context
from server.database.failures import DatabaseDefect, GuardFailed
from server.database.pool import Pool, PoolConnection
from server.database.reads import LogMap, Statement
from server.database.unit_of_work import UnitOfWork
from server.errors import Unavailable
from tests.publishing import publish_version
from tests.wire_tap import WireTap

_INSERT = "INSERT INTO usher.person (school_id, person_id, created_at) VALUES (%s, %s, '2026-09-01T00:00:00Z')"
_PEOPLE = Statement(
    "SELECT json_build_object('count', count(*)) FROM usher.person AS p"
    " WHERE p.school_id = $1::uuid AND p.person_id = $2::uuid"
)


def _exists(owner_url: str, person: UUID) -> bool:
    with psycopg.connect(owner_url) as connection:
        return connection.execute("SELECT 1 FROM usher.person WHERE person_id = %s", [person]).fetchone() is not None


def _publish_policy(owner_url: str, context: Context) -> None:
    with psycopg.connect(owner_url) as connection:
        publish_version(connection, context.school_id, "{}")


async def test_a_committed_write_stays(pool: Pool, context: Context, owner_url: str) -> None:
    """The read-back on the same connection sees it before COMMIT, everybody after."""
    person = uuid4()
    async with UnitOfWork(pool, context) as work:
        await work.connection.execute(_INSERT, [context.school_id, person])
        answer = await work.read(_PEOPLE, [context.school_id, person])
        assert not _exists(owner_url, person)
        await work.commit()
    assert answer.json == b'{"count" : 1}'
    assert _exists(owner_url, person)


async def test_without_commit_nothing_stays(pool: Pool, context: Context, owner_url: str) -> None:
    """Leaving the block, in peace or by an error, is a rollback."""
    first, second = uuid4(), uuid4()
    async with UnitOfWork(pool, context) as work:
        await work.connection.execute(_INSERT, [context.school_id, first])

    async def fail() -> None:
        async with UnitOfWork(pool, context) as work:
            await work.connection.execute(_INSERT, [context.school_id, second])
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert not _exists(owner_url, first)
    assert not _exists(owner_url, second)


async def test_a_stale_plan_writes_nothing(wire_tap: WireTap, stale: Context) -> None:
    """The guard stands before the first statement."""
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        with pytest.raises(GuardFailed):
            async with UnitOfWork(pool, stale):
                raise AssertionError("the block was entered")
        connection = await pool.take()  # it came back
        await pool.putconn(connection)
    assert wire_tap.statements == []


async def test_a_policy_published_meanwhile_stops_the_commit(pool: Pool, context: Context, owner_url: str) -> None:
    """Under READ COMMITTED the rule book may change between the guard and COMMIT: so COMMIT is guarded too."""
    person = uuid4()

    async def write() -> None:
        async with UnitOfWork(pool, context) as work:
            await work.connection.execute(_INSERT, [context.school_id, person])
            _publish_policy(owner_url, context)
            await work.commit()

    with pytest.raises(GuardFailed):
        await write()
    assert not _exists(owner_url, person)


async def test_a_command_that_raises_the_versions_itself_commits(pool: Pool, context: Context, owner_url: str) -> None:
    """Such a command asks not to be guarded against itself."""
    person = uuid4()
    async with UnitOfWork(pool, context) as work:
        await work.connection.execute(_INSERT, [context.school_id, person])
        await work.connection.execute(
            "UPDATE usher.access_profile SET profile_version = 8 WHERE school_id = %s", [context.school_id]
        )
        await work.commit(recheck=False)
    assert _exists(owner_url, person)


async def test_hooks_run_before_commit_in_order(wire_tap: WireTap, context: Context) -> None:
    """Audit row and outbox event are the last statements of the transaction."""

    async def audit(connection: PoolConnection) -> None:
        await connection.execute("SELECT 'audit'")

    async def outbox(connection: PoolConnection) -> None:
        await connection.execute("SELECT 'outbox'")

    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool, UnitOfWork(pool, context) as work:
        work.before_commit(audit)
        work.before_commit(outbox)
        await work.commit()
    assert wire_tap.statements == ["SELECT 'audit'", "SELECT 'outbox'"]
    assert wire_tap.control[-1] == "COMMIT"
    assert len(wire_tap.guards) == 2


async def test_a_failing_hook_undoes_everything(pool: Pool, context: Context, owner_url: str) -> None:
    """No audit, no write."""
    person = uuid4()

    async def broken(connection: PoolConnection) -> None:
        raise LookupError

    async def write() -> None:
        async with UnitOfWork(pool, context) as work:
            await work.connection.execute(_INSERT, [context.school_id, person])
            work.before_commit(broken)
            await work.commit()

    with pytest.raises(LookupError):
        await write()
    assert not _exists(owner_url, person)


async def test_after_commit_nothing_can_be_done(pool: Pool, context: Context) -> None:
    """Neither a statement, nor a second COMMIT, nor a second use."""
    work = UnitOfWork(pool, context)
    async with work:
        await work.commit()
        with pytest.raises(RuntimeError):
            _ = work.connection
        with pytest.raises(RuntimeError):
            await work.commit()
    with pytest.raises(RuntimeError):
        async with work:
            pass


async def test_a_broken_constraint_is_named_without_values(pool: Pool, context: Context) -> None:
    """A command can tell which rule was broken; a log can't tell whose row it was."""
    with pytest.raises(DatabaseDefect) as caught:
        async with UnitOfWork(pool, context) as work:
            await work.connection.execute(_INSERT, [context.school_id, context.person_id])
    assert caught.value.constraint == "person_pkey"
    assert caught.value.sqlstate == "23505"
    assert str(context.person_id) not in str(caught.value)


async def test_a_write_into_another_school_is_walled_off(pool: Pool, context: Context) -> None:
    """The tenant's wall holds for writes of this transaction."""
    with pytest.raises(DatabaseDefect) as caught:
        async with UnitOfWork(pool, context) as work:
            await work.connection.execute(_INSERT, [uuid4(), uuid4()])
    assert caught.value.sqlstate == "42501"


async def test_a_dead_connection_is_replaced_before_the_first_statement(wire_tap: WireTap, context: Context) -> None:
    """Nothing was written yet, so opening can be repeated."""
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        await pool.wait()
        wire_tap.cut()
        async with UnitOfWork(pool, context) as work:
            await work.commit()


async def test_a_connection_lost_in_the_middle_is_not_repeated(
    wire_tap: WireTap, context: Context, owner_url: str
) -> None:
    """Whether a write happened may be unknown: the caller repeats it with its key."""
    person = uuid4()

    async def write(pool: Pool) -> None:
        async with UnitOfWork(pool, context) as work:
            await work.connection.execute(_INSERT, [context.school_id, person])
            wire_tap.cut()
            await work.commit()

    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        with pytest.raises(Unavailable, match="idempotency key"):
            await write(pool)
    assert not _exists(owner_url, person)


async def test_a_logged_read_back_is_audited(pool: Pool, context: Context) -> None:
    """A writer who sees special-category values in the payload leaves the same trace as a reader."""
    seen: list[LogMap] = []

    async def audit(connection: PoolConnection, log: LogMap) -> None:
        seen.append(log)

    logged = Statement("SELECT '{}'::json, '{\"medical\": [\"a\"]}'::json", logs=True)
    async with UnitOfWork(pool, context, audit) as work:
        await work.read(logged, [])
        await work.commit()
    assert seen == [{"medical": ["a"]}]
    with pytest.raises(DatabaseDefect):
        async with UnitOfWork(pool, context) as work:
            await work.read(logged, [])
