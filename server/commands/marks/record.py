"""recordMarks: marks, their versions, grades, audit and events in one transaction, or nothing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.commands.actor import Actor
from server.commands.grades import Seat, Series
from server.commands.idempotency import Repeated, check_key, take_key
from server.commands.keys import new_key
from server.commands.marks.access import Target, targets
from server.commands.marks.checks import check_size, entry_faults, score_fault
from server.commands.marks.consequences import Writing, write_with_consequences
from server.commands.marks.entries import MarkEntry, MarkPart, Mode, RecordMarks
from server.commands.marks.faults import Fault, RowError, RowFault
from server.commands.marks.outcome import RecordMarksOutcome
from server.commands.marks.parts import stored_parts
from server.commands.marks.rows import (
    MarkWrite,
    Origin,
    StoredMark,
    lock_courses,
    lock_marks,
)
from server.commands.windows.standing import WindowState, standings
from server.commands.yearly_key import YearlyKey
from server.database.pool import PoolConnection
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.graded_by import Held


@dataclass(frozen=True, slots=True)
class _Batch:
    """The accepted entries of a batch, by position, and why the others are refused."""

    accepted: Mapping[int, tuple[MarkEntry, Target]]
    stored: Mapping[int, StoredMark]
    parts: Mapping[UUID, Sequence[MarkPart]]
    faults: Mapping[int, RowFault]
    series: Mapping[UUID, Series]

    @property
    def errors(self) -> tuple[RowError, ...]:
        return tuple(RowError.of(position, self.faults[position]) for position in sorted(self.faults))

    def changes(self, position: int) -> bool:
        """Whether the entry says anything that isn't stored already."""
        entry, stored = self.accepted[position][0], self.stored.get(position)
        if stored is None or (stored.state, stored.score) != (entry.state.value, entry.score):
            return True
        return entry.parts is not None and not _same_parts(self.parts.get(stored.mark_id, ()), entry.parts)


def _same_parts(stored: Sequence[MarkPart], given: Sequence[MarkPart]) -> bool:
    """A stored question without a score that isn't given is one that was taken away before."""
    questions = {part.question for part in given}
    return [part for part in stored if part.question in questions or part.score is not None] == list(given)


