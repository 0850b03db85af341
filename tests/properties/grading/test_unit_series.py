"""Attempts in windows of different series: each is converted by its own, reckoned here by fractions of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.contents import boundary_content, specification_content
from server.grading.conversion import Above, Below, Between, Whole
from server.grading.explained import ExplainedStep
from server.grading.explained_sittings import explain_sittings
from server.grading.marks import ABSENT, NOT_ENTERED, Mark, MarkState
from server.grading.outlook import outlook
from server.grading.papers import Contents, Paper
from server.grading.rule_family import RuleFamily
from server.grading.sittings import Sitting, grade_many_sittings, grade_sittings
from server.grading.specification import Component, Retake, Specification
from server.grading.what_if import Case, Outcome, Overlay, what_if
from tests.properties.grading.unit_worlds import World, falling, scored, unit_worlds
from tests.properties.grading.worlds import checked

CONFIDENCES = ("official", "2-source", "single-source", "assumed")


@dataclass(frozen=True)
class Window:
    """Attempts by component, oldest first, and the boundaries of the window's series."""

    marks: Mapping[str, Sequence[Mark]]
    series: BoundarySet


@st.composite
def another(draw: st.DrawFn, world: World, name: str) -> BoundarySet:
    """Boundaries of another series: other raw marks for units, other totals for grades."""
    specification, series = world
    raws = {part.code: int(part.max_raw) for part in specification.components}
    units: list[UnitRow] = []
    for row in series.units:
        marks = draw(falling(len(row.rows), 1, raws[row.component]))
        rows = (BoundaryRow(each.grade, Fraction(mark)) for each, mark in zip(row.rows, marks, strict=True))
        units.append(UnitRow(row.component, tuple(rows)))
    totals = draw(falling(len(series.rows), 0, int(specification.max_mark)))
    rows = tuple(BoundaryRow(each.grade, Fraction(mark)) for each, mark in zip(series.rows, totals, strict=True))
    confidence = draw(st.sampled_from(CONFIDENCES))
    return BoundarySet(specification.identity, name, rows, (f"table of {name}",), confidence, units=tuple(units))


@st.composite
def sat(draw: st.DrawFn, world: World) -> list[Window]:
    """Up to four windows; every unit is scored in one at least, and absences and blanks are no marks."""
    count = draw(st.integers(1, 4))
    series = [draw(another(world, f"S{place}")) for place in range(count)]
    marks: list[dict[str, list[Mark]]] = [{} for _ in range(count)]
    for part in world[0].components:
        must = draw(st.integers(0, count - 1))
        for place in range(count):
            tried = st.one_of(scored(part), st.sampled_from([ABSENT, NOT_ENTERED]))
            found = draw(st.lists(tried, max_size=2))
            marks[place][part.code] = [*found, draw(scored(part))] if place == must else found
    return [Window(each, by) for each, by in zip(marks, series, strict=True)]


def worth(part: Component, series: BoundarySet, raw: Fraction) -> Fraction:
    """Reckoned anew: the region of the raw mark first, then one line in it, then one rounding."""
    assert part.conversion is not None
    rule = part.conversion
    given_rows = rule.fixed or next(row.rows for row in series.units if row.component == part.code)
    value = {each.grade: each.mark for each in rule.uniform}
    known = sorted((row.mark, value[row.grade]) for row in given_rows)
    if raw >= known[-1][0]:
        exact = _above(part, known, raw)
    elif raw < known[0][0]:
        exact = _below(part, known, raw)
    else:
        exact = next(_on(part, low, high, raw) for low, high in pairwise(known) if low[0] <= raw < high[0])
    whole = (2 * exact + 1) // 2 if rule.whole is Whole.HALF_UP else exact.__floor__()
    return min(Fraction(whole), rule.maximum)


Point = tuple[Fraction, Fraction]


def _on(part: Component, low: Point, high: Point, raw: Fraction) -> Fraction:
    assert part.conversion is not None
    if part.conversion.between is Between.STEP:
        return low[1]
    return low[1] + (raw - low[0]) * (high[1] - low[1]) / (high[0] - low[0])


def _above(part: Component, known: Sequence[Point], raw: Fraction) -> Fraction:
    assert part.conversion is not None
    top, most = known[-1], part.conversion.maximum
    if part.conversion.above is Above.FLAT or top[1] == most or top[0] == part.max_raw:
        return top[1]
    end = part.max_raw
    if len(known) > 1:
        (raw_b, worth_b), (raw_a, worth_a) = known[-2:]
        end = min(end, raw_a + (raw_a - raw_b) * (most - worth_a) / (worth_a - worth_b))
    return most if raw >= end else _on(part, top, (end, most), raw)


