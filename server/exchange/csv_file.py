"""Reads a CSV file into rows of fields: UTF-8 with or without a mark at its start, commas or semicolons."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from server.exchange.problems import EMPTY_FILE, FILE_TOO_LARGE, NOT_TEXT, TOO_MANY_ROWS, refuse
from server.exchange.workbook import Cell

MOST_BYTES: Final = 128 * 1024 * 1024
MOST_ROWS: Final = 1_000_000
_LONGEST_LINE: Final = 20_000


def read_csv(content: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """Each row with the number of its last line; rows without a field are left out. Raises FileRefused."""
    text = _decode(content)
    first = text[:_LONGEST_LINE].partition("\n")[0]
    divider = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=divider, strict=True)
    try:
        for row in reader:
            if reader.line_num > MOST_ROWS:
                raise refuse(TOO_MANY_ROWS, f"The file has more than {MOST_ROWS:,} lines: divide it.")
            fields: list[Cell] = [field or None for field in row]
            if any(fields):
                yield reader.line_num, fields
    except csv.Error as error:
        message = f"Line {reader.line_num} is no CSV: check its quotation marks, or save the file as CSV again."
        raise refuse(NOT_TEXT, message) from error


def _decode(content: bytes) -> str:
    if not content.strip():
        raise refuse(EMPTY_FILE, "The file is empty: export the marks again.")
    if len(content) > MOST_BYTES:
        raise refuse(FILE_TOO_LARGE, "The file is larger than marks of one school can be: divide it.")
    if b"\x00" in content:
        raise refuse(NOT_TEXT, "The file is no CSV text: save it as CSV in UTF-8 and send that.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        message = "The file is not in UTF-8: save it as CSV in UTF-8 and send that."
        raise refuse(NOT_TEXT, message) from None
