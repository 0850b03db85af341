"""A batch with an idempotency key: examined under the locks of its courses, written whole or not at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from server.commands.expectations.entries import RecordEstimates, SetTargets
from server.commands.expectations.faults import RowFault
from server.commands.expectations.outcome import BatchOutcome
from server.commands.idempotency import Repeated, take_key
from server.commands.marks.entries import Mode
from server.database.unit_of_work import UnitOfWork

Write = TypeVar("Write")


@dataclass(frozen=True, slots=True)
class Examined(Generic[Write]):
    """Accepted entries, as they will be written, and faults, by position."""

    accepted: Mapping[int, Write]
    faults: Mapping[int, RowFault]

    @property
    def refused(self) -> tuple[tuple[int, RowFault], ...]:
        return tuple(sorted(self.faults.items()))


async def run_batch(
    command: RecordEstimates | SetTargets,
    unit: UnitOfWork,
    now: datetime,
    examine: Callable[[], Awaitable[Examined[Write]]],
    write: Callable[[Examined[Write]], Awaitable[list[dict[str, Any]]]],
) -> BatchOutcome:
    """Raises IdempotencyConflict and Unavailable."""
    taken = await take_key(command, unit, now)
    if isinstance(taken, Repeated):
        return BatchOutcome.repeated(taken.outcome)
    batch = await examine()
    refused = not batch.accepted or (command.mode is Mode.ATOMIC and bool(batch.faults))
    if taken is None:
        return BatchOutcome(faults=batch.refused, would_write=0 if refused else len(batch.accepted))
    if refused:
        # Nothing was done: the corrected batch may come under the same key.
        await taken.release()
        return BatchOutcome(faults=batch.refused)
    outcome = BatchOutcome(tuple(await write(batch)), batch.refused)
    await taken.keep(outcome.stored())
    return outcome
