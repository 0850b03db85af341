"""Databases from before approvals were rows: what becomes of the rule books that stand in them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine

from server import migrations
from server.policies.chain import Link
from server.policies.shipped import starting_book
from tests.database import Database
from tests.publishing import publish_version

BOOK = starting_book()
NOW = datetime(2026, 9, 1, 8, 30, 15, 123456, UTC)
_VERSION = (
    "INSERT INTO usher.policy_version (school_id, version, content, digest, author_id, reason, created_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)


@pytest.fixture
def older(make_database: Callable[[], Database]) -> Database:
    """A database of version 0001."""
    database = make_database()
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA usher, procrastinate CASCADE")
        connection.execute("CREATE SCHEMA usher")
    config = migrations._config()  # pyright: ignore[reportPrivateUsage]
    engine = create_engine("postgresql+psycopg://" + database.owner_url.split("://", 1)[1])
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    return database


def school_of(connection: psycopg.Connection[Any], versions: int, digest: str | None = None) -> UUID:
    """A school with so many versions, the first of which has that digest."""
    school = uuid4()
    for version in range(1, versions + 1):
        hashed = digest if digest is not None and version == 1 else BOOK.digest()
        reason = None if version == 1 else f"change {version}"
        connection.execute(_VERSION, [school, version, BOOK.content(), hashed, None, reason, NOW])
    connection.execute("INSERT INTO usher.policy_head (school_id, version) VALUES (%s, %s)", [school, versions])
    return school


def kinds(connection: psycopg.Connection[Any], school: UUID) -> list[str]:
    found = connection.execute(
        "SELECT kind FROM usher.policy_version WHERE school_id = %s ORDER BY version", [school]
    ).fetchall()
    return [kind for (kind,) in found]


def test_older_versions_are_adopted_into_the_chain(older: Database) -> None:
    """The first is founded where its digest is its content's, all others are adopted; each link can be proved."""
    with psycopg.connect(older.owner_url) as connection:
        one, three, broken = school_of(connection, 1), school_of(connection, 3), school_of(connection, 1, "wrong")
    migrations.migrate(older.owner_url)
    with psycopg.connect(older.owner_url) as connection:
        assert kinds(connection, one) == ["FOUNDED"]
        assert kinds(connection, three) == ["FOUNDED", "ADOPTED", "ADOPTED"]
        assert kinds(connection, broken) == ["ADOPTED"]
        found = connection.execute(
            "SELECT version, kind, digest, created_at, previous_chain, reason, chain, previous_version"
            " FROM usher.policy_version WHERE school_id = %s ORDER BY version",
            [three],
        ).fetchall()
    before = None
    for version, kind, digest, created_at, previous, reason, chain, previous_version in found:
        assert (previous, previous_version) == (before, version - 1 or None)
        before = Link(version, kind, digest, created_at, previous, reason=reason).chain()
        assert chain == before


def test_an_older_school_goes_on_as_any_other(older: Database) -> None:
    """The next version needs a submission and its approval."""
    with psycopg.connect(older.owner_url) as connection:
        school = school_of(connection, 2)
    migrations.migrate(older.owner_url)
    with psycopg.connect(older.owner_url) as connection:
        connection.execute(
            "INSERT INTO usher.school (school_id, name, academic_year, suppression_threshold, created_at)"
            " VALUES (%s, 'Older', 2026, 5, %s)",
            [school, NOW],
        )
        assert publish_version(connection, school, BOOK.content()) == 3
        assert kinds(connection, school) == ["FOUNDED", "ADOPTED", "PUBLISHED"]
