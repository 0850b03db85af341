"""What marks so far let one expect: named and versioned methods, each an estimate and never a grade.

All are exact. A component that was sat counts by its mark (absent: 0) in every method; they differ in what they put in
for those that are open. So with nothing open all of them give the grade, and none leaves the interval from no marks to
full marks in what is open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from server.grading.exact import number_text
from server.grading.marks import UNSAT, MarkState
from server.grading.requirements import capped
from server.grading.specification import RoundingPolicy
from server.grading.table import GradingTable
from server.grading.tally import Tally


class Method(StrEnum):
    """CURRENT and FLOOR put in nothing, CEILING full marks, WORKING_AT the share of the weighted maximum reached so far,
    AVERAGE_UNIT the plain mean of the shares reached in each unit, PROJECTED a teacher's estimates as if they were marks
    and the share then reached for the rest. FINE is WORKING_AT on the way from one grade to the next.
    """

    CURRENT = "current"
    WORKING_AT = "working_at"
    AVERAGE_UNIT = "average_unit"
    FLOOR = "floor"
    CEILING = "ceiling"
    PROJECTED = "projected"
    FINE = "fine"


VERSIONS: Final[Mapping[Method, int]] = MappingProxyType(dict.fromkeys(Method, 1))
"""Shown and kept with each estimate; raised whenever a method could give anything else."""
OF_MARKS: Final = frozenset({Method.FINE})
"""How far it is to the next grade is a subject mark in other words: with one paper sat, the mark of that paper."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """`value` is the grade, for FINE with its third; `low` and `high` are the grades of floor and ceiling.

    `mark` is an exact subject mark, `points` are those of the grade (FINE: on the way to the next); neither where no
    component was attempted. `reckoning` tells of marks.
    """

    method: Method
    version: int
    value: str
    grade: str
    low: str
    high: str
    mark: Fraction | None
    points: Fraction | None
    reckoning: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one component gives, in units of the table, of `full`; None while it is open."""

    given: Fraction | None
    full: Fraction


Parts = Sequence[Part]
Estimated = Mapping[int, Mapping[RoundingPolicy, Fraction]]
"""A teacher's estimates in units of the table, by position of the component."""

_Filling = Callable[[Parts], "list[Fraction] | None"]
_CERTAIN = (Method.FLOOR, Method.CEILING)


def forecast(
    table: GradingTable, sums: Tally, estimated: Estimated, methods: Sequence[Method] = tuple(Method)
) -> tuple[Estimate, ...]:
    """The methods' estimates, in the order asked for; those that nothing can be said by are left out.

    Nothing at all with an exempt component: no rule says how to grade without it.
    """
    states = {mark.state for mark in sums.marks}
    if MarkState.EXEMPT in states:
        return ()
    if states == {MarkState.ABSENT}:
        return tuple(_unattempted(table, method) for method in methods)
    course = _Course(table, sums, estimated)
    low, high = (course.reached(each) for each in _CERTAIN)
    assert low is not None
    assert high is not None
    found = ((method, course.reached(method)) for method in methods)
    return tuple(_estimate(course, method, at, low, high) for method, at in found if at is not None)


@dataclass(frozen=True, slots=True)
class _Reached:
    """A subject mark in units, and the boundaries it reaches by the rules."""

    units: Fraction
    rank: int


