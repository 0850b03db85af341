"""Which counts of a family may be told, decided for the whole family at once.

Hidden are counts below the threshold, zeros that would tell where everybody is, and as many further cells as it takes
until every hidden number could, for all that is told, be the threshold or more. Then no sum of hidden numbers that can
be derived is smaller than the threshold: each of its parts could alone be that many, and none can be below zero.

What is hidden besides is chosen by the levels' order, those declared last first. Somebody who knows this rule could
still tell a number from what was chosen: where they could, nothing of the line or table is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from server.compliance.disclosure.crossings import TOGETHER, hidden_crossings, settled, sides
from server.compliance.disclosure.doubt import Numbers, along_a_line, in_doubt, within_a_table
from server.compliance.disclosure.family import WHOLE, Cell, Family
from server.compliance.disclosure.lines import NOTHING_KNOWN, Bar, Known, hidden_of_line

__all__ = ["NOTHING_KNOWN", "Known", "told", "told_in_turn"]

Counts = Mapping[Cell, int]
_POOL: Final = Cell(hub=TOGETHER)


def told(family: Family, counts: Counts, threshold: int, known: Known = NOTHING_KNOWN) -> frozenset[Cell]:
    """The cells whose counts may be told to anybody who may count."""
    return _Decision(family, counts, Bar(threshold, known)).told()


def told_in_turn(family: Family, counts: Counts, thresholds: Sequence[int]) -> list[frozenset[Cell]]:
    """What may be told under each threshold, the least first, of what is told under those before; somebody may see all."""
    found: list[frozenset[Cell]] = []
    before: _Decision | None = None
    for threshold in thresholds:
        if before and threshold <= before.bar.threshold:
            found.append(found[-1])
            continue
        hidden = frozenset(family.cells()) - found[-1] if found else frozenset[Cell]()
        before = _Decision(family, counts, Bar(threshold, Known(hidden)), before)
        found.append(before.told())
    return found


class _Decision:
    """What is hidden under one bar, and `before` it under a lower one."""

    def __init__(self, family: Family, counts: Counts, bar: Bar, before: _Decision | None = None) -> None:
        self.family, self.counts, self.bar, self.before = family, counts, bar, before
        self.hidden: set[Cell] = set(bar.known.hidden)

    def told(self) -> frozenset[Cell]:
        if self.counts.get(WHOLE, 0) < self.bar.threshold or WHOLE in self.hidden:
            self.hidden |= set(self.family.cells())
            return frozenset()
        self._line(self.family.hub_line())
        for dimension in self.family.dimensions:
            self._line(self.family.line(dimension))
            self._table(dimension)
        return frozenset(self.family.cells()) - self.hidden

    def _line(self, cells: Sequence[Cell]) -> None:
        """What is hidden under a lower bar is reckoned with as one level, the last: so nothing here tells more of it."""
        before = self.before.hidden if self.before else ()
        numbers = {cell: self.counts.get(cell, 0) for cell in cells if cell not in before}
        bar = Bar(self.bar.threshold, replace(self.bar.known, hidden={*self.bar.known.hidden, _POOL}))
        least = dict.fromkeys([*cells, _POOL], self.before.bar.threshold if self.before else 1)
        if len(numbers) < len(cells):
            numbers[_POOL] = sum(self.counts.get(cell, 0) for cell in cells if cell in before)
        hidden = hidden_of_line(list(numbers), numbers, bar)
        places = [cell for cell in numbers if cell in hidden and numbers[cell]]

        def alike(other: Numbers) -> bool:
            return hidden_of_line(list(other), other, bar) == hidden

        asked = [cell for cell in places if cell != _POOL]
        if self._reckoned(hidden, numbers) and not in_doubt(
            numbers, asked, bar.threshold, along_a_line(places, least), alike
        ):
            hidden = set(numbers)
        self.hidden |= hidden - {_POOL}

    def _table(self, dimension: str) -> None:
        """Numbers that are hidden under a lower bar are not looked at: others are, of which the same is told."""
        cells = self.family.table(dimension)
        numbers, least = {cell: self.counts.get(cell, 0) for cell in cells}, dict.fromkeys(cells, 0)
        before = self.before.hidden if self.before else ()
        merged = sides(self.family, dimension, before)
        if self.before:
            numbers = settled(merged, numbers, before)
            least = {cell: 0 if cell in before or TOGETHER in cell else self.before.bar.threshold for cell in numbers}
        told = sides(self.family, dimension, self.hidden)
        hidden = hidden_crossings(told, numbers, self.bar)
        places = [cell for cell in numbers if cell in hidden and self._peopled(cell)]

        def alike(other: Numbers) -> bool:
            return hidden_crossings(told, other, self.bar) == hidden

        asked = [cell for cell in places if cell not in before and TOGETHER not in cell]
        if self._reckoned(hidden, numbers) and not in_doubt(
            numbers, asked, self.bar.threshold, within_a_table(places, least), alike
        ):
            hidden = {cell for cell in cells if not self._told_empty(cell)}
        self.hidden |= {cell for cell in cells if cell in hidden or merged.place(cell) in hidden}

    def _reckoned(self, hidden: set[Cell], numbers: Numbers) -> bool:
        """Whether something is told that somebody could reckon with."""
        return self.bar.known.numbers and len(hidden) < len(numbers)

    def _peopled(self, cell: Cell) -> bool:
        """Whether somebody is in the levels: that a level is empty may be known of the school."""
        return TOGETHER in cell or all(self.counts.get(one, 0) > 0 for one in _margins(cell))

    def _told_empty(self, cell: Cell) -> bool:
        shown = [one for one in _margins(cell) if one != cell and one not in self.hidden]
        return any(self.counts.get(one, 0) == 0 for one in shown)


def _margins(cell: Cell) -> tuple[Cell, Cell]:
    """Of a line's cell it is that cell, and the whole."""
    return Cell(hub=cell.hub), Cell(cell.dimension, cell.level)
