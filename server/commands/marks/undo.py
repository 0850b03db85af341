"""undoMarks: what stood before a batch, again, for the marks that nobody has changed since; as new versions.

A batch may be an import of a whole school: as many marks at a time as recordMarks takes, by key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from server.commands.actor import Actor
from server.commands.grades import Series
from server.commands.idempotency import Repeated, check_key, parameters_digest, take_key
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.marks.batches import BEGINNING, Recorded, batch_marks, holds_others, lock_versions
from server.commands.marks.consequences import Writing, seats_of, write_with_consequences
from server.commands.marks.entries import LARGEST_BATCH, MarkEntry, MarkPart
from server.commands.marks.faults import SENTENCES, Fault
from server.commands.marks.parts import parts_of_versions
from server.commands.marks.rows import MarkWrite, Origin, lock_courses
from server.commands.storable import plain_line, storable
from server.commands.windows.standing import WindowState, standings
from server.commands.yearly_key import YearlyKey
from server.database.unit_of_work import UnitOfWork
from server.grading.marks import MarkState
from server.policies.permit import Permit
from server.queries.graded_by import Held
from server.queries.ids import GlobalId

_PATH: Final = ("input", "batch")
_LONGEST_BATCH_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class UndoMarks:
    """`batch` as recordMarks and Mark.history give it; `after` as the last undo of it answered, None to begin."""

    batch: str
    idempotency_key: str
    dry_run: bool = False
    after: GlobalId | None = None

    def digest(self) -> str:
        """Of all parameters but the key."""
        after = None if self.after is None else str(self.after)
        return parameters_digest("undoMarks", [self.batch, self.dry_run, after])


@dataclass(frozen=True, slots=True)
class UndoMarksOutcome:
    """`marks` were put back by `batch`, which can be undone itself; `staying` were not, each for its one of `faults`.

    One more of `faults` is of the whole batch. `next`: the batch goes on after this mark.
    """

    marks: tuple[YearlyKey, ...] = ()
    grades: tuple[YearlyKey, ...] = ()
    staying: tuple[YearlyKey, ...] = ()
    faults: tuple[Fault, ...] = ()
    batch: UUID | None = None
    next: YearlyKey | None = None
    replayed: bool = False
    would_write: int | None = None

    @property
    def errors(self) -> tuple[InputError, ...]:
        """By the place in `staying`, then what is to be said of the batch."""
        paths = [(*_PATH, place) for place in range(len(self.staying))]
        return tuple(
            InputError(fault.value, SENTENCES[fault], path)
            for fault, path in zip(self.faults, [*paths, _PATH], strict=False)
        )

    def stored(self) -> dict[str, object]:
        """As JSON for the idempotency record."""
        return {
            "marks": _stored(self.marks),
            "grades": _stored(self.grades),
            "staying": _stored(self.staying),
            "faults": [fault.value for fault in self.faults],
            "batch": None if self.batch is None else self.batch.hex,
            "next": [] if self.next is None else _stored([self.next]),
        }

    @classmethod
    def repeated(cls, stored: Mapping[str, Any]) -> UndoMarksOutcome:
        marks, grades, staying = (_read(stored[name]) for name in ("marks", "grades", "staying"))
        faults = tuple(Fault(code) for code in stored["faults"])
        following = next(iter(_read(stored.get("next", ()))), None)
        return cls(marks, grades, staying, faults, UUID(stored["batch"]), following, replayed=True)


@dataclass(frozen=True, slots=True)
class _Undoing:
    going: Sequence[Recorded] = ()
    staying: Sequence[Recorded] = ()
    faults: Sequence[Fault] = ()
    series: Mapping[UUID, Series] = field(default_factory=dict[UUID, Series])
    parts: Mapping[UUID, Sequence[MarkPart]] = field(default_factory=dict[UUID, Sequence[MarkPart]])
    next: YearlyKey | None = None


async def undo_marks(
    command: UndoMarks, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> UndoMarksOutcome:
    """Put back in `unit`, which the caller commits, what may be put back; a mark that began with the batch is not entered.

    The permit needs ("mark", "write") and ("mark", "read"): to undo a mark is to learn that it was changed. Raises
    BadUserInput for a key out of bounds, IdempotencyConflict, Unavailable.
    """
    check_key(command.idempotency_key)
    taken = await take_key(command, unit, now)
    if isinstance(taken, Repeated):
        return UndoMarksOutcome.repeated(taken.outcome)
    undoing = await _examine(command, unit, permit, now)
    staying = tuple(mark.key for mark in undoing.staying)
    faults = tuple(undoing.faults)
    if taken is None:
        return UndoMarksOutcome(staying=staying, faults=faults, next=undoing.next, would_write=len(undoing.going))
    if not undoing.going:
        await taken.release()
        return UndoMarksOutcome(staying=staying, faults=faults, next=undoing.next)
    context = unit.context
    origin = Origin(context.school_id, context.person_id, context.capacity, new_key(), now)
    writes = [_write(mark, undoing.parts.get(mark.key.key, ()), command.batch) for mark in undoing.going]
    details = {"undone": command.batch, "refused": len(staying)}
    writing = Writing(writes, seats_of(writes), undoing.series, details)
    grades = await write_with_consequences(unit, actor, origin, writing)
    marks = tuple(mark.key for mark in undoing.going)
    outcome = UndoMarksOutcome(marks, grades, staying, faults, origin.batch, undoing.next)
    await taken.keep(outcome.stored())
    return outcome


async def _examine(command: UndoMarks, unit: UnitOfWork, permit: Permit, now: datetime) -> _Undoing:
    """Sort the marks of the batch, with courses and marks locked in key order."""
    connection, context = unit.connection, unit.context
    if not storable(command.batch, _LONGEST_BATCH_NAME) or not plain_line(command.batch):
        return _Undoing(faults=(Fault.NO_SUCH_BATCH,))
    asked = (context, permit, now.date())
    found = await batch_marks(connection, command.batch, _after(command), LARGEST_BATCH + 1, *asked)
    marks, more = found[:LARGEST_BATCH], len(found) > LARGEST_BATCH
    others = await holds_others(connection, command.batch, *asked)
    series = await lock_courses(connection, context.school_id, {mark.held.target.course_id for mark in marks})
    windows = await standings(connection, context.school_id, {_window(mark) for mark in marks})
    closed = {held for held, standing in windows.items() if standing.state is not WindowState.OPEN}
    versions = await lock_versions(connection, context.school_id, marks)
    faults = {mark.key: _fault(mark, closed, versions) for mark in marks}
    going = [mark for mark in marks if faults[mark.key] is None]
    told = [fault for fault in faults.values() if fault is not None]
    # Said once, where the batch ends: until then there may be more that is the caller's.
    if not more and (others or not (marks or command.after)):
        told.append(Fault.NO_SUCH_BATCH)
    parts = await parts_of_versions(connection, context.school_id, [mark.before for mark in going])
    staying = [mark for mark in marks if faults[mark.key] is not None]
    return _Undoing(going, staying, told, series, parts, marks[-1].key if more else None)


def _after(command: UndoMarks) -> YearlyKey:
    if command.after is None:
        return BEGINNING
    assert command.after.year is not None
    return YearlyKey(command.after.year, command.after.key)


def _fault(mark: Recorded, closed: set[Held], versions: Mapping[UUID, int]) -> Fault | None:
    if versions.get(mark.key.key) != mark.version:
        return Fault.CHANGED_SINCE
    return Fault.WINDOW_LOCKED if _window(mark) in closed else None


def _write(mark: Recorded, parts: Sequence[MarkPart], batch: str) -> MarkWrite:
    held = mark.held
    entry = MarkEntry(
        GlobalId("lrn", held.learner_id),
        GlobalId("asm", held.assessment_id),
        held.attempt,
        MarkState.NOT_ENTERED if mark.state is None else MarkState(mark.state),
        mark.score,
        reason=f"undo of batch {batch}",
        parts=tuple(parts),
    )
    return MarkWrite(entry, held.target, mark.key.key, mark.version + 1)


def _window(mark: Recorded) -> Held:
    return Held(mark.held.target.course_id, mark.held.target.window_id)


def _stored(keys: Iterable[YearlyKey]) -> list[list[object]]:
    return [[key.year, key.key.hex] for key in keys]


def _read(stored: Iterable[Any]) -> tuple[YearlyKey, ...]:
    return tuple(YearlyKey(int(key[0]), UUID(key[1])) for key in stored)
