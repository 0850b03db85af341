"""Boundary sets with their specifications, as the engine reads them, by key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import Connection, RawCursor

from server.database.pool import PoolConnection
from server.grading.papers import Contents

_RULES: Final[LiteralString] = """\
SELECT b.boundary_set_id, s.content, b.content
FROM usher.boundary_set AS b
JOIN usher.specification AS s ON s.specification_id = b.specification_id
WHERE b.boundary_set_id = ANY($1::uuid[])"""


async def rules_of(connection: PoolConnection, sets: Iterable[UUID]) -> dict[UUID, Contents]:
    """By boundary set; no statement where none is asked for. Raises psycopg.Error."""
    asked = sorted(set(sets))
    if not asked:
        return {}
    cursor = connection.reader
    await cursor.execute(_RULES.encode(), [asked])
    return _rules(await cursor.fetchall())


def rules_now(connection: Connection[Any], sets: Iterable[UUID]) -> dict[UUID, Contents]:
    """The same, on an import's plain connection."""
    asked = sorted(set(sets))
    return _rules(RawCursor(connection).execute(_RULES.encode(), [asked]).fetchall()) if asked else {}


def _rules(rows: Iterable[Sequence[Any]]) -> dict[UUID, Contents]:
    return {key: Contents(rules, series) for key, rules, series in rows}
