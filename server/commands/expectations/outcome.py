"""What came of a batch: ids, versions and codes, never values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.commands.expectations.faults import SENTENCES, Fault, RowFault
from server.commands.input_error import InputError


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """`rows` are the accepted entries in input order, as JSON; `faults` the refused ones by position.

    In mode ATOMIC any fault means that nothing was written. `replayed`: the key was used before, and nothing was done
    now. `would_write` is given by a dry run alone.
    """

    rows: tuple[Mapping[str, Any], ...] = ()
    faults: tuple[tuple[int, RowFault], ...] = ()
    replayed: bool = False
    would_write: int | None = None

    def errors(self, argument: str) -> Sequence[InputError]:
        return [_error(argument, position, found) for position, found in self.faults]

    def stored(self) -> dict[str, object]:
        """As JSON for the idempotency record."""
        faults = [[position, found.fault.value, found.field] for position, found in self.faults]
        return {"rows": [dict(row) for row in self.rows], "faults": faults}

    @classmethod
    def repeated(cls, stored: Mapping[str, Any]) -> BatchOutcome:
        faults = ((position, RowFault(Fault(code), field)) for position, code, field in stored["faults"])
        return cls(tuple(stored["rows"]), tuple(faults), replayed=True)


def _error(argument: str, position: int, found: RowFault) -> InputError:
    path: tuple[str | int, ...] = ("input", argument, position)
    return InputError(found.fault.value, SENTENCES[found.fault], path if found.field is None else (*path, found.field))
