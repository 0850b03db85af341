"""What marks give, summed, rounded and compared with boundaries: the arithmetic of one learner on int64 matrices.

Rows are components, columns are learners: what is done to one component lies side by side in memory.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from server.grading.mark_matrices import Units
from server.grading.requirements import Measure
from server.grading.specification import RoundingPolicy
from server.grading.table import GradingTable

Ranks: TypeAlias = npt.NDArray[np.intp]


def _ranks(table: GradingTable, units: Units) -> Ranks:
    """How many boundaries each number of units reaches; 0 is below the lowest grade."""
    return np.searchsorted(np.array(table.thresholds, dtype=np.int64), units, side="right")


def awards(table: GradingTable, units: Units, parts: Units) -> Ranks:
    """How many boundaries each is awarded, requirements considered; `parts` (components x learners) are contributions in units."""
    rank = _ranks(table, units)
    for hurdle in table.hurdles:
        of = parts[list(hurdle.positions)]
        if hurdle.requirement.measure is Measure.SIZE:
            of = (of >= hurdle.passed) * np.array(hurdle.sizes, dtype=np.int64)[:, None]
        rank = np.where(of.sum(axis=0) >= hurdle.minimum, rank, np.minimum(rank, hurdle.cap))
    return rank


@lru_cache(maxsize=512)
def _array(lookup: tuple[int, ...]) -> Units:
    return np.array(lookup, dtype=np.int64)


def contribution(table: GradingTable, place: int, raw: Units, out: Units | None = None) -> Units:
    """`GradingTable.contribution` of many raw marks in one component, without any rounding."""
    lookup = table.lookups[place]
    if lookup is None:
        return np.multiply(raw, table.weights[place], out=out)
    return np.take(_array(lookup), raw // table.components[place].step_hundredths, out=out)


def contributions(table: GradingTable, raw: Units) -> Units:
    """What each component gives, in units (components x learners)."""
    parts = np.empty_like(raw)
    for place in range(len(table.components)):
        contribution(table, place, raw[place], parts[place])
    return parts


def full_contributions(table: GradingTable) -> Units:
    """What full marks in each component give, in units, as a column."""
    pairs = zip(table.weights, table.lookups, table.components, strict=True)
    full = [lookup[-1] if lookup else weight * component.max_hundredths for weight, lookup, component in pairs]
    return np.array(full, dtype=np.int64)[:, None]


def sum_up(table: GradingTable, parts: Units, exact: Units, each: Units, units: Units) -> None:
    """Write the sums: as they are, with each component rounded half up first, and under the specification's policy."""
    parts.sum(axis=0, out=exact)
    if table.rounding_can_matter:
        each[:] = 0
        for place, (weight, component) in enumerate(zip(table.weights, table.components, strict=True)):
            whole = weight * component.step_hundredths % table.scale == 0
            each += parts[place] if whole else half_up_units(table, parts[place])
    if table.specification.rounding.policy is RoundingPolicy.SUM_THEN_HALF_UP:
        units[:] = half_up_units(table, exact)


def half_up_units(table: GradingTable, units: Units) -> Units:
    """`GradingTable.round_units` of many."""
    rounded = units * 2
    rounded += table.scale
    rounded //= 2 * table.scale
    rounded *= table.scale
    return rounded
