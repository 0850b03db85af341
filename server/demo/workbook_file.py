"""Writes XLSX files whose bytes depend on their content alone. The only file that knows the XLSX writer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter


def write_workbook(
    path: Path, title: str, created: date, sheets: Iterable[tuple[str, Iterable[Sequence[object]]]]
) -> None:
    """`sheets` are names and rows; `created` stands in the file instead of today, so that it is the same each time."""
    book: Any = xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    with book:
        moment = datetime(created.year, created.month, created.day)  # noqa: DTZ001 - a workbook's dates have no zone
        book.set_properties({"title": title, "created": moment})
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
