"""A specification and a boundary set made ready: every factor and boundary as a whole number of one common unit.

With L the least common multiple of all denominators of factors and boundaries, one subject mark is `scale` = 100 L
units, and a hundredth of a raw mark weighs factor x L units. Sums and comparisons are then whole-number arithmetic.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm

from server.grading.boundaries import BoundarySet
from server.grading.errors import ErrorCode, GradingError
from server.grading.specification import HUNDREDTHS, Component, RoundingPolicy, Specification

_INT64_ROOM = 2**60
"""Twice any total, plus a unit, must fit a signed 64-bit integer: the bulk engine has no larger ones."""


@dataclass(frozen=True, slots=True)
class LinearTable:
    """`weights` are units per hundredth of a raw mark, by component; `thresholds` are units, lowest grade first."""

    specification: Specification
    boundaries: BoundarySet
    components: tuple[Component, ...]
    scale: int
    weights: tuple[int, ...]
    thresholds: tuple[int, ...]
    grades: tuple[str, ...]
    points: tuple[Fraction, ...]
    rounding_can_matter: bool

    def round_units(self, units: int) -> int:
        """Round a number of units to whole subject marks, a half up."""
        return (2 * units + self.scale) // (2 * self.scale) * self.scale

    def rank(self, units: int) -> int:
        """How many boundaries are reached: 0 is below the lowest grade."""
        return bisect_right(self.thresholds, units)

    def grade_at(self, rank: int) -> str:
        return self.grades[rank - 1] if rank else self.specification.below_lowest

    def marks(self, units: int) -> Fraction:
        return Fraction(units, self.scale)

    def index(self, component: str) -> int:
        """Position of a component; raises UNKNOWN_COMPONENT, or COMPONENT_NOT_IN_OPTION for another route's."""
        for position, each in enumerate(self.components):
            if each.code == component:
                return position
        if any(each.code == component for each in self.specification.components):
            raise GradingError(
                ErrorCode.COMPONENT_NOT_IN_OPTION,
                f"Component {component} is not part of option {self.boundaries.option}.",
                component,
            )
        raise GradingError(
            ErrorCode.UNKNOWN_COMPONENT, f"{self.specification.identity} has no component of that code.", component
        )

    def contribution(self, position: int, hundredths: int, policy: RoundingPolicy) -> int:
        """Units that a raw mark adds to the sum, before any rounding of the sum."""
        units = hundredths * self.weights[position]
        return self.round_units(units) if policy is RoundingPolicy.EACH_HALF_UP else units


@lru_cache(maxsize=1024)
def prepare(specification: Specification, boundaries: BoundarySet) -> LinearTable:
    """Match a specification with a boundary set.

    Raises WRONG_SPECIFICATION when they belong apart, BAD_BOUNDARIES when their grades differ or a boundary is above
    the maximum, UNKNOWN_OPTION, and BAD_SPECIFICATION when the factors are too fine for 64-bit arithmetic.
    """
    _check_match(specification, boundaries)
    components = specification.route(boundaries.option)
    denominators = [component.factor.denominator for component in components]
    denominators += [row.mark.denominator for row in boundaries.rows]
    common = lcm(*denominators)
    weights = tuple(int(component.factor * common) for component in components)
    scale = HUNDREDTHS * common
    highest = max(
        sum(w * c.max_hundredths for w, c in zip(weights, components, strict=True)), _units(specification, scale)
    )
    if highest + scale * (len(components) + 1) > _INT64_ROOM:
        raise GradingError(
            ErrorCode.BAD_SPECIFICATION, f"The factors of {specification.identity} are too fine to be exact in 64 bits."
        )
    return LinearTable(
        specification=specification,
        boundaries=boundaries,
        components=components,
        scale=scale,
        weights=weights,
        thresholds=tuple(int(row.mark * scale) for row in reversed(boundaries.rows)),
        grades=tuple(row.grade for row in reversed(boundaries.rows)),
        points=tuple(step.points for step in reversed(specification.grades)),
        rounding_can_matter=any(w * c.step_hundredths % scale for w, c in zip(weights, components, strict=True)),
    )


def _units(specification: Specification, scale: int) -> int:
    return int(specification.max_mark * scale) + 1


def _check_match(specification: Specification, boundaries: BoundarySet) -> None:
    if specification.identity != boundaries.specification:
        raise GradingError(
            ErrorCode.WRONG_SPECIFICATION,
            f"The boundaries are of {boundaries.specification}, the specification is {specification.identity}.",
        )
    if [row.grade for row in boundaries.rows] != [step.grade for step in specification.grades]:
        raise GradingError(
            ErrorCode.BAD_BOUNDARIES,
            f"The boundaries of {boundaries.series} must name the grades of {specification.identity}, best first.",
        )
    if boundaries.rows[0].mark > specification.max_mark:
        raise GradingError(
            ErrorCode.BAD_BOUNDARIES,
            f"A boundary of {specification.identity} in {boundaries.series} is above the maximum mark.",
        )