@dataclass(frozen=True, slots=True)
class _Course:
    table: GradingTable
    sums: Tally
    estimated: Estimated

    def parts(self, policy: RoundingPolicy, *, estimates: bool = False) -> list[Part]:
        return [self._part(place, policy, estimates) for place in range(len(self.table.components))]

    def _part(self, place: int, policy: RoundingPolicy, estimates: bool) -> Part:
        table, mark = self.table, self.sums.marks[place]
        full = Fraction(table.contribution(place, table.components[place].max_hundredths, policy))
        if mark.state not in UNSAT:
            return Part(Fraction(table.contribution(place, mark.hundredths, policy)), full)
        return Part(self.estimated[place][policy] if estimates and place in self.estimated else None, full)

    def filled(self, method: Method, policy: RoundingPolicy) -> list[Fraction] | None:
        """What each component gives by the method; None where nothing was sat that could tell."""
        return _FILLINGS[method](self.parts(policy, estimates=method is Method.PROJECTED))

    def reached(self, method: Method) -> _Reached | None:
        """By the specification's rounding and requirements."""
        table = self.table
        policy = table.specification.rounding.policy
        plain, filled = self.filled(method, RoundingPolicy.SUM_EXACT), self.filled(method, policy)
        if plain is None or filled is None:
            return None
        units = sum(filled, Fraction(0))
        if policy is RoundingPolicy.SUM_THEN_HALF_UP:
            units = Fraction((2 * units + table.scale) // (2 * table.scale) * table.scale)
        # Boundaries are whole units: what is finer reaches no more of them.
        rank = table.rank(units.numerator // units.denominator)
        return _Reached(units, capped(rank, table.hurdles, plain))


def _unsat_nothing(parts: Parts) -> list[Fraction]:
    return [Fraction(0) if part.given is None else part.given for part in parts]


def _unsat_full(parts: Parts) -> list[Fraction]:
    return [part.full if part.given is None else part.given for part in parts]


def _by_share(share: Callable[[list[tuple[Fraction, Fraction]]], Fraction]) -> _Filling:
    def filled(parts: Parts) -> list[Fraction] | None:
        # A component whose full marks weigh nothing has no share.
        sat = [(part.given, part.full) for part in parts if part.given is not None and part.full]
        if not sat:
            return None
        reached = share(sat)
        return [reached * part.full if part.given is None else part.given for part in parts]

    return filled


def weighted_share(sat: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    return sum((given for given, _ in sat), Fraction(0)) / sum((full for _, full in sat), Fraction(0))


def mean_share(sat: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    return sum((given / full for given, full in sat), Fraction(0)) / len(sat)


_FILLINGS: Final[Mapping[Method, _Filling]] = {
    Method.CURRENT: _unsat_nothing,
    Method.FLOOR: _unsat_nothing,
    Method.CEILING: _unsat_full,
    Method.WORKING_AT: _by_share(weighted_share),
    Method.PROJECTED: _by_share(weighted_share),
    Method.AVERAGE_UNIT: _by_share(mean_share),
    Method.FINE: _by_share(weighted_share),
}


def _unattempted(table: GradingTable, method: Method) -> Estimate:
    grade = table.specification.absence.all_absent_grade
    said = "no component was attempted"
    return Estimate(method, VERSIONS[method], grade, grade, grade, grade, None, None, said)


def _estimate(course: _Course, method: Method, at: _Reached, low: _Reached, high: _Reached) -> Estimate:
    table = course.table
    grade = table.grade_at(at.rank)
    points = table.points[at.rank - 1] if at.rank else Fraction(0)
    value = grade
    if method is Method.FINE:
        points, value = table.fine(at.rank, at.units), grade + third(table.grades, table.way(at.rank, at.units))
    return Estimate(
        method=method,
        version=VERSIONS[method],
        value=value,
        grade=grade,
        low=table.grade_at(low.rank),
        high=table.grade_at(high.rank),
        mark=at.units / table.scale,
        points=points,
        reckoning=_reckoning(course, method, at),
    )


def third(grades: Sequence[str], way: Fraction | None) -> str:
    """ "-", "" or "+"; nothing on scales whose own grades are written with these signs, such as 7-6."""
    if way is None or any(sign in grade for grade in grades for sign in "+-"):
        return ""
    return "-" if 3 * way < 1 else "" if 3 * way < 2 else "+"


def _reckoning(course: _Course, method: Method, at: _Reached) -> str:
    table = course.table
    parts = course.parts(table.specification.rounding.policy, estimates=method is Method.PROJECTED)
    sat = [part for part in parts if part.given is not None]
    given = _marks(table, sum((part.given for part in sat if part.given is not None), Fraction(0)))
    of = _marks(table, sum((part.full for part in sat), Fraction(0)))
    most = _marks(table, sum((part.full for part in parts), Fraction(0)))
    mark = _marks(table, at.units)
    if len(sat) == len(parts) and method is not Method.PROJECTED:
        return f"nothing is open: {mark} of {most}"
    said = f"{given} of {of} so far"
    if method is Method.PROJECTED and course.estimated:
        codes = ", ".join(table.components[place].code for place in sorted(course.estimated))
        said = f"{given} of {of} with the estimates for {codes}"
    return f"{said}; {_PUT_IN[method]}: {mark} of {most}"


_PUT_IN: Final[Mapping[Method, str]] = {
    Method.CURRENT: "nothing for what is open",
    Method.FLOOR: "nothing for what is open",
    Method.CEILING: "full marks for what is open",
    Method.WORKING_AT: "the same share of what is open",
    Method.PROJECTED: "the same share of what is open",
    Method.AVERAGE_UNIT: "the mean share of the units sat of what is open",
    Method.FINE: "the same share of what is open",
}


def _marks(table: GradingTable, units: Fraction) -> str:
    return number_text(units / table.scale)
