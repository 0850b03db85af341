"""Global ids: a type's prefix, the academic year of a yearly row, and the key, such as `lrn_0190...` or `mrk_2026_0190...`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, literal

from server.errors import BadUserInput

MOST_NODES: Final = 100
"""How many ids one argument may hold."""

_FORM = re.compile(r"([a-z]{3})_(?:(\d{4})_)?([0-9a-f]{32})", re.ASCII)


@dataclass(frozen=True, slots=True)
class GlobalId:
    prefix: str
    key: UUID
    year: int | None = None

    def __str__(self) -> str:
        year = f"{self.year}_" if self.year is not None else ""
        return f"{self.prefix}_{year}{self.key.hex}"


def decode(text: str, path: tuple[str | int, ...], prefix: str | None = None, yearly: bool | None = None) -> GlobalId:
    """Raises BadUserInput naming the argument `path` where `text` has not the form of an id, or of the wanted type."""
    match = _FORM.fullmatch(text) if len(text) < 64 else None
    if match is None:
        raise BadUserInput(f"{_said(path)} is no id: give an id that this API returned.", path)
    found = GlobalId(match[1], UUID(match[3]), int(match[2]) if match[2] else None)
    if prefix is not None and found.prefix != prefix:
        raise BadUserInput(f"{_said(path)} is the id of another type: give an id that begins with {prefix}_.", path)
    if yearly is not None and yearly != (found.year is not None):
        raise BadUserInput(f"{_said(path)} is no id: give an id that this API returned.", path)
    return found


def encoded(prefix: str, key: ColumnElement[Any], year: ColumnElement[Any] | None = None) -> ColumnElement[str]:
    """The id as SQL."""
    text = func.replace(cast(key, Text), literal("-", literal_execute=True), literal("", literal_execute=True))
    if year is None:
        return literal(f"{prefix}_", literal_execute=True).op("||")(text)
    start = literal(f"{prefix}_", literal_execute=True).op("||")(cast(year, Text))
    return start.op("||")(literal("_", literal_execute=True)).op("||")(text)


def _said(path: tuple[str | int, ...]) -> str:
    return ".".join(str(step) for step in path) or "id"
