"""Bulk statements over arrays: COPY is refused under row-level security.

Every value travels as text in an array and is cast to its column's type, so that one statement serves all tables.
Table and column names come from `server.tables`, never from outside. Parameters are psycopg's %s.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, LiteralString, TypeAlias, cast
from uuid import UUID

from psycopg import sql
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from server.tables import metadata

Row = Mapping[str, Any]
Bound: TypeAlias = tuple[sql.Composed, list[Any]]
"""A statement and its values."""

BATCH: Final = 5000


def inserts(table: str, school_id: UUID | None, rows: Sequence[Row]) -> Iterator[Bound]:
    """Add rows, which name the same columns without `school_id`; a reference table has no school."""
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        columns = tuple(part[0])
        school: list[Any] = [] if school_id is None else [school_id]
        yield _insert_text(table, columns, bool(school)), [*school, *_arrays(table, part, columns)]


def updates(table: str, school_id: UUID, key: Sequence[str], rows: Sequence[Row]) -> Iterator[Bound]:
    """Change rows by key; every other column that a row names is set."""
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        columns = tuple(part[0])
        yield _update_text(table, columns, tuple(key)), [*_arrays(table, part, columns), school_id]


def selects(
    table: str, school_id: UUID, columns: Sequence[str], where: Mapping[str, Sequence[Any]] | None = None
) -> Bound:
    """Rows of a school in no order; `where` keeps those whose columns are among the given values."""
    conditions: list[sql.Composable] = [sql.SQL("school_id = %s")]
    values: list[Any] = [school_id]
    for column, wanted in (where or {}).items():
        name, kind = sql.Identifier(column), _type(table, column)
        conditions.append(sql.SQL("{} = ANY(%s::text[]::{}[])").format(name, kind))
        values.append([encode(_kind(table, column), value) for value in wanted])
    statement = sql.SQL("SELECT {} FROM {} WHERE {}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), _name(table), sql.SQL(" AND ").join(conditions)
    )
    return statement, values


def encode(kind: str, value: Any) -> str | None:
    """A value as PostgreSQL reads it from text for a column of type `kind`."""
    if value is None:
        return None
    if kind == "jsonb":
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    if kind == "text[]":
        return "{" + ",".join('"' + str(v).replace("\\", "\\\\").replace('"', '\\"') + '"' for v in value) + "}"
    return value if isinstance(value, str) else str(value)


def _arrays(table: str, rows: Sequence[Row], columns: Sequence[str]) -> list[list[str | None]]:
    return [[encode(kind, row[column]) for row in rows] for column in columns for kind in (_kind(table, column),)]


@cache
def _insert_text(table: str, columns: tuple[str, ...], tenant: bool) -> sql.Composed:
    school = [sql.Identifier("school_id")] if tenant else []
    return sql.SQL("INSERT INTO {table} ({names}) SELECT {values} FROM {rows}").format(
        table=_name(table),
        names=sql.SQL(", ").join([*school, *map(sql.Identifier, columns)]),
        values=sql.SQL(", ").join([*([sql.SQL("%s::uuid")] if tenant else []), *(_cast(table, c) for c in columns)]),
        rows=_rows(columns),
    )


@cache
def _update_text(table: str, columns: tuple[str, ...], key: tuple[str, ...]) -> sql.Composed:
    changed = [column for column in columns if column not in key]
    return sql.SQL("UPDATE {table} AS t SET {set} FROM {rows} WHERE {match} AND t.school_id = %s::uuid").format(
        table=_name(table),
        set=sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(c), _cast(table, c)) for c in changed),
        rows=_rows(columns),
        match=sql.SQL(" AND ").join(sql.SQL("t.{} = {}").format(sql.Identifier(c), _cast(table, c)) for c in key),
    )


def _rows(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("unnest({arrays}) AS given({names})").format(
        arrays=sql.SQL(", ").join([sql.SQL("%s::text[]")] * len(columns)),
        names=sql.SQL(", ").join(map(sql.Identifier, columns)),
    )


def _cast(table: str, column: str) -> sql.Composed:
    return sql.SQL("given.{}::{}").format(sql.Identifier(column), _type(table, column))


@cache
def _kind(table: str, column: str) -> str:
    """The column's type as PostgreSQL spells it."""
    return _table(table).c[column].type.compile(dialect=postgresql.dialect()).split(" COLLATE ", 1)[0].lower()


def _type(table: str, column: str) -> sql.SQL:
    # A type's name is no identifier; it comes from the tables' own declarations.
    return sql.SQL(cast(LiteralString, _kind(table, column)))


@cache
def _table(table: str) -> Table:
    return metadata.tables[f"usher.{table}"]


def _name(table: str) -> sql.Identifier:
    return sql.Identifier("usher", _table(table).name)
