"""Looks at an XLSX file before anything unpacks it: small files can hold enormous ones.

Three tricks are refused: parts that unpack to far more than they are (each part is unpacked once in small pieces, and
its length and checksum must be the declared ones), one long text shared by very many cells, and a far corner cell that
makes a reader lay out billions of empty ones.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO
from typing import Final

from server.exchange.problems import EMPTY_FILE, FILE_TOO_LARGE, NOT_A_WORKBOOK, refuse

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_UNPACKED: Final = 512 * 1024 * 1024
MOST_PARTS: Final = 500
MOST_ROWS: Final = 250_000
MOST_COLUMNS: Final = 200
MOST_CELLS: Final = 6_000_000
MOST_TEXT: Final = 512 * 1024 * 1024
_PIECE: Final = 1024 * 1024

_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_CELL_AT = re.compile(rb"<(?:\w+:)?c\s+r=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_ROW_AT = re.compile(rb"<(?:\w+:)?row\s[^>]*?\br=[\"']([0-9]{1,9})[\"']")
_SHARED = re.compile(rb"</(?:\w+:)?si\s*>")

_NO_WORKBOOK = "The file is no XLSX workbook: save the roster as an Excel workbook (.xlsx) and send that."
_TOO_LARGE = "The file is larger than a roster can be: divide it, or remove sheets and cells that hold nothing."
_ODD = "The workbook is not written as spreadsheet programs write it: open it in one, save it as XLSX and send that."


def check_workbook(content: bytes) -> None:
    """Raises FileRefused: EMPTY_FILE, NOT_A_WORKBOOK or FILE_TOO_LARGE."""
    if not content:
        raise refuse(EMPTY_FILE, "The file is empty: export the roster again.")
    if len(content) > MOST_BYTES:
        raise refuse(FILE_TOO_LARGE, _TOO_LARGE)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check_archive(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise refuse(NOT_A_WORKBOOK, _NO_WORKBOOK) from error


def _check_archive(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/workbook.") for name in names):
        raise refuse(NOT_A_WORKBOOK, _NO_WORKBOOK)
    if len(parts) > MOST_PARTS or len(names) != len(parts) or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise refuse(FILE_TOO_LARGE, _TOO_LARGE)
    cells = longest = 0
    for part in parts:
        count, text = _check_part(archive, part)
        cells, longest = cells + count, max(longest, text)
    if cells > MOST_CELLS or cells * longest > MOST_TEXT:
        raise refuse(FILE_TOO_LARGE, _TOO_LARGE)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int]:
    """Cells in a part, and the bytes of its longest shared text. Unpacking proves the declared length and checksum."""
    sheet, shared = "worksheets/" in part.filename, part.filename.endswith("sharedStrings.xml")
    cells, longest, rest = 0, 0, b""
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            _refuse_markup(piece, part.filename)
            if sheet:
                # The last, perhaps unfinished tag waits for the next piece.
                cut = piece.rfind(b"<")
                seen, rest = (rest + piece[:cut], piece[cut:]) if cut >= 0 else (b"", rest + piece)
                cells += _check_cells(seen)
            elif shared:
                *whole, rest = _SHARED.split(rest + piece)
                longest = max(longest, len(rest), *map(len, whole)) if whole else max(longest, len(rest))
    return cells + (_check_cells(rest) if sheet else 0), longest


def _refuse_markup(piece: bytes, name: str) -> None:
    # Entities multiply text, and other encodings would pass by the patterns below.
    if name.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in piece or b"<!ENTITY" in piece or b"\x00" in piece):
        raise refuse(NOT_A_WORKBOOK, _ODD)


def _check_cells(text: bytes) -> int:
    cells = len(_CELL.findall(text))
    places = _CELL_AT.findall(text)
    if len(places) != cells:
        raise refuse(NOT_A_WORKBOOK, _ODD)
    if any(int(row) > MOST_ROWS for row in _ROW_AT.findall(text)):
        raise refuse(FILE_TOO_LARGE, _TOO_LARGE)
    if any(int(row) > MOST_ROWS for _, row in places) or any(map(_is_far, {column for column, _ in places})):
        raise refuse(FILE_TOO_LARGE, _TOO_LARGE)
    return cells


def _is_far(letters: bytes) -> bool:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number > MOST_COLUMNS
