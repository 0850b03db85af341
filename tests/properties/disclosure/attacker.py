"""What anybody can get from figures that were told: by linear algebra, and by bounds that no count falls below zero.

Independent of the program: it knows which groups add up to which, and what was told, nothing of how that was chosen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from server.compliance.disclosure.family import WHOLE, Cell, Family

PRIME = 2_147_483_629
_NO_BOUND = 1 << 40


@dataclass(frozen=True)
class Sum:
    """The parts add up to the total."""

    total: Cell
    parts: tuple[Cell, ...]


def sums(of: Family) -> Iterator[Sum]:
    yield Sum(WHOLE, tuple(Cell(hub=row) for row in of.hub))
    for name, levels in of.dimensions.items():
        yield Sum(WHOLE, tuple(Cell(name, level) for level in levels))
        for row in of.hub:
            yield Sum(Cell(hub=row), tuple(Cell(name, level, row) for level in levels))
        for level in levels:
            yield Sum(Cell(name, level), tuple(Cell(name, level, row) for row in of.hub))


def derived(of: Family, told: Mapping[Cell, int]) -> Iterator[frozenset[Cell]]:
    """Groups, as unions of hidden cells that nobody is in twice, whose sum follows from what was told."""
    hidden = [cell for cell in of.cells() if cell not in told]
    place = {cell: i for i, cell in enumerate(hidden)}
    rows = [_row(one, place) for one in sums(of)]
    space = _reduced(np.array(rows, dtype=np.int64).reshape(len(rows), len(hidden)))
    for group in _groups(of, told, hidden):
        wanted = np.zeros(len(hidden), dtype=np.int64)
        wanted[[place[cell] for cell in group]] = 1
        if not _left(space, wanted).any():
            yield group


def bounds(of: Family, told: Mapping[Cell, int]) -> dict[Cell, tuple[int, int]]:
    """The least and most that each hidden cell can be, as far as each sum in turn tells."""
    least = {cell: told.get(cell, 0) for cell in of.cells()}
    most = {cell: told.get(cell, _NO_BOUND) for cell in of.cells()}
    every = list(sums(of))
    moved = True
    while moved:
        moved = False
        for one in every:
            moved |= _tighten(one, least, most)
    return {cell: (least[cell], most[cell]) for cell in of.cells() if cell not in told}


def _tighten(one: Sum, least: dict[Cell, int], most: dict[Cell, int]) -> bool:
    before = [(least[cell], most[cell]) for cell in (one.total, *one.parts)]
    low, high = sum(least[part] for part in one.parts), sum(most[part] for part in one.parts)
    least[one.total], most[one.total] = max(least[one.total], low), min(most[one.total], high)
    for part in one.parts:
        most[part] = min(most[part], most[one.total] - (low - least[part]))
        least[part] = max(least[part], least[one.total] - (high - most[part]) if high < _NO_BOUND else least[part])
        low, high = sum(least[other] for other in one.parts), sum(most[other] for other in one.parts)
    return before != [(least[cell], most[cell]) for cell in (one.total, *one.parts)]


def _row(one: Sum, place: Mapping[Cell, int]) -> list[int]:
    row = [0] * len(place)
    for part in one.parts:
        if part in place:
            row[place[part]] += 1
    if one.total in place:
        row[place[one.total]] -= 1
    return row


def _reduced(matrix: NDArray[np.int64]) -> list[tuple[int, NDArray[np.int64]]]:
    """Rows in echelon form modulo the prime, each with its pivot."""
    rows: list[tuple[int, NDArray[np.int64]]] = []
    for row in matrix % PRIME:
        rest = _left(rows, row)
        found = np.flatnonzero(rest)
        if found.size:
            pivot = int(found[0])
            rows.append((pivot, rest * pow(int(rest[pivot]), -1, PRIME) % PRIME))
    return rows


def _left(space: list[tuple[int, NDArray[np.int64]]], row: NDArray[np.int64]) -> NDArray[np.int64]:
    rest = row % PRIME
    for pivot, one in space:
        if rest[pivot]:
            rest = (rest - int(rest[pivot]) * one) % PRIME
    return rest


def _groups(of: Family, told: Collection[Cell], hidden: list[Cell]) -> Iterator[frozenset[Cell]]:
    """Single cells, pairs and remainders of a sum's parts, and parts of one sum without those of another."""
    yield from (frozenset((cell,)) for cell in hidden)
    remainders = [frozenset(part for part in one.parts if part not in told) for one in sums(of)]
    for remainder in remainders:
        yield from (frozenset(pair) for pair in combinations(sorted(remainder), 2))
        if len(remainder) > 2:
            yield remainder
    for one, other in combinations(remainders, 2):
        if one < other or other < one:
            yield one ^ other
