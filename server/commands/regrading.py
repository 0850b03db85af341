"""A course moves to the newest version of its boundaries, and all of its grades with it, in one transaction.

So does each window that is graded by another series; shifts stay.

What is left to do stands nowhere but in the courses: one whose boundaries aren't the newest is to be moved. So a run that
was cut off is gone on with by the next one, and a run too many does nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import sql

from server.commands.grades import GradeOutcome, Seat, Series, recompute, updated
from server.commands.keys import new_key
from server.commands.marks.rows import lock_courses
from server.commands.outbox import write_events
from server.commands.statements import columns, execute, fetch
from server.compliance.audit import AuditRecord, write_audit
from server.database.messages import send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.policies.shipped import shipped_ceiling

OPERATION: Final = "regrade-job"
_OPEN: Final = """\
BEGIN;
SET LOCAL app.school_id = {school};
SET LOCAL app.capacity = 'STAFF';
SET LOCAL statement_timeout = '5min';
SET LOCAL idle_in_transaction_session_timeout = '5min'"""
# The newest version of the series, under the newest version of the specification that has one.
_COURSES: Final = """\
SELECT c.course_id, c.boundary_set_id, newest.specification_id, newest.boundary_set_id, newest.digest, s.code, b.series, c.name
FROM usher.course AS c
JOIN usher.specification AS s ON s.specification_id = c.specification_id
JOIN usher.boundary_set AS b ON b.boundary_set_id = c.boundary_set_id
JOIN LATERAL (
    SELECT t.specification_id, t.boundary_set_id, t.digest FROM usher.boundary_set AS t
    JOIN usher.specification AS r ON r.specification_id = t.specification_id
    WHERE r.code = s.code AND t.series = b.series
    ORDER BY r.version DESC, t.version DESC LIMIT 1
) AS newest ON true
WHERE c.school_id = $1::uuid AND ($2::uuid IS NULL OR c.course_id = $2::uuid)
ORDER BY c.academic_year DESC, c.course_id"""
# Windows of those courses that are graded by a series of their own, and the newest version of that.
_WINDOWS: Final = """\
SELECT g.course_id, g.window_id, g.version, g.shift, newest.specification_id, newest.boundary_set_id
FROM usher.course AS c
JOIN usher.specification AS s ON s.specification_id = c.specification_id
JOIN LATERAL (
    SELECT DISTINCT ON (h.window_id) h.course_id, h.window_id, h.version, h.shift, h.boundary_set_id
    FROM usher.window_grading AS h
    WHERE h.school_id = $1::uuid AND h.course_id = c.course_id
    ORDER BY h.window_id, h.version DESC
) AS g ON true
JOIN usher.boundary_set AS b ON b.boundary_set_id = g.boundary_set_id
JOIN usher.specification AS chosen ON chosen.specification_id = b.specification_id AND chosen.code = s.code
JOIN LATERAL (
    SELECT t.specification_id, t.boundary_set_id FROM usher.boundary_set AS t
    JOIN usher.specification AS r ON r.specification_id = t.specification_id
    WHERE r.code = s.code AND t.series = b.series
    ORDER BY r.version DESC, t.version DESC LIMIT 1
) AS newest ON newest.boundary_set_id <> g.boundary_set_id
WHERE c.school_id = $1::uuid AND ($2::uuid IS NULL OR c.course_id = $2::uuid)
ORDER BY g.course_id, g.window_id"""
_MOVE_WINDOWS: Final = """\
INSERT INTO usher.window_grading (school_id, course_id, window_id, version, shift, specification_id, boundary_set_id,
    reason, set_at)
SELECT $1::uuid, n.course_id, n.window_id, n.version + 1, n.shift, n.specification_id, n.boundary_set_id, $2::text,
    $3::timestamptz
