"""Lists that rows hold besides their fields: the learners of a guardian, the teachers of a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from server.commands.rosters.batch import Entry
from server.commands.rosters.cells import CellRefused, read_cell
from server.commands.rosters.columns import Column
from server.commands.rosters.faults import DUPLICATE, NOT_MASTER, NOT_PERMITTED
from server.commands.rosters.matching import refer
from server.commands.rosters.shapes import RecordKind
from server.commands.rosters.work import Work

MOST: Final = 50
_NOT_MASTER: Final = "Another program, or the school itself, is master of this list: leave it out."
_NOT_PERMITTED: Final = "The school has not granted you to write this list: leave it out, or ask for the scope."
_TOO_MANY: Final = f"The list holds more than {MOST}: correct it."


@dataclass(frozen=True, slots=True)
class Tie:
    """One member of a row's list: the record at the other end, and the word that says what it is."""

    entry: Entry
    place: int
    other: UUID
    word: str


@dataclass(frozen=True, slots=True)
class TieShape:
    """A list `name` of `member` (an id of `kind`) and a word."""

    name: str
    member: str
    kind: RecordKind
    word: Column
    element: str


async def read_ties(work: Work, entries: Sequence[Entry], shape: TieShape) -> list[Tie]:
    """The ties of rows that may have them; a row with a bad one is refused."""
    named: list[tuple[Entry, str, tuple[str | int, ...]]] = []
    words: list[str] = []
    for entry in entries:
        for place, one in enumerate(_given(work, entry, shape)):
            try:
                words.append(str(read_cell(shape.word, one[shape.word.name], work.today)))
            except CellRefused as fault:
                entry.refuse(fault.code, fault.message, shape.name, place, shape.word.name)
                continue
            named.append((entry, one[shape.member], (shape.name, place, shape.member)))
    found = await refer(work, shape.kind, named)
    ties = [
        Tie(entry, int(place[1]), other, word)
        for (entry, _, place), word, other in zip(named, words, found, strict=True)
        if other is not None
    ]
    _refuse_doubles(ties, shape)
    return ties


def _given(work: Work, entry: Entry, shape: TieShape) -> Sequence[dict[str, Any]]:
    given = entry.given.get(shape.name)
    if entry.refused or given is None:
        return ()
    if work.rights.permit.plan(shape.element, "write").nothing:
        entry.refuse(NOT_PERMITTED, _NOT_PERMITTED, shape.name)
        return ()
    if shape.name in work.foreign:
        entry.note(NOT_MASTER, _NOT_MASTER, shape.name)
        return ()
    if len(given) > MOST:
        entry.refuse(DUPLICATE, _TOO_MANY, shape.name)
        return ()
    return given


def _refuse_doubles(ties: Sequence[Tie], shape: TieShape) -> None:
    seen: set[tuple[int, UUID]] = set()
    for tie in ties:
        key = (tie.entry.position, tie.other)
        if key in seen:
            tie.entry.refuse(DUPLICATE, "The same one stands in the list twice: keep one.", shape.name, tie.place)
        seen.add(key)
