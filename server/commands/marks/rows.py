"""The rows of marks: locked in key order, then written as whole arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from psycopg.errors import UniqueViolation

from server.commands.grades import Series
from server.commands.marks.access import Target
from server.commands.marks.entries import MarkEntry
from server.commands.marks.parts import clear_parts, keep_parts, put_parts
from server.commands.statements import columns, execute, fetch
from server.database.pool import PoolConnection
from server.errors import Unavailable


@dataclass(frozen=True, slots=True)
class StoredMark:
    mark_id: UUID
    version: int
    state: str
    score: Decimal | None


@dataclass(frozen=True, slots=True)
class MarkWrite:
    """One mark to be added (`version` 1) or changed (to `version`). `keeps_parts`: they still make up its score."""

    entry: MarkEntry
    target: Target
    mark_id: UUID
    version: int
    keeps_parts: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose writes they are: `batch` is the id of their audit row."""

    school_id: UUID
    person_id: UUID
    capacity: str
    batch: UUID
    now: datetime


# One writer of a course at a time: else two batches on different papers of a learner would each grade without the other.
_LOCK_COURSES = """\
SELECT c.course_id, c.specification_id, c.boundary_set_id FROM usher.course AS c
WHERE c.school_id = $1::uuid AND c.course_id = ANY($2::uuid[])
ORDER BY c.course_id FOR NO KEY UPDATE"""
_LOCK_MARKS = """\
SELECT given.position, m.mark_id, m.version, m.state, m.score
FROM unnest($2::int[], $3::int[], $4::uuid[], $5::uuid[], $6::int[])
    AS given(position, academic_year, learner_id, assessment_id, attempt)
JOIN usher.mark AS m
    ON m.school_id = $1::uuid AND m.academic_year = given.academic_year AND m.learner_id = given.learner_id
    AND m.assessment_id = given.assessment_id AND m.attempt = given.attempt
ORDER BY m.academic_year, m.mark_id FOR NO KEY UPDATE OF m"""
_INSERT = """\
INSERT INTO usher.mark (school_id, recorded_by, recorded_at, academic_year, mark_id, learner_id, assessment_id,
    course_id, class_id, attempt, state, score, version)
SELECT $1::uuid, $2::uuid, $3::timestamptz, n.academic_year, n.mark_id, n.learner_id, n.assessment_id, n.course_id,
    n.class_id, n.attempt, n.state, n.score, 1
FROM unnest($4::int[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[], $10::int[], $11::text[],
    $12::numeric[])
    AS n(academic_year, mark_id, learner_id, assessment_id, course_id, class_id, attempt, state, score)"""
_UPDATE = """\
UPDATE usher.mark AS m SET recorded_by = $2::uuid, recorded_at = $3::timestamptz, state = n.state, score = n.score,
    version = n.version
FROM unnest($4::int[], $5::uuid[], $6::text[], $7::numeric[], $8::int[])
    AS n(academic_year, mark_id, state, score, version)
WHERE m.school_id = $1::uuid AND m.academic_year = n.academic_year AND m.mark_id = n.mark_id"""
_VERSIONS = """\
INSERT INTO usher.mark_version (school_id, recorded_by, recorded_at, capacity, batch, academic_year, mark_id, version,
    learner_id, course_id, state, score, reason)
SELECT $1::uuid, $2::uuid, $3::timestamptz, $4::text, $5::text, n.academic_year, n.mark_id, n.version, n.learner_id,
    n.course_id, n.state, n.score, n.reason
FROM unnest($6::int[], $7::uuid[], $8::int[], $9::uuid[], $10::uuid[], $11::text[], $12::numeric[], $13::text[])
    AS n(academic_year, mark_id, version, learner_id, course_id, state, score, reason)"""


async def lock_courses(connection: PoolConnection, school_id: UUID, courses: set[UUID]) -> dict[UUID, Series]:
    """Lock the courses until the transaction ends; what those are graded by that are graded at all."""
    rows = await fetch(connection, _LOCK_COURSES, [school_id, sorted(courses)])
    return {row[0]: Series(row[1], row[2]) for row in rows if row[1] is not None and row[2] is not None}


async def lock_marks(
    connection: PoolConnection, school_id: UUID, wanted: Mapping[int, tuple[MarkEntry, Target]]
) -> dict[int, StoredMark]:
    """The stored marks, locked, by position."""
    rows = [
        [position, target.academic_year, entry.learner.key, entry.assessment.key, entry.attempt]
        for position, (entry, target) in wanted.items()
    ]
    found = await fetch(connection, _LOCK_MARKS, [school_id, *columns(rows, 5)])
    return {row[0]: StoredMark(*row[1:]) for row in found}


async def write_marks(connection: PoolConnection, origin: Origin, writes: Sequence[MarkWrite]) -> None:
    """Add or change the marks, each with its version and parts."""
    who = [origin.school_id, origin.person_id, origin.now]
    added = [_added(write) for write in writes if write.version == 1]
    changed = [_changed(write) for write in writes if write.version > 1]
    try:
        if added:
            await execute(connection, _INSERT, [*who, *columns(added, 9)])
    except UniqueViolation:
        # A writer that doesn't lock the course, such as an import, came first.
        raise Unavailable("Others are changing the same rows. Try again.") from None
    if changed:
        await execute(connection, _UPDATE, [*who, *columns(changed, 5)])
    versions = [_version(write) for write in writes]
    await execute(connection, _VERSIONS, [*who, origin.capacity, str(origin.batch), *columns(versions, 8)])
    await _write_parts(connection, origin.school_id, writes)


async def _write_parts(connection: PoolConnection, school_id: UUID, writes: Sequence[MarkWrite]) -> None:
    changed = [write for write in writes if write.version > 1]
    if changed:
        replaced = [(write.target.academic_year, write.mark_id, write.version - 1) for write in changed]
        await keep_parts(connection, school_id, replaced)
    cleared = [(write.target.academic_year, write.mark_id) for write in changed if not write.keeps_parts]
    if cleared:
        await clear_parts(connection, school_id, cleared)
    parts = [
        [write.target.academic_year, write.mark_id, part.question, write.entry.learner.key, write.target.course_id,
         place, part.topic, part.score, part.maximum]
        for write in writes
        for place, part in enumerate(write.entry.parts or (), start=1)
    ]  # fmt: skip
    if parts:
        await put_parts(connection, school_id, parts)


def _added(write: MarkWrite) -> list[object]:
    entry, target = write.entry, write.target
    return [
        target.academic_year, write.mark_id, entry.learner.key, entry.assessment.key, target.course_id,
        target.class_id, entry.attempt, entry.state.value, entry.score,
    ]  # fmt: skip


def _changed(write: MarkWrite) -> list[object]:
    return [write.target.academic_year, write.mark_id, write.entry.state.value, write.entry.score, write.version]


def _version(write: MarkWrite) -> list[object]:
    entry, target = write.entry, write.target
    return [
        target.academic_year, write.mark_id, write.version, entry.learner.key, target.course_id, entry.state.value,
        entry.score, entry.reason,
    ]  # fmt: skip
