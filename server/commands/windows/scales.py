"""setCourseScale: the grades of a course without a specification, best first, and their points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Final

from server.commands.actor import Actor
from server.commands.idempotency import parameters_digest
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.marks.rows import lock_courses
from server.commands.outbox import Event, writes_events
from server.commands.statements import execute, fetch
from server.commands.storable import plain_line, storable
from server.commands.windows.reach import leads_all, leads_own
from server.commands.windows.reasons import check_reason
from server.commands.windows.versions import NextVersion, VersionOutcome, set_version
from server.compliance.audit import write_audit
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput, Forbidden
from server.policies.permit import Permit
from server.queries.ids import GlobalId

MOST_LEVELS: Final = 50
LONGEST_GRADE: Final = 40
MOST_POINTS: Final = Decimal(1000)
MOST_PLACES: Final = 6

_UNKNOWN: Final = InputError(
    "NOT_FOUND", "There is no such course among those whose grading you may set.", ("input", "course")
)
_GRADED: Final = InputError(
    "HAS_SPECIFICATION", "The course has a specification, which says its grades and points.", ("input", "course")
)
_CHANGED: Final = InputError(
    "VERSION_CONFLICT",
    "The scale was set again meanwhile: read it again and repeat with its version.",
    ("input", "expectedVersion"),
)

_COURSE: Final = """\
SELECT c.specification_id IS NOT NULL, EXISTS (
    SELECT 1 FROM usher.department_lead AS l
    WHERE l.school_id = $1::uuid AND l.staff_id = $3::uuid AND l.department = c.department
        AND l.valid_from <= $4::date AND (l.valid_to IS NULL OR l.valid_to > $4::date))
FROM usher.course AS c
WHERE c.school_id = $1::uuid AND c.course_id = $2::uuid"""
_STANDING: Final = """\
SELECT s.version, s.grades, s.points FROM usher.course_scale AS s
WHERE s.school_id = $1::uuid AND s.course_id = $2::uuid
ORDER BY s.version DESC LIMIT 1"""
_INSERT: Final = """\
INSERT INTO usher.course_scale (school_id, course_id, version, grades, points, reason, set_by, set_at)
VALUES ($1::uuid, $2::uuid, $3::int, $4::text[], $5::text[], $6::text, $7::uuid, $8::timestamptz)"""


@dataclass(frozen=True, slots=True)
class Level:
    """`points` None: a plain label."""

    grade: str
    points: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SetCourseScale:
    """`levels` are best first. `expected_version` 0: nothing was set yet."""

    course: GlobalId
    levels: tuple[Level, ...]
    reason: str
    idempotency_key: str
    expected_version: int | None = None
    dry_run: bool = False

    @property
    def grades(self) -> list[str]:
        return [one.grade for one in self.levels]

    @property
    def points(self) -> list[str]:
        """Exact, in their order; none where the grades are plain labels."""
        return [f"{one.points.normalize():f}" for one in self.levels if one.points is not None]

    def digest(self) -> str:
        """Of all parameters but the key."""
        given = [self.grades, self.points, self.reason, self.expected_version, self.dry_run]
        return parameters_digest("setCourseScale", [str(self.course), *given])


@dataclass(frozen=True, slots=True)
class _Standing:
    version: int = 0
    grades: tuple[str, ...] = ()
    points: tuple[str, ...] = ()

    def same(self, command: SetCourseScale) -> bool:
        return (self.grades, self.points) == (tuple(command.grades), tuple(command.points))


async def set_course_scale(
    command: SetCourseScale, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> VersionOutcome:
    """Set it in `unit`, which the caller commits. Targets that were set stay as they were set.

    The permit needs ("mark", "write") and ("grade", "export"). Raises Forbidden for who may set no course's grading,
    BadUserInput, IdempotencyConflict, Unavailable.
    """
    if not (leads_all(permit) or leads_own(permit)):
        raise Forbidden(
            "Scales of courses are set by heads of department, and by those who may export the grades of the whole school."
        )
    _check(command)

    async def examine() -> NextVersion | InputError:
        before = await _examined(command, unit, permit, now)
        if isinstance(before, InputError):
            return before
        write = partial(_write, command, unit, actor, now, before.version + 1)
        return NextVersion(before.version, before.same(command), write)

    return await set_version(command, unit, now, examine)


def _check(command: SetCourseScale) -> None:
    path = ("input", "levels")
    if not 1 <= len(command.levels) <= MOST_LEVELS:
        raise BadUserInput(f"input.levels must hold 1 to {MOST_LEVELS} grades, best first.", path)
    for place, one in enumerate(command.levels):
        grade = one.grade
        if not grade.strip() or grade != grade.strip() or not storable(grade, LONGEST_GRADE) or not plain_line(grade):
            raise BadUserInput(
                f"A grade is one line of 1 to {LONGEST_GRADE} characters without spaces around it, control characters or "
                "direction marks.",
                (*path, place, "grade"),
            )
        if one.points is not None and not _exact(one.points):
            raise BadUserInput(
                f"Points are a decimal from 0 to {MOST_POINTS} with at most {MOST_PLACES} places.",
                (*path, place, "points"),
            )
    if len(set(command.grades)) != len(command.levels):
        raise BadUserInput("input.levels holds a grade twice: give each once.", path)
    points = [one.points for one in command.levels if one.points is not None]
    if points and len(points) != len(command.levels):
        raise BadUserInput("Give points for all of input.levels, or for none.", path)
    if any(worse >= better for better, worse in pairwise(points)):
        raise BadUserInput("input.levels must be best first: points fall from each to the next.", path)
    check_reason(command.reason)


def _exact(points: Decimal) -> bool:
    return points.is_finite() and 0 <= points <= MOST_POINTS and points == round(points, MOST_PLACES)


async def _examined(command: SetCourseScale, unit: UnitOfWork, permit: Permit, now: datetime) -> _Standing | InputError:
    """Under the lock of the course, which targets wait for."""
    connection, context, course = unit.connection, unit.context, command.course.key
    await lock_courses(connection, context.school_id, {course})
    rows = await fetch(connection, _COURSE, [context.school_id, course, context.person_id, now.date()])
    if not rows:
        return _UNKNOWN
    [(graded, led)] = rows
    if not (leads_all(permit) or (led and leads_own(permit))):
        return _UNKNOWN
    if graded:
        return _GRADED
    stored = await fetch(connection, _STANDING, [context.school_id, course])
    before = _Standing(stored[0][0], tuple(stored[0][1]), tuple(stored[0][2])) if stored else _Standing()
    return before if command.expected_version in (None, before.version) else _CHANGED


async def _write(command: SetCourseScale, unit: UnitOfWork, actor: Actor, now: datetime, version: int) -> None:
    context, course = unit.context, command.course.key
    chosen: list[object] = [version, command.grades, command.points, command.reason]
    await execute(unit.connection, _INSERT, [context.school_id, course, *chosen, context.person_id, now])
    details: dict[str, object] = {"course": str(course), "scale": version, "levels": len(command.levels)}
    record = actor.record(context.school_id, new_key(), now, "write", {"school_structure": list[str]()}, details)
    await write_audit(unit.connection, record)
    event = Event("courseScaleSet", {"course": str(course), "version": version})
    unit.before_commit(writes_events(context.school_id, [event], now))
