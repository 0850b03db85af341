"""What readiness asks of the database: facts that stand before any school is known."""

from datetime import date
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from server.database.blocking_pool import BlockingConnection
from server.errors import Unavailable
from server.migrations import at_head
from server.migrations.years import wanted_years
from server.policies.rule_book import RuleBook

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

_VERSION: LiteralString = "SELECT version_num FROM usher.alembic_version"
_FACT: LiteralString = "SELECT value FROM usher.installation WHERE name = %s"
_MISSING: LiteralString = """
SELECT c.relname || '_' || y FROM pg_catalog.pg_partitioned_table AS p
JOIN pg_catalog.pg_class AS c ON c.oid = p.partrelid
CROSS JOIN pg_catalog.unnest(%s::int[]) AS y
WHERE c.relnamespace = pg_catalog.to_regnamespace('usher')
  AND pg_catalog.to_regclass('usher.' || c.relname || '_' || y) IS NULL
ORDER BY 1
"""
_A_SCHOOL: LiteralString = "SELECT school_id FROM usher.login_identity ORDER BY school_id LIMIT 1"
_BOOK: LiteralString = """
SELECT v.content FROM usher.policy_head AS h
JOIN usher.policy_version AS v ON v.school_id = h.school_id AND v.version = h.version
WHERE h.school_id = %s AND v.school_id = %s
"""


async def migration_version(connection: Connection) -> str | None:
    """The version of the tables, or None before the first migration. Raises psycopg.Error."""
    try:
        row = await (await connection.execute(_VERSION)).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        return None
    return None if row is None else str(row[0])


async def verify_tables(connection: Connection) -> None:
    """Raises Unavailable where there are no tables, or those of another version than the program's; psycopg.Error."""
    version = await migration_version(connection)
    if version is None:
        raise Unavailable("The database has no tables of Usher's yet. Run `usher migrate` first.")
    if not at_head(version):
        raise Unavailable("The tables have another version than this program. Run `usher migrate` first.")


async def fact(connection: Connection, name: str) -> str | None:
    """What the installation says of itself under that name. Raises psycopg.Error."""
    row = await (await connection.execute(_FACT, [name])).fetchone()
    return None if row is None else str(row[0])


def is_demo(connection: BlockingConnection) -> bool:
    """Whether all schools here are invented. Raises psycopg.Error."""
    return connection.execute(_FACT, ["demo"]).fetchone() == ("true",)


async def missing_partitions(connection: Connection, today: date) -> list[str]:
    """Names of year partitions that should be there by `today` and aren't. Raises psycopg.Error."""
    found = await (await connection.execute(_MISSING, [list(wanted_years(today))])).fetchall()
    return [name for (name,) in found]


async def a_rule_book(connection: Connection) -> RuleBook | None:
    """The book in force at one school, read as the server reads it; None while there is no school.

    Raises psycopg.Error, and ValueError or UsherError for content that is no rule book.
    """
    school = await (await connection.execute(_A_SCHOOL)).fetchone()
    if school is None:
        return None
    async with connection.transaction():
        await connection.execute(sql.SQL("SET LOCAL app.school_id = {}").format(sql.Literal(str(school[0]))))
        head = await (await connection.execute(_BOOK, [school[0], school[0]])).fetchone()
    if head is None:
        raise ValueError("a school without a rule book in force")
    return RuleBook.from_content(head[0])
