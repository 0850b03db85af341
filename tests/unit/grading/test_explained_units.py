"""Traces of units: the line that a raw mark lies on, which attempt counts, what a grade asks besides the sum."""

from __future__ import annotations

from typing import Any

import pytest

from server.grading.explained import ExplainedStep, Explanation
from server.grading.explanation import explain
from server.grading.specification import Retake
from tests.unit.grading.unit_samples import UNITS, award, award_boundaries, printed, psychology, psychology_boundaries


def unitised(*raws: object, retake: Retake = Retake.BEST) -> Explanation:
    return explain(psychology(retake), psychology_boundaries(), dict(zip(UNITS, raws, strict=True)))


def points(**marks: object) -> Explanation:
    return explain(award(), award_boundaries(), marks)


def step(explanation: Explanation, component: str) -> ExplainedStep:
    return next(each for each in explanation.steps if each.component == component)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (61, "raw 61 → 73 of 100 uniform marks, rounded half up, between B 59 (70) and A 67 (80)"),
        (59, "raw 59 → 70 of 100 uniform marks, at B 59 (70)"),
        (63, "raw 63 → 75 of 100 uniform marks, between B 59 (70) and A 67 (80)"),
        (30, "raw 30 → 34 of 100 uniform marks, rounded half up, between notional 27 (30) and E 35 (40)"),
        (9, "raw 9 → 10 of 100 uniform marks, between zero 0 (0) and notional 27 (30)"),
        (0, "raw 0 → 0 of 100 uniform marks, at zero 0 (0)"),
        (83, "raw 83 → 100 of 100 uniform marks, at full 83 (100)"),
        (90, "raw 90 → 100 of 100 uniform marks, above full 83 (100)"),
    ],
)
def test_a_converted_mark_names_the_ends_of_its_line(raw: int, said: str) -> None:
    """Unit grades, the notional grade below the lowest, nothing, and where the maximum begins."""
    assert step(unitised(raw, 0, 0, 0), "PS01").text == f"PS01: {said}"


def test_the_ends_of_a_line_have_their_source() -> None:
    """The figures of a unit are read from the same publication as the boundaries."""
    found = step(unitised(61, 0, 0, 0), "PS01")
    assert (found.exact, found.value, found.most, found.rounding) == ("145/2", "73", "100", "half_up")
    assert found.source == "a printed table"


def test_a_board_s_own_table_counts() -> None:
    """Where it has a point otherwise than the rule, the step says that it is printed."""
    found = step(explain(psychology(), printed(61, 72), {"PS01": 61}), "PS01")
    assert found.text.startswith("PS01: raw 61 → 72 of 100 uniform marks, as the board's table prints it, between B")
    assert (found.rounding, found.value, found.exact) == ("printed", "72", "145/2")


def test_a_printed_nothing_is_nothing() -> None:
    """A board's table that gives 0 for a few marks is no missing figure."""
    found = step(explain(psychology(), printed(1, 0), {"PS01": 1}), "PS01")
    assert (found.rounding, found.value) == ("printed", "0")


def test_an_open_unit_is_worth_its_uniform_maximum() -> None:
    """Not its raw one."""
    found = unitised(61, None, "X", 61)
    assert step(found, "PS02").text == "PS02: not entered, worth 0 to 100"
    assert step(found, "PS03").text == "PS03: absent, counts 0"
    assert [each.text for each in found.steps if each.kind == "total"] == ["total 146 to 246"]


def test_points_slide_and_are_rounded_down() -> None:
    """And a unit that teachers assess stands on a rung."""
    found = points(U1=23, U2=3, U3=3, U4=2)
    assert step(found, "U1").text == "U1: raw 23 → 18 of 32 points, rounded down, between P 16 (12) and M 25 (20)"
    assert step(found, "U2").text == "U2: raw 3 → 15 of 24 points, at M 3 (15)"
    assert (found.scheme, found.grade, found.marks_above, found.next_grade, found.marks_to_next) == (
        "points", "M", "2", "D", "20",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("retake", "counts", "clause"),
    [(Retake.BEST, 1, "attempt 2 of 4: the best counts"),
     (Retake.NEWEST, 2, "attempt 3 of 4: the newest that was sat counts")],
)  # fmt: skip
def test_the_attempt_that_counts_is_named(retake: Retake, counts: int, clause: str) -> None:
    """With all the others, oldest first; an absence never displaces a mark."""
    found = step(unitised([50, 61, 55, "X"], 0, 0, 0, retake=retake), "PS01")
    assert found.text.endswith(f"; {clause}")
    assert [each.counts for each in found.attempts] == [place == counts for place in range(4)]
    assert [(each.state, each.raw, each.value) for each in found.attempts] == [
        ("SCORED", "50", "59"), ("SCORED", "61", "73"), ("SCORED", "55", "65"), ("ABSENT", None, None)
    ]  # fmt: skip
    assert found.raw == found.attempts[counts].raw


