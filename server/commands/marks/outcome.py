"""What came of recordMarks: ids and codes, never values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.commands.marks.faults import Fault, RowError, RowFault
from server.commands.yearly_key import YearlyKey

__all__ = ["RecordMarksOutcome", "YearlyKey"]


@dataclass(frozen=True, slots=True)
class RecordMarksOutcome:
    """`marks` are the accepted rows in input order, `grades` the grades of their learners, courses and windows.

    `errors` are in input order; in mode ATOMIC any of them means that nothing was written. `replayed`: the key was used
    before, with the same parameters, and nothing was done now. `batch` names what was done, for undoMarks, whether or
    not a row was changed by it: else it would tell what stood there. `would_write` is given by a dry run alone: how many rows
    would get a new version (rows that the caller may not read count always, changed or not).
    """

    marks: tuple[YearlyKey, ...] = ()
    grades: tuple[YearlyKey, ...] = ()
    errors: tuple[RowError, ...] = ()
    batch: UUID | None = None
    replayed: bool = False
    would_write: int | None = None

    def stored(self) -> dict[str, object]:
        """As JSON for the idempotency record."""
        return {
            "batch": None if self.batch is None else self.batch.hex,
            "marks": [_key(key) for key in self.marks],
            "grades": [_key(key) for key in self.grades],
            "errors": [
                {
                    "position": error.position,
                    "code": error.code,
                    "field": error.path[3] if len(error.path) > 3 else None,
                    "stored": None if error.stored is None else _key(error.stored),
                }
                for error in self.errors
            ],
        }

    @classmethod
    def repeated(cls, stored: Mapping[str, Any]) -> RecordMarksOutcome:
        return cls(
            tuple(_read(key) for key in stored["marks"]),
            tuple(_read(key) for key in stored["grades"]),
            tuple(_error(error) for error in stored["errors"]),
            # Outcomes that were stored before there were batches have none.
            UUID(stored["batch"]) if stored.get("batch") else None,
            replayed=True,
        )


def _key(key: YearlyKey) -> list[object]:
    return [key.year, key.key.hex]


def _read(key: list[Any]) -> YearlyKey:
    return YearlyKey(int(key[0]), UUID(key[1]))


def _error(error: Mapping[str, Any]) -> RowError:
    stored = None if error["stored"] is None else _read(error["stored"])
    return RowError.of(error["position"], RowFault(Fault(error["code"]), error["field"], stored))
