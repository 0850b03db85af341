"""Ways to raise marks, many at once: what each costs, and what it gives towards several needs.

Exact: a way is left out only where another costs no more and gives as much towards every need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Numbers: TypeAlias = npt.NDArray[np.int64]

MOST_PAIRS = 300_000
"""How many pairs of ways one search may look at: real qualifications need some ten thousand."""


class TooManyWaysError(Exception):
    """More than MOST_PAIRS pairs would have to be looked at."""


@dataclass(frozen=True, slots=True)
class Ways:
    """One row a way: `raws` (ways x places) are raw hundredths that the marks at `places` are raised to, `costs` raw
    hundredths, `gains` (ways x needs) units.

    A chain is sorted by cost, and no way in it gives less of anything than a cheaper one: the raises of one component.
    """

    places: tuple[int, ...]
    raws: Numbers
    costs: Numbers
    gains: Numbers

    def __len__(self) -> int:
        return len(self.costs)

    def way(self, row: int) -> dict[int, int]:
        """Raw hundredths by place."""
        raws: list[int] = self.raws[row].tolist()
        return dict(zip(self.places, raws, strict=True))

    def first(self, needs: Numbers) -> npt.NDArray[np.intp]:
        """Of a chain, the first way that meets each row of `needs` (rows x needs); its length where none does."""
        found = [np.searchsorted(self.gains[:, need], needs[:, need]) for need in range(needs.shape[1])]
        return np.max(np.array(found), axis=0)


def cheapest(chains: Sequence[Ways], needs: Numbers, below: int) -> dict[int, int] | None:
    """Raw hundredths by place of a cheapest way through all chains that meets the needs and costs less than `below`;
    None where there is none. Raises TooManyWaysError."""
    return _Search(needs, below).cheapest(chains)


def spared(chains: Sequence[Ways], needs: Numbers) -> dict[int, int] | None:
    """Raw hundredths by place of a way that meets the needs and in which no chain can be spared anything: all there is,
    less what isn't needed, in the order of the chains. None where all there is doesn't suffice."""
    total = _most(chains, len(needs))
    if (total < needs).any():
        return None
    found: dict[int, int] = {}
    for chain in chains:
        others = total - chain.gains[-1]
        row = int(chain.first((needs - others)[None, :])[0])
        total = others + chain.gains[row]
        found |= chain.way(row)
    return found


@dataclass(slots=True)
class _Search:
    needs: Numbers
    below: int
    left: int = MOST_PAIRS

    def cheapest(self, chains: Sequence[Ways]) -> dict[int, int] | None:
        # The last chain is searched, not multiplied: it is the longest.
        last, *others = sorted(self._alike_joined(chains), key=len, reverse=True)
        size = len(self.needs)
        found = Ways((), np.zeros((1, 0), np.int64), np.zeros(1, np.int64), np.zeros((1, size), np.int64))
        for place, chain in enumerate(others):
            later = _most([*others[place + 1 :], last], size)
            found = self._useful(self._pairs(found, chain), later)
        rows = last.first(self.needs - found.gains)
        reached = np.flatnonzero(rows < len(last))
        costs = found.costs[reached] + last.costs[rows[reached]]
        if not len(costs) or costs.min() >= self.below:
            return None
        chosen = int(reached[np.argmin(costs)])
        return {**found.way(chosen), **last.way(int(rows[chosen]))}

    def _alike_joined(self, chains: Sequence[Ways]) -> list[Ways]:
        """Components that give the same towards the same needs become one chain, so that only their sum is looked at."""
        alike: dict[tuple[int, ...], Ways] = {}
        single: list[Ways] = []
        for chain in chains:
            towards = np.flatnonzero(chain.gains[-1])
            key: tuple[int, ...] = tuple(towards.tolist())
            if not key or (chain.gains[:, towards] != chain.gains[:, towards[:1]]).any():
                single.append(chain)
            else:
                alike[key] = _best(self._pairs(alike[key], chain)) if key in alike else chain
        return [*alike.values(), *single]

    def _pairs(self, one: Ways, other: Ways) -> Ways:
        """Each way of one with each of the other that costs less than the bound."""
        self.left -= len(one) * len(other)
        if self.left < 0:
            raise TooManyWaysError
        first, second = np.nonzero(one.costs[:, None] + other.costs < self.below)
        return Ways(
            one.places + other.places,
            np.hstack([one.raws[first], other.raws[second]]),
            one.costs[first] + other.costs[second],
            one.gains[first] + other.gains[second],
        )

    def _useful(self, ways: Ways, later: Numbers) -> Ways:
        """Those that can still meet the needs with all that is given later; more than the need is no gain."""
        enough = (ways.gains + later >= self.needs).all(axis=1)
        kept = _rows(ways, np.flatnonzero(enough))
        return _best(Ways(kept.places, kept.raws, kept.costs, np.minimum(kept.gains, self.needs)))


def _best(ways: Ways) -> Ways:
    """Sorted by cost, without each way that another equals in all gains but the first, and beats or equals in that."""
    main, others = ways.gains[:, 0], ways.gains[:, 1:]
    distinct = [other for other in others.T if (other != main).any()]
    order = np.lexsort((-main, ways.costs, *distinct))
    group = np.zeros(len(order), dtype=np.int64)
    for other in distinct:
        group[1:] |= np.diff(other[order]) != 0
    group = np.cumsum(group)
    # Each group begins above all that went before: one running maximum serves all.
    level = np.unique(main, return_inverse=True)[1].reshape(-1)[order] + group * (len(order) + 1)
    kept = np.ones(len(order), dtype=np.bool_)
    kept[1:] = level[1:] > np.maximum.accumulate(level)[:-1]
    rows = order[kept]
    return _rows(ways, rows[np.argsort(ways.costs[rows], kind="stable")])


def _rows(ways: Ways, rows: npt.NDArray[np.intp]) -> Ways:
    return Ways(ways.places, ways.raws[rows], ways.costs[rows], ways.gains[rows])


def _most(chains: Sequence[Ways], needs: int) -> Numbers:
    return sum((chain.gains[-1] for chain in chains), np.zeros(needs, np.int64))
