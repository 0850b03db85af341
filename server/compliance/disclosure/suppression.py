"""Which counts of a family may be told, decided for the whole family at once.

Hidden are counts below the threshold, zeros that would tell where everybody is, and as many further cells as it takes
until every hidden number could, for all that is told, be the threshold or more. Then no sum of hidden numbers that can
be derived is smaller than the threshold: each of its parts could alone be that many, and none can be below zero.

What is hidden besides is chosen by the levels' order, those declared last first, never by how many there are: who knows
the rule could else tell the numbers from what was chosen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from server.compliance.disclosure.family import WHOLE, Cell, Family
from server.compliance.disclosure.flows import UNBOUNDED, Arc, Network, Node

_HUB_POOL = "the hidden levels of the hub together"
_POOL = "the hidden levels of the dimension together"


@dataclass(frozen=True, slots=True)
class Known:
    """What an onlooker knows or the caller demands: `hidden` at least, `most` that a cell can be, and whether zeros are
    told where they are safe."""

    hidden: Collection[Cell] = ()
    most: Mapping[Cell, int] = field(default_factory=dict[Cell, int])
    zeros: bool = True


NOTHING_KNOWN = Known()


def told(family: Family, counts: Mapping[Cell, int], threshold: int, known: Known = NOTHING_KNOWN) -> frozenset[Cell]:
    """The cells whose counts may be told to anybody who may count."""
    if counts.get(WHOLE, 0) < threshold or WHOLE in known.hidden:
        return frozenset()
    decided = _Decision(family, counts, threshold, known)
    decided.line(family.hub_line())
    for dimension in family.dimensions:
        decided.line(family.line(dimension))
        decided.table(dimension)
    return frozenset(family.cells()) - decided.hidden


class _Decision:
    def __init__(self, family: Family, counts: Mapping[Cell, int], threshold: int, known: Known) -> None:
        self.family, self.threshold, self.known = family, threshold, known
        self.counts = counts
        self.hidden: set[Cell] = set(known.hidden)

    def line(self, cells: Sequence[Cell]) -> None:
        """Levels whose sum, the whole, is told."""
        zeros = self.known.zeros and self._spread(cells)
        self.hidden |= {cell for cell in cells if self._primary(cell, zeros)}
        while not self._line_holds(cells, zeros):
            rest = [cell for cell in cells if cell not in self.hidden]
            if not rest:
                return
            self.hidden.add(max(rest, key=lambda cell: (self._n(cell) > 0, cells.index(cell))))

    def _line_holds(self, cells: Sequence[Cell], zeros: bool) -> bool:
        hidden = [cell for cell in cells if cell in self.hidden and self._most(cell) > 0]
        least = {cell: int(zeros and self._n(cell) > 0) for cell in hidden}
        spare = sum(map(self._n, hidden)) - sum(least.values())
        down = {cell for cell in hidden if self._n(cell) > least[cell]}
        up = {cell for cell in hidden if self._n(cell) < self._primary_most(cell)}
        moves = all((cell in up and down - {cell}) or (cell in down and up - {cell}) for cell in hidden)
        return moves and all(spare + least[cell] >= self.threshold for cell in hidden)

    def table(self, dimension: str) -> None:
        """The crossings of the dimension with the hub, beside their margins."""
        # Where a margin is told to be nobody, so are its crossings.
        cells = [cell for cell in self.family.table(dimension) if not self._empty(cell)]
        closed = {cell for cell in cells if _of_hub(cell) in self.hidden or _of_level(cell) in self.hidden}
        zeros = self._safe_zeros(dimension) - closed
        self.hidden |= closed | {cell for cell in cells if self._primary(cell, cell in zeros)}
        network, arcs = self._network(dimension, cells, zeros)
        hidden: set[Cell] | None = None
        # What is hidden for another's sake must hold too: so until nothing is hidden besides.
        while hidden != (hidden := {cell for cell, arc in arcs.items() if not arc.known}):
            if not all(self._protect(network, cell, arc) for cell, arc in arcs.items()):
                hidden = set(cells)
                break
        self.hidden |= hidden

    def _protect(self, network: Network, cell: Cell, arc: Arc) -> bool:
        """Hide what it takes until the hidden cell could be the threshold; False where nothing helps."""
        while not arc.known and self._most(cell) > 0:
            if network.reach(arc, self.threshold) >= self.threshold and network.moves(arc):
                break
            further = network.cheapest(arc)
            if not further:
                return False
            for one in further:
                one.known = False
        return True

    def _network(
        self, dimension: str, cells: Sequence[Cell], zeros: Collection[Cell]
    ) -> tuple[Network, dict[Cell, Arc]]:
        """Hidden margins meet in pools, whose sums are told with the whole."""
        network, arcs = Network(), dict[Cell, Arc]()
        for place, cell in enumerate(reversed(cells)):
            n = self._n(cell)
            arc = Arc(("hub", cell.hub), ("level", cell.level), n, int(cell in zeros and n > 0), self._most(cell))
            arc.known, arc.price, arc.primary = cell not in self.hidden, len(cells) + place, self._primary_most(cell)
            arcs[cell] = network.add(arc)
        for margin in self._hidden_among(self.family.hub_line()):
            self._add_margin(network, _HUB_POOL, ("hub", margin.hub), margin)
        for margin in self._hidden_among(self.family.line(dimension)):
            self._add_margin(network, ("level", margin.level), _POOL, margin)
        return network, arcs

    def _add_margin(self, network: Network, tail: Node, head: Node, margin: Cell) -> None:
        n = self._n(margin)
        network.add(Arc(tail, head, n, min(1, n), UNBOUNDED, primary=self._primary_most(margin)))

    def _hidden_among(self, line: Sequence[Cell]) -> list[Cell]:
        return [cell for cell in line if cell in self.hidden]

    def _empty(self, cell: Cell) -> bool:
        return any(self._n(margin) == 0 and margin not in self.hidden for margin in (_of_hub(cell), _of_level(cell)))

    def _safe_zeros(self, dimension: str) -> set[Cell]:
        """Crossings where a zero would be told: neither those of the level nor those of the hub are all in one place."""
        if not self.known.zeros:
            return set()
        family = self.family
        levels, hub = family.dimensions[dimension], family.hub
        rows = {row for row in hub if self._spread([Cell(dimension, level, row) for level in levels])}
        columns = {level for level in levels if self._spread([Cell(dimension, level, row) for row in hub])}
        return {cell for cell in family.table(dimension) if cell.hub in rows and cell.level in columns}

    def _spread(self, cells: Sequence[Cell]) -> bool:
        """Whether at least two of the groups are large: then zeros beside them tell of nobody where they are."""
        return sum(self._n(cell) >= self.threshold for cell in cells) >= 2

    def _primary(self, cell: Cell, zero_is_safe: bool) -> bool:
        n = self._n(cell)
        return n < self.threshold and not (n == 0 and zero_is_safe)

    def _primary_most(self, cell: Cell) -> int:
        """For who knows the rule: a count below the threshold was hidden for that."""
        return self.threshold - 1 if self._n(cell) < self.threshold else UNBOUNDED

    def _n(self, cell: Cell) -> int:
        return self.counts.get(cell, 0)

    def _most(self, cell: Cell) -> int:
        return self.known.most.get(cell, UNBOUNDED)


def _of_hub(cell: Cell) -> Cell:
    return Cell(hub=cell.hub)


def _of_level(cell: Cell) -> Cell:
    return Cell(cell.dimension, cell.level)
