"""Which averages may be told: of groups whose count is told, with enough contributors, that leave each value open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from server.compliance.disclosure.family import WHOLE, Cell, Family, Person, groups_of
from server.compliance.disclosure.suppression import Known, told

# A single value must stay open over at least this part of the scale, whatever the others are.
_OPEN = Decimal(1) / 10


@dataclass(frozen=True, slots=True)
class Scale:
    """The least and greatest value that one person can have, and the step to which averages are rounded."""

    least: Decimal
    greatest: Decimal
    step: Decimal


def averages(
    family: Family,
    people: Iterable[tuple[Person, Decimal | None]],
    counts_told: Mapping[Cell, int],
    threshold: int,
    scale: Scale,
) -> dict[Cell, Decimal]:
    """The averages that may be told, rounded. People without a value count for nothing.

    Contributors are a family of their own beside the counts that were told, which nobody takes them to exceed.
    """
    sums = _Sums(scale)
    for person, value in people:
        if value is not None:
            sums.add(person, value)
    hidden = {cell for cell in family.cells() if cell not in counts_told or not sums.open([cell])}
    most = {cell: number for cell, number in counts_told.items() if sums.counts[cell] <= number}
    while True:
        allowed = told(family, sums.counts, threshold, Known(hidden, most, zeros=False, numbers=False))
        further = set(_remainders_to_open(family, allowed, sums))
        if not further:
            return {cell: sums.average(cell) for cell in allowed if sums.counts[cell] >= threshold}
        hidden = (set(family.cells()) - allowed) | further


def average(values: Sequence[Decimal], scale: Scale) -> Decimal | None:
    """For those who may read each of the values."""
    if not values:
        return None
    return (sum(values, Decimal(0)) / len(values)).quantize(scale.step, ROUND_HALF_EVEN)


class _Sums:
    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.counts: Counter[Cell] = Counter()
        self._sums: dict[Cell, Decimal] = {}

    def add(self, person: Person, value: Decimal) -> None:
        for cell in groups_of(person):
            self.counts[cell] += 1
            self._sums[cell] = self._sums.get(cell, Decimal(0)) + value

    def average(self, cell: Cell) -> Decimal:
        return (self._sums[cell] / self.counts[cell]).quantize(self.scale.step, ROUND_HALF_EVEN)

    def open(self, cells: Collection[Cell]) -> bool:
        """Whether the sum over the cells together leaves every single value open; true of nobody."""
        number = sum(self.counts[cell] for cell in cells)
        total = sum((self._sums.get(cell, Decimal(0)) for cell in cells), Decimal(0))
        scale = self.scale
        room = min(number * scale.greatest - total, total - number * scale.least)
        return number == 0 or room >= (scale.greatest - scale.least) * _OPEN


def _remainders_to_open(family: Family, allowed: Collection[Cell], sums: _Sums) -> Iterator[Cell]:
    """Where what is hidden in a line would, taken from the line's sum, give values away: the last told cell of it."""
    for margin, line in _lines(family):
        shown = [cell for cell in line if cell in allowed]
        if margin in allowed and shown and not sums.open([cell for cell in line if cell not in allowed]):
            yield shown[-1]


def _lines(family: Family) -> Iterator[tuple[Cell, list[Cell]]]:
    """Each told sum, with the cells that it is the sum of."""
    yield WHOLE, family.hub_line()
    for dimension, levels in family.dimensions.items():
        yield WHOLE, family.line(dimension)
        for row in family.hub:
            yield Cell(hub=row), [Cell(dimension, level, row) for level in levels]
        for level in levels:
            yield Cell(dimension, level), [Cell(dimension, level, row) for row in family.hub]
