"""The bulk statements of `server.commands.bulk` on an import's plain connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg

from server.commands import bulk
from server.commands.bulk import Row

Connection = psycopg.Connection[tuple[Any, ...]]


def insert(connection: Connection, table: str, school_id: UUID | None, rows: Sequence[Row]) -> int:
    """Returns how many."""
    for text, values in bulk.inserts(table, school_id, rows):
        connection.execute(text, values)
    return len(rows)


def update(connection: Connection, table: str, school_id: UUID, key: Sequence[str], rows: Sequence[Row]) -> int:
    """Returns how many rows were given."""
    for text, values in bulk.updates(table, school_id, key, rows):
        connection.execute(text, values)
    return len(rows)


def select(
    connection: Connection,
    table: str,
    school_id: UUID,
    columns: Sequence[str],
    where: Mapping[str, Sequence[Any]] | None = None,
) -> list[tuple[Any, ...]]:
    text, values = bulk.selects(table, school_id, columns, where)
    return connection.execute(text, values).fetchall()
