"""The questions of marks: those that stand, and those of the versions that others replaced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, RawCursor

from server.commands.marks.entries import MarkPart
from server.commands.statements import columns, execute, fetch
from server.database.pool import PoolConnection

_PARTS: Final = """\
SELECT p.mark_id, p.question, p.topic, p.maximum, p.score
FROM unnest($2::int[], $3::uuid[]) AS given(academic_year, mark_id)
JOIN usher.mark_part AS p
    ON p.school_id = $1::uuid AND p.academic_year = given.academic_year AND p.mark_id = given.mark_id
ORDER BY p.mark_id, p.position, p.question"""
_OF_VERSIONS: Final = """\
SELECT p.mark_id, p.question, p.topic, p.maximum, p.score
FROM unnest($2::int[], $3::uuid[], $4::int[]) AS given(academic_year, mark_id, version)
JOIN usher.mark_part_version AS p
    ON p.school_id = $1::uuid AND p.academic_year = given.academic_year AND p.mark_id = given.mark_id
    AND p.version = given.version
ORDER BY p.mark_id, p.position, p.question"""
_KEEP: Final = """\
INSERT INTO usher.mark_part_version (school_id, academic_year, mark_id, version, question, learner_id, course_id, position,
    topic, score, maximum)
SELECT $1::uuid, p.academic_year, p.mark_id, n.version, p.question, p.learner_id, p.course_id, p.position, p.topic,
    p.score, p.maximum
FROM unnest($2::int[], $3::uuid[], $4::int[]) AS n(academic_year, mark_id, version)
JOIN usher.mark_part AS p
    ON p.school_id = $1::uuid AND p.academic_year = n.academic_year AND p.mark_id = n.mark_id
WHERE p.score IS NOT NULL"""
# The application may not delete: a question that is no longer given stays without a score.
_CLEAR: Final = """\
UPDATE usher.mark_part AS p SET score = NULL
FROM unnest($2::int[], $3::uuid[]) AS n(academic_year, mark_id)
WHERE p.school_id = $1::uuid AND p.academic_year = n.academic_year AND p.mark_id = n.mark_id AND p.score IS NOT NULL"""
_PUT: Final = """\
INSERT INTO usher.mark_part (school_id, academic_year, mark_id, question, learner_id, course_id, position, topic,
    score, maximum)
SELECT $1::uuid, n.academic_year, n.mark_id, n.question, n.learner_id, n.course_id, n.position, n.topic, n.score,
    n.maximum
FROM unnest($2::int[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::int[], $8::text[], $9::numeric[],
    $10::numeric[]) AS n(academic_year, mark_id, question, learner_id, course_id, position, topic, score, maximum)
ON CONFLICT (school_id, academic_year, mark_id, question) DO UPDATE
    SET position = excluded.position, topic = excluded.topic, score = excluded.score, maximum = excluded.maximum"""

Replaced = tuple[int, UUID, int]
"""Academic year and key of a mark, and its version that is about to be replaced."""


async def stored_parts(
    connection: PoolConnection, school_id: UUID, marks: Sequence[tuple[int, UUID]]
) -> dict[UUID, list[MarkPart]]:
    """The parts of marks given as (academic year, key)."""
    return _by_mark(await fetch(connection, _PARTS, [school_id, *columns(marks, 2)]))


async def parts_of_versions(
    connection: PoolConnection, school_id: UUID, versions: Sequence[Replaced]
) -> dict[UUID, list[MarkPart]]:
    """Those that had scores in the versions, which others replaced; one version a mark."""
    return _by_mark(await fetch(connection, _OF_VERSIONS, [school_id, *columns(versions, 3)]))


async def keep_parts(connection: PoolConnection, school_id: UUID, replaced: Sequence[Replaced]) -> None:
    """Before the versions are replaced: their questions as they stand."""
    await execute(connection, _KEEP, [school_id, *columns(replaced, 3)])


async def clear_parts(connection: PoolConnection, school_id: UUID, marks: Sequence[tuple[int, UUID]]) -> None:
    await execute(connection, _CLEAR, [school_id, *columns(marks, 2)])


async def put_parts(connection: PoolConnection, school_id: UUID, rows: Sequence[Sequence[object]]) -> None:
    """Columns of usher.mark_part but for the school, in the order of the primary key and then of the table."""
    await execute(connection, _PUT, [school_id, *columns(rows, 9)])


def replace_parts_now(connection: Connection[Any], school_id: UUID, replaced: Sequence[Replaced]) -> None:
    """Keep the parts and take away their scores, on an import's plain connection."""
    if replaced:
        cursor = RawCursor(connection)
        years, marks, versions = columns(replaced, 3)
        cursor.execute(_KEEP, [school_id, years, marks, versions])
        cursor.execute(_CLEAR, [school_id, years, marks])


def _by_mark(rows: Sequence[Sequence[Any]]) -> dict[UUID, list[MarkPart]]:
    parts: dict[UUID, list[MarkPart]] = {}
    for mark_id, *part in rows:
        parts.setdefault(mark_id, []).append(MarkPart(*part))
    return parts
