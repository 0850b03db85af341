"""Which crossings of a dimension with the hub are hidden, beside their margins.

What the hidden levels of the hub hold is reckoned with together, as one row, and so of the dimension, as one column:
then the sums of all rows and columns follow from what is told, and no choice here tells of a hidden margin.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from server.compliance.disclosure.family import Cell, Family
from server.compliance.disclosure.flows import UNBOUNDED, Arc, Network
from server.compliance.disclosure.lines import Bar

TOGETHER: Final = "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True, slots=True)
class Sides:
    """The levels of the hub and of the dimension that are told, whose sums are told with them."""

    rows: frozenset[str]
    columns: frozenset[str]

    def place(self, cell: Cell) -> Cell:
        level = cell.level if cell.level in self.columns else TOGETHER
        return Cell(cell.dimension, level, cell.hub if cell.hub in self.rows else TOGETHER)

    def merged(self, numbers: Mapping[Cell, int]) -> dict[Cell, int]:
        found: dict[Cell, int] = {}
        for cell, n in numbers.items():
            found[self.place(cell)] = found.get(self.place(cell), 0) + n
        return found


def sides(family: Family, dimension: str, hidden: Collection[Cell]) -> Sides:
    return Sides(
        frozenset(hub for hub in family.hub if Cell(hub=hub) not in hidden),
        frozenset(level for level in family.dimensions[dimension] if Cell(dimension, level) not in hidden),
    )


def hidden_crossings(told: Sides, numbers: Mapping[Cell, int], bar: Bar) -> set[Cell]:
    """Of those numbers. Crossings of what is hidden are; where nothing else helps, all are."""
    return _Table(told, numbers, bar).hidden()


def settled(told: Sides, numbers: Mapping[Cell, int], hidden: Collection[Cell]) -> dict[Cell, int]:
    """Numbers of which the same is told, and which follow from that alone; what is hidden of levels is merged."""
    merged = told.merged(numbers)
    network = Network()
    arcs = {
        cell: network.add(Arc(("hub", cell.hub), ("level", cell.level), n, 0, UNBOUNDED))
        for cell, n in merged.items()
        if cell in hidden or TOGETHER in cell
    }
    network.settle(arcs.values())
    return merged | {cell: arc.flow for cell, arc in arcs.items()}


class _Table:
    def __init__(self, told: Sides, numbers: Mapping[Cell, int], bar: Bar) -> None:
        self.told, self.bar, self.cells = told, bar, list(numbers)
        self.n = told.merged(numbers)
        self.rows, self.columns = self._lines()

    def hidden(self) -> set[Cell]:
        found = self._decided()
        return {cell for cell in self.cells if self._hides(self.told.place(cell), found)}

    def _hides(self, of: Cell, found: Collection[Cell]) -> bool:
        return not self._empty(of) and (of in found or TOGETHER in of)

    def _empty(self, of: Cell) -> bool:
        """Where a margin is told to be nobody, so are its crossings."""
        row, column = sum(self.rows[of.hub]), sum(self.columns[of.level])
        return (of.hub != TOGETHER and not row) or (of.level != TOGETHER and not column)

    def _lines(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        rows: dict[str, list[int]] = {}
        columns: dict[str, list[int]] = {}
        for cell, n in self.n.items():
            rows.setdefault(cell.hub, []).append(n)
            columns.setdefault(cell.level, []).append(n)
        return rows, columns

    def _decided(self) -> set[Cell]:
        cells = [cell for cell in self.n if sum(self.rows[cell.hub]) and sum(self.columns[cell.level])]
        zeros = {cell for cell in cells if self._zero_is_safe(cell)}
        hidden = {
            cell for cell in cells if cell in self.bar.known.hidden or self.bar.small(self.n[cell], cell in zeros)
        }
        network, arcs = self._network(cells, hidden, zeros)
        found, before = {cell for cell, arc in arcs.items() if not arc.known}, set[Cell]()
        # What is hidden for another's sake must hold too: so until nothing is hidden besides.
        while found != before:
            if not all(self._protect(network, cell, arc) for cell, arc in arcs.items()):
                return set(self.n)
            found, before = {cell for cell, arc in arcs.items() if not arc.known}, found
        return found

    def _zero_is_safe(self, cell: Cell) -> bool:
        """Neither those of the level nor those of the hub are all in one place."""
        spread = self.bar.spread
        return self.bar.known.zeros and spread(self.rows[cell.hub]) and spread(self.columns[cell.level])

    def _network(
        self, cells: Collection[Cell], hidden: Collection[Cell], zeros: Collection[Cell]
    ) -> tuple[Network, dict[Cell, Arc]]:
        network, arcs = Network(), dict[Cell, Arc]()
        for place, cell in enumerate(reversed(list(cells))):
            n = self.n[cell]
            arc = Arc(("hub", cell.hub), ("level", cell.level), n, int(cell in zeros and n > 0), self.bar.most(cell))
            arc.known, arc.primary = cell not in hidden, self.bar.primary_most(n)
            # What is of hidden margins is told to nobody: it costs nothing to hide.
            arc.price = 1 if TOGETHER in cell else len(cells) + place
            arcs[cell] = network.add(arc)
        return network, arcs

    def _protect(self, network: Network, cell: Cell, arc: Arc) -> bool:
        """Hide what it takes until the hidden cell could be the threshold; False where nothing helps."""
        threshold = self.bar.threshold
        while not arc.known and self.bar.most(cell) > 0:
            if network.reach(arc, threshold) >= threshold and network.moves(arc):
                break
            further = network.cheapest(arc)
            if not further:
                return False
            for one in further:
                one.known = False
        return True