async def record_marks(
    command: RecordMarks, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> RecordMarksOutcome:
    """Record a batch of marks in `unit`, which the caller commits after the read-back.

    The permit needs ("mark", "write"); with ("mark", "read") a dry run leaves unchanged rows out of its count. Rows are
    refused in the outcome. Raises BadUserInput for a batch or key out of bounds, IdempotencyConflict, Unavailable.
    The day of `now` decides which assignments and enrolments are current.
    """
    check_size(command)
    check_key(command.idempotency_key)
    taken = await take_key(command, unit, now)
    if isinstance(taken, Repeated):
        return RecordMarksOutcome.repeated(taken.outcome)
    batch = await _examine(command, unit, permit, now)
    refused = not batch.accepted or (command.mode is Mode.ATOMIC and bool(batch.faults))
    if taken is None:
        return RecordMarksOutcome(errors=batch.errors, would_write=0 if refused else _would_write(batch))
    if refused:
        # Nothing was done: the corrected batch may come under the same key.
        await taken.release()
        return RecordMarksOutcome(errors=batch.errors)
    outcome = await _write(batch, unit, actor, now)
    await taken.keep(outcome.stored())
    return outcome


async def _examine(command: RecordMarks, unit: UnitOfWork, permit: Permit, now: datetime) -> _Batch:
    """Check all entries against the rows, with courses and marks locked in key order."""
    connection, school_id = unit.connection, unit.context.school_id
    faults = entry_faults(command.marks)
    found = await targets(connection, command.marks, unit.context, permit, now.date())
    accepted: dict[int, tuple[MarkEntry, Target]] = {}
    for position, (entry, target) in enumerate(zip(command.marks, found, strict=True)):
        fault = faults.get(position) or _target_fault(entry, target)
        if fault is not None:
            faults[position] = fault
        elif target is not None:
            accepted[position] = (entry, target)
    series = await lock_courses(connection, school_id, {target.course_id for _, target in accepted.values()})
    closed = await _closed(connection, school_id, [target for _, target in accepted.values()])
    stored = await lock_marks(connection, school_id, accepted)
    for position in list(accepted):
        entry, target = accepted[position]
        fault = (
            RowFault(Fault.WINDOW_LOCKED)
            if Held(target.course_id, target.window_id) in closed
            else _version_fault(entry, target, stored.get(position))
        )
        if fault is not None:
            faults[position] = fault
            del accepted[position]
    parts = await _parts(connection, school_id, accepted, stored)
    return _Batch(accepted, stored, parts, faults, series)


async def _closed(connection: PoolConnection, school_id: UUID, targets: Sequence[Target]) -> set[Held]:
    """Courses in windows that are locked or moderated. Their courses are locked: none of them takes a step meanwhile."""
    wanted = {Held(target.course_id, target.window_id) for target in targets}
    found = await standings(connection, school_id, wanted)
    return {held for held, standing in found.items() if standing.state is not WindowState.OPEN}


def _target_fault(entry: MarkEntry, target: Target | None) -> RowFault | None:
    if target is None:
        return RowFault(Fault.NOT_FOUND)
    if target.class_id is None:
        return RowFault(Fault.NEVER_ENROLLED, "learner")
    return score_fault(entry, target.maximum, target.step)


def _version_fault(entry: MarkEntry, target: Target, stored: StoredMark | None) -> RowFault | None:
    if entry.expected_version in (None, stored.version if stored else 0):
        return None
    key = YearlyKey(target.academic_year, stored.mark_id) if stored else None
    return RowFault(Fault.VERSION_CONFLICT, "expectedVersion", key)


async def _parts(
    connection: PoolConnection,
    school_id: UUID,
    accepted: Mapping[int, tuple[MarkEntry, Target]],
    stored: Mapping[int, StoredMark],
) -> dict[UUID, list[MarkPart]]:
    wanted = [
        (target.academic_year, stored[position].mark_id)
        for position, (entry, target) in accepted.items()
        if entry.parts is not None and position in stored
    ]
    return await stored_parts(connection, school_id, wanted) if wanted else {}


def _would_write(batch: _Batch) -> int:
    return sum(batch.changes(position) or not target.readable for position, (_, target) in batch.accepted.items())


async def _write(batch: _Batch, unit: UnitOfWork, actor: Actor, now: datetime) -> RecordMarksOutcome:
    context = unit.context
    by_position = {position: _as_write(batch, position) for position in batch.accepted if batch.changes(position)}
    origin = Origin(context.school_id, context.person_id, context.capacity, new_key(), now)
    writing = Writing(list(by_position.values()), _seats(batch), batch.series, {"refused": len(batch.faults)})
    grades = await write_with_consequences(unit, actor, origin, writing)
    return RecordMarksOutcome(_mark_keys(batch, by_position), grades, batch.errors, origin.batch)


def _as_write(batch: _Batch, position: int) -> MarkWrite:
    entry, target = batch.accepted[position]
    stored = batch.stored.get(position)
    return MarkWrite(entry, target, stored.mark_id if stored else new_key(), stored.version + 1 if stored else 1)


def _seats(batch: _Batch) -> list[Seat]:
    """Each learner, course and window once, in input order."""
    return list(
        dict.fromkeys(
            Seat(target.academic_year, entry.learner.key, target.course_id, target.window_id)
            for entry, target in batch.accepted.values()
        )
    )


def _mark_keys(batch: _Batch, written: Mapping[int, MarkWrite]) -> tuple[YearlyKey, ...]:
    return tuple(
        YearlyKey(target.academic_year, (written.get(position) or batch.stored[position]).mark_id)
        for position, (_, target) in batch.accepted.items()
    )
