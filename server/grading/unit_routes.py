"""The cheapest ways to a rank where raw marks are looked up: a few more marks may give much, or nothing.

A search over all totals, exact: the least raw marks by which the units together reach the boundary, and the units that a
requirement names reach what it asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from server.grading.requirements import Measure
from server.grading.specification import RoundingPolicy
from server.grading.table import GradingTable
from server.grading.tally import Tally

_NEVER = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, slots=True)
class _Raises:
    """What one component can be raised to: raw hundredths, their cost, and its contribution in subject marks."""

    place: int
    raws: tuple[int, ...]
    gives: tuple[int, ...]


def cheapest_raises(
    table: GradingTable, tally: Tally, movable: Sequence[int], rank: int
) -> Iterator[Mapping[int, int]]:
    """Raw marks in hundredths by position: each single component that suffices, cheapest first, then several at once
    where that costs less or no single one suffices."""
    now = [mark.hundredths for mark in tally.marks]
    raises = [_raises(table, place, now[place]) for place in movable]
    singles = [found for each in raises if (found := _alone(table, tally, each, rank))]
    singles.sort(key=lambda found: _cost(found, now))
    joint = _together(table, tally, raises, rank)
    cheaper = joint is not None and (not singles or _cost(joint, now) < _cost(singles[0], now))
    yield from ([joint, *singles] if joint is not None and cheaper else singles)


def _raises(table: GradingTable, place: int, raw: int) -> _Raises:
    step = table.components[place].step_hundredths
    most = table.components[place].max_hundredths
    raws = range(raw, most + 1, max(step, -(-100 // step) * step))
    found: list[tuple[int, int]] = []
    for each in (*raws, most):
        gives = table.contribution(place, each, RoundingPolicy.SUM_EXACT)
        if not found or gives > found[-1][1]:
            found.append((each, gives))
    return _Raises(place, tuple(raw for raw, _ in found), tuple(gives for _, gives in found))


def _alone(table: GradingTable, tally: Tally, each: _Raises, rank: int) -> Mapping[int, int] | None:
    parts = list(tally.parts(table))
    for raw, gives in zip(each.raws, each.gives, strict=True):
        parts[each.place] = gives
        if table.award(sum(parts), parts) >= rank:
            return {each.place: raw} if raw > tally.marks[each.place].hundredths else {}
    return None


def _together(table: GradingTable, tally: Tally, raises: Sequence[_Raises], rank: int) -> Mapping[int, int] | None:
    """Over totals of the units that a requirement names, and of the others; None where nothing suffices."""
    parts = tally.parts(table)
    movable = {each.place for each in raises}
    named, least = _named(table, rank)
    inside = [_allowed(table, each, rank) for each in raises if each.place in named]
    outside = [_allowed(table, each, rank) for each in raises if each.place not in named]
    fixed = [sum(part for place, part in enumerate(parts) if place not in movable and (place in named) is within)
             for within in (True, False)]  # fmt: skip
    costs = [_costs(table, group, tally) for group in (inside, outside)]
    best: tuple[int, int, int] | None = None
    needed = table.thresholds[rank - 1]
    first, second = costs[0][0], costs[1][0]
    least_cost = np.minimum.accumulate(second[::-1])[::-1]
    for total in range(max(0, -(-(least - fixed[0]) // table.scale)), len(first)):
        rest = max(0, -(-(needed - fixed[0] - fixed[1] - total * table.scale) // table.scale))
        if first[total] >= _NEVER or rest >= len(second):
            continue
        cost = int(first[total] + least_cost[rest])
        if cost < _NEVER and (best is None or cost < best[0]):
            best = (cost, total, rest + int(np.argmin(second[rest:])))
    if best is None:
        return None
    chosen = {**_back(table, inside, costs[0][1], best[1]), **_back(table, outside, costs[1][1], best[2])}
    raised = {place: raw for place, raw in chosen.items() if raw > tally.marks[place].hundredths}
    final = list(parts)
    for place, raw in raised.items():
        final[place] = table.contribution(place, raw, RoundingPolicy.SUM_EXACT)
    return raised if table.award(sum(final), final) >= rank and len(raised) > 1 else None


def _named(table: GradingTable, rank: int) -> tuple[frozenset[int], int]:
    """The units of the first requirement of this rank that adds several up, and what it asks of them, in units."""
    for hurdle in table.hurdles:
        if hurdle.cap < rank and hurdle.requirement.measure is Measure.TOTAL and len(hurdle.positions) > 1:
            return frozenset(hurdle.positions), hurdle.minimum
    return frozenset(), 0


def _allowed(table: GradingTable, each: _Raises, rank: int) -> _Raises:
    """Without what a requirement on this unit alone forbids."""
    least = max(
        (
            hurdle.minimum
            for hurdle in table.hurdles
            if hurdle.cap < rank and hurdle.requirement.measure is Measure.TOTAL and hurdle.positions == (each.place,)
        ),
        default=0,
    )
    kept = [(raw, gives) for raw, gives in zip(each.raws, each.gives, strict=True) if gives >= least]
    return _Raises(each.place, tuple(raw for raw, _ in kept), tuple(gives for _, gives in kept))


_Chosen = list[npt.NDArray[np.int64]]


def _costs(table: GradingTable, group: Sequence[_Raises], tally: Tally) -> tuple[npt.NDArray[np.int64], _Chosen]:
    """The least raw hundredths for each total of subject marks, and which raise of each component makes it."""
    scale = table.scale
    most = sum(each.gives[-1] // scale if each.gives else 0 for each in group)
    cost = np.full(most + 1, _NEVER, dtype=np.int64)
    cost[0] = 0
    chosen: _Chosen = []
    for each in group:
        now = tally.marks[each.place].hundredths
        following = np.full(most + 1, _NEVER, dtype=np.int64)
        choice = np.full(most + 1, -1, dtype=np.int64)
        for option, (raw, gives) in enumerate(zip(each.raws, each.gives, strict=True)):
            shift = gives // scale
            reached = np.full(most + 1, _NEVER, dtype=np.int64)
            reached[shift:] = cost[: most + 1 - shift] + (raw - now)
            better = reached < following
            following[better] = reached[better]
            choice[better] = option
        cost = following
        chosen.append(choice)
    return cost, chosen


def _back(table: GradingTable, group: Sequence[_Raises], chosen: _Chosen, total: int) -> dict[int, int]:
    """The raw marks that make a total."""
    found: dict[int, int] = {}
    for each, choice in zip(reversed(group), reversed(chosen), strict=True):
        option = int(choice[total])
        found[each.place] = each.raws[option]
        total -= each.gives[option] // table.scale
    return found


def _cost(raised: Mapping[int, int], now: Sequence[int]) -> int:
    return sum(raw - now[place] for place, raw in raised.items())
