"""A specification and a boundary set made ready: every factor and boundary as a whole number of one common unit.

With L the least common multiple of all denominators of factors and boundaries, one subject mark is `scale` = 100 L
units, and a hundredth of a raw mark weighs factor x L units. A component with a conversion is looked up instead: the
units of each of its raw marks, step by step. Sums and comparisons are then whole-number arithmetic.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import lcm

from server.grading.boundaries import BoundarySet
from server.grading.conversion import anchors, uniform
from server.grading.errors import ErrorCode, GradingError
from server.grading.requirements import Hurdle, Measure, Requirement, capped
from server.grading.specification import HUNDREDTHS, Component, RoundingPolicy, Specification

_INT64_ROOM = 2**60
"""Twice any total, plus a unit, must fit a signed 64-bit integer: the bulk engine has no larger ones."""


@dataclass(frozen=True, slots=True)
class GradingTable:
    """`weights` are units per hundredth of a raw mark, by component; `thresholds` are units, lowest grade first.

    `lookups` are, by component, the units of each raw mark from 0 in steps; None where the weight says it. `hurdles` are
    what grades ask for besides the sum.
    """

    specification: Specification
    boundaries: BoundarySet
    components: tuple[Component, ...]
    scale: int
    weights: tuple[int, ...]
    lookups: tuple[tuple[int, ...] | None, ...]
    hurdles: tuple[Hurdle, ...]
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

    def award(self, units: int, parts: Sequence[int]) -> int:
        """The rank that a sum reaches with these contributions by component: boundaries, then requirements."""
        return capped(self.rank(units), self.hurdles, parts) if self.hurdles else self.rank(units)

    def way(self, rank: int, units: Fraction) -> Fraction | None:
        """The share of the way from a rank's boundary to the next one's, below 1; None at the top and below all grades.

        Who is held back by a requirement, or lies less than a unit below the next boundary, is as near to it as anybody
        can be: more marks never show as less.
        """
        if not rank or rank == len(self.thresholds) or self.thresholds[rank] == self.thresholds[rank - 1]:
            return None
        boundary, following = self.thresholds[rank - 1], self.thresholds[rank]
        return (min(units, Fraction(following - 1)) - boundary) / (following - boundary)

    def fine(self, rank: int, units: Fraction) -> Fraction:
        """Grade points with the way to the next grade's."""
        points, way = self.points[rank - 1] if rank else Fraction(0), self.way(rank, units)
        return points if way is None else points + (self.points[rank] - points) * way

    def held(self, units: int, parts: Sequence[int]) -> tuple[Requirement, ...]:
        """The requirements that keep the learner from a grade whose boundary is reached."""
        rank = self.rank(units)
        return tuple(each.requirement for each in self.hurdles if each.cap < rank and not each.taken(parts))

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
        lookup = self.lookups[position]
        if lookup is not None:
            return lookup[hundredths // self.components[position].step_hundredths]
        units = hundredths * self.weights[position]
        return self.round_units(units) if policy is RoundingPolicy.EACH_HALF_UP else units


@lru_cache(maxsize=1024)
def prepare(specification: Specification, boundaries: BoundarySet, shift: int = 0) -> GradingTable:
    """Match a specification with a boundary set, whose subject boundaries are then shifted by so many per cent, exactly.

    A published boundary is never above the maximum; a shifted one may be, and is then out of reach.
    Raises WRONG_SPECIFICATION when they belong apart, BAD_BOUNDARIES when their grades differ or a boundary is above
    the maximum, UNKNOWN_OPTION, and BAD_SPECIFICATION when the factors are too fine for 64-bit arithmetic.
    """
    _check_match(specification, boundaries)
    if shift:
        by = Fraction(100 + shift, 100)
        boundaries = replace(boundaries, rows=tuple(replace(row, mark=row.mark * by) for row in boundaries.rows))
    components = specification.route(boundaries.option)
    denominators = [component.factor.denominator for component in components if component.conversion is None]
    denominators += [row.mark.denominator for row in boundaries.rows]
    denominators += [each.minimum.denominator for each in specification.requirements]
    denominators += [each.passed.denominator for each in specification.requirements]
    common = lcm(*denominators)
    weights = tuple(0 if each.conversion else int(each.factor * common) for each in components)
    scale = HUNDREDTHS * common
    lookups = tuple(_lookup(component, boundaries, scale) for component in components)
    parts = zip(weights, lookups, components, strict=True)
    highest = max(
        sum(lookup[-1] if lookup else weight * each.max_hundredths for weight, lookup, each in parts),
        _units(specification, scale),
    )
    if highest + scale * (len(components) + 1) > _INT64_ROOM:
        raise GradingError(
            ErrorCode.BAD_SPECIFICATION,
            f"A factor or a boundary of {specification.identity} is too fine to be exact in 64 bits.",
        )
    return GradingTable(
        specification=specification,
        boundaries=boundaries,
        components=components,
        scale=scale,
        weights=weights,
        lookups=lookups,
        hurdles=_hurdles(specification, components, scale),
        thresholds=tuple(int(row.mark * scale) for row in reversed(boundaries.rows)),
        grades=tuple(row.grade for row in reversed(boundaries.rows)),
        points=tuple(step.points for step in reversed(specification.grades)),
        rounding_can_matter=any(w * c.step_hundredths % scale for w, c in zip(weights, components, strict=True)),
    )


_MOST_STEPS = 100_000


def _lookup(component: Component, boundaries: BoundarySet, scale: int) -> tuple[int, ...] | None:
    """The units of each raw mark of a converted component; `factor` is its share of the published paper's."""
    conversion = component.conversion
    if conversion is None:
        return None
    row = next((each for each in boundaries.units if each.component == component.code), None)
    steps = component.max_hundredths // component.step_hundredths
    if steps > _MOST_STEPS:
        raise GradingError(ErrorCode.BAD_SPECIFICATION, f"Component {component.code} has more steps than any paper.")
    if row is None and not conversion.fixed:
        raise GradingError(ErrorCode.BAD_BOUNDARIES, f"The series has no raw boundaries of the unit {component.code}.")
    between = anchors(conversion, row, component.max_raw * component.factor)
    raws = (place * component.step * component.factor for place in range(steps + 1))
    printed = dict(row.printed) if row else {}
    found = tuple(int(printed[raw] if raw in printed else uniform(conversion, between, raw)) * scale for raw in raws)
    if any(later < earlier for earlier, later in pairwise(found)):
        raise GradingError(ErrorCode.BAD_BOUNDARIES, f"More marks in {component.code} must not give fewer.")
    if found[0]:
        raise GradingError(ErrorCode.BAD_BOUNDARIES, f"No marks in {component.code} must give no uniform marks.")
    return found


def _hurdles(specification: Specification, components: tuple[Component, ...], scale: int) -> tuple[Hurdle, ...]:
    """Requirements over the components of this route."""
    grades = [step.grade for step in reversed(specification.grades)]
    places = {component.code: place for place, component in enumerate(components)}
    found: list[Hurdle] = []
    for each in specification.requirements:
        positions = tuple(places[code] for code in each.components if code in places)
        total = each.measure is Measure.TOTAL
        found.append(
            Hurdle(
                requirement=each,
                positions=positions,
                minimum=int(each.minimum * scale) if total else int(each.minimum),
                passed=int(each.passed * scale),
                sizes=tuple(components[position].size for position in positions),
                cap=grades.index(each.grade),
            )
        )
    return tuple(found)


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
    bound = {each.grade for each in specification.requirements}
    if any(upper.mark == lower.mark and upper.grade not in bound for upper, lower in pairwise(boundaries.rows)):
        raise GradingError(
            ErrorCode.BAD_BOUNDARIES,
            f"The boundaries of {boundaries.series} must fall from grade to grade, or {specification.identity} must "
            "ask something else of the upper one.",
        )
    known = {each.code for each in specification.components if each.conversion is not None}
    if len({each.component for each in boundaries.units}) != len(boundaries.units) or any(
        each.component not in known for each in boundaries.units
    ):
        raise GradingError(
            ErrorCode.BAD_BOUNDARIES,
            f"The boundaries of {boundaries.series} name a unit twice, or one that {specification.identity} lacks.",
        )
    if boundaries.rows[0].mark > specification.max_mark:
        raise GradingError(
            ErrorCode.BAD_BOUNDARIES,
            f"A boundary of {specification.identity} in {boundaries.series} is above the maximum mark.",
        )
