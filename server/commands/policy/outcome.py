"""What came of a change in the rule book's life."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.commands.input_error import InputError


@dataclass(frozen=True, slots=True)
class PolicyOutcome:
    """What was written, by its key or number; with errors nothing was. `in_force`: `version` is from the COMMIT on."""

    draft: UUID | None = None
    submission: UUID | None = None
    version: int | None = None
    example: UUID | None = None
    errors: tuple[InputError, ...] = ()
    in_force: bool = False
