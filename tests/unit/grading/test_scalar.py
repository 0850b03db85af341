"""The linear scheme on worked examples."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from server.grading.boundaries import BoundaryRow, BoundarySet
from server.grading.errors import ErrorCode, GradingError
from server.grading.results import ENGINE_VERSION, Outcome, Result, Status
from server.grading.scalar import grade, grade_subject_mark
from server.grading.scales import grade_steps
from server.grading.specification import Absence, Component, GradeStep, RoundingPolicy, Specification
from tests.unit.grading.samples import (
    computing,
    computing_boundaries,
    geography,
    geography_boundaries,
    rows,
)


def graded(marks: dict[str, object], policy: RoundingPolicy = RoundingPolicy.SUM_EXACT) -> Result:
    return grade(computing(policy), computing_boundaries(), marks)


def test_a_grade_tells_all_that_follows_from_it() -> None:
    """Mark, points, fine grade, distances, policies and provenance of one learner."""
    result = graded({"1": 83, "2": 80, "C": 0})
    assert result.status is Status.COMPLETE
    assert (result.grade, result.subject_mark, result.points) == ("B", Fraction(489, 2), Fraction(4))
    assert (result.next_grade, result.marks_to_next, result.marks_above) == ("A", Fraction(1, 2), Fraction(87, 2))
    assert result.fine == 4 + Fraction(87, 2) / 44
    assert result.floor == result.ceiling == Outcome(Fraction(489, 2), "B")
    assert (result.confidence, result.engine_version) == ("single-source", ENGINE_VERSION)


@pytest.mark.parametrize(
    ("policy", "mark", "letter"),
    [
        (RoundingPolicy.SUM_EXACT, Fraction(489, 2), "B"),
        (RoundingPolicy.SUM_THEN_HALF_UP, Fraction(245), "A"),
        (RoundingPolicy.EACH_HALF_UP, Fraction(245), "A"),
    ],
)
def test_the_policy_decides_and_the_grade_says_so(policy: RoundingPolicy, mark: Fraction, letter: str) -> None:
    """All three outcomes come with the grade, and a notice that they differ."""
    result = graded({"1": 83, "2": 80, "C": 0}, policy)
    assert (result.subject_mark, result.grade, result.rounding) == (mark, letter, policy)
    assert result.rounding_matters
    assert [notice.code for notice in result.notices] == ["ROUNDING_MATTERS"]
    assert {name: each.grade for name, each in result.by_policy}[RoundingPolicy.SUM_EXACT] == "B"


def test_rounding_each_component_can_differ_from_rounding_the_sum() -> None:
    """Two halves are a whole mark in the sum and two marks when each is rounded."""
    result = graded({"1": 77, "2": 1, "C": 39})
    assert [each.mark for _, each in result.by_policy] == [156, 156, 157]
    assert [each.grade for _, each in result.by_policy] == ["D", "D", "C"]


def test_rounding_does_not_matter_where_the_grades_agree() -> None:
    """A fractional mark far from any boundary is no cause for a notice."""
    result = graded({"1": 1, "2": 0, "C": 0})
    assert result.subject_mark == Fraction(3, 2)
    assert not result.rounding_matters
    assert result.notices == ()


def test_below_the_lowest_grade() -> None:
    """U has no points to build on, nothing above a boundary, and the lowest grade ahead."""
    result = graded({"1": 0, "2": 0, "C": 0})
    assert (result.grade, result.points, result.fine, result.marks_above) == ("U", 0, None, None)
    assert (result.next_grade, result.marks_to_next) == ("E", 69)


def test_full_marks_have_nothing_above_them() -> None:
    """The best grade has no next, and its fine grade is its points."""
    result = graded({"1": 100, "2": 100, "C": 75})
    assert (result.grade, result.next_grade, result.marks_to_next, result.fine) == ("A*", None, None, 6)


def test_half_marks_stay_exact() -> None:
    """61.5 at 3/2 is 92.25, as text or decimal."""
    for value in ("61.5", Decimal("61.5")):
        assert graded({"1": value, "2": 0, "C": 0}).subject_mark == Fraction(369, 4)


def test_an_absent_component_counts_nothing_and_is_flagged() -> None:
    """The rest is graded, with a notice of how sure that rule is."""
    result = graded({"1": 100, "2": "X", "C": 75})
    assert (result.status, result.subject_mark, result.flags) == (Status.COMPLETE, 225, ("absent:2",))
    assert [(notice.code, notice.confidence) for notice in result.notices] == [("ABSENT_COUNTS_ZERO", "medium")]


def test_absent_throughout_is_x_and_not_u() -> None:
    """No mark, no points; the label comes from the specification."""
    result = graded({"1": "X", "2": "absent", "C": "x"})
    assert (result.status, result.grade, result.subject_mark, result.points) == (Status.NOT_ATTEMPTED, "X", None, None)
    assert result.notices[0].code == "ALL_ABSENT"
    other = replace(computing(), absence=Absence(all_absent_grade="Q"))
    assert grade(other, computing_boundaries(), {"1": "X", "2": "X", "C": "X"}).grade == "Q"


def test_an_open_mark_gives_an_interval() -> None:
    """What is missing counts nothing in the floor and in full in the ceiling; an absence counts nothing in both."""
    result = graded({"1": 83, "2": None, "C": "X"})
    assert (result.status, result.grade, result.subject_mark) == (Status.INCOMPLETE, None, None)
    assert result.floor == Outcome(Fraction(249, 2), "D")
    assert result.ceiling == Outcome(Fraction(549, 2), "A")
    assert result.flags == ("absent:C",)
    assert graded({"1": 83, "C": "X"}) == result
    assert graded({"1": 83, "2": "pending", "C": "X"}) == result


def test_nothing_entered_reaches_from_u_to_the_top() -> None:
    """No marks at all are incomplete, not absent."""
    result = graded({})
    assert (result.floor, result.ceiling) == (Outcome(Fraction(0), "U"), Outcome(Fraction(375), "A*"))


def test_the_interval_says_when_rounding_matters_at_either_end() -> None:
    """A floor of 244.5 is a B or an A."""
    assert graded({"1": 83, "2": 80, "C": None}).rounding_matters


def test_an_exemption_is_not_gradable_until_a_rule_says_otherwise() -> None:
    """It outranks open and absent marks."""
    result = graded({"1": "exempt", "2": None, "C": "X"})
    assert (result.status, result.grade, result.floor) == (Status.NOT_GRADABLE, None, None)
    assert result.flags == ("absent:C", "exempt:1")
    assert result.notices[0].code == "EXEMPT"


@pytest.mark.parametrize(
    ("marks", "code", "component"),
    [
        ({"1": 101, "2": 0, "C": 0}, ErrorCode.MARK_ABOVE_MAXIMUM, "1"),
        ({"1": 0, "2": -1, "C": 0}, ErrorCode.MARK_BELOW_ZERO, "2"),
        ({"1": 0, "2": 0, "C": "0.5"}, ErrorCode.MARK_STEP, "C"),
        ({"1": 0, "2": 0, "C": float("nan")}, ErrorCode.MARK_NOT_A_NUMBER, "C"),
        ({"1": 0, "9": 0}, ErrorCode.UNKNOWN_COMPONENT, "9"),
        ({"1": 0, "9": None}, ErrorCode.UNKNOWN_COMPONENT, "9"),
    ],
)
def test_bad_marks_are_refused_by_code(marks: dict[str, object], code: ErrorCode, component: str) -> None:
    """One bad mark refuses the grade, whatever the others are."""
    with pytest.raises(GradingError) as caught:
        graded(marks)
    assert (caught.value.code, caught.value.component) == (code, component)


def test_options_fix_the_components_and_their_own_boundaries() -> None:
    """The boundary row names the entry code; marks of the other option are refused."""
    specification = geography()
    marks = {"1": 75, "2": 75, "3D": 50}
    assert grade(specification, geography_boundaries("D"), marks).grade == "9"
    assert grade(specification, geography_boundaries("S", (190, 150, 30)), {"1": 75, "2": 75}).ceiling == Outcome(
        Fraction(200), "9"
    )
    with pytest.raises(GradingError) as caught:
        grade(specification, geography_boundaries("S"), marks)
    assert (caught.value.code, caught.value.component) == (ErrorCode.COMPONENT_NOT_IN_OPTION, "3D")
    for option in (None, "T"):
        with pytest.raises(GradingError) as caught:
            grade(specification, geography_boundaries(option), marks)
        assert caught.value.code is ErrorCode.UNKNOWN_OPTION


def test_a_double_award_is_one_grade_with_points_in_halves() -> None:
    """The 17 grades are one scale: 8-7 is 7.5, and half way to 8-8 is 7.75."""
    names = tuple(f"{-(-half // 2)}-{half // 2}" for half in range(18, 1, -1))
    assert (names[:3], names[-1]) == (("9-9", "9-8", "8-8"), "1-1")
    steps = grade_steps(names)
    assert [step.points for step in steps] == [Fraction(18 - place, 2) for place in range(17)]
    specification = Specification(
        "P:4SD0:U", "P", "4SD0", "Science", "Double", None, Fraction(330), (Component("1", Fraction(330)),), steps
    )
    boundaries = BoundarySet(
        "P:4SD0:U",
        "June 2025",
        tuple(BoundaryRow(name, Fraction(mark)) for name, mark in zip(names, range(200, 30, -10), strict=True)),
        (),
        "derived",
    )
    result = grade(specification, boundaries, {"1": 175})
    assert (result.grade, result.points, result.fine) == ("8-7", Fraction(15, 2), Fraction(31, 4))


@pytest.mark.parametrize(
    ("names", "points"),
    [
        ("9 8 7 6 5 4 3", [9, 8, 7, 6, 5, 4, 3]),
        ("5 4 3 2 1", [5, 4, 3, 2, 1]),
        ("A* A B C D E", [6, 5, 4, 3, 2, 1]),
        ("A B C D E", [5, 4, 3, 2, 1]),
        ("D M P", [3, 2, 1]),
        ("A* A B C* C D E F G", [9, 8, 7, 6, 5, 4, 3, 2, 1]),
    ],
)
def test_points_follow_the_scale(names: str, points: list[int]) -> None:
    """Numbers are themselves, letters are ranks from the lowest."""
    assert [step.points for step in grade_steps(tuple(names.split()))] == points


def test_a_double_award_in_letters_has_points_in_halves_too() -> None:
    """GG is 1 and A*A* is 9, as 1-1 and 9-9 are."""
    names = "A*A* A*A AA AB BB BC* C*C* C*C CC CD DD DE EE EF FF FG GG"
    steps = grade_steps(tuple(names.split()))
    assert (steps[0].points, steps[1].points, steps[-1].points) == (9, Fraction(17, 2), 1)


def test_a_subject_mark_can_be_graded_by_itself() -> None:
    """Already weighted, so only compared; it must lie within the maximum."""
    result = grade_subject_mark(computing(), computing_boundaries(), "489/2")
    assert (result.grade, result.subject_mark, result.by_policy) == ("B", Fraction(489, 2), ())
    assert grade_subject_mark(computing(), computing_boundaries(), Fraction(734999, 3000)).grade == "B"
    for value, code in (
        (376, ErrorCode.MARK_ABOVE_MAXIMUM),
        (-1, ErrorCode.MARK_BELOW_ZERO),
        ("X", ErrorCode.MARK_NOT_A_NUMBER),
        (True, ErrorCode.MARK_NOT_A_NUMBER),
    ):
        with pytest.raises(GradingError) as caught:
            grade_subject_mark(computing(), computing_boundaries(), value)
        assert caught.value.code is code


def test_a_specification_and_boundaries_of_another_do_not_meet() -> None:
    """Identity, grades and maximum must all fit: the engine refuses rather than guesses."""
    boundaries = computing_boundaries()
    for other, code in (
        (replace(boundaries, specification="AQA:7516:U"), ErrorCode.WRONG_SPECIFICATION),
        (replace(boundaries, rows=boundaries.rows[1:]), ErrorCode.BAD_BOUNDARIES),
        (replace(boundaries, rows=(BoundaryRow("A*", Fraction(376)), *boundaries.rows[1:])), ErrorCode.BAD_BOUNDARIES),
    ):
        with pytest.raises(GradingError) as caught:
            grade(computing(), other, {})
        assert caught.value.code is code


def test_boundaries_must_fall() -> None:
    """Rising rows are no boundary set, nor is one below nought or without rows; equal ones need a requirement."""
    with pytest.raises(GradingError, match="must fall from grade to grade, or"):
        grade(geography(), geography_boundaries("D", (100, 100, 30)), {})
    for marks in ((10, 11, 1), (10, 5, -1)):
        with pytest.raises(GradingError) as caught:
            BoundarySet("B", "June 2025", rows(("9", "5", "1"), marks), (), "")
        assert caught.value.code is ErrorCode.BAD_BOUNDARIES
    with pytest.raises(GradingError):
        BoundarySet("B", "June 2025", (), (), "")


def test_a_specification_that_contradicts_itself_is_refused() -> None:
    """Duplicate codes and grades, rising points, reserved labels, and impossible components."""
    good = computing()
    part = good.components[0]
    for change in (
        {"components": (part, part)},
        {"grades": (*good.grades, good.grades[-1])},
        {"grades": tuple(reversed(good.grades))},
        {"grades": ()},
        {"grades": (GradeStep("A", Fraction(1)), GradeStep("U", Fraction(1, 2)))},
        {"max_mark": Fraction(0)},
        {"identity": ""},
    ):
        with pytest.raises(GradingError) as caught:
            replace(good, **change)
        assert caught.value.code is ErrorCode.BAD_SPECIFICATION
    for change in ({"factor": Fraction(0)}, {"max_raw": Fraction(-1)}, {"step": Fraction(1, 3)}, {"step": Fraction(7)}):
        with pytest.raises(GradingError) as caught:
            replace(part, **change)
        assert caught.value.code is ErrorCode.BAD_SPECIFICATION


def test_factors_too_fine_for_64_bits_are_refused_and_not_wrapped() -> None:
    """The bulk engine could not be exact, so neither engine starts."""
    good = computing()
    fine = replace(good, components=(replace(good.components[0], factor=Fraction(1, 10**17 + 3)), *good.components[1:]))
    with pytest.raises(GradingError) as caught:
        grade(fine, computing_boundaries(), {})
    assert caught.value.code is ErrorCode.BAD_SPECIFICATION


def test_without_components_only_subject_marks_are_graded() -> None:
    """A published subject row without its papers is still of use."""
    bare = replace(computing(), components=())
    assert grade_subject_mark(bare, computing_boundaries(), 245).grade == "A"
    with pytest.raises(GradingError) as caught:
        grade(bare, computing_boundaries(), {})
    assert caught.value.code is ErrorCode.NO_COMPONENTS
