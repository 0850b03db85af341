"""lockWindow, moderateWindow and reopenWindow: one step of a course in a window, or of all courses that are theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from server.commands.actor import Actor
from server.commands.grades import GradeOutcome, Seat, Series, recompute, updated
from server.commands.idempotency import Repeated, check_key, parameters_digest, take_key
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.marks.rows import lock_courses
from server.commands.outbox import Event, writes_events
from server.commands.statements import columns, execute, fetch
from server.commands.windows.reach import courses_of, leads_all, leads_own
from server.commands.windows.reasons import check_reason
from server.commands.windows.standing import NEVER_STEPPED, Standing, WindowState, standings
from server.compliance.audit import write_audit
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput, Forbidden
from server.policies.permit import Permit
from server.queries.graded_by import Held
from server.queries.ids import GlobalId

FROM: Final[Mapping[WindowState, tuple[WindowState, ...]]] = MappingProxyType(
    {
        WindowState.LOCKED: (WindowState.OPEN, WindowState.MODERATING),
        WindowState.MODERATING: (WindowState.LOCKED,),
        WindowState.OPEN: (WindowState.LOCKED, WindowState.MODERATING),
    }
)
"""To each state, the states from which a step leads there."""

_REMEDIES: Final[Mapping[WindowState, str]] = MappingProxyType(
    {
        WindowState.LOCKED: "The course is locked in this window already.",
        WindowState.MODERATING: "Marks are moderated once they are locked, and once only until they are locked again: "
        "lock the course in this window first.",
        WindowState.OPEN: "The course is open in this window already.",
    }
)
_UNKNOWN: Final = "There is no such course with an assessment in this window among those that you may lock and open."

_INSERT: Final = """\
INSERT INTO usher.window_step (school_id, window_id, course_id, step, state, reason, taken_by, taken_at)
SELECT $1::uuid, $2::uuid, n.course_id, n.step, $3::text, $4::text, $5::uuid, $6::timestamptz
FROM unnest($7::uuid[], $8::int[]) AS n(course_id, step)"""
# Grades with other boundaries than the course is graded by in the window now.
_STOOD: Final = """\
SELECT g.academic_year, g.learner_id, g.course_id, g.window_id
FROM usher.course AS c
JOIN usher.grade AS g ON g.school_id = $1::uuid AND g.academic_year = c.academic_year AND g.course_id = c.course_id
WHERE c.school_id = $1::uuid AND c.course_id = ANY($3::uuid[]) AND g.window_id = $2::uuid
    AND g.boundary_set_id <> coalesce((SELECT h.boundary_set_id FROM usher.window_grading AS h
        WHERE h.school_id = $1::uuid AND h.course_id = g.course_id AND h.window_id = g.window_id
        ORDER BY h.version DESC LIMIT 1), c.boundary_set_id)
