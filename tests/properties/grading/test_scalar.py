"""Invariants of the linear scheme."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from server.grading.boundaries import BoundaryRow
from server.grading.marks import ABSENT, EXEMPT, NOT_ENTERED, PENDING, Mark, MarkState
from server.grading.results import Status
from server.grading.scalar import conclude, grade, grade_subject_mark
from server.grading.specification import RoundingPolicy
from server.grading.table import prepare
from server.grading.tally import tally
from tests.properties.grading.worlds import (
    any_mark,
    checked,
    mixed_marks,
    oracle_grade,
    oracle_mark,
    order,
    scored,
    scored_marks,
    worlds,
)


@checked
@given(st.data())
def test_a_grade_is_what_fractions_and_a_linear_search_give(data: st.DataObject) -> None:
    """Mark, grade, next grade and distances equal the independent grader's under each policy."""
    specification, boundaries = data.draw(worlds())
    marks = data.draw(scored_marks(specification))
    result = grade(specification, boundaries, marks)
    expected = oracle_mark(specification, marks, specification.rounding.policy)
    assert result.status is Status.COMPLETE
    assert (result.subject_mark, result.grade) == (expected, oracle_grade(boundaries, expected))
    by_policy = {policy: oracle_mark(specification, marks, policy) for policy in RoundingPolicy}
    assert {policy: each.mark for policy, each in result.by_policy} == by_policy
    grades = {oracle_grade(boundaries, mark) for mark in by_policy.values()}
    assert result.rounding_matters == (len(grades) > 1)
    above = [row for row in boundaries.rows if row.mark > expected]
    assert result.next_grade == (above[-1].grade if above else None)
    assert result.marks_to_next == (above[-1].mark - expected if above else None)
    reached = [row for row in boundaries.rows if row.mark <= expected]
    assert result.marks_above == (expected - reached[0].mark if reached else None)


@checked
@given(st.data())
def test_states_decide_before_sums(data: st.DataObject) -> None:
    """Exempt is not gradable, all absent is X, anything open is incomplete with the oracle's floor and ceiling."""
    specification, boundaries = data.draw(worlds())
    marks = data.draw(mixed_marks(specification))
    result = grade(specification, boundaries, marks)
    states = {mark.state for mark in marks.values()}
    policy = specification.rounding.policy
    if MarkState.EXEMPT in states:
        assert (result.status, result.grade, result.floor) == (Status.NOT_GRADABLE, None, None)
    elif states == {MarkState.ABSENT}:
        assert (result.status, result.grade, result.subject_mark) == (Status.NOT_ATTEMPTED, "X", None)
    elif states & {MarkState.NOT_ENTERED, MarkState.PENDING}:
        assert (result.status, result.grade, result.subject_mark) == (Status.INCOMPLETE, None, None)
        assert result.floor is not None
        assert result.ceiling is not None
        assert result.floor.mark == oracle_mark(specification, marks, policy)
        assert result.ceiling.mark == oracle_mark(specification, marks, policy, full=True)
        assert result.floor.grade == oracle_grade(boundaries, result.floor.mark)
        assert result.ceiling.grade == oracle_grade(boundaries, result.ceiling.mark)
    else:
        assert result.status is Status.COMPLETE
    absent = [f"absent:{code}" for code, mark in marks.items() if mark.state is MarkState.ABSENT]
    assert [flag for flag in result.flags if flag.startswith("absent:")] == absent


@checked
@given(st.data())
def test_more_marks_never_give_a_lower_grade(data: st.DataObject) -> None:
    """The grade, the mark, the points and the fine grade are monotone in every mark."""
    specification, boundaries = data.draw(worlds())
    marks = data.draw(scored_marks(specification))
    component = data.draw(st.sampled_from(specification.components))
    higher = data.draw(scored(component))
    assume(higher.hundredths >= marks[component.code].hundredths)
    before = grade(specification, boundaries, marks)
    after = grade(specification, boundaries, {**marks, component.code: higher})
    assert before.grade is not None
    assert after.grade is not None
    assert order(boundaries, after.grade) >= order(boundaries, before.grade)
    assert (after.subject_mark or 0) >= (before.subject_mark or 0)
    assert (after.points or 0) >= (before.points or 0)
    assert (after.fine or 0) >= (before.fine or 0)


@checked
@given(st.data())
def test_the_fine_grade_lies_between_its_grades(data: st.DataObject) -> None:
    """It starts at the points of the grade and stays below those of the next."""
    specification, boundaries = data.draw(worlds())
    result = grade(specification, boundaries, data.draw(scored_marks(specification)))
    points = {step.grade: step.points for step in specification.grades}
    if result.fine is None:
        assert result.grade == "U"
    elif result.next_grade is None:
        assert result.fine == result.points
    else:
        assert result.points is not None
        assert result.points <= result.fine < points[result.next_grade]


