"""Uniform marks and points against the rule written out once more, on the printed grades, their two ends and between."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from hypothesis import given
from hypothesis import strategies as st

from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.conversion import Above, Below, Between, Conversion, Whole
from server.grading.scalar import grade
from server.grading.scales import grade_steps
from server.grading.specification import Component, Scheme, Specification
from tests.properties.grading.unit_worlds import units

Unit = tuple[Component, UnitRow | None]


def rule(unit: Unit, raw: int) -> int:
    """By the two nearest printed grades; beyond them by the words of the specification."""
    component, row = unit
    conversion = stated(component)
    marks = {each.grade: each.mark for each in (row.rows if row else conversion.fixed)}
    known = [(marks[each.grade], each.mark) for each in reversed(conversion.uniform)]
    on = on_line if conversion.between is Between.LINE else on_step
    if raw < known[0][0]:
        exact = below(conversion, known, Fraction(raw))
    elif raw >= known[-1][0]:
        exact = above(conversion, known, Fraction(raw), component.max_raw)
    else:
        [exact] = [on(low, high, Fraction(raw)) for low, high in pairwise(known) if low[0] <= raw < high[0]]
    down, rest = floor(exact), exact - floor(exact)
    return down if conversion.whole is Whole.DOWN or rest < Fraction(1, 2) else ceil(exact)


def stated(component: Component) -> Conversion:
    assert component.conversion is not None
    return component.conversion


Point = tuple[Fraction, Fraction]


def on_line(low: Point, high: Point, raw: Fraction) -> Fraction:
    return low[1] + (high[1] - low[1]) * (raw - low[0]) / (high[0] - low[0])


def on_step(low: Point, high: Point, raw: Fraction) -> Fraction:
    return low[1]


def below(conversion: Conversion, known: list[Point], raw: Fraction) -> Fraction:
    """Nothing; or a line to nought, before which lies one more grade as wide and worth as much as the last."""
    nought = (Fraction(0), Fraction(0))
    on = on_line if conversion.between is Between.LINE else on_step
    if conversion.below is Below.NOTHING:
        return Fraction(0)
    if conversion.below is Below.ZERO or len(known) == 1:
        return on(nought, known[0], raw)
    width, worth = known[1][0] - known[0][0], known[1][1] - known[0][1]
    notional = (known[0][0] - width, known[0][1] - worth)
    if notional[0] <= 0 or notional[1] <= 0:
        return on(nought, known[0], raw)
    return on(notional, known[0], raw) if raw >= notional[0] else on(nought, notional, raw)


def above(conversion: Conversion, known: list[Point], raw: Fraction, paper: Fraction) -> Fraction:
    """Nothing more; or the last slope, until all is reached: at the end of the paper at the latest."""
    top = known[-1]
    if conversion.above is Above.FLAT or raw == top[0]:
        return top[1]
    end = paper
    on = on_line if conversion.between is Between.LINE else on_step
    if len(known) > 1:
        before = known[-2]
        end = min(paper, top[0] + (conversion.maximum - top[1]) * (top[0] - before[0]) / (top[1] - before[1]))
    return conversion.maximum if raw >= end else on(top, (end, conversion.maximum), raw)


def reached(unit: Unit, raw: int) -> Fraction | None:
    """By the engine, as the subject mark of a qualification of this unit alone."""
    component, row = unit
    specification = Specification(
        "B:1:U", "B", "1", "T", "Q", None, stated(component).maximum, (component,), grade_steps(("P",)),
        scheme=Scheme.UNITISED,
    )  # fmt: skip
    rows = (BoundaryRow("P", Fraction(1)),)
    boundaries = BoundarySet("B:1:U", "June 2025", rows, ("a table",), "made up", units=(row,) if row else ())
    return grade(specification, boundaries, {component.code: raw}).subject_mark


@given(units("U1"))
def test_every_raw_mark_is_worth_what_the_rule_says(unit: Unit) -> None:
    """None passes the maximum, and a printed grade is worth what is printed."""
    worths = [reached(unit, raw) for raw in range(int(unit[0].max_raw) + 1)]
    assert worths == [rule(unit, raw) for raw in range(int(unit[0].max_raw) + 1)]
    conversion, row = stated(unit[0]), unit[1]
    assert max(worth for worth in worths if worth is not None) <= conversion.maximum
    marks = {each.grade: each.mark for each in (row.rows if row else conversion.fixed)}
    assert all(worths[int(marks[each.grade])] == each.mark for each in conversion.uniform)


@given(units("U1"), st.data())
def test_a_printed_point_counts_and_moves_no_other(unit: Unit, data: st.DataObject) -> None:
    """Whatever the line gives there."""
    component, row = unit
    if row is None:
        return
    usual = [rule(unit, raw) for raw in range(int(component.max_raw) + 1)]
    raw = data.draw(st.integers(1, len(usual) - 1))
    most = usual[raw + 1] if raw + 1 < len(usual) else int(stated(component).maximum)
    point = data.draw(st.integers(usual[raw - 1], max(most, usual[raw - 1])))
    printed = replace(row, printed=((Fraction(raw), Fraction(point)),))
    found = [reached((component, printed), each) for each in range(len(usual))]
    assert found == [*usual[:raw], point, *usual[raw + 1 :]]
