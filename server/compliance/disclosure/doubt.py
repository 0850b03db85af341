"""Whether an onlooker who knows the rule by heart is left in doubt about each hidden number.

Who sees what a rule told looks for every school of which it would have told just that. Here such schools are sought
step by step, from the true one: each differs from the last by as little as may be, and of each the same is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import Final

from server.compliance.disclosure.family import Cell

Numbers = Mapping[Cell, int]
Steps = Callable[[Numbers, Cell], Iterator[dict[Cell, int]]]
_SOUGHT: Final = 200


def in_doubt(
    true: Numbers, hidden: Iterable[Cell], threshold: int, steps: Steps, alike: Callable[[Numbers], bool]
) -> bool:
    """Whether each hidden number below the threshold is another one in some school of which the same is told.

    `steps` leads from numbers to others that differ at the cell, and leads back; `alike` says whether the same is told
    of them. False also where no such school is found among the first few hundred.
    """
    certain = {cell: None for cell in hidden if true[cell] < threshold}
    queue, known = [true], {frozenset(true.items())}
    for numbers in queue:
        for cell in list(certain):
            for other in steps(numbers, cell) if cell in certain else ():
                key = frozenset(other.items())
                if key in known:
                    continue
                if len(known) > _SOUGHT:
                    return False
                known.add(key)
                if alike(other):
                    queue.append(other)
                    certain = {one: None for one in certain if other[one] == true[one]}
                    break
        if not certain:
            return True
    return False


def along_a_line(hidden: Sequence[Cell], least: Numbers) -> Steps:
    """One more and one less, no level below its `least`. Nobody is put where nobody is: that a level is empty may be known
    of the school."""

    def steps(numbers: Numbers, cell: Cell) -> Iterator[dict[Cell, int]]:
        for other in hidden:
            if other != cell and numbers[cell] and numbers[other]:
                for gains, loses in permutations((cell, other)):
                    if numbers[loses] > least[loses]:
                        yield {**numbers, gains: numbers[gains] + 1, loses: numbers[loses] - 1}

    return steps


def within_a_table(hidden: Sequence[Cell], least: Numbers) -> Steps:
    """One more and one less by turns on a way round of four hidden crossings, or six, so that all margins stay."""
    places = set(hidden)
    rows, columns = list(dict.fromkeys(one.hub for one in hidden)), list(dict.fromkeys(one.level for one in hidden))

    def steps(numbers: Numbers, cell: Cell) -> Iterator[dict[Cell, int]]:
        for length in (1, 2):
            for other_rows in permutations([row for row in rows if row != cell.hub], length):
                for other_columns in permutations([one for one in columns if one != cell.level], length):
                    way = _round(cell, (cell.hub, *other_rows), (cell.level, *other_columns))
                    if places.issuperset(way):
                        yield from _turned(numbers, way, least)

    return steps


def _round(cell: Cell, rows: Sequence[str], columns: Sequence[str]) -> list[Cell]:
    way: list[Cell] = []
    for place, row in enumerate(rows):
        way += [Cell(cell.dimension, columns[place], row), Cell(cell.dimension, columns[place - 1], row)]
    return way


def _turned(numbers: Numbers, way: Sequence[Cell], least: Numbers) -> Iterator[dict[Cell, int]]:
    for gain in (1, -1):
        other = {**numbers}
        for place, cell in enumerate(way):
            other[cell] += -gain if place % 2 else gain
        if all(other[cell] >= least[cell] for cell in way):
            yield other
