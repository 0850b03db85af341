"""What programs send of a school's records, and what came of each row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from server.commands.idempotency import parameters_digest
from server.commands.input_error import InputError
from server.commands.marks import Mode
from server.commands.rosters.faults import CONFLICT
from server.commands.rosters.shapes import RecordKind
from server.errors import BadUserInput

MOST_ROWS: Final = 5000
UPN_SYSTEM: Final = "upn"
"""Of former UPNs: no source system is called so."""

_CONTRADICTED: Final = (
    "The row does not go with what the school holds, or is not for you to write: compare it with the school's own."
)
_SYSTEM: Final = re.compile(r"[a-z][a-z0-9.-]{1,39}", re.ASCII)


class Outcome(StrEnum):
    CREATED = "CREATED"
    CHANGED = "CHANGED"
    UNCHANGED = "UNCHANGED"
    ERROR = "ERROR"
    CLOSED = "CLOSED"
    WAITING = "WAITING"


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows by GraphQL names, in order; each has an `id` of `system`."""

    name: str
    kind: RecordKind
    system: str
    rows: tuple[Mapping[str, Any], ...]
    idempotency_key: str
    mode: Mode = Mode.ATOMIC
    dry_run: bool = False

    def digest(self) -> str:
        """Of all parameters but the key."""
        return parameters_digest(self.name, [self.kind, self.system, self.mode.value, self.dry_run, self.rows])


@dataclass(frozen=True, slots=True)
class RowResult:
    """`version` is of what the caller may read of the record; None where that is not all that was given."""

    position: int
    source_id: str
    outcome: Outcome
    record: UUID | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """`written` False: nothing is kept. `touched`: people whose profile was raised."""

    results: tuple[RowResult, ...] = ()
    errors: tuple[InputError, ...] = ()
    written: bool = False
    replayed: bool = False
    touched: frozenset[UUID] = frozenset()
    closing: UUID | None = None

    def stored(self) -> dict[str, object]:
        """As JSON for the idempotency record: ids, codes and sentences, no values."""
        return {
            "rows": [[one.outcome.value, one.record and one.record.hex, one.version] for one in self.results],
            "errors": [[error.code, error.message, list(error.path)] for error in self.errors],
            "closing": self.closing and self.closing.hex,
        }

    @classmethod
    def repeated(cls, batch: Batch, stored: Mapping[str, Any]) -> BatchOutcome:
        rows = [
            RowResult(place, str(given["id"]), Outcome(word), UUID(key) if key else None, version)
            for place, (given, (word, key, version)) in enumerate(zip(batch.rows, stored["rows"], strict=True))
        ]
        errors = [InputError(code, message, tuple(path)) for code, message, path in stored["errors"]]
        closing = stored.get("closing")
        return cls(tuple(rows), tuple(errors), replayed=True, closing=UUID(closing) if closing else None)


def check_batch(batch: Batch) -> None:
    """Raises BadUserInput for no rows or too many, and for a system that can't be one."""
    path = ("input", "rows")
    if not batch.rows:
        raise BadUserInput("input.rows is empty: give at least one row.", path)
    if len(batch.rows) > MOST_ROWS:
        raise BadUserInput(f"input.rows holds too many rows: give at most {MOST_ROWS} at once.", path)
    if not _SYSTEM.fullmatch(batch.system) or batch.system == UPN_SYSTEM:
        raise BadUserInput(
            "input.system names the source in 2 to 40 small letters, digits, dots and hyphens, such as sims; not upn.",
            ("input", "system"),
        )


@dataclass(slots=True)
class Entry:
    """One row on its way: `values` by column, of the fields that were given and may be written; `hints` of all of them.

    `telling`: the caller may know whether what was given is what stood there.
    """

    position: int
    source_id: str
    given: Mapping[str, Any]
    values: dict[str, Any]
    hints: dict[str, Any]
    errors: list[InputError]
    record: UUID | None = None
    fresh: bool = False
    joined: bool = False
    changed: bool = False
    telling: bool = True

    refused: bool = False
    readable: frozenset[str] = frozenset()
    version: str | None = None

    def contradict(self) -> None:
        """One sentence for all that stands against a row and is not the caller's to know."""
        self.refuse(CONFLICT, _CONTRADICTED)

    def refuse(self, code: str, message: str, *field: str | int) -> None:
        """The row is left out, for this."""
        self.note(code, message, *field)
        self.refused = True

    def note(self, code: str, message: str, *field: str | int) -> None:
        self.errors.append(InputError(code, message, ("input", "rows", self.position, *field)))

    @property
    def outcome(self) -> Outcome:
        if self.refused:
            return Outcome.ERROR
        if self.fresh:
            return Outcome.CREATED
        return Outcome.CHANGED if self.changed or self.joined or not self.telling else Outcome.UNCHANGED

    @property
    def result(self) -> RowResult:
        record = None if self.refused else self.record
        return RowResult(self.position, self.source_id, self.outcome, record, self.version)


def sound(entries: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in entries if not entry.refused]
