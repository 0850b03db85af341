"""What came of a change of access."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.commands.input_error import InputError


@dataclass(frozen=True, slots=True)
class AccessOutcome:
    """`key` is of the row that was written; with errors nothing was. `touched` are people whose profile was raised."""

    key: UUID | None = None
    errors: tuple[InputError, ...] = ()
    touched: frozenset[UUID] = frozenset()
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def refused(code: str, message: str, *path: str) -> AccessOutcome:
    """`path` below the input."""
    return AccessOutcome(errors=(InputError(code, message, ("input", *path)),))


def first_refusal(found: Iterable[AccessOutcome | None]) -> AccessOutcome | None:
    return next((one for one in found if one is not None), None)