ORDER BY 1, 2, 3, 4"""


@dataclass(frozen=True, slots=True)
class TakeStep:
    """`course` None: all courses of the window that are the caller's and from whose state the step leads on.

    `expected_step` is the number of the last step that the caller saw, 0 for none; it goes with `course` alone.
    """

    window: GlobalId
    state: WindowState
    idempotency_key: str
    course: GlobalId | None = None
    reason: str | None = None
    expected_step: int | None = None
    dry_run: bool = False

    def digest(self) -> str:
        """Of all parameters but the key."""
        course = None if self.course is None else str(self.course)
        given = [str(self.window), self.state.value, course, self.reason, self.expected_step, self.dry_run]
        return parameters_digest("takeStep", given)


@dataclass(frozen=True, slots=True)
class TakeStepOutcome:
    """The courses that took the step; a dry run tells in `would_write` how many would."""

    courses: tuple[UUID, ...] = ()
    errors: tuple[InputError, ...] = ()
    replayed: bool = False
    would_write: int | None = None

    def stored(self) -> dict[str, object]:
        """As JSON for the idempotency record."""
        return {"courses": [course.hex for course in self.courses]}

    @classmethod
    def repeated(cls, stored: Mapping[str, Any]) -> TakeStepOutcome:
        return cls(tuple(UUID(course) for course in stored["courses"]), replayed=True)


async def take_step(
    command: TakeStep, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> TakeStepOutcome:
    """Take the step in `unit`, which the caller commits. It waits for batches of marks that are being written.

    The permit needs ("mark", "write") and ("grade", "export"). Raises Forbidden for who may change no course's window,
    BadUserInput for arguments that don't go together or a key out of bounds, IdempotencyConflict, Unavailable.
    """
    if not (leads_all(permit) or leads_own(permit)):
        raise Forbidden(
            "Windows are locked and opened by heads of department, and by those who may export the grades of the "
            "whole school."
        )
    _check(command)
    check_key(command.idempotency_key)
    key = await take_key(command, unit, now)
    if isinstance(key, Repeated):
        return TakeStepOutcome.repeated(key.outcome)
    before, series = await _before(command, unit, permit, now)
    error = _fault(command, before)
    taken = {course: each.step + 1 for course, each in before.items() if each.state in FROM[command.state]}
    if key is None:
        errors = () if error is None else (error,)
        return TakeStepOutcome(errors=errors, would_write=0 if errors else len(taken))
    if error is not None:
        # Nothing was done: the corrected step may come under the same key.
        await key.release()
        return TakeStepOutcome(errors=(error,))
    if taken:
        await _write(command, unit, actor, now, taken, series)
    outcome = TakeStepOutcome(tuple(taken))
    await key.keep(outcome.stored())
    return outcome


async def _before(
    command: TakeStep, unit: UnitOfWork, permit: Permit, now: datetime
) -> tuple[dict[UUID, Standing], Mapping[UUID, Series]]:
    """How the courses that are meant stand, in order of their keys, which are locked; and what they are graded by."""
    connection, context = unit.connection, unit.context
    wanted = None if command.course is None else command.course.key
    courses = await courses_of(connection, context, permit, command.window.key, wanted, now.date())
    series = await lock_courses(connection, context.school_id, set(courses))
    held = {course: Held(course, command.window.key) for course in courses}
    standing = await standings(connection, context.school_id, held.values())
    return {course: standing.get(each, NEVER_STEPPED) for course, each in held.items()}, series


def _check(command: TakeStep) -> None:
    if command.expected_step is not None and command.course is None:
        raise BadUserInput("input.expectedStep is of one course: name it.", ("input", "expectedStep"))
    if command.reason is not None:
        check_reason(command.reason)


def _fault(command: TakeStep, before: Mapping[UUID, Standing]) -> InputError | None:
    """Why nothing is done: no course is theirs, or the one that is named stands elsewhere."""
    if not before:
        path = ("input", "window" if command.course is None else "course")
        return InputError("NOT_FOUND", _UNKNOWN, path)
    if command.course is None:
        return None
    standing = before[command.course.key]
    if command.expected_step not in (None, standing.step):
        said = "The course took another step in this window meanwhile: read it again and repeat with its step."
        return InputError("VERSION_CONFLICT", said, ("input", "expectedStep"))
    if standing.state not in FROM[command.state]:
        return InputError("WINDOW_STATE", _REMEDIES[command.state], ("input", "course"))
    return None


async def _write(
    command: TakeStep,
    unit: UnitOfWork,
    actor: Actor,
    now: datetime,
    taken: Mapping[UUID, int],
    series: Mapping[UUID, Series],
) -> None:
    context = unit.context
    rows: Sequence[Sequence[object]] = list(taken.items())
    about = [context.school_id, command.window.key, command.state.value, command.reason, context.person_id, now]
    await execute(unit.connection, _INSERT, [*about, *columns(rows, 2)])
    details: dict[str, object] = {
        "window": str(command.window.key),
        "change": command.state.value,
        "courses": [str(course) for course in taken],
    }
    moved = await _moved(command, unit, now, series, taken)
    elements: dict[str, list[str]] = {"school_structure": []}
    if moved:
        elements["grade"] = [str(grade.seat.learner_id) for grade in moved]
        details["grades"] = len(moved)
    record = actor.record(context.school_id, new_key(), now, "write", elements, details)
    await write_audit(unit.connection, record)
    window = str(command.window.key)
    events = [Event("windowStepTaken", {"window": window, "course": str(course)}) for course in taken]
    events += [updated(grade) for grade in moved]
    unit.before_commit(writes_events(context.school_id, events, now))


async def _moved(
    command: TakeStep, unit: UnitOfWork, now: datetime, series: Mapping[UUID, Series], taken: Mapping[UUID, int]
) -> list[GradeOutcome]:
    """Grades of what was opened again that stood on other boundaries than those of the course, and no longer do."""
    if command.state is not WindowState.OPEN:
        return []
    connection, school_id = unit.connection, unit.context.school_id
    rows = await fetch(connection, _STOOD, [school_id, command.window.key, sorted(taken)])
    seats = [Seat(*row) for row in rows]
    grades = await recompute(connection, school_id, seats, series, now, moved=set(seats))
    return [grade for grade in grades if grade.changed]
