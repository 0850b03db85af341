"""undoMarks: what stood before a batch, again, for the marks that nobody has changed since; as new versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from server.commands.actor import Actor
from server.commands.grades import Series
from server.commands.idempotency import Repeated, check_key, parameters_digest, take_key
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.marks.batches import Recorded, batch_marks, lock_versions
from server.commands.marks.consequences import Writing, seats_of, write_with_consequences
from server.commands.marks.entries import LARGEST_BATCH, MarkEntry
from server.commands.marks.faults import SENTENCES, Fault
from server.commands.marks.rows import MarkWrite, Origin, lock_courses
from server.commands.storable import plain_line, storable
from server.commands.windows.standing import Held, WindowState, standings
from server.commands.yearly_key import YearlyKey
from server.database.unit_of_work import UnitOfWork
from server.grading.marks import MarkState
from server.policies.permit import Permit
from server.queries.ids import GlobalId

_PATH: Final = ("input", "batch")
_LONGEST_BATCH_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class UndoMarks:
    """`batch` as recordMarks and Mark.history give it."""

    batch: str
    idempotency_key: str
    dry_run: bool = False

    def digest(self) -> str:
        """Of all parameters but the key."""
        return parameters_digest("undoMarks", [self.batch, self.dry_run])


@dataclass(frozen=True, slots=True)
class UndoMarksOutcome:
    """`marks` were put back by `batch`, which can be undone itself; `staying` were not, for one of `faults`."""

    marks: tuple[YearlyKey, ...] = ()
    grades: tuple[YearlyKey, ...] = ()
    staying: tuple[YearlyKey, ...] = ()
    faults: tuple[Fault, ...] = ()
    batch: UUID | None = None
    replayed: bool = False
    would_write: int | None = None

    @property
    def errors(self) -> tuple[InputError, ...]:
        return tuple(InputError(fault.value, SENTENCES[fault], _PATH) for fault in self.faults)

    def stored(self) -> dict[str, object]:
        """As JSON for the idempotency record."""
        return {
            "marks": _stored(self.marks),
            "grades": _stored(self.grades),
            "staying": _stored(self.staying),
            "faults": [fault.value for fault in self.faults],
            "batch": None if self.batch is None else self.batch.hex,
        }

    @classmethod
    def repeated(cls, stored: Mapping[str, Any]) -> UndoMarksOutcome:
        marks, grades, staying = (_read(stored[name]) for name in ("marks", "grades", "staying"))
        faults = tuple(Fault(code) for code in stored["faults"])
        return cls(marks, grades, staying, faults, UUID(stored["batch"]), replayed=True)


@dataclass(frozen=True, slots=True)
class _Undoing:
    going: Sequence[Recorded]
    staying: Sequence[Recorded]
    faults: Sequence[Fault]
    series: Mapping[UUID, Series]


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
        return UndoMarksOutcome(staying=staying, faults=faults, would_write=len(undoing.going))
    if not undoing.going:
        await taken.release()
        return UndoMarksOutcome(staying=staying, faults=faults)
    context = unit.context
    origin = Origin(context.school_id, context.person_id, context.capacity, new_key(), now)
    writes = [_write(mark, command.batch) for mark in undoing.going]
    details = {"undone": command.batch, "refused": len(staying)}
    writing = Writing(writes, seats_of(writes), undoing.series, details)
    grades = await write_with_consequences(unit, actor, origin, writing)
    marks = tuple(mark.key for mark in undoing.going)
    outcome = UndoMarksOutcome(marks, grades, staying, faults, origin.batch)
    await taken.keep(outcome.stored())
    return outcome


async def _examine(command: UndoMarks, unit: UnitOfWork, permit: Permit, now: datetime) -> _Undoing:
    """Sort the marks of the batch, with courses and marks locked in key order."""
    connection, context = unit.connection, unit.context
    if not storable(command.batch, _LONGEST_BATCH_NAME) or not plain_line(command.batch):
        return _Undoing((), (), (Fault.NO_SUCH_BATCH,), {})
    found = await batch_marks(connection, command.batch, LARGEST_BATCH, context, permit, now.date())
    if len(found.marks) > LARGEST_BATCH:
        return _Undoing((), (), (Fault.BATCH_TOO_LARGE,), {})
    series = await lock_courses(connection, context.school_id, {mark.held.target.course_id for mark in found.marks})
    wanted = {_window(mark) for mark in found.marks}
    windows = await standings(connection, context.school_id, wanted)
    closed = {held for held, standing in windows.items() if standing.state is not WindowState.OPEN}
    versions = await lock_versions(connection, context.school_id, found.marks)
    faults = {mark.key: _fault(mark, closed, versions) for mark in found.marks}
    told: Iterable[Fault | None] = [*faults.values(), None if found.marks and not found.others else Fault.NO_SUCH_BATCH]
    return _Undoing(
        [mark for mark in found.marks if faults[mark.key] is None],
        [mark for mark in found.marks if faults[mark.key] is not None],
        list(dict.fromkeys(fault for fault in told if fault is not None)),
        series,
    )


def _fault(mark: Recorded, closed: set[Held], versions: Mapping[UUID, int]) -> Fault | None:
    if versions.get(mark.key.key) != mark.version:
        return Fault.CHANGED_SINCE
    return Fault.WINDOW_LOCKED if _window(mark) in closed else None


def _write(mark: Recorded, batch: str) -> MarkWrite:
    held = mark.held
    entry = MarkEntry(
        GlobalId("lrn", held.learner_id),
        GlobalId("asm", held.assessment_id),
        held.attempt,
        MarkState.NOT_ENTERED if mark.state is None else MarkState(mark.state),
        mark.score,
        reason=f"undo of batch {batch}",
    )
    return MarkWrite(entry, held.target, mark.key.key, mark.version + 1)


def _window(mark: Recorded) -> Held:
    return Held(mark.held.target.window_id, mark.held.target.course_id)


def _stored(keys: Iterable[YearlyKey]) -> list[list[object]]:
    return [[key.year, key.key.hex] for key in keys]


def _read(stored: Iterable[Any]) -> tuple[YearlyKey, ...]:
    return tuple(YearlyKey(int(key[0]), UUID(key[1])) for key in stored)
