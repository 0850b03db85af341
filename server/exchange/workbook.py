"""Reads the sheets of an XLSX workbook into rows of plain cells. The only file that knows the XLSX reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, XmlError, ZipError

from server.commands.rosters.cells import Cell
from server.exchange.problems import NOT_A_WORKBOOK, refuse
from server.exchange.xlsx_limits import check_workbook


class Workbook:
    """A workbook within its limits. Raises FileRefused."""

    def __init__(self, content: bytes) -> None:
        check_workbook(content)
        try:
            self._book: Any = CalamineWorkbook.from_filelike(BytesIO(content))
        except (CalamineError, PasswordError, XmlError, ZipError, ValueError, OSError) as error:
            raise refuse(
                NOT_A_WORKBOOK,
                "The workbook can't be read, or has a password: save it again without one and send that.",
            ) from error
        self.sheets: Sequence[str] = tuple(self._book.sheet_names)

    def rows(self, sheet: str) -> Iterator[tuple[int, list[Cell]]]:
        """Each row with its number as a spreadsheet shows it; blank cells are None, blank rows are left out."""
        try:
            cells: Any = self._book.get_sheet_by_name(sheet)
            for number, row in enumerate(cells.iter_rows(), start=1):
                plain: list[Cell] = [None if cell == "" else cell for cell in row]
                if any(cell is not None for cell in plain):
                    yield number, plain
        except (CalamineError, XmlError, ZipError, ValueError) as error:
            raise refuse(
                NOT_A_WORKBOOK, "A sheet can't be read: save the workbook again and send that.", sheet
            ) from error
