"""What follows from marks that are written: their rows, grades computed anew, the audit row and the events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from server.commands.actor import Actor
from server.commands.grades import GradeOutcome, Seat, Series, recompute, updated
from server.commands.marks.rows import MarkWrite, Origin, write_marks
from server.commands.outbox import Event, writes_events
from server.commands.yearly_key import YearlyKey
from server.compliance.audit import write_audit
from server.database.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Writing:
    """`seats` are graded, in this order; `details` go into the audit row beside the counts."""

    writes: Sequence[MarkWrite]
    seats: Sequence[Seat]
    series: Mapping[UUID, Series]
    details: Mapping[str, object]


async def write_with_consequences(
    unit: UnitOfWork, actor: Actor, origin: Origin, writing: Writing
) -> tuple[YearlyKey, ...]:
    """Write the marks and grade the seats, whose courses the caller holds. The grades, in order of the seats."""
    if writing.writes:
        await write_marks(unit.connection, origin, writing.writes)
    grades = await recompute(unit.connection, origin.school_id, writing.seats, writing.series, origin.now)
    await _leave_traces(unit, actor, origin, writing, grades)
    return tuple(YearlyKey(grade.seat.academic_year, grade.grade_id) for grade in grades)


def seats_of(writes: Sequence[MarkWrite]) -> list[Seat]:
    """Each learner, course and window once, in their order."""
    return list(
        dict.fromkeys(
            Seat(one.target.academic_year, one.entry.learner.key, one.target.course_id, one.target.window_id)
            for one in writes
        )
    )


async def _leave_traces(
    unit: UnitOfWork, actor: Actor, origin: Origin, writing: Writing, grades: Sequence[GradeOutcome]
) -> None:
    """Of a batch that changed something."""
    writes, changed = writing.writes, [grade for grade in grades if grade.changed]
    if not writes and not changed:
        return
    elements = {
        "mark": [str(write.entry.learner.key) for write in writes],
        "grade": [str(grade.seat.learner_id) for grade in changed],
    }
    details: dict[str, object] = {"marks": len(writes), "grades": len(changed), **writing.details}
    record = actor.record(origin.school_id, origin.batch, origin.now, "write", elements, details)
    await write_audit(unit.connection, record)
    events = [*(_recorded(write) for write in writes), *(updated(grade) for grade in changed)]
    unit.before_commit(writes_events(origin.school_id, events, origin.now))


def _recorded(write: MarkWrite) -> Event:
    return Event(
        "markRecorded",
        {
            "year": write.target.academic_year,
            "mark": str(write.mark_id),
            "learner": str(write.entry.learner.key),
            "assessment": str(write.entry.assessment.key),
            "course": str(write.target.course_id),
        },
    )
