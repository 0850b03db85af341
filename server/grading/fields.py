"""Typed reading of parsed JSON: each function names the field when it is missing or of another type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar, cast

from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import exact

_LONGEST_TEXT = 2000
_Word = TypeVar("_Word", bound=StrEnum)


def as_object(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise _bad(f"{name} must be an object.")
    return cast("Mapping[str, object]", value)


def as_list(value: object, name: str) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise _bad(f"{name} must be a list.")
    return cast("Sequence[object]", value)


def as_text(value: object, name: str) -> str:
    """Text that a database and a terminal can hold: at most 2,000 characters, no control or half characters."""
    if not isinstance(value, str):
        raise _bad(f"{name} must be text.")
    if len(value) > _LONGEST_TEXT or any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 for c in value):
        raise _bad(f"{name} must be plain text of at most {_LONGEST_TEXT} characters.")
    return value


def code(row: Mapping[str, object], name: str) -> str:
    """Required text that is not blank."""
    value = as_text(required(row, name), name).strip()
    if not value:
        raise _bad(f"{name} is blank.")
    return value


def text(row: Mapping[str, object], name: str, default: str = "") -> str:
    value = row.get(name)
    return default if value is None else as_text(value, name)


def optional_text(row: Mapping[str, object], name: str) -> str | None:
    return text(row, name) or None


def optional_date(row: Mapping[str, object], name: str) -> str | None:
    """An ISO date as text, or None."""
    value = optional_text(row, name)
    if value is not None:
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise _bad(f"{name} must be a date such as 2025-06-30.") from error
    return value


def number(row: Mapping[str, object], name: str) -> Fraction:
    return exact(required(row, name), name)


def texts(row: Mapping[str, object], name: str) -> tuple[str, ...]:
    """A list of text; missing is empty."""
    return tuple(as_text(item, name) for item in as_list(row.get(name) or [], name))


def objects(row: Mapping[str, object], name: str) -> tuple[Mapping[str, object], ...]:
    """A list of objects; missing is empty."""
    return tuple(as_object(item, name) for item in as_list(row.get(name) or [], name))


def whole(row: Mapping[str, object], name: str) -> int:
    value = number(row, name)
    if value.denominator != 1:
        raise GradingError(ErrorCode.BAD_NUMBER, f"{name} must be a whole number.")
    return int(value)


def word(words: type[_Word], value: str, name: str) -> _Word:
    """One of a closed set of words."""
    try:
        return words(value)
    except ValueError as error:
        known = ", ".join(words)
        raise _bad(f"The {name} must be one of {known}.") from error


def required(row: Mapping[str, object], name: str) -> object:
    if row.get(name) is None:
        raise _bad(f"{name} is missing.")
    return row[name]


def _bad(message: str) -> GradingError:
    return GradingError(ErrorCode.BAD_CONTENT, message)
