"""Tables of a pack: rows of text by column, faults as findings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import exact
from server.grading.fields import as_text
from server.grading.findings import MOST_ROWS, Finding, error, too_many_rows


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

    def said(self, column: str) -> str:
        """Text of a column that the file may lack; "" where it says nothing. Raises BAD_CONTENT."""
        return as_text(self.cells.get(column, ""), column).strip()

    def amount(self, column: str) -> Fraction:
        """An exact number of 0 or more. Raises BAD_NUMBER."""
        value = exact(self.cells[column], column)
        if value < 0:
            raise GradingError(ErrorCode.BAD_NUMBER, f"{column} must not be below 0.")
        return value


def csv_rows(text: str, file: str, columns: tuple[str, ...], findings: list[Finding]) -> Iterator[CsvRow]:
    """Rows in file order; a file that is no CSV with these columns gives none, and a finding. "" is no file.

    Blanks around a heading don't count, nor does a row of blanks, which spreadsheets leave behind.
    """
    if not text:
        return
    if "\0" in text:
        findings.append(error("MALFORMED_CSV", file, "file", "The file holds a character that is no text."))
        return
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        headings = [heading.strip() for heading in next(reader, list[str]())]
        wrong = _wrong_headings(headings, columns)
        if wrong:
            findings.append(error("MALFORMED_CSV", file, "line 1", wrong))
            return
        for number, cells in enumerate(reader):
            if number >= MOST_ROWS:
                findings.append(too_many_rows(file))
                return
            if any(cell.strip() for cell in cells):
                named = dict(zip(headings, cells, strict=False))
                yield CsvRow(file, reader.line_num, dict.fromkeys(columns, "") | named)
    except csv.Error as problem:
        where = f"line {reader.line_num}"
        findings.append(error("MALFORMED_CSV", file, where, f"The file can't be read as CSV: {problem}."))


def _wrong_headings(headings: list[str], columns: tuple[str, ...]) -> str:
    """What is wrong with them, as a sentence; "" where nothing is."""
    missing = [column for column in columns if column not in headings]
    if missing:
        return f"The columns {', '.join(columns)} are needed; {', '.join(missing)} is missing."
    twice = [column for column in columns if headings.count(column) > 1]
    return f"The column {', '.join(twice)} appears twice: keep one." if twice else ""


def malformed(row: CsvRow, problem: GradingError) -> Finding:
    """A row that can't be read, and so is not used."""
    return error("MALFORMED_ROW", row.file, row.where, problem.message)
