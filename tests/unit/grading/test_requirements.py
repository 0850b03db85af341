"""What grades ask for besides the total, at the very point where it is met: alone and in bulk."""

from __future__ import annotations

import pytest

from server.grading.bulk import grade_matrix
from server.grading.mark_matrices import matrices
from server.grading.marks import Mark, MarkState
from server.grading.scalar import grade
from server.grading.table import prepare
from tests.unit.grading.unit_samples import award, award_boundaries, psychology, psychology_boundaries


def scored(marks: dict[str, int]) -> dict[str, Mark]:
    return {code: Mark(MarkState.SCORED, mark * 100) for code, mark in marks.items()}


@pytest.mark.parametrize(
    ("marks", "given"),
    [
        # 150 hours must be passed; a pass of U4 (60 hours) is worth 6 points, exactly what counts as passed.
        ({"U1": 50, "U2": 2, "U3": 0, "U4": 2}, "P"),
        ({"U1": 50, "U2": 2, "U3": 0, "U4": 1}, "U"),
        # U1 needs 8 points: nine marks are a near pass, worth 8.
        ({"U1": 9, "U2": 4, "U3": 4, "U4": 4}, "M"),
        ({"U1": 8, "U2": 4, "U3": 4, "U4": 4}, "U"),
    ],
)
def test_points_and_hours_that_are_just_enough(marks: dict[str, int], given: str) -> None:
    """One step less is no award."""
    table = prepare(award(), award_boundaries())
    result = grade(award(), award_boundaries(), marks)
    assert result.grade == given
    assert grade_matrix(table, *matrices(table, [scored(marks)])).result(0) == result


@pytest.mark.parametrize(
    ("last", "given"), [(75, "A*"), (74, "A")], ids=["180 uniform marks in the last two units", "179"]
)
def test_an_a_star_at_the_edge(last: int, given: str) -> None:
    """The total is far above 320 either way: 75 raw marks are 90 uniform marks, 74 are 89."""
    marks = {"PS01": 90, "PS02": 90, "PS03": 75, "PS04": last}
    table = prepare(psychology(), psychology_boundaries())
    result = grade(psychology(), psychology_boundaries(), marks)
    assert (result.grade, result.subject_mark) == (given, 380 if last == 75 else 379)
    assert grade_matrix(table, *matrices(table, [scored(marks)])).result(0) == result


def test_no_a_star_below_the_total_of_an_a() -> None:
    """Whatever the last units give: 80, 39, 100 and 100 are 319 of the 320."""
    result = grade(psychology(), psychology_boundaries(), {"PS01": 67, "PS02": 34, "PS03": 90, "PS04": 90})
    assert (result.subject_mark, result.grade) == (319, "B")
