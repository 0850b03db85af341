"""Grades that stand: what a locked or moderated window was graded by, it is graded by until it is reopened.

Newer boundaries, and another series of the course, leave them: what was agreed on must not change by itself. What was
published isn't moved by newer boundaries either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg import Connection, RawCursor

from server.commands.statements import fetch
from server.database.pool import PoolConnection
from server.grading.papers import Contents
from server.queries.graded_by import GradedBy

_STANDING: Final = """\
SELECT g.learner_id, g.specification_id, g.boundary_set_id, g.shift FROM usher.grade AS g
WHERE g.school_id = $1::uuid AND g.academic_year = $2::int AND g.course_id = $3::uuid AND g.window_id = $4::uuid
    AND coalesce((SELECT w.state FROM usher.window_step AS w
        WHERE w.school_id = $1::uuid AND w.window_id = g.window_id AND w.course_id = g.course_id
        ORDER BY w.step DESC LIMIT 1), 'OPEN') <> 'OPEN'"""

_CONTENTS: Final = """\
SELECT s.specification_id, b.boundary_set_id, s.content, b.content
FROM unnest($1::uuid[], $2::uuid[]) AS given(specification_id, boundary_set_id)
JOIN usher.specification AS s ON s.specification_id = given.specification_id
JOIN usher.boundary_set AS b ON b.boundary_set_id = given.boundary_set_id"""


class Kept(NamedTuple):
    """What a grade names: a specification, boundaries, and a shift in per cent."""

    specification_id: UUID
    boundary_set_id: UUID
    shift: int


async def read_kept(connection: PoolConnection, wanted: Collection[Kept]) -> dict[Kept, GradedBy]:
    if not wanted:
        return {}
    return _read(wanted, await fetch(connection, _CONTENTS, _asked(wanted)))


def read_kept_now(connection: Connection[Any], wanted: Collection[Kept]) -> dict[Kept, GradedBy]:
    """The same, on an import's plain connection."""
    return _read(wanted, RawCursor(connection).execute(_CONTENTS, _asked(wanted)).fetchall()) if wanted else {}


def standing_now(
    connection: Connection[Any], school_id: UUID, year: int, course_id: UUID, window_id: UUID
) -> dict[UUID, Kept]:
    """By learner, what their grade stands on; on an import's plain connection."""
    rows = RawCursor(connection).execute(_STANDING.encode(), [school_id, year, course_id, window_id]).fetchall()
    return {row[0]: Kept(*row[1:]) for row in rows}


def _asked(wanted: Collection[Kept]) -> list[object]:
    pairs = sorted({each[:2] for each in wanted})
    return [[pair[0] for pair in pairs], [pair[1] for pair in pairs]]


def _read(wanted: Collection[Kept], rows: Iterable[Sequence[Any]]) -> dict[Kept, GradedBy]:
    contents = {(row[0], row[1]): Contents(row[2], row[3]) for row in rows}
    return {each: GradedBy(*each, contents[each[:2]]) for each in wanted}
