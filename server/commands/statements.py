"""Running a command's statements on the connection of its unit of work: parameters are $1, $2, ... with their casts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import asyncpg

from server.database.pool import PoolConnection

Values = Sequence[object]
Found = list[tuple[Any, ...]]

# For its numbered parameters alone: psycopg runs the text.
_DIALECT: Any = asyncpg.dialect()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A built statement: its text, and the names of its parameters in their order."""

    text: str
    names: tuple[str, ...]
    constants: Mapping[str, object]

    def values(self, given: Mapping[str, object]) -> list[object]:
        """Raises KeyError for a parameter that is neither given nor a constant of the statement."""
        return [given[name] if name in given else self.constants[name] for name in self.names]


def compiled(statement: Select[*tuple[Any, ...]]) -> Compiled:
    built: Any = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    constants = {name: value for name, value in built.params.items() if value is not None}
    return Compiled(str(built), tuple(built.positiontup or ()), constants)


async def fetch(connection: PoolConnection, text: str, values: Values) -> Found:
    """All rows of the answer. Raises psycopg.Error."""
    cursor = connection.reader
    await cursor.execute(text.encode(), values)
    return await cursor.fetchall()


async def execute(connection: PoolConnection, text: str, values: Values) -> int:
    """How many rows were changed. Raises psycopg.Error."""
    cursor = connection.reader
    await cursor.execute(text.encode(), values)
    return cursor.rowcount


def columns(rows: Sequence[Sequence[object]], width: int) -> list[list[object]]:
    """Rows turned into one array a column, for unnest."""
    return [[row[place] for row in rows] for place in range(width)]