@checked
@given(st.data())
def test_a_boundary_is_reached_at_it_and_not_below_it(data: st.DataObject) -> None:
    """At the boundary the grade is given; a hundredth of a mark below it is not."""
    specification, boundaries = data.draw(worlds())
    row = data.draw(st.sampled_from(boundaries.rows))
    at = grade_subject_mark(specification, boundaries, row.mark)
    assert (at.grade, at.marks_above) == (row.grade, 0)
    assume(row.mark > 0)
    below = grade_subject_mark(specification, boundaries, row.mark - Fraction(1, 100))
    assert below.grade is not None
    assert order(boundaries, below.grade) == order(boundaries, row.grade) - 1
    assert below.marks_to_next == Fraction(1, 100)


@checked
@given(st.data())
def test_neither_the_order_of_components_nor_of_marks_matters(data: st.DataObject) -> None:
    """Grading is a function of what was scored in what, and gives the same twice."""
    specification, boundaries = data.draw(worlds())
    marks = data.draw(mixed_marks(specification))
    shuffled = data.draw(st.permutations(specification.components))
    other = replace(specification, components=tuple(shuffled))
    turned = dict(reversed(marks.items()))
    one, two = grade(specification, boundaries, marks), grade(other, boundaries, turned)
    assert replace(one, flags=tuple(sorted(one.flags))) == replace(two, flags=tuple(sorted(two.flags)))
    assert grade(specification, boundaries, marks) == one


@checked
@given(st.data(), st.fractions(min_value=Fraction(1, 10), max_value=10, max_denominator=50))
def test_scaling_all_factors_and_boundaries_changes_no_grade(data: st.DataObject, by: Fraction) -> None:
    """Without rounding, the unit in which subject marks are counted is of no account."""
    specification, boundaries = data.draw(worlds((RoundingPolicy.SUM_EXACT,)))
    marks = data.draw(mixed_marks(specification))
    scaled = replace(
        specification,
        max_mark=specification.max_mark * by,
        components=tuple(replace(part, factor=part.factor * by) for part in specification.components),
    )
    rows = tuple(BoundaryRow(row.grade, row.mark * by) for row in boundaries.rows)
    one, two = grade(specification, boundaries, marks), grade(scaled, replace(boundaries, rows=rows), marks)
    assert (one.status, one.grade, one.points, one.fine) == (two.status, two.grade, two.points, two.fine)
    if one.subject_mark is not None:
        assert two.subject_mark == one.subject_mark * by


@checked
@given(st.data())
def test_whatever_is_entered_later_lies_between_floor_and_ceiling(data: st.DataObject) -> None:
    """Filling the open marks in any way gives a mark and a grade within the interval announced."""
    specification, boundaries = data.draw(worlds())
    final = data.draw(scored_marks(specification))
    opened = data.draw(st.sets(st.sampled_from(sorted(final)), min_size=1))
    early = grade(specification, boundaries, {code: mark for code, mark in final.items() if code not in opened})
    late = grade(specification, boundaries, final)
    assert early.status is Status.INCOMPLETE
    assert early.floor is not None
    assert early.ceiling is not None
    assert late.subject_mark is not None
    assert late.grade is not None
    assert early.floor.mark <= late.subject_mark <= early.ceiling.mark
    floor, ceiling = order(boundaries, early.floor.grade), order(boundaries, early.ceiling.grade)
    assert floor <= order(boundaries, late.grade) <= ceiling


@checked
@given(st.data())
def test_a_missing_mark_is_never_a_zero(data: st.DataObject) -> None:
    """Blank, pending, exempt and nought give four different answers, and only nought a grade."""
    specification, boundaries = data.draw(worlds())
    marks = data.draw(scored_marks(specification))
    code = data.draw(st.sampled_from(sorted(marks)))
    zero = grade(specification, boundaries, {**marks, code: Mark(MarkState.SCORED, 0)})
    assert zero.grade is not None
    for mark in (NOT_ENTERED, PENDING, EXEMPT, None):
        other = grade(specification, boundaries, {**marks, code: mark})
        assert other.grade is None
        assert other.subject_mark is None
        assert other.points is None
    absent = grade(specification, boundaries, {**marks, code: ABSENT})
    assert absent.flags == (f"absent:{code}",)
    assert absent.grade == (zero.grade if len(marks) > 1 else "X")


@checked
@given(st.data())
def test_a_delta_gives_what_adding_up_again_gives(data: st.DataObject) -> None:
    """After any edits one by one the tally, and so the grade, equals the one made from the final marks."""
    specification, boundaries = data.draw(worlds())
    table = prepare(specification, boundaries)
    marks: dict[str, Mark] = data.draw(mixed_marks(specification))
    running = tally(table, marks)
    for _ in range(data.draw(st.integers(1, 5))):
        component = data.draw(st.sampled_from(specification.components))
        marks[component.code] = data.draw(any_mark(component))
        running = running.with_mark(table, component.code, marks[component.code])
    assert running == tally(table, marks)
    assert conclude(table, running) == grade(specification, boundaries, marks)
