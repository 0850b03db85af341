"""setWindowGrading: by which series, and how far shifted, a course is graded in a window; all its grades follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from server.commands.actor import Actor
from server.commands.grades import GradeOutcome, Seat, Series, recompute, updated
from server.commands.idempotency import parameters_digest
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.marks.rows import lock_courses
from server.commands.outbox import Event, writes_events
from server.commands.statements import fetch
from server.commands.storable import storable
from server.commands.windows.choices import Choice, newest_of, read_choice, write_choice
from server.commands.windows.reach import courses_of, leads_all, leads_own
from server.commands.windows.reasons import check_reason
from server.commands.windows.standing import NEVER_STEPPED, WindowState, standings
from server.commands.windows.versions import NextVersion, VersionOutcome, set_version
from server.compliance.audit import write_audit
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput, Forbidden
from server.grading.what_if import MOST_SHIFT
from server.policies.permit import Permit
from server.queries.graded_by import Held
from server.queries.ids import GlobalId

_LONGEST_SERIES: Final = 200

_UNKNOWN: Final = InputError(
    "NOT_FOUND",
    "There is no such course with an assessment in this window among those whose grading you may set.",
    ("input", "course"),
)
_NOT_GRADED: Final = InputError(
    "NOT_GRADED", "The course has no specification and series: there are no boundaries to shift.", ("input", "course")
)
_LOCKED: Final = InputError(
    "WINDOW_LOCKED",
    "Marks and grades of this course stand fixed in this window: have it reopened first (reopenWindow).",
    ("input", "window"),
)
_NO_SERIES: Final = InputError(
    "UNKNOWN_SERIES",
    "The course's specification has no boundaries of this series: name one as grades name theirs, or none for the "
    "course's own.",
    ("input", "series"),
)
_CHANGED: Final = InputError(
    "VERSION_CONFLICT",
    "The grading was set again meanwhile: read it again and repeat with its version.",
    ("input", "expectedVersion"),
)

# Whoever has a mark of the course in the window.
_SEATS: Final = """\
SELECT DISTINCT m.academic_year, m.learner_id, a.course_id, a.window_id
FROM usher.assessment AS a
JOIN usher.mark AS m
    ON m.school_id = $1::uuid AND m.academic_year = a.academic_year AND m.assessment_id = a.assessment_id
WHERE a.school_id = $1::uuid AND a.course_id = $2::uuid AND a.window_id = $3::uuid
ORDER BY 1, 2, 3, 4"""


@dataclass(frozen=True, slots=True)
class SetWindowGrading:
    """`shift` in per cent; `series` None: the course's own. `expected_version` 0: nothing was set yet."""

    course: GlobalId
    window: GlobalId
    shift: int
    reason: str
    idempotency_key: str
    series: str | None = None
    expected_version: int | None = None
    dry_run: bool = False

    def digest(self) -> str:
        """Of all parameters but the key."""
        given = [self.shift, self.series, self.reason, self.expected_version, self.dry_run]
        return parameters_digest("setWindowGrading", [str(self.course), str(self.window), *given])


@dataclass(frozen=True, slots=True)
class _Ready:
    """What the course is graded by, how the window is graded, and how it is to be."""

    series: Series
    before: Choice
    after: Choice


async def set_window_grading(
    command: SetWindowGrading, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> VersionOutcome:
    """Set it in `unit`, which the caller commits, and grade all who have marks in the window anew.

    The permit needs ("mark", "write") and ("grade", "export"). Raises Forbidden for who may change no course's window,
    BadUserInput, IdempotencyConflict, Unavailable.
    """
    if not (leads_all(permit) or leads_own(permit)):
        raise Forbidden(
            "How courses are graded is set by heads of department, and by those who may export the grades of the "
            "whole school."
        )
    _check(command)

    async def examine() -> NextVersion | InputError:
        ready = await _examined(command, unit, permit, now)
        if isinstance(ready, InputError):
            return ready
        write = partial(_write, command, unit, actor, now, ready)
        return NextVersion(ready.before.version, ready.before.same(ready.after), write)

    return await set_version(command, unit, now, examine)


def _check(command: SetWindowGrading) -> None:
    if not -MOST_SHIFT <= command.shift <= MOST_SHIFT:
        said = f"input.boundaryShift is a whole number of per cent from -{MOST_SHIFT} to {MOST_SHIFT}."
        raise BadUserInput(said, ("input", "boundaryShift"))
    check_reason(command.reason)


async def _examined(command: SetWindowGrading, unit: UnitOfWork, permit: Permit, now: datetime) -> _Ready | InputError:
    """Under the lock of the course, which batches of marks wait for."""
    connection, context = unit.connection, unit.context
    course, window = command.course.key, command.window.key
    theirs = await courses_of(connection, context, permit, window, course, now.date())
    if not theirs:
        return _UNKNOWN
    series = (await lock_courses(connection, context.school_id, {course})).get(course)
    if series is None:
        return _NOT_GRADED
    held = Held(course, window)
    standing = await standings(connection, context.school_id, [held])
    if standing.get(held, NEVER_STEPPED).state is not WindowState.OPEN:
        return _LOCKED
    before = await read_choice(connection, context.school_id, held)
    if command.expected_version not in (None, before.version):
        return _CHANGED
    after = Choice(before.version + 1, command.shift)
    if command.series is not None:
        fits = storable(command.series, _LONGEST_SERIES)
        found = await newest_of(connection, context.school_id, course, command.series) if fits else None
        if found is None:
            return _NO_SERIES
        after = Choice(after.version, after.shift, *found)
    return _Ready(series, before, after)


async def _write(command: SetWindowGrading, unit: UnitOfWork, actor: Actor, now: datetime, ready: _Ready) -> None:
    connection, context = unit.connection, unit.context
    course, window = command.course.key, command.window.key
    held = Held(course, window)
    await write_choice(connection, context.school_id, held, ready.after, command.reason, context.person_id, now)
    seats = [Seat(*row) for row in await fetch(connection, _SEATS, [context.school_id, course, window])]
    grades = await recompute(connection, context.school_id, seats, {course: ready.series}, now)
    changed = [grade for grade in grades if grade.changed]
    await _leave_traces(command, unit, actor, now, ready, changed)


async def _leave_traces(
    command: SetWindowGrading,
    unit: UnitOfWork,
    actor: Actor,
    now: datetime,
    ready: _Ready,
    changed: list[GradeOutcome],
) -> None:
    context = unit.context
    course, window = str(command.course.key), str(command.window.key)
    details: dict[str, object] = {
        "course": course,
        "window": window,
        "version": ready.after.version,
        "shift": {"before": ready.before.shift, "after": ready.after.shift},
        "boundaries": {"before": _text(ready.before.boundary_set_id), "after": _text(ready.after.boundary_set_id)},
        "grades": len(changed),
    }
    elements = {"school_structure": list[str](), "grade": [str(grade.seat.learner_id) for grade in changed]}
    record = actor.record(context.school_id, new_key(), now, "write", elements, details)
    await write_audit(unit.connection, record)
    events = [Event("windowGradingSet", {"window": window, "course": course}), *(updated(one) for one in changed)]
    unit.before_commit(writes_events(context.school_id, events, now))


def _text(key: UUID | None) -> str | None:
    return None if key is None else str(key)
