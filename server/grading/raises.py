"""The cheapest raises to a rank: a few more marks may give much, or nothing, by looked-up units, requirements and rounding.

What a rank needs are sums: of subject marks, and of what each requirement names. A component's raises give towards some
of them, and a search over all of them together is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from server.grading.requirements import Hurdle, Measure
from server.grading.specification import RoundingPolicy
from server.grading.table import GradingTable
from server.grading.tally import Tally
from server.grading.ways import Numbers, TooManyWaysError, Ways, cheapest, spared

Raised: TypeAlias = Mapping[int, int]
"""Raw marks in hundredths, by position, of what is raised."""


@dataclass(frozen=True, slots=True)
class Raises:
    """Cheapest first. `certain`: no way costs less than the first; not so only where there were too many to look at."""

    found: tuple[Raised, ...]
    certain: bool = True


@dataclass(frozen=True, slots=True)
class _Need:
    """A sum that must grow by `more`; `gives` is what a component at a position gives for raw hundredths."""

    more: int
    gives: Callable[[int, int], int]


def cheapest_raises(table: GradingTable, tally: Tally, movable: Sequence[int], rank: int) -> Raises:
    """Each single component that suffices, and several at once where that costs less or no single one suffices."""
    now = [mark.hundredths for mark in tally.marks]
    needs = _needs(table, now, rank)
    more = np.array([need.more for need in needs], dtype=np.int64)
    chains = [chain for place in movable if len(chain := _chain(table, needs, place, now[place])) > 1]
    singles = [chain.way(row) for chain in chains if (row := int(chain.first(more[None, :])[0])) < len(chain)]
    singles.sort(key=lambda raised: _cost(raised, now))
    known = [*singles[:1], *_sufficient(chains, more)]
    if not known:
        return Raises(())
    best = min(known, key=lambda raised: _cost(raised, now))
    certain = True
    try:
        best = cheapest(chains, more, _cost(best, now)) or best
    except TooManyWaysError:
        certain = False
    joint = {place: raw for place, raw in best.items() if raw > now[place]}
    found = singles if singles and _cost(joint, now) >= _cost(singles[0], now) else [joint, *singles]
    return Raises(tuple(found), certain)


def _needs(table: GradingTable, now: Sequence[int], rank: int) -> list[_Need]:
    """The subject mark first, then requirements that are not yet taken."""
    policy = table.specification.rounding.policy

    def given(place: int, raw: int) -> int:
        return table.contribution(place, raw, policy)

    needs = [_need(given, now, _least_units(table, rank))]
    needs += [_need(_given_to(table, hurdle), now, hurdle.minimum) for hurdle in table.hurdles if hurdle.cap < rank]
    return [needs[0], *(need for need in needs[1:] if need.more)]


def _least_units(table: GradingTable, rank: int) -> int:
    """The least sum of contributions, in units, that reaches a rank: half a mark less if the sum is then rounded up."""
    threshold, policy = table.thresholds[rank - 1], table.specification.rounding.policy
    if policy is RoundingPolicy.SUM_EXACT:
        return threshold
    whole = -(-threshold // table.scale) * table.scale
    return whole - table.scale // 2 if policy is RoundingPolicy.SUM_THEN_HALF_UP else whole


def _need(gives: Callable[[int, int], int], now: Sequence[int], least: int) -> _Need:
    return _Need(max(0, least - sum(gives(place, raw) for place, raw in enumerate(now))), gives)


def _given_to(table: GradingTable, hurdle: Hurdle) -> Callable[[int, int], int]:
    sizes = dict(zip(hurdle.positions, hurdle.sizes, strict=True))

    def given(place: int, raw: int) -> int:
        if place not in sizes:
            return 0
        units = table.contribution(place, raw, RoundingPolicy.SUM_EXACT)
        if hurdle.requirement.measure is Measure.TOTAL:
            return units
        return sizes[place] if units >= hurdle.passed else 0

    return given


def _chain(table: GradingTable, needs: Sequence[_Need], place: int, now: int) -> Ways:
    """The raises of one component that give more than cheaper ones do."""
    raws = np.array(table.components[place].marks_from(now), dtype=np.int64)
    gains = np.array([[need.gives(place, raw) for need in needs] for raw in raws.tolist()], dtype=np.int64)
    kept = np.ones(len(raws), dtype=np.bool_)
    kept[1:] = (np.diff(gains, axis=0) > 0).any(axis=1)
    return Ways((place,), raws[kept, None], raws[kept] - now, gains[kept] - gains[0])


def _sufficient(chains: Sequence[Ways], more: Numbers) -> list[dict[int, int]]:
    """Two ways that suffice, if any does, so that nothing dearer is looked at."""
    orders = (chains, chains[::-1])
    return [raised for order in orders if (raised := spared(order, more)) is not None]


def _cost(raised: Raised, now: Sequence[int]) -> int:
    return sum(raw - now[place] for place, raw in raised.items())
