"""moderateMarks: a second marker's scores. agreeMarks: what the markers agreed on, as new versions of the marks.

Both while the course is moderated in the window, which its lock keeps so until the transaction ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.actor import Actor
from server.commands.grades import Series
from server.commands.idempotency import Repeated, check_key, take_key
from server.commands.keys import new_key
from server.commands.marks.checks import score_fault
from server.commands.marks.consequences import Writing, seats_of, write_with_consequences
from server.commands.marks.entries import MarkEntry, Mode
from server.commands.marks.faults import Fault, RowError, RowFault
from server.commands.marks.held import HeldMark, Standing, held_marks, lock_held
from server.commands.marks.outcome import RecordMarksOutcome
from server.commands.marks.rows import MarkWrite, Origin, lock_courses
from server.commands.marks.second import SecondMark, SecondMarks, check_second_marks
from server.commands.statements import columns, execute
from server.commands.windows.standing import NEVER_STEPPED, WindowState, standings
from server.commands.yearly_key import YearlyKey
from server.compliance.audit import write_audit
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden
from server.policies.permit import Permit
from server.policies.vocabulary import Capacity
from server.queries.graded_by import Held
from server.queries.ids import GlobalId

_INSERT: Final = """\
INSERT INTO usher.mark_moderation (school_id, moderated_by, moderated_at, academic_year, mark_id, version, learner_id,
    course_id, score, reason)
SELECT $1::uuid, $2::uuid, $3::timestamptz, n.academic_year, n.mark_id, n.version, n.learner_id, n.course_id, n.score,
    n.reason
