"""All raises of all components at once, each graded: what no search may be dearer than."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from server.grading.boundaries import BoundarySet
from server.grading.bulk import grade_matrix
from server.grading.mark_matrices import Units
from server.grading.marks import Mark
from server.grading.specification import Component, Specification
from server.grading.table import prepare


def cheapest_of_all(
    specification: Specification, boundaries: BoundarySet, marks: Mapping[str, Mark]
) -> Fraction | None:
    """The least raw marks for any better grade, in whole marks or all that is left; None where there is no way."""
    table = prepare(specification, boundaries)
    raises = [_raises(part, marks[part.code].hundredths) for part in table.components]
    raws = np.stack([axis.reshape(-1) for axis in np.meshgrid(*raises, indexing="ij")], axis=1)
    ranks = grade_matrix(table, raws, np.zeros(raws.shape, dtype=np.int8)).rank
    costs = (raws - raws[0]).sum(axis=1)[ranks > ranks[0]]
    return Fraction(int(costs.min()), 100) if len(costs) else None


def _raises(component: Component, now: int) -> Units:
    return np.unique([*range(now, component.max_hundredths, 100), component.max_hundredths]).astype(np.int64)
