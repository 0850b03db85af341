"""Settings of which every version stays: set once a key, tried by a dry run, and not written again where they stand so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from server.commands.idempotency import Repeatable, Repeated, check_key, take_key
from server.commands.input_error import InputError
from server.database.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class VersionOutcome:
    """`version` is the one that counts now, 0 where nothing was ever set."""

    version: int | None = None
    errors: tuple[InputError, ...] = ()
    replayed: bool = False
    would_write: int | None = None


@dataclass(frozen=True, slots=True)
class NextVersion:
    """`before` is the number of the version that stands; `stays`: it says already what is asked for."""

    before: int
    stays: bool
    write: Callable[[], Awaitable[None]]


async def set_version(
    command: Repeatable, unit: UnitOfWork, now: datetime, examine: Callable[[], Awaitable[NextVersion | InputError]]
) -> VersionOutcome:
    """What `examine` finds is written, unless it stands so. Raises BadUserInput for a key out of bounds,
    IdempotencyConflict, Unavailable."""
    check_key(command.idempotency_key)
    key = await take_key(command, unit, now)
    if isinstance(key, Repeated):
        return VersionOutcome(key.outcome["version"], replayed=True)
    found = await examine()
    if isinstance(found, InputError):
        if key is not None:
            # Nothing was done: the corrected setting may come under the same key.
            await key.release()
        return VersionOutcome(errors=(found,), would_write=0 if key is None else None)
    if key is None:
        return VersionOutcome(would_write=0 if found.stays else 1)
    if not found.stays:
        await found.write()
    version = found.before if found.stays else found.before + 1
    await key.keep({"version": version})
    return VersionOutcome(version)
