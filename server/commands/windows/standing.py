"""How courses stand in assessment windows. Whoever holds the course's lock reads what holds until the lock goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, RawCursor

from server.commands.statements import columns, fetch
from server.database.pool import PoolConnection
from server.queries.graded_by import Held


class WindowState(StrEnum):
    OPEN = "OPEN"
    LOCKED = "LOCKED"
    MODERATING = "MODERATING"


@dataclass(frozen=True, slots=True)
class Standing:
    """The number of the last step, 0 before the first, and where it led."""

    step: int = 0
    state: WindowState = WindowState.OPEN


NEVER_STEPPED: Final = Standing()

_STANDING: Final = """\
SELECT given.course_id, given.window_id, s.step, s.state
FROM unnest($2::uuid[], $3::uuid[]) AS given(course_id, window_id)
JOIN LATERAL (
    SELECT w.step, w.state FROM usher.window_step AS w
    WHERE w.school_id = $1::uuid AND w.window_id = given.window_id AND w.course_id = given.course_id
    ORDER BY w.step DESC LIMIT 1
) AS s ON true"""


async def standings(connection: PoolConnection, school_id: UUID, wanted: Collection[Held]) -> Mapping[Held, Standing]:
    """Of each that took a step: the others are open."""
    rows = await fetch(connection, _STANDING, [school_id, *columns(sorted(wanted), 2)])
    return _read(rows)


def standings_now(connection: Connection[Any], school_id: UUID, wanted: Collection[Held]) -> Mapping[Held, Standing]:
    """The same, for an import's plain connection."""
    rows = RawCursor(connection).execute(_STANDING, [school_id, *columns(sorted(wanted), 2)]).fetchall()
    return _read(rows)


def _read(rows: Iterable[tuple[Any, ...]]) -> dict[Held, Standing]:
    return {Held(row[0], row[1]): Standing(row[2], WindowState(row[3])) for row in rows}
