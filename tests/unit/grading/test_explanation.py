"""Explanations and routes on worked examples."""

from __future__ import annotations

import json
from dataclasses import replace

from server.grading.contents import boundary_digest, specification_digest
from server.grading.explanation import explain, explanation_data
from server.grading.specification import RoundingPolicy
from tests.unit.grading.samples import computing, computing_boundaries

MARKS: dict[str, object] = {"1": 83, "2": 80, "C": 0}


def texts(marks: dict[str, object], policy: RoundingPolicy = RoundingPolicy.SUM_EXACT) -> list[str]:
    return [step.text for step in explain(computing(policy), computing_boundaries(), marks).steps]


def test_every_step_has_its_numbers() -> None:
    """Raw marks, factors, sum, boundary and distance, exactly."""
    assert texts({**MARKS, "2": "80.5"}) == [
        "1: raw 83 × 3/2 = 249/2",
        "2: raw 80.5 × 3/2 = 483/4",
        "C: raw 0 × 1 = 0",
        "total 981/4",
        "grade A: 981/4 is at or above its boundary 245",
        "next grade A* from 300: 219/4 short",
    ]


def test_the_one_rounding_step_is_shown_where_it_happens() -> None:
    """After the sum, or in each component, never twice."""
    assert texts(MARKS, RoundingPolicy.SUM_THEN_HALF_UP)[3:5] == ["total 489/2", "rounded half up 245"]
    each = texts(MARKS, RoundingPolicy.EACH_HALF_UP)
    assert each[0] == "1: raw 83 × 3/2 = 249/2, rounded half up 125"
    assert each[3] == "total 245"


def test_open_and_absent_marks_are_told_apart() -> None:
    """The interval is explained at both ends."""
    assert texts({"1": 83, "2": None, "C": "X"}) == [
        "1: raw 83 × 3/2 = 249/2",
        "2: not entered, worth 0 to 150",
        "C: absent, counts 0",
        "total 249/2 to 549/2",
        "at least D: 249/2 is at or above its boundary 113",
        "at most A: 549/2 is at or above its boundary 245",
    ]


def test_no_subject_mark_is_explained_by_its_notice() -> None:
    """Nothing is compared with a boundary."""
    assert texts({"1": "X", "2": "X", "C": "X"})[-1] == "No component was attempted: the grade is X."
    assert texts({"1": "exempt"})[-1].startswith("A component is exempt")


def test_the_explanation_names_everything_the_grade_rests_on() -> None:
    """Versions, source, confidence and the outcome under each policy."""
    specification, boundaries = computing(), computing_boundaries()
    explanation = explain(specification, boundaries, MARKS)
    assert explanation.specification_digest == specification_digest(specification)
    assert explanation.boundary_digest == boundary_digest(boundaries)
    assert (explanation.sources, explanation.confidence) == (("a printed table",), "single-source")
    assert [(each.policy, each.subject_mark, each.grade) for each in explanation.by_policy] == [
        ("sum_exact", "489/2", "B"),
        ("sum_then_half_up", "245", "A"),
        ("each_half_up", "245", "A"),
    ]
    assert [step.source for step in explanation.steps if step.kind == "boundary"] == ["a printed table"]
    assert json.loads(json.dumps(explanation_data(explanation)))["rounding_matters"] is True


def routes(marks: dict[str, object], policy: RoundingPolicy = RoundingPolicy.SUM_EXACT) -> list[str]:
    return [route.text for route in explain(computing(policy), computing_boundaries(), marks).routes]


def test_routes_cost_the_shortfall_by_the_factor() -> None:
    """Eleven subject marks are eight raw ones at 3/2 and eleven at 1, where there is room."""
    assert routes({"1": 80, "2": 76, "C": 0}) == [
        "A: 8 more in 1 (to 88)",
        "A: 8 more in 2 (to 84)",
        "A: 11 more in C (to 11)",
    ]
    assert routes({"1": 99, "2": 57, "C": 0}) == [
        "A: 8 more in 2 (to 65)",
        "A: 11 more in C (to 11)",
    ]


def test_several_components_together_where_none_suffices() -> None:
    """Heaviest factor first."""
    assert routes({"1": 90, "2": 90, "C": 0}) == [
        "A*: 10 more in 1 (to 100) and 10 more in 2 (to 100)",
        "A*: 30 more in C (to 30)",
    ]


def test_under_rounding_half_a_mark_less_is_needed() -> None:
    """244 of 245: one raw mark at 3/2, or one at 1; with 244.5 rounded up the grade is there already."""
    assert routes({"1": 80, "2": 80, "C": 4}, RoundingPolicy.SUM_THEN_HALF_UP)[0] == "A: 1 more in 1 (to 81)"
    assert routes({"1": 81, "2": 80, "C": 3}, RoundingPolicy.SUM_THEN_HALF_UP)[0].startswith("A*:")


def test_open_components_say_what_they_need_for_the_grade_above_the_floor() -> None:
    """From 0, and only there."""
    assert routes({"1": 83, "2": None, "C": "X"}) == ["C: 22 more in 2 (to 22)"]


def test_there_is_no_route_from_the_top_or_without_marks() -> None:
    """Nor for an exemption."""
    assert routes({"1": 100, "2": 100, "C": 75}) == []
    assert routes({"1": "X", "2": "X", "C": "X"}) == []
    assert routes({"1": "exempt", "2": 0, "C": 0}) == []


def test_a_note_and_an_option_are_carried() -> None:
    """They stand in the boundary set."""
    noted = replace(computing_boundaries(), note="rounding not verified")
    assert explain(computing(), noted, MARKS).note == "rounding not verified"


def test_a_shift_is_named_and_moves_every_boundary() -> None:
    """An A from 245 becomes one from 269.5."""
    shifted = explain(computing(), computing_boundaries(), MARKS, shift=10)
    assert (shifted.shift, shifted.grade) == (10, "B")
    assert {each.grade: each.mark for each in shifted.boundaries}["A"] == "539/2"