FROM unnest($4::uuid[], $5::uuid[], $6::int[], $7::int[], $8::uuid[], $9::uuid[])
    AS n(course_id, window_id, version, shift, specification_id, boundary_set_id)"""
_REASON: Final = "Newer boundaries of the series were put in."
# Grades with other boundaries than their window is graded by now, in closed windows or published.
_KEPT: Final = """\
SELECT c.name, a.name, b.series, b.version, count(*)
FROM usher.grade AS g
JOIN usher.course AS c ON c.school_id = $1::uuid AND c.course_id = g.course_id
JOIN usher.assessment_window AS a ON a.school_id = $1::uuid AND a.window_id = g.window_id
JOIN usher.boundary_set AS b ON b.boundary_set_id = g.boundary_set_id
WHERE g.school_id = $1::uuid AND g.boundary_set_id <> coalesce((SELECT h.boundary_set_id FROM usher.window_grading AS h
        WHERE h.school_id = $1::uuid AND h.course_id = g.course_id AND h.window_id = g.window_id
        ORDER BY h.version DESC LIMIT 1), c.boundary_set_id) AND (coalesce((SELECT w.state FROM usher.window_step AS w
        WHERE w.school_id = $1::uuid AND w.window_id = g.window_id AND w.course_id = g.course_id
        ORDER BY w.step DESC LIMIT 1), 'OPEN') <> 'OPEN' OR EXISTS (SELECT 1 FROM usher.report AS r
        JOIN usher.publication AS p ON p.school_id = $1::uuid AND p.publication_id = r.publication_id
        WHERE r.school_id = $1::uuid AND r.learner_id = g.learner_id AND p.window_id = g.window_id AND p.status = 'LIVE'))
GROUP BY c.course_id, c.name, a.window_id, a.name, a.starts_on, b.boundary_set_id, b.series, b.version
ORDER BY a.starts_on, c.name, c.course_id, a.window_id, b.version"""
_NAME: Final = "SELECT k.name FROM usher.school AS k WHERE k.school_id = $1::uuid"
_MOVE: Final = """\
UPDATE usher.course AS c SET specification_id = $3::uuid, boundary_set_id = $4::uuid
WHERE c.school_id = $1::uuid AND c.course_id = $2::uuid"""
_SEATS: Final = """\
SELECT DISTINCT m.academic_year, m.learner_id, a.course_id, a.window_id
FROM usher.assessment AS a
JOIN usher.mark AS m
    ON m.school_id = $1::uuid AND m.academic_year = a.academic_year AND m.assessment_id = a.assessment_id
WHERE a.school_id = $1::uuid AND a.course_id = $2::uuid
ORDER BY 1, 2, 3, 4"""
_VERSION: Final = "SELECT h.version FROM usher.policy_head AS h WHERE h.school_id = $1::uuid"


@dataclass(frozen=True, slots=True)
class Kept:
    """Columns of _KEPT: names, the series and version that so many grades stand on."""

    course: str
    window: str
    series: str
    version: int
    grades: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one school: courses that are graded by a series, and how many of them wait for the newest version, or a window of
    theirs does. `kept` are windows in which grades of a course stand on other boundaries than those of the window now."""

    school_id: UUID
    name: str
    courses: int
    left: int
    kept: Sequence[Kept] = ()


@dataclass(frozen=True, slots=True)
class Graded:
    """A course that is graded by a series: what it is graded by, and what is newest. Columns of _COURSES."""

    course_id: UUID
    boundary_set_id: UUID
    newest_specification: UUID
    newest_boundary_set: UUID
    digest: str
    specification: str
    series: str
    name: str

    @property
    def waits(self) -> bool:
        return self.newest_boundary_set != self.boundary_set_id


@dataclass(frozen=True, slots=True)
class Regraded:
    """The course's name, how many grades were looked at, and how many came out otherwise or under another version.

    `left`: by window, how many stand on the rules of before, since it is locked, moderated or published.
    """

    course: str
    grades: int
    changed: int
    left: Mapping[UUID, int] = field(default_factory=dict[UUID, int])


