"""Tables of a pack that decide measures: rows of text by column, faults as findings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import exact
from server.grading.fields import as_text
from server.grading.findings import Finding, error


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One line of a file; `cells` has every needed column, and others that the file has."""

    file: str
    line: int
    cells: dict[str, str]

    @property
    def where(self) -> str:
        return f"line {self.line}"

    @property
    def source(self) -> str:
        return f"{self.file} {self.where}"

    def word(self, column: str) -> str:
        """Text that is not blank, with single spaces. Raises BAD_CONTENT."""
        value = " ".join(as_text(self.cells[column], column).split())
        if not value:
            raise GradingError(ErrorCode.BAD_CONTENT, f"{column} is blank.")
        return value

    def amount(self, column: str) -> Fraction:
        """An exact number of 0 or more. Raises BAD_NUMBER."""
        value = exact(self.cells[column], column)
        if value < 0:
            raise GradingError(ErrorCode.BAD_NUMBER, f"{column} must not be below 0.")
        return value


def csv_rows(text: str, file: str, columns: tuple[str, ...], findings: list[Finding]) -> Iterator[CsvRow]:
    """Rows in file order; a file that is no CSV with these columns gives none, and a finding. "" is no file."""
    if not text:
        return
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            message = f"The columns {', '.join(columns)} are needed; {', '.join(missing)} is missing."
            findings.append(error("MALFORMED_CSV", file, "line 1", message))
            return
        for cells in reader:
            named = {str(column): value for column, value in cells.items() if isinstance(value, str)}
            yield CsvRow(file, reader.line_num, dict.fromkeys(columns, "") | named)
    except csv.Error as problem:
        findings.append(error("MALFORMED_CSV", file, "file", f"The file can't be read as CSV: {problem}."))


def malformed(row: CsvRow, problem: GradingError) -> Finding:
    """A row that can't be read, and so is not used."""
    return error("MALFORMED_ROW", row.file, row.where, problem.message)
