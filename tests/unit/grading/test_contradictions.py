"""Specifications and series that contradict themselves are refused by code, before anybody is graded by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.errors import ErrorCode, GradingError
from server.grading.requirements import Measure, Requirement
from server.grading.specification import Option, Specification
from server.grading.table import prepare
from tests.unit.grading.unit_samples import award, award_boundaries, printed, psychology, psychology_boundaries

World = tuple[Specification, BoundarySet]


def option_of_a_missing_unit() -> World:
    made = replace(psychology(), options=(Option("A", ("PS01", "PS09")),))
    return made, replace(psychology_boundaries(), option="A")


def option_of_nothing() -> World:
    return replace(psychology(), options=(Option("A", ()),)), replace(psychology_boundaries(), option="A")


def option_of_a_unit_twice() -> World:
    made = replace(psychology(), options=(Option("A", ("PS01", "PS01")),))
    return made, replace(psychology_boundaries(), option="A")


def requirement(**changes: object) -> World:
    asked = Requirement("A*", ("PS03",), Fraction(90), "a rule")
    return replace(psychology(), requirements=(replace(asked, **changes),)), psychology_boundaries()  # type: ignore[arg-type]


def a_printed_point_that_falls() -> World:
    """50 raw marks are 59 uniform marks by the line; fewer than 49 marks give can't be printed."""
    return psychology(), printed(50, 40)


def a_printed_point_for_nothing() -> World:
    return psychology(), printed(0, 1)


def units_of(*units: UnitRow) -> World:
    return psychology(), replace(psychology_boundaries(), units=units)


def first_unit(*marks: int) -> World:
    _, *rest = psychology_boundaries().units
    rows = tuple(BoundaryRow(letter, Fraction(mark)) for letter, mark in zip("ABCDE", marks, strict=False))
    return units_of(UnitRow("PS01", rows), *rest)


def subject(**changes: int) -> World:
    whole = psychology_boundaries()
    rows = tuple(replace(row, mark=Fraction(changes.get(row.grade.replace("*", "_"), row.mark))) for row in whole.rows)
    return psychology(), replace(whole, rows=rows)


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (option_of_a_missing_unit, ErrorCode.BAD_SPECIFICATION),
        (option_of_nothing, ErrorCode.BAD_SPECIFICATION),
        (option_of_a_unit_twice, ErrorCode.BAD_SPECIFICATION),
        (lambda: requirement(components=("PS09",)), ErrorCode.BAD_SPECIFICATION),
        (lambda: requirement(components=()), ErrorCode.BAD_SPECIFICATION),
        (lambda: requirement(grade="A**"), ErrorCode.BAD_SPECIFICATION),
        (lambda: requirement(measure=Measure.SIZE), ErrorCode.BAD_SPECIFICATION),
        (a_printed_point_that_falls, ErrorCode.BAD_BOUNDARIES),
        (a_printed_point_for_nothing, ErrorCode.BAD_BOUNDARIES),
        (lambda: units_of(*psychology_boundaries().units[1:]), ErrorCode.BAD_BOUNDARIES),
        (lambda: units_of(*psychology_boundaries().units, psychology_boundaries().units[0]), ErrorCode.BAD_BOUNDARIES),
        (lambda: first_unit(91, 59, 51, 43, 35), ErrorCode.BAD_BOUNDARIES),
        (lambda: first_unit(67, 67, 51, 43, 35), ErrorCode.BAD_BOUNDARIES),
        (lambda: first_unit(51, 59, 51, 43, 35), ErrorCode.BAD_BOUNDARIES),
        (lambda: first_unit(), ErrorCode.BAD_BOUNDARIES),
        (lambda: subject(A_=401), ErrorCode.BAD_BOUNDARIES),
        (lambda: subject(B=320), ErrorCode.BAD_BOUNDARIES),
        (lambda: subject(E=-1), ErrorCode.BAD_BOUNDARIES),
        (lambda: (psychology(), award_boundaries()), ErrorCode.WRONG_SPECIFICATION),
        (lambda: (replace(award(), identity="EX:PSY"), psychology_boundaries()), ErrorCode.BAD_BOUNDARIES),
        (lambda: (psychology(), replace(psychology_boundaries(), option="A")), ErrorCode.UNKNOWN_OPTION),
    ],
)
def test_a_contradiction_is_refused(made: Callable[[], World], code: ErrorCode) -> None:
    """With a sentence that says what is wrong."""
    with pytest.raises(GradingError) as caught:
        prepare(*made())
    assert caught.value.code is code
    assert caught.value.message.endswith((".", "a rule"))


def test_the_samples_themselves_are_sound() -> None:
    """So each refusal above is of what was changed."""
    assert prepare(psychology(), psychology_boundaries()).hurdles
    assert prepare(award(), award_boundaries()).hurdles
    assert prepare(psychology(), printed(50, 60)).lookups
    assert prepare(*first_unit(67, 59, 51, 43, 35)).lookups
    assert prepare(*subject(A_=400)).thresholds
