"""Which levels of a line, whose sum is told, are hidden."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from server.compliance.disclosure.family import Cell
from server.compliance.disclosure.flows import UNBOUNDED


@dataclass(frozen=True, slots=True)
class Known:
    """What an onlooker knows or the caller demands: `hidden` at least, `most` that a cell can be, whether zeros are told
    where they are safe, and whether the numbers are told at all (else nobody reckons with them)."""

    hidden: Collection[Cell] = ()
    most: Mapping[Cell, int] = field(default_factory=dict[Cell, int])
    zeros: bool = True
    numbers: bool = True


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Bar:
    """What is small, and what is known besides."""

    threshold: int
    known: Known = NOTHING_KNOWN

    def spread(self, numbers: Collection[int]) -> bool:
        """Whether at least two of the groups are large: then zeros beside them tell of nobody where they are."""
        return sum(n >= self.threshold for n in numbers) >= 2

    def small(self, n: int, zero_is_safe: bool) -> bool:
        return n < self.threshold and not (n == 0 and zero_is_safe)

    def primary_most(self, n: int) -> int:
        """For who knows the rule: a count below the threshold was hidden for that."""
        return self.threshold - 1 if n < self.threshold else UNBOUNDED

    def most(self, cell: Cell) -> int:
        return self.known.most.get(cell, UNBOUNDED)


def hidden_of_line(cells: Sequence[Cell], counts: Mapping[Cell, int], bar: Bar) -> set[Cell]:
    zeros = bar.known.zeros and bar.spread([counts.get(cell, 0) for cell in cells])
    hidden = {cell for cell in cells if cell in bar.known.hidden or bar.small(counts.get(cell, 0), zeros)}
    while not _holds([cell for cell in cells if cell in hidden], counts, bar, zeros):
        rest = [cell for cell in cells if cell not in hidden]
        if not rest:
            break
        hidden.add(max(rest, key=lambda cell: (counts.get(cell, 0) > 0, cells.index(cell))))
    return hidden


def _holds(cells: Sequence[Cell], counts: Mapping[Cell, int], bar: Bar, zeros: bool) -> bool:
    numbers = {cell: counts.get(cell, 0) for cell in cells if bar.most(cell) > 0}
    least = {cell: int(zeros and n > 0) for cell, n in numbers.items()}
    spare = sum(numbers.values()) - sum(least.values())
    down = {cell for cell, n in numbers.items() if n > least[cell]}
    up = {cell for cell, n in numbers.items() if n < bar.primary_most(n)}
    moves = all((cell in up and down - {cell}) or (cell in down and up - {cell}) for cell in numbers)
    return moves and all(spare + least[cell] >= bar.threshold for cell in numbers)
