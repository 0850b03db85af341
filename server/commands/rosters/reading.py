"""Rows as given become entries: every value checked as in a file, doubled rows named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, cast

from server.commands.rosters.batch import Batch, Entry
from server.commands.rosters.cells import Cell, CellRefused, read_cell
from server.commands.rosters.columns import Column, Kind
from server.commands.rosters.faults import BAD_VALUE, DUPLICATE, NOT_MASTER, NOT_PERMITTED
from server.commands.rosters.shapes import Field, Shape
from server.commands.storable import plain_line, storable

LONGEST_ID: Final = 100
_NOT_MASTER: Final = "Another program, or the school itself, is master of this field: leave it out."
_NOT_PERMITTED: Final = "The school has not granted you to write this: leave it out, or ask for the scope."


def read_rows(batch: Batch, shape: Shape, today: date, foreign: frozenset[str], barred: frozenset[str]) -> list[Entry]:
    """Entries in order. Of fields in `foreign` others are master; those in `barred` the caller may not write."""
    entries: list[Entry] = []
    for position, given in enumerate(batch.rows):
        entry = Entry(position, given["id"], given, {}, {}, [])
        if not (0 < len(entry.source_id) <= LONGEST_ID and _plain(entry.source_id)):
            entry.refuse(BAD_VALUE, f"id is 1 to {LONGEST_ID} characters on one line: give the source's own.", "id")
        for name, field in shape.by_name.items():
            if name in given:
                _take(entry, field, given[name], today, foreign, barred)
        entries.append(entry)
    refuse_doubles(entries, (entry.source_id for entry in entries), "id")
    return entries


def refuse_doubles(entries: Sequence[Entry], keys: Iterable[Any], field: str) -> None:
    """Of two rows that name the same thing neither is believed; a key of None names nothing."""
    named = list(zip(entries, keys, strict=True))
    times = Counter(key for _, key in named if key is not None)
    for entry, key in named:
        if key is not None and times[key] > 1:
            entry.refuse(DUPLICATE, f"The same {field} stands in another row too: keep one of them.", field)


def _plain(text: str) -> bool:
    return text == text.strip() and storable(text, LONGEST_ID) and plain_line(text)


def _take(entry: Entry, field: Field, value: Any, today: date, foreign: frozenset[str], barred: frozenset[str]) -> None:
    if field.name in barred:
        entry.refuse(NOT_PERMITTED, _NOT_PERMITTED, field.name)
        return
    try:
        read = read_cell(field.column, as_cell(field.column, value), today)
    except CellRefused as fault:
        entry.refuse(fault.code, fault.message, field.name)
        return
    entry.hints[field.column.name] = read
    if field.name in foreign:
        entry.note(NOT_MASTER, _NOT_MASTER, field.name)
        return
    entry.values[field.column.name] = read


def as_cell(column: Column, value: Any) -> Cell:
    """A coerced value as a file would hold it. Raises CellRefused for a part of a list with a semicolon."""
    if isinstance(value, list):
        parts = cast("list[Any]", value)
        if any(not isinstance(part, str) or ";" in part or not part.strip() for part in parts):
            raise CellRefused(BAD_VALUE, f"{column.heading} is a list of words without semicolons: correct it.")
        return ";".join(parts)
    if isinstance(value, Decimal):
        return str(value)
    if column.kind is Kind.WHOLE and value is not None:
        return int(value)
    cell: Cell = value
    return cell


def missing(entry: Entry, shape: Shape) -> list[Field]:
    """Fields without which the record can't be made."""
    return [
        one for one in shape.fields if one.column.name in shape.needed and entry.values.get(one.column.name) is None
    ]


def row_of(values: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    return {column: values.get(column) for column in columns}
