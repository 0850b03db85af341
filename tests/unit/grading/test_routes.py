"""The cheapest routes where a grade asks for more than a total: several requirements at once, and how far it is searched."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations

import pytest

from server.grading.boundaries import BoundaryRow, BoundarySet
from server.grading.conversion import Above, Below, Conversion, UniformMark
from server.grading.explanation import explain
from server.grading.requirements import Measure, Requirement
from server.grading.routes import Route, routes
from server.grading.scalar import grade
from server.grading.scales import grade_steps
from server.grading.specification import Component, Rounding, RoundingPolicy, Scheme, Specification
from server.grading.table import prepare
from server.grading.tally import tally
from tests.unit.grading.unit_samples import award, award_boundaries, psychology, psychology_boundaries


def ladder(code: str, most: int = 10, size: int = 10) -> Component:
    """A unit that gives one point for each mark."""
    worth = Conversion(
        Fraction(most), (UniformMark("P", Fraction(most)),), Below.ZERO, Above.FLAT, fixed=(BoundaryRow("P", Fraction(most)),)
    )  # fmt: skip
    return Component(code, Fraction(most), conversion=worth, size=size)


def course(units: int, *asked: Requirement, most: int = 10, pass_mark: int = 1) -> tuple[Specification, BoundarySet]:
    """Units of one point a mark, and one grade."""
    parts = tuple(ladder(f"U{number}", most) for number in range(units))
    specification = Specification(
        "EX:R", "EX", "R", "Routes", "Q", None, Fraction(most * units), parts, grade_steps(("P",)),
        scheme=Scheme.UNITISED, requirements=asked,
    )  # fmt: skip
    return specification, BoundarySet("EX:R", "June 2025", (BoundaryRow("P", Fraction(pass_mark)),), ("t",), "official")


def asks(minimum: int, *components: str, measure: Measure = Measure.TOTAL) -> Requirement:
    return Requirement("P", components, Fraction(minimum), "a rule", measure, Fraction(5))


def told(made: tuple[Specification, BoundarySet], marks: Mapping[str, object]) -> list[tuple[Fraction, dict[str, int]]]:
    table = prepare(*made)
    return [(route.marks, moves(route)) for route in routes(table, tally(table, marks))]


def moves(route: Route) -> dict[str, int]:
    return {move.component: int(move.marks) for move in route.moves}


def test_two_requirements_that_add_units_up_are_both_met() -> None:
    """No single unit meets both: the shared one gives to each."""
    made = course(3, asks(6, "U0", "U1"), asks(6, "U1", "U2"))
    assert told(made, {"U0": 0, "U1": 0, "U2": 0}) == [(6, {"U1": 6})]
    made = course(3, asks(6, "U0", "U1"), asks(6, "U1", "U2"), asks(6, "U0", "U2"))
    assert told(made, {"U0": 0, "U1": 0, "U2": 0}) == [(9, {"U0": 3, "U1": 3, "U2": 3})]


def test_two_requirements_on_units_of_their_own() -> None:
    """And the total besides, which either may bring."""
    made = course(4, asks(5, "U0", "U1"), asks(7, "U2", "U3"), pass_mark=15)
    cost, moved = told(made, {"U0": 0, "U1": 2, "U2": 1, "U3": 0})[0]
    assert cost == 12
    assert sum(moved.values()) == 12


def test_hours_passed_and_a_total() -> None:
    """Two units of the three must be passed, from 5 marks each; the cheapest are those that are nearest."""
    made = course(3, asks(20, "U0", "U1", "U2", measure=Measure.SIZE), pass_mark=11)
    assert told(made, {"U0": 4, "U1": 1, "U2": 4}) == [(2, {"U0": 1, "U2": 1})]
    assert told(made, {"U0": 9, "U1": 1, "U2": 4})[0] == (1, {"U2": 1})


def test_the_distinction_of_a_points_award() -> None:
    """Rungs of units of several sizes, and marks of an examination."""
    made = (award(), award_boundaries())
    marks = {"U1": 23, "U2": 3, "U3": 3, "U4": 2}
    cost, moved = told(made, marks)[0]
    assert grade(*made, {code: mark + moved.get(code, 0) for code, mark in marks.items()}).grade == "D"
    rooms = {"U1": 27, "U2": 1, "U3": 1, "U4": 2}
    best = min(
        sum(raised)
        for raised in _every([range(room + 1) for room in rooms.values()])
        if grade(*made, {c: m + r for (c, m), r in zip(marks.items(), raised, strict=True)}).grade == "D"
    )
    assert cost == best


def _every(ranges: list[range]) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [()]
    for each in ranges:
        found = [(*before, number) for before in found for number in each]
    return found


def test_a_half_mark_that_is_left_may_be_the_cheapest() -> None:
    """A mark and a half, and not two of the heavier component."""
    parts = (Component("A", Fraction(20), Fraction(3)), Component("B", Fraction(10), step=Fraction(1, 2)))
    specification = Specification("EX:H", "EX", "H", "H", "Q", None, Fraction(70), parts, grade_steps(("P",)))
    boundaries = BoundarySet("EX:H", "June 2025", (BoundaryRow("P", Fraction(16)),), ("t",), "official")
    assert told((specification, boundaries), {"A": 1, "B": Fraction(19, 2)})[0] == (
        Fraction(3, 2), {"A": 1, "B": 0},
    )  # fmt: skip


def test_each_component_rounded_is_searched_too() -> None:
    """Two thirds of a mark are one; so one mark in each gives 2, and two in one of them only 1."""
    parts = (Component("A", Fraction(9), Fraction(2, 3)), Component("B", Fraction(9), Fraction(2, 3)))
    specification = Specification(
        "EX:E", "EX", "E", "E", "Q", None, Fraction(12), parts, grade_steps(("P",)),
        rounding=Rounding(RoundingPolicy.EACH_HALF_UP),
    )  # fmt: skip
    boundaries = BoundarySet("EX:E", "June 2025", (BoundaryRow("P", Fraction(2)),), ("t",), "official")
    assert told((specification, boundaries), {"A": 0, "B": 0})[0] == (2, {"A": 1, "B": 1})


def test_an_a_star_is_reached_by_the_units_it_asks_for() -> None:
    """The total is there, and the last two units need ten more together: the nearer raw boundaries count."""
    marks = {"PS01": 80, "PS02": 80, "PS03": 70, "PS04": 66}
    made = (psychology(), psychology_boundaries())
    table = prepare(*made)
    [first, *_] = routes(table, tally(table, marks))
    assert (first.grade, first.certain) == ("A*", True)
    wanted = [
        (a + b, grade(*made, {**marks, "PS03": 70 + a, "PS04": 66 + b}).grade) for a in range(21) for b in range(25)
    ]
    assert first.marks == min(cost for cost, reached in wanted if reached == "A*")


def test_where_there_are_too_many_ways_the_route_says_so() -> None:
    """Every pair of eight long units asks for something: a route is told that reaches the grade, and is not called cheapest."""
    codes = [f"U{number}" for number in range(8)]
    pairs = [asks(70 + 7 * place % 60, *pair) for place, pair in enumerate(combinations(codes, 2))]
    made = course(8, *pairs, most=100, pass_mark=350)
    table = prepare(*made)
    found = routes(table, tally(table, dict.fromkeys(codes, 3)))
    assert [route.certain for route in found] == [False]
    raised = {move.component: move.raises_to for move in found[0].moves}
    assert grade(*made, {**dict.fromkeys(codes, 3), **raised}).grade == "P"
    for code, to in raised.items():
        assert grade(*made, {**dict.fromkeys(codes, 3), **raised, code: to - 1}).grade == "U"
    [route] = explain(*made, dict.fromkeys(codes, 3)).routes
    assert route.text.endswith("; another way may cost less")


@pytest.mark.parametrize("units", [1, 2, 5])
def test_no_route_where_full_marks_do_not_suffice(units: int) -> None:
    """A requirement that the absent unit alone could meet."""
    made = course(units + 1, asks(5, f"U{units}"))
    assert told(made, {**{f"U{number}": 1 for number in range(units)}, f"U{units}": "X"}) == []
