"""The opening message: quoted, complete, and the same for the same principal."""

from dataclasses import replace
from uuid import UUID

import pytest

from server.database.context import Context, Isolation, guarded_commit_text, opening
from server.database.pool import Pool
from server.database.reads import Statement, read
from tests.wire_tap import split

_SCHOOL, _PERSON = UUID(int=1), UUID(int=2)
_CONTEXT = Context(_SCHOOL, _PERSON, "STAFF", 3, 7)

_WHO_READS = Statement(
    "SELECT json_build_array(current_setting('app.school_id'), current_setting('app.person'),"
    " current_setting('app.capacity'), current_setting('transaction_isolation'))::text::json"
)


def test_the_opening_is_one_message_of_six_statements() -> None:
    """BEGIN, three settings, one for the planner, the guard; a read sees one moment."""
    statements = split(opening(_CONTEXT, Isolation.READ).decode())
    assert statements[:4] == [
        "BEGIN ISOLATION LEVEL REPEATABLE READ",
        f"SET LOCAL app.school_id = '{_SCHOOL}'",
        f"SET LOCAL app.person = '{_PERSON}'",
        "SET LOCAL app.capacity = 'STAFF'",
    ]
    assert len(statements) == 6
    assert statements[5].count("school_id = '") == 2


def test_writes_read_what_is_committed() -> None:
    """Writes lock what they change, so they must see the newest rows."""
    assert opening(_CONTEXT, Isolation.WRITE).startswith(b"BEGIN ISOLATION LEVEL READ COMMITTED;")


def test_the_guarded_commit_is_the_guard_and_commit() -> None:
    """The last message of a write checks what its first one checked."""
    guard, last = split(guarded_commit_text(_CONTEXT).decode())
    assert guard == split(opening(_CONTEXT, Isolation.WRITE).decode())[4]
    assert last == "COMMIT"


@pytest.mark.parametrize("capacity", ["'; DROP SCHEMA usher CASCADE; --", "\\'; SELECT 1; --", 'a"b', "%s", "{x}"])
def test_a_capacity_is_quoted(capacity: str) -> None:
    """Whatever stands in a context, it stays a value."""
    assert len(split(opening(replace(_CONTEXT, capacity=capacity), Isolation.READ).decode())) == 6


async def test_the_settings_reach_the_statement(pool: Pool, context: Context) -> None:
    """The walls read these three settings."""
    answer = await read(pool, _WHO_READS, [], context)
    assert answer.json.decode() == (f'["{context.school_id}", "{context.person_id}", "STAFF", "repeatable read"]')


async def test_the_settings_end_with_the_transaction(app_url: str, context: Context) -> None:
    """The next user of the connection starts as nobody, in no school."""
    async with Pool(app_url, min_size=1, max_size=1) as pool:
        await read(pool, _WHO_READS, [], context)
        connection = await pool.take()
        cursor = await connection.execute("SELECT current_setting('app.school_id'), current_setting('app.person')")
        settings = await cursor.fetchone()
        await pool.putconn(connection)
    assert settings == ("", "")
