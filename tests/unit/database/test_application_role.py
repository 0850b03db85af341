"""The start-up refusal."""

from collections.abc import Callable

import psycopg
import pytest
from psycopg import sql

from server.database.application_role import verify_application_role
from server.errors import Unavailable
from tests.database import Database, Server

SETTINGS = {
    "timezone": "UTC",
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}


async def _verify(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await verify_application_role(connection)


async def test_the_applications_role_is_accepted(app_url: str) -> None:
    """As migrations leave it."""
    await _verify(app_url)


async def test_the_owner_is_refused(owner_url: str) -> None:
    """Who owns the tables can take the walls down."""
    with pytest.raises(Unavailable, match="owns tables"):
        await _verify(owner_url)


async def test_a_grant_on_a_partition_is_refused(make_database: Callable[[], Database]) -> None:
    """A partition has walls of its own, but nobody should need them."""
    database = make_database()
    with psycopg.connect(database.owner_url) as connection:
        found = connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'usher' AND c.relispartition AND c.relkind = 'r' LIMIT 1"
        ).fetchone()
        assert found is not None
        column_grant = sql.SQL("GRANT SELECT (school_id) ON usher.{} TO usher_app").format(sql.Identifier(found[0]))
        connection.execute(column_grant)
    with pytest.raises(Unavailable, match="partitions directly"):
        await _verify(database.app_url)


async def test_the_right_to_create_is_refused(make_database: Callable[[], Database]) -> None:
    """A function made in the schema would run with its caller's rights."""
    database = make_database()
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("GRANT CREATE ON SCHEMA usher TO usher_app")
    with pytest.raises(Unavailable, match="may create"):
        await _verify(database.app_url)


async def test_another_time_zone_is_refused(app_url: str) -> None:
    """Dates and times in answers are UTC."""
    with pytest.raises(Unavailable, match="time zone"):
        await _verify(f"{app_url}?options=-c%20timezone%3DEurope/London")


@pytest.mark.parametrize("name", ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"])
@pytest.mark.parametrize("value", ["0", "30s"])
async def test_a_role_that_may_wait_for_ever_is_refused(app_url: str, name: str, value: str) -> None:
    """An operation's deadline is half a minute: no statement of it goes on behind that."""
    url = f"{app_url}?options=-c%20{name}%3D{value}"
    if (name, value) == ("idle_in_transaction_session_timeout", "30s"):
        await _verify(url)
        return
    with pytest.raises(Unavailable, match=name):
        await _verify(url)


@pytest.mark.parametrize(
    ("attribute", "complaint"), [("SUPERUSER", "is a superuser"), ("BYPASSRLS", "has BYPASSRLS"), ("", "")]
)
async def test_a_way_to_become_almighty_is_refused(
    database_server: Server, make_database: Callable[[], Database], attribute: str, complaint: str
) -> None:
    """Membership counts, since SET ROLE is one statement away."""
    if database_server.superuser_url is None:
        pytest.skip("needs a superuser, which one's own server doesn't give to tests")
    database = make_database()
    almighty, member = (sql.Identifier(f"{database.name}_{part}") for part in ("almighty", "member"))
    url = f"postgresql://{database.name}_member:x@{database.app_url.partition('@')[2]}"
    with psycopg.connect(database_server.superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} {}").format(almighty, sql.SQL(attribute)))  # pyright: ignore[reportArgumentType]
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'x' IN ROLE {}").format(member, almighty))
        for name, value in SETTINGS.items():
            settled = sql.SQL("ALTER ROLE {} SET {} = {}")
            connection.execute(settled.format(member, sql.Identifier(name), sql.Literal(value)))
        try:
            if complaint:
                with pytest.raises(Unavailable, match=complaint):
                    await _verify(url)
            else:
                await _verify(url)
        finally:
            connection.execute(sql.SQL("DROP ROLE {}").format(member))
            connection.execute(sql.SQL("DROP ROLE {}").format(almighty))
