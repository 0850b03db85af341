"""Bulk statements on a unit of work's connection, and the lock that keeps writers of a school's roster apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from server.commands import bulk
from server.commands.bulk import Row
from server.commands.statements import execute
from server.database.pool import PoolConnection

# The lock of server.exchange.context: an import and a program of the same school come one after the other.
_LOCK: Final = "SELECT pg_advisory_xact_lock($1::bigint)"


async def lock_roster(connection: PoolConnection, school_id: UUID) -> None:
    """Until the transaction ends."""
    await execute(connection, _LOCK, [school_id.int % 2**63])


async def add(connection: PoolConnection, table: str, school_id: UUID, rows: Sequence[Row]) -> None:
    """The rows name the same columns, without `school_id`."""
    for text, values in bulk.inserts(table, school_id, rows):
        await connection.execute(text, values)


async def change(
    connection: PoolConnection, table: str, school_id: UUID, key: Sequence[str], rows: Sequence[Row]
) -> None:
    """The rows name the same columns; those of `key` find them."""
    for text, values in bulk.updates(table, school_id, key, rows):
        await connection.execute(text, values)


async def change_each(
    connection: PoolConnection, table: str, school_id: UUID, key: Sequence[str], rows: Sequence[Row]
) -> None:
    """Rows that name other columns than one another: a statement a set of columns."""
    alike: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(row)
    for some in alike.values():
        await change(connection, table, school_id, key, some)


async def rows_of(
    connection: PoolConnection, table: str, school_id: UUID, *columns: str, **where: Sequence[Any]
) -> list[tuple[Any, ...]]:
    """In no order; of those whose columns are among the given values."""
    if any(not wanted for wanted in where.values()):
        return []
    text, values = bulk.selects(table, school_id, columns, where)
    cursor = await connection.execute(text, values)
    return await cursor.fetchall()
