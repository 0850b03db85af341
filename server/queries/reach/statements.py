"""Statements about everybody: built once, run on the officer's own transaction, read in slices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CompoundSelect, Select

from server.database.pool import PoolConnection
from server.queries.reading import DIALECT

# So many rows are read before the loop may serve somebody else.
_SLICE: Final = 200


@dataclass(frozen=True, slots=True)
class Compiled:
    """`names` are the parameters in the order of their numbers; `constants` those that the statement brings itself."""

    text: str
    names: tuple[str, ...]
    constants: Mapping[str, object]


def compiled(statement: Select[*tuple[Any, ...]] | CompoundSelect[Any]) -> Compiled:
    built: Any = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    constants = {name: value for name, value in built.params.items() if value is not None}
    return Compiled(str(built), tuple(built.positiontup or ()), constants)


async def fetched(
    connection: PoolConnection, statement: Compiled, given: Mapping[str, object]
) -> AsyncIterator[tuple[Any, ...]]:
    """The rows of the answer. Raises psycopg.Error, and KeyError for a parameter that is not given."""
    cursor = connection.reader
    values = [given[name] if name in given else statement.constants[name] for name in statement.names]
    await cursor.execute(statement.text.encode(), values)
    while rows := await cursor.fetchmany(_SLICE):
        for row in rows:
            yield row
        await asyncio.sleep(0)
