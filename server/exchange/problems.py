"""What is wrong with a file, in words that name the place and the remedy, never a person or a number of theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from server.errors import BadUserInput

# Faults of a whole file or sheet. Everything else is a fault of one row.
NOT_A_WORKBOOK: Final = "NOT_A_WORKBOOK"
EMPTY_FILE: Final = "EMPTY_FILE"
FILE_TOO_LARGE: Final = "FILE_TOO_LARGE"
MISSING_SHEET: Final = "MISSING_SHEET"
MISSING_COLUMN: Final = "MISSING_COLUMN"
DUPLICATE_COLUMN: Final = "DUPLICATE_COLUMN"
TOO_MANY_ROWS: Final = "TOO_MANY_ROWS"
NOT_TEXT: Final = "NOT_TEXT"

LAST_OFFICER: Final = "LAST_OFFICER"


@dataclass(frozen=True, slots=True)
class Problem:
    """`row` is the row's number in the file, as a spreadsheet shows it; None for a fault of the sheet or file."""

    code: str
    message: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None


class FileRefused(BadUserInput):
    """The file can't be read as what it should be: nothing of it was looked at further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message, ("file",))
        self.problem = problem


def refuse(code: str, message: str, sheet: str | None = None, column: str | None = None) -> FileRefused:
    return FileRefused(Problem(code, message, sheet, None, column))


@dataclass(slots=True)
class Problems:
    """Collects faults and knows which rows they spoil."""

    found: list[Problem] = field(default_factory=list[Problem])
    _rows: set[tuple[str | None, int]] = field(default_factory=set[tuple[str | None, int]])

    def add(self, code: str, message: str, sheet: str | None, row: int | None, column: str | None = None) -> None:
        self.found.append(Problem(code, message, sheet, row, column))
        if row is not None:
            self._rows.add((sheet, row))

    def spoils(self, sheet: str | None, row: int) -> bool:
        return (sheet, row) in self._rows

    def in_sheet(self, sheet: str | None) -> int:
        """How many rows of a sheet have a fault."""
        return sum(1 for name, _ in self._rows if name == sheet)

    @property
    def bad_rows(self) -> int:
        return len(self._rows)