FROM unnest($4::int[], $5::uuid[], $6::int[], $7::uuid[], $8::uuid[], $9::numeric[], $10::text[])
    AS n(academic_year, mark_id, version, learner_id, course_id, score, reason)"""


@dataclass(frozen=True, slots=True)
class _Accepted:
    given: SecondMark
    held: HeldMark
    standing: Standing

    @property
    def key(self) -> YearlyKey:
        return _key(self.given)

    def said(self, version: int) -> list[object]:
        """A row of mark_moderation, of that version."""
        held, given = self.held, self.given
        return [*self.key, version, held.learner_id, held.target.course_id, given.score, given.reason]

    def write(self) -> MarkWrite:
        held, given = self.held, self.given
        entry = MarkEntry(
            GlobalId("lrn", held.learner_id),
            GlobalId("asm", held.assessment_id),
            held.attempt,
            score=given.score,
            reason=given.reason,
        )
        kept = self.standing.score == given.score
        return MarkWrite(entry, held.target, self.key.key, self.standing.version + 1, keeps_parts=kept)


@dataclass(frozen=True, slots=True)
class _Batch:
    accepted: Mapping[int, _Accepted]
    faults: Mapping[int, RowFault]
    series: Mapping[UUID, Series]

    @property
    def errors(self) -> tuple[RowError, ...]:
        return tuple(RowError.of(position, self.faults[position]) for position in sorted(self.faults))


async def second_marks(
    command: SecondMarks, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> RecordMarksOutcome:
    """Write them in `unit`, which the caller commits. The permit needs ("mark", "write"). Raises as record_marks does.

    Raises Forbidden in any capacity but STAFF: markers answer for their scores in person.
    """
    if permit.profile.capacity is not Capacity.STAFF:
        raise Forbidden("Marks are moderated by staff: act in that capacity.")
    faults = check_second_marks(command)
    check_key(command.idempotency_key)
    taken = await take_key(command, unit, now)
    if isinstance(taken, Repeated):
        return RecordMarksOutcome.repeated(taken.outcome)
    batch = await _examine(command, faults, unit, permit, now)
    refused = not batch.accepted or (command.mode is Mode.ATOMIC and bool(batch.faults))
    if taken is None:
        return RecordMarksOutcome(errors=batch.errors, would_write=0 if refused else len(batch.accepted))
    if refused:
        await taken.release()
        return RecordMarksOutcome(errors=batch.errors)
    outcome = await (_agree if command.agreeing else _moderate)(batch, unit, actor, now)
    await taken.keep(outcome.stored())
    return outcome


async def _examine(
    command: SecondMarks, faults: dict[int, RowFault], unit: UnitOfWork, permit: Permit, now: datetime
) -> _Batch:
    connection, context = unit.connection, unit.context
    keys = [_key(one) for one in command.marks]
    found = await held_marks(connection, keys, context, permit, now.date())
    known = {position: held for position, held in enumerate(found) if held is not None and position not in faults}
    series = await lock_courses(connection, context.school_id, {held.target.course_id for held in known.values()})
    windows = await standings(connection, context.school_id, {_window(held) for held in known.values()})
    standing = await lock_held(connection, context, {position: keys[position] for position in known})
    accepted: dict[int, _Accepted] = {}
    for position, given in enumerate(command.marks):
        if position in faults:
            continue
        if position not in known or position not in standing:
            faults[position] = RowFault(Fault.NOT_FOUND)
            continue
        one = _Accepted(given, known[position], standing[position])
        state = windows.get(_window(one.held), NEVER_STEPPED).state
        fault = _fault(one, state, unit.context.person_id, agreeing=command.agreeing)
        if fault is None:
            accepted[position] = one
        else:
            faults[position] = fault
    return _Batch(accepted, faults, series)


def _fault(one: _Accepted, state: WindowState, person_id: UUID, *, agreeing: bool) -> RowFault | None:
    standing, target = one.standing, one.held.target
    if state is not WindowState.MODERATING:
        return RowFault(Fault.NOT_MODERATING)
    if one.given.expected_version != standing.version:
        return RowFault(Fault.VERSION_CONFLICT, "expectedVersion", one.key)
    fault = score_fault(one.write().entry, target.maximum, target.step)
    if fault is not None:
        return fault
    if agreeing and not standing.moderated:
        return RowFault(Fault.NOT_MODERATED)
    if not agreeing and standing.recorded_by == person_id:
        return RowFault(Fault.SAME_MARKER)
    if not agreeing and standing.by_me:
        return RowFault(Fault.ALREADY_MODERATED)
    return None


async def _moderate(batch: _Batch, unit: UnitOfWork, actor: Actor, now: datetime) -> RecordMarksOutcome:
    accepted = list(batch.accepted.values())
    await _say(unit, now, [one.said(one.standing.version) for one in accepted])
    details: dict[str, object] = {"change": "MODERATED", "marks": len(accepted), "refused": len(batch.faults)}
    learners = [str(one.held.learner_id) for one in accepted]
    record = actor.record(unit.context.school_id, new_key(), now, "write", {"mark": learners}, details)
    await write_audit(unit.connection, record)
    return RecordMarksOutcome(tuple(one.key for one in accepted), errors=batch.errors)


async def _agree(batch: _Batch, unit: UnitOfWork, actor: Actor, now: datetime) -> RecordMarksOutcome:
    """The new version, and of it the word of whoever recorded it: an agreement."""
    context, accepted = unit.context, list(batch.accepted.values())
    writes = [one.write() for one in accepted]
    origin = Origin(context.school_id, context.person_id, context.capacity, new_key(), now)
    details = {"change": "AGREED", "refused": len(batch.faults)}
    writing = Writing(writes, seats_of(writes), batch.series, details)
    grades = await write_with_consequences(unit, actor, origin, writing)
    await _say(unit, now, [one.said(one.standing.version + 1) for one in accepted])
    return RecordMarksOutcome(tuple(one.key for one in accepted), grades, batch.errors, origin.batch)


async def _say(unit: UnitOfWork, now: datetime, rows: Sequence[Sequence[object]]) -> None:
    context = unit.context
    await execute(unit.connection, _INSERT, [context.school_id, context.person_id, now, *columns(rows, 7)])


def _window(held: HeldMark) -> Held:
    return Held(held.target.course_id, held.target.window_id)


def _key(given: SecondMark) -> YearlyKey:
    assert given.mark.year is not None
    return YearlyKey(given.mark.year, given.mark.key)
