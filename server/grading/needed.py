"""What open components must still bring for each grade that can be reached."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from server.grading.mark_matrices import Units
from server.grading.marks import UNSAT, MarkState
from server.grading.specification import HUNDREDTHS, RoundingPolicy
from server.grading.table import GradingTable
from server.grading.tally import Tally
from server.grading.unit_matrices import Ranks, awards, contribution, half_up_units


@dataclass(frozen=True, slots=True)
class Needed:
    """Raw marks in one open component for `grade`: `marks` if the other open ones bring nothing (None: not even full
    marks suffice), `least` if they bring full marks. Whole marks, or all there are."""

    component: str
    grade: str
    marks: Fraction | None
    least: Fraction


def needed(table: GradingTable, sums: Tally) -> tuple[Needed, ...]:
    """By open component, then grades from the one above the floor to the ceiling; nothing where a component is exempt."""
    if any(mark.state is MarkState.EXEMPT for mark in sums.marks):
        return ()
    found: list[Needed] = []
    for place, mark in enumerate(sums.marks):
        if mark.state in UNSAT:
            found += _of(table, sums, place)
    return tuple(found)


def _of(table: GradingTable, sums: Tally, place: int) -> list[Needed]:
    component = table.components[place]
    raws = np.array(component.marks_from(0), dtype=np.int64)
    alone, helped = _ranks(table, sums, place, raws, full=False), _ranks(table, sums, place, raws, full=True)

    def first(ranks: Ranks, rank: int) -> Fraction | None:
        position = int(np.searchsorted(ranks, rank))  # more marks never give less
        return Fraction(int(raws[position]), HUNDREDTHS) if position < len(raws) else None

    found: list[Needed] = []
    for rank in range(int(alone[0]) + 1, int(helped[-1]) + 1):
        least = first(helped, rank)
        assert least is not None
        found.append(Needed(component.code, table.grade_at(rank), first(alone, rank), least))
    return found


def _ranks(table: GradingTable, sums: Tally, place: int, raws: Units, *, full: bool) -> Ranks:
    """The rank for each raw mark of one open component, with the other open ones at full marks or at nothing."""
    policy = table.specification.rounding.policy
    chosen = sums.each if policy is RoundingPolicy.EACH_HALF_UP else sums.exact
    others = chosen.obtained
    if full:
        others += chosen.open_marks - table.contribution(place, table.components[place].max_hundredths, policy)
    units = others + _gives(table, place, raws, policy)
    if policy is RoundingPolicy.SUM_THEN_HALF_UP:
        units = half_up_units(table, units)
    parts = np.empty((0, len(raws)), dtype=np.int64)
    if table.hurdles:
        parts = np.tile(np.array(sums.parts(table, full=full), dtype=np.int64)[:, None], (1, len(raws)))
        parts[place] = _gives(table, place, raws, RoundingPolicy.SUM_EXACT)
    return awards(table, units, parts)


def _gives(table: GradingTable, place: int, raws: Units, policy: RoundingPolicy) -> Units:
    """`GradingTable.contribution` of many raw marks."""
    units = contribution(table, place, raws)
    return half_up_units(table, units) if policy is RoundingPolicy.EACH_HALF_UP else units