def test_one_attempt_is_not_told_of() -> None:
    """Nothing was to be chosen."""
    assert step(unitised([61], 0, 0, 0), "PS01").attempts == ()


def test_a_grade_that_is_held_back_says_what_is_missing() -> None:
    """360 uniform marks reach the 320 of an A*, and the last two units gave 160 of 180."""
    found = unitised(83, 83, 67, 67)
    said = [each.text for each in found.steps if each.kind not in ("component", "total")]
    assert said == [
        "grade A: 360 is at or above its boundary 320",
        "A* also asks: 180 in PS03 and PS04. 160 of 180 reached: not taken",
        "next grade A*: 360 reaches its boundary 320, and it is held back",
    ]
    assert (found.flags, found.next_grade, found.marks_to_next, found.marks_above) == (
        ("held_back:A*",),
        "A*",
        "0",
        "40",
    )
    (asked,) = found.requirements
    assert [(part.component, part.value, part.counts) for part in asked.parts] == [
        ("PS03", "80", True),
        ("PS04", "80", True),
    ]
    assert (asked.reached, asked.minimum, asked.taken, asked.source) == ("160", "180", False, "the specification")
    assert found.routes
    assert {move.component for route in found.routes for move in route.moves} <= {"PS03", "PS04"}


def test_a_grade_that_is_taken_says_so() -> None:
    """The requirement stands in the trace whether or not it hindered."""
    found = unitised(83, 67, 75, 75)
    assert (found.grade, found.requirements[0].taken) == ("A*", True)
    assert "A* also asks: 180 in PS03 and PS04. 180 of 180 reached: taken" in [each.text for each in found.steps]


def test_no_award_without_a_unit_that_must_be_passed() -> None:
    """64 points reach a merit, and nothing is given: U1 gave none."""
    found = points(U1=8, U2=4, U3=4, U4=4)
    assert found.grade == "U"
    assert "grade U: 64 reaches the lowest boundary 36, and no grade is given" in [each.text for each in found.steps]
    assert [(each.reached, each.minimum, each.taken) for each in found.requirements] == [
        ("0", "8", False),
        ("240", "150", True),
    ]


def test_hours_count_where_the_unit_is_passed() -> None:
    """Near passes bring points and no hours."""
    found = points(U1=23, U2=4, U3=1, U4=1)
    _, hours = found.requirements
    assert [(part.component, part.value, part.counts) for part in hours.parts] == [
        ("U2", "90", True),
        ("U3", "90", True),
        ("U4", "60", False),
    ]
    assert (hours.measure, hours.reached) == ("size", "180")


def test_what_is_still_open_can_still_be_taken() -> None:
    """The floor lacks it, the ceiling has it."""
    found = points(U1=None, U2=4, U3=4, U4=4)
    first = found.requirements[0]
    assert (first.taken, first.possible, first.reached, first.most) == (False, True, "0", "32")
    assert "P also asks: U1 needs a near pass. 0 of 8 reached: not taken yet" in [each.text for each in found.steps]


def test_all_boundaries_stand_in_the_trace() -> None:
    """Best first, with their source and whether the total reaches them."""
    found = unitised(61, 61, 61, 61)
    assert [(each.grade, each.mark, each.reached) for each in found.boundaries] == [
        ("A*", "320", False), ("A", "320", False), ("B", "280", True), ("C", "240", True), ("D", "200", True), ("E", "160", True)
    ]  # fmt: skip
    assert {each.source for each in found.boundaries} == {"a printed table"}


@pytest.mark.parametrize("marks", [{"PS01": "X", "PS02": "X", "PS03": "X", "PS04": "X"}, {"PS01": "exempt"}])
def test_without_a_subject_mark_no_boundary_is_reached(marks: dict[str, Any]) -> None:
    """The figures are told all the same."""
    found = explain(psychology(), psychology_boundaries(), marks)
    assert found.subject_mark is None
    assert not any(each.reached for each in found.boundaries)