def _below(part: Component, known: Sequence[Point], raw: Fraction) -> Fraction:
    assert part.conversion is not None
    first, nought = known[0], (Fraction(0), Fraction(0))
    if part.conversion.below is Below.NOTHING:
        return Fraction(0)
    if part.conversion.below is Below.NOTIONAL and len(known) > 1:
        one_lower = (2 * first[0] - known[1][0], 2 * first[1] - known[1][1])
        if min(one_lower) > 0:
            return _on(part, one_lower, first, raw) if raw >= one_lower[0] else _on(part, nought, one_lower, raw)
    return _on(part, nought, first, raw)


def expected(specification: Specification, windows: Sequence[Window]) -> tuple[str, Fraction]:
    """Grade and total: every attempt by its own window's series, the best or newest of them, totals of the last."""
    total = Fraction(0)
    for part in specification.components:
        values = [
            worth(part, window.series, Fraction(mark.hundredths, 100))
            for window in windows
            for mark in window.marks[part.code]
            if mark.state is MarkState.SCORED
        ]
        total += max(values) if specification.retake is Retake.BEST else values[-1]
    reached = [row.grade for row in windows[-1].series.rows if row.mark <= total]
    return (reached[0] if reached else specification.below_lowest), total


def contents(specification: Specification, series: BoundarySet) -> Contents:
    return Contents(specification_content(specification), boundary_content(series))


def sittings(specification: Specification, windows: Sequence[Window]) -> list[Sitting]:
    papers = frozenset(Paper(part.code, Decimal(int(part.max_raw)), Decimal(1)) for part in specification.components)
    return [
        Sitting(papers, window.marks, f"W{place}", contents(specification, window.series))
        for place, window in enumerate(windows)
    ]


@checked
@given(unit_worlds(most_requirements=0), st.data())
def test_every_attempt_is_converted_by_its_own_series(world: World, data: st.DataObject) -> None:
    """By the engine for one learner, by that for many, in explanations, what-ifs and forecasts."""
    specification, windows = world[0], data.draw(sat(world))
    many, own = sittings(specification, windows), contents(specification, windows[-1].series)
    grade, total = expected(specification, windows)
    found = grade_sittings(own, many)
    assert found is not None
    assert (found.value, Fraction(found.subject_mark or "")) == (grade, total)
    assert grade_many_sittings(own, [many, many[-1:], many]) == [found, grade_sittings(own, many[-1:]), found]
    why = explain_sittings(own, many)
    assert (why.grade, Fraction(why.subject_mark or ""), why.confidence) == (grade, total, found.confidence)
    _check_attempts(specification, windows, why.steps)
    case = Case(own, many[-1].papers, many[-1].marks, RuleFamily(), earlier=tuple(many[:-1]))
    actual, [same] = what_if(case, [Overlay("same")])
    assert isinstance(actual, Outcome)
    assert isinstance(same, Outcome)
    assert (actual.columns, same.columns) == (found, found)
    seen = outlook(own, many, {})
    assert seen is not None
    assert {each.mark for each in seen.estimates if each.mark is not None} == {total}
    named = {flag.split(":")[2] for flag in found.flags if flag.startswith("series:")}
    rank = [CONFIDENCES.index(window.series.confidence) for window in windows if window.series.series in named]
    assert found.confidence == CONFIDENCES[max([*rank, CONFIDENCES.index(windows[-1].series.confidence)])]


def _check_attempts(specification: Specification, windows: Sequence[Window], steps: Sequence[ExplainedStep]) -> None:
    """Each names its own series, and is worth what that makes of it."""
    parts = {part.code: part for part in specification.components}
    for step in steps:
        for attempt in step.attempts:
            part = parts[step.component or ""]
            series = windows[int((attempt.window or "")[1:])].series
            fixed = part.conversion is not None and part.conversion.fixed
            named = (attempt.series, attempt.source, attempt.confidence)
            assert named == ((None,) * 3 if fixed else (series.series, series.sources[0], series.confidence))
            if attempt.value is not None:
                assert Fraction(attempt.value) == worth(part, series, Fraction(attempt.raw or ""))


@checked
@given(unit_worlds(), st.data())
def test_the_same_boundaries_change_nothing(world: World, data: st.DataObject) -> None:
    """Whether windows name them or not."""
    windows = [replace(each, series=world[1]) for each in data.draw(sat(world))]
    many, own = sittings(world[0], windows), contents(*world)
    assert grade_sittings(own, many) == grade_sittings(own, [replace(each, by=None) for each in many])
    assert explain_sittings(own, many) == explain_sittings(own, [replace(each, by=None) for each in many])
