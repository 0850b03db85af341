"""The interval rule and the allowed grade 3."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.grading.intervals import allowed_grade_3, inner_boundaries
from tests.properties.grading.worlds import checked


@checked
@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 8))
def test_intervals_share_the_gap_with_the_larger_ones_on_top(lower: int, gap: int, intervals: int) -> None:
    """Widths add up to the gap, differ by one mark at most, and never grow downwards."""
    marks = (lower + gap, *inner_boundaries(lower + gap, lower, intervals), lower)
    widths = [upper - below for upper, below in pairwise(marks)]
    assert len(widths) == intervals
    assert sum(widths) == gap
    assert widths == sorted(widths, reverse=True)
    assert widths[0] - widths[-1] <= 1


@checked
@given(st.integers(0, 300), st.integers(0, 200))
def test_the_allowed_grade_is_half_a_grade_wide(grade4: int, gap: int) -> None:
    """Half the gap, the odd half mark going to the learner."""
    assert grade4 - allowed_grade_3(grade4, grade4 + gap) == (gap + 1) // 2
