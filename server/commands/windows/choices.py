"""By which series, and how far shifted, a course is graded in a window, as rows say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.statements import execute, fetch
from server.database.pool import PoolConnection
from server.queries.graded_by import Held

_SERIES: Final = """\
SELECT r.specification_id, b.boundary_set_id
FROM usher.course AS c
JOIN usher.specification AS s ON s.specification_id = c.specification_id
JOIN usher.specification AS r ON r.code = s.code
JOIN usher.boundary_set AS b ON b.specification_id = r.specification_id AND b.series = $3::text
WHERE c.school_id = $1::uuid AND c.course_id = $2::uuid
ORDER BY r.version DESC, b.version DESC LIMIT 1"""
_STANDING: Final = """\
SELECT g.version, g.shift, g.specification_id, g.boundary_set_id FROM usher.window_grading AS g
WHERE g.school_id = $1::uuid AND g.course_id = $2::uuid AND g.window_id = $3::uuid
ORDER BY g.version DESC LIMIT 1"""
_INSERT: Final = """\
INSERT INTO usher.window_grading (school_id, course_id, window_id, version, shift, specification_id, boundary_set_id,
    reason, set_by, set_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::int, $5::int, $6::uuid, $7::uuid, $8::text, $9::uuid, $10::timestamptz)"""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is set, or is to be: no ids for the course's own series."""

    version: int = 0
    shift: int = 0
    specification_id: UUID | None = None
    boundary_set_id: UUID | None = None

    def same(self, other: Choice) -> bool:
        return (self.shift, self.boundary_set_id) == (other.shift, other.boundary_set_id)


async def read_choice(connection: PoolConnection, school_id: UUID, held: Held) -> Choice:
    rows = await fetch(connection, _STANDING, [school_id, held.course_id, held.window_id])
    return Choice(*rows[0]) if rows else Choice()


async def newest_of(
    connection: PoolConnection, school_id: UUID, course_id: UUID, series: str
) -> tuple[UUID, UUID] | None:
    """The newest specification of the course's code with boundaries of the series, and the newest of these."""
    rows = await fetch(connection, _SERIES, [school_id, course_id, series])
    return (rows[0][0], rows[0][1]) if rows else None


async def write_choice(
    connection: PoolConnection, school_id: UUID, held: Held, choice: Choice, reason: str, person_id: UUID, now: datetime
) -> None:
    chosen = [choice.version, choice.shift, choice.specification_id, choice.boundary_set_id]
    await execute(connection, _INSERT, [school_id, held.course_id, held.window_id, *chosen, reason, person_id, now])