async def courses_left(pool: Pool, school_id: UUID) -> list[UUID]:
    """Those that wait, of the newest school year first."""

    async def work(connection: PoolConnection) -> list[UUID]:
        await _open(connection, school_id)
        windows = {row[0] for row in await fetch(connection, _WINDOWS, [school_id, None])}
        found = await _courses(connection, school_id)
        return [course.course_id for course in found if course.waits or course.course_id in windows]

    return await repeatable(pool, work)


async def standing(pool: Pool, school_id: UUID) -> Standing:
    async def work(connection: PoolConnection) -> Standing:
        await _open(connection, school_id)
        [[name]] = await fetch(connection, _NAME, [school_id])
        found = await _courses(connection, school_id)
        windows = {row[0] for row in await fetch(connection, _WINDOWS, [school_id, None])}
        left = sum(course.waits or course.course_id in windows for course in found)
        kept = [Kept(*row) for row in await fetch(connection, _KEPT, [school_id])]
        return Standing(school_id, name, len(found), left, kept)

    return await repeatable(pool, work)


async def regrade_course(pool: Pool, school_id: UUID, course_id: UUID, now: datetime) -> Regraded | None:
    """Move the course and its windows, and grade all who have marks in it; None where it stands right already.

    Locks as recordMarks does: the course, its grades, and the school's counter of events last. Raises Unavailable.
    """

    async def work(connection: PoolConnection) -> Regraded | None:
        await _open(connection, school_id)
        await lock_courses(connection, school_id, {course_id})
        course = next(iter(await _courses(connection, school_id, course_id)), None)
        windows = await fetch(connection, _WINDOWS, [school_id, course_id])
        if course is None or not (course.waits or windows):
            return None
        to = Series(course.newest_specification, course.newest_boundary_set)
        await execute(connection, _MOVE, [school_id, course_id, to.specification_id, to.boundary_set_id])
        if windows:
            await execute(connection, _MOVE_WINDOWS, [school_id, _REASON, now, *columns(windows, 6)])
        seats = [Seat(*row) for row in await fetch(connection, _SEATS, [school_id, course_id])]
        grades = await recompute(connection, school_id, seats, {course_id: to}, now, published_stand=True)
        changed = [grade for grade in grades if grade.changed]
        [[version]] = await fetch(connection, _VERSION, [school_id])
        left = Counter(grade.seat.window_id for grade in grades if grade.stands)
        await write_audit(connection, _record(school_id, version, course, changed, left, now))
        await write_events(connection, school_id, [updated(grade) for grade in changed], now)
        await connection.commit()
        return Regraded(course.name, len(grades), len(changed), left)

    return await repeatable(pool, work)


async def _open(connection: PoolConnection, school_id: UUID) -> None:
    await send(connection, sql.SQL(_OPEN).format(school=sql.Literal(str(school_id))).as_bytes(None))


async def _courses(connection: PoolConnection, school_id: UUID, course_id: UUID | None = None) -> list[Graded]:
    return [Graded(*row) for row in await fetch(connection, _COURSES, [school_id, course_id])]


def _record(
    school_id: UUID,
    policy_version: int,
    course: Graded,
    changed: Sequence[GradeOutcome],
    left: Mapping[UUID, int],
    now: datetime,
) -> AuditRecord:
    """Nobody asked for it at the school: who put the boundaries in runs the installation, and has no account there."""
    return AuditRecord(
        school_id=school_id,
        audit_id=new_key(),
        occurred_at=now,
        person_id=None,
        capacity="OPERATOR",
        profile_version=0,
        policy_version=policy_version,
        ceiling_digest=shipped_ceiling().digest(),
        kind="write",
        document_digest=course.digest,
        elements={"grade": [str(grade.seat.learner_id) for grade in changed]},
        operation_name=OPERATION,
        footprint={"write": ["grade"]},
        reason=_REASON,
        details={
            "course": str(course.course_id),
            "specification": course.specification,
            "series": course.series,
            "before": str(course.boundary_set_id),
            "after": str(course.newest_boundary_set),
            "grades": len(changed),
            "left": {str(window): grades for window, grades in sorted(left.items())},
        },
    )
