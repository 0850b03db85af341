"""Turns a cell of a spreadsheet, or a field of a CSV file, into a value of its column's kind.

A number in a text column is text that a spreadsheet changed: whole ones are read as written (00123 is lost already),
others, booleans and error values are refused. Dates are cells of type date, serial numbers, or text as 2026-09-01 or
01/09/2026.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final, TypeAlias

from server.commands.rosters.columns import Column, Kind
from server.commands.rosters.faults import BAD_VALUE, OUT_OF_RANGE, REQUIRED, UNKNOWN_CODE
from server.register.code_sets import codes_on
from server.register.upn import check_upn, normalise_upn

Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | None

_SERIAL_ZERO: Final = date(1899, 12, 30)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?")
_BRITISH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_EARLIEST: Final = date(1900, 1, 1)
_LATEST: Final = date(2200, 1, 1)
_ERRORS: Final = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})


class CellRefused(ValueError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read_cell(column: Column, cell: Cell, today: date) -> Any:
    """The value, None for a blank cell. Raises CellRefused."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        if column.kind is Kind.UPN:
            return _upn(None)
        if column.required:
            raise CellRefused(REQUIRED, f"{column.heading} is missing: every row needs it.")
        return None
    return _READERS[column.kind](column, cell, today)


def _text(column: Column, cell: Cell) -> str:
    if isinstance(cell, (bool, date, time, timedelta)):
        raise CellRefused(BAD_VALUE, f"{column.heading} must be text: format the column as text and enter it again.")
    if isinstance(cell, float):
        if not (cell.is_integer() and abs(cell) < 1e15):
            raise CellRefused(BAD_VALUE, f"{column.heading} must be text: format the column as text.")
        cell = int(cell)
    text = unicodedata.normalize("NFC", str(cell)).strip()
    if text in _ERRORS:
        raise CellRefused(BAD_VALUE, f"{column.heading} holds a formula's error: enter the value itself.")
    if any(unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t" for character in text):
        raise CellRefused(BAD_VALUE, f"{column.heading} holds characters that can't be printed: remove them.")
    if len(text) > column.longest:
        raise CellRefused(OUT_OF_RANGE, f"{column.heading} is longer than {column.longest} characters: shorten it.")
    return text


def _upn(text: str | None) -> str:
    problem = check_upn(text)
    if problem is not None:
        raise CellRefused(problem.value, problem.sentence)
    return normalise_upn(text)


def _code(column: Column, text: str, today: date) -> str:
    known = _codes(column.code_set, today) if column.code_set else frozenset(column.words)
    for candidate in (text, text.upper(), text.lower()):
        if candidate in known:
            return candidate
    where = f"the code set {column.code_set}" if column.code_set else "the words " + ", ".join(column.words)
    raise CellRefused(UNKNOWN_CODE, f"{column.heading} is not in {where}: correct it.")


@cache
def _codes(code_set: str, today: date) -> frozenset[str]:
    return frozenset(code.code for code in codes_on(code_set, today))


def _several(column: Column, cell: Cell, today: date) -> list[str] | None:
    whole = Column(column.heading, longest=4000)
    parts = [part.strip() for part in _text(whole, cell).split(";") if part.strip()]
    if any(len(part) > column.longest for part in parts):
        raise CellRefused(OUT_OF_RANGE, f"{column.heading} has a part longer than {column.longest} characters.")
    if column.code_set or column.words:
        parts = [_code(column, part, today) for part in parts]
    if len(set(parts)) != len(parts):
        raise CellRefused(BAD_VALUE, f"{column.heading} names something twice: name it once.")
    return parts or None


def _number(column: Column, cell: Cell) -> Decimal:
    fault = CellRefused(BAD_VALUE, f"{column.heading} must be {column.kind.value}.")
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        raise fault
    text = cell.strip() if isinstance(cell, str) else repr(cell)
    if len(text) > 20 or not all(character in "0123456789.-+eE" for character in text):
        raise fault
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise fault from None
    if not number.is_finite():
        raise fault
    if not column.low <= number <= column.high:
        raise CellRefused(OUT_OF_RANGE, f"{column.heading} must be from {column.low} to {column.high}.")
    return number


def _whole(column: Column, cell: Cell) -> int:
    number = _number(column, cell)
    if number != number.to_integral_value():
        raise CellRefused(BAD_VALUE, f"{column.heading} must be a whole number.")
    return int(number)


def _decimal(column: Column, cell: Cell) -> Decimal:
    number = _number(column, cell)
    if number != number.quantize(Decimal("0.01")):
        raise CellRefused(BAD_VALUE, f"{column.heading} has more than two decimal places.")
    # Plain digits without an exponent or a tail of zeros, so that equal numbers are equal text.
    number = number.normalize()
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


def _date(column: Column, cell: Cell) -> date:
    found = _as_date(cell)
    if found is None:
        raise CellRefused(BAD_VALUE, f"{column.heading} must be a date such as 2026-09-01 or 01/09/2026.")
    if not _EARLIEST <= found < _LATEST:
        raise CellRefused(OUT_OF_RANGE, f"{column.heading} is not in this or the last century.")
    return found


def _as_date(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, (bool, time, timedelta)) or cell is None:
        return None
    if isinstance(cell, (int, float)):
        whole = math.isfinite(cell) and 1 <= cell < 110_000 and cell == int(cell)
        return _SERIAL_ZERO + timedelta(days=int(cell)) if whole else None
    return _date_of_text(cell.strip())


def _date_of_text(text: str) -> date | None:
    try:
        if found := _ISO.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _BRITISH.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
    return None


_READERS: Final[Mapping[Kind, Callable[[Column, Cell, date], Any]]] = {
    Kind.TEXT: lambda column, cell, _: _text(column, cell),
    Kind.UPN: lambda column, cell, _: _upn(_text(column, cell)),
    Kind.CODE: lambda column, cell, today: _code(column, _text(column, cell), today),
    Kind.CODES: _several,
    Kind.WORDS: _several,
    Kind.WHOLE: lambda column, cell, _: _whole(column, cell),
    Kind.DECIMAL: lambda column, cell, _: _decimal(column, cell),
    Kind.DATE: lambda column, cell, _: _date(column, cell),
}
