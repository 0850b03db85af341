"""Constants of the program's own, written into a statement; a caller's value is always bound."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Text, literal


def inline(text: str) -> ColumnElement[str]:
    """A constant of the program's, written into the statement."""
    return literal(text, Text(), literal_execute=True)


def number(value: int) -> ColumnElement[int]:
    return literal(value, literal_execute=True)
