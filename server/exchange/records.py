"""Rows of a sheet as records: headings found, cells read, faults collected, doubled rows named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.commands.rosters.cells import CellRefused, read_cell
from server.commands.rosters.columns import Column, Sheet
from server.commands.rosters.faults import DUPLICATE
from server.exchange.problems import DUPLICATE_COLUMN, EMPTY_FILE, MISSING_COLUMN, MISSING_SHEET, Problems, refuse
from server.exchange.workbook import Cell, Workbook
from server.register.upn import UpnProblem


@dataclass(frozen=True, slots=True)
class Record:
    """One row whose every cell could be read. `values` is by column name; columns not in the file are left out."""

    sheet: str
    row: int
    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str) -> Any:
        return self.values.get(name)


def read_sheets(book: Workbook, sheets: Iterable[Sheet], problems: Problems, today: date) -> dict[str, list[Record]]:
    """Records of every sheet that the workbook has. Raises FileRefused for a missing sheet or column."""
    found = {name.strip().lower(): name for name in book.sheets}
    records: dict[str, list[Record]] = {}
    for sheet in sheets:
        actual = found.get(sheet.name.lower())
        if actual is None:
            if sheet.required:
                raise refuse(
                    MISSING_SHEET, f"The sheet {sheet.name} is missing: add it, with its headings.", sheet.name
                )
            continue
        records[sheet.name] = read_records(sheet, book.rows(actual), problems, today)
    return records


def read_records(sheet: Sheet, rows: Iterator[tuple[int, list[Cell]]], problems: Problems, today: date) -> list[Record]:
    """Records of the sound rows; the first row has the headings. Raises FileRefused when a heading is missing."""
    headings = next(rows, None)
    if headings is None:
        raise refuse(EMPTY_FILE, f"The sheet {sheet.name} is empty: its first row must have the headings.", sheet.name)
    places = _places(sheet, headings[1])
    seen: dict[tuple[Any, ...], int] = {}
    records: list[Record] = []
    for number, cells in rows:
        record = Record(sheet.name, number, _read_row(sheet, places, number, cells, problems, today))
        _note_double(sheet, record, seen, problems)
        records.append(record)
    # Of two rows that contradict one another neither is believed.
    return [record for record in records if not problems.spoils(sheet.name, record.row)]


def _places(sheet: Sheet, headings: list[Cell]) -> list[tuple[Column, int]]:
    named = [str(heading).strip().lower().replace("_", " ") if heading is not None else "" for heading in headings]
    places: list[tuple[Column, int]] = []
    for column in sheet.columns:
        count = named.count(column.heading.lower())
        if count > 1:
            raise refuse(
                DUPLICATE_COLUMN, f"The column {column.heading} appears twice: keep one.", sheet.name, column.heading
            )
        if count:
            places.append((column, named.index(column.heading.lower())))
        elif not column.optional:
            raise refuse(MISSING_COLUMN, f"The column {column.heading} is missing: add it.", sheet.name, column.heading)
    return places


def _read_row(
    sheet: Sheet,
    places: list[tuple[Column, int]],
    number: int,
    cells: list[Cell],
    problems: Problems,
    today: date,
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column, place in places:
        try:
            values[column.name] = read_cell(column, cells[place] if place < len(cells) else None, today)
        except CellRefused as fault:
            problems.add(fault.code, fault.message, sheet.name, number, column.heading)
    return values


def _note_double(sheet: Sheet, record: Record, seen: dict[tuple[Any, ...], int], problems: Problems) -> None:
    if not sheet.unique or any(name not in record.values for name in sheet.unique):
        return
    first = seen.setdefault(tuple(record[name] for name in sheet.unique), record.row)
    if first == record.row:
        return
    code = UpnProblem.DUPLICATE.value if sheet.unique == ("upn",) else DUPLICATE
    named = ", ".join(name.replace("_", " ") for name in sheet.unique)
    for row, other in ((record.row, first), (first, record.row)):
        if row == record.row or not problems.spoils(sheet.name, row):
            problems.add(code, f"The same {named} stands in row {other} too: keep one of them.", sheet.name, row)
