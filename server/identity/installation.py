"""Facts of this installation, which stand before any school is known."""

from typing import Any, LiteralString

import psycopg

_VERSION: LiteralString = "SELECT version_num FROM usher.alembic_version"
_FACT: LiteralString = "SELECT value FROM usher.installation WHERE name = %s"


async def migration_version(connection: psycopg.AsyncConnection[tuple[Any, ...]]) -> str | None:
    """The version of the tables, or None before the first migration. Raises psycopg.Error."""
    try:
        row = await (await connection.execute(_VERSION)).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, psycopg.errors.InsufficientPrivilege):
        return None
    return None if row is None else str(row[0])


async def fact(connection: psycopg.AsyncConnection[tuple[Any, ...]], name: str) -> str | None:
    """The value of one row of `installation`, or None. Raises psycopg.Error."""
    row = await (await connection.execute(_FACT, [name])).fetchone()
    return None if row is None else str(row[0])
