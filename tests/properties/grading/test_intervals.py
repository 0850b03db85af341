"""The interval rule and the allowed grade 3."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.grading.interval_rule import interval_faults
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


JUDGED: dict[tuple[str, ...], tuple[str, ...]] = {
    # the grades of a scale, and those of them that people judge, both best first
    ("9", "8", "7", "6", "5", "4", "3", "2", "1"): ("9", "7", "4", "1"),
    ("9", "8", "7", "6", "5", "4"): ("9", "7", "4"),
    ("A*", "A", "B", "C", "D", "E"): ("A*", "A", "E"),
    ("A", "B", "C", "D", "E"): ("A", "E"),
    (
        "9-9", "9-8", "8-8", "8-7", "7-7", "7-6", "6-6", "6-5", "5-5", "5-4", "4-4", "4-3", "3-3", "3-2", "2-2", "2-1",
        "1-1",
    ): ("9-9", "7-7", "4-4", "1-1"),
}  # fmt: skip


@checked
@given(st.sampled_from(sorted(JUDGED)), st.data())
def test_only_figures_off_the_rule_are_doubted(scale: tuple[str, ...], data: st.DataObject) -> None:
    """Each span of each scale, and each figure in it, one mark too high or too low."""
    places = [scale.index(grade) for grade in JUDGED[scale]]
    gaps = [data.draw(st.integers(3 * (low - high), 60)) for high, low in pairwise(places)]
    marks = [sum(gaps) + data.draw(st.integers(0, 40))]
    for gap, (high, low) in zip(gaps, pairwise(places), strict=True):
        whole, more = divmod(gap, low - high)
        for place in range(low - high):
            marks.append(marks[-1] - whole - (place < more))
    figures = {grade: Fraction(mark) for grade, mark in zip(scale, marks, strict=True)}
    assert list(interval_faults(scale, figures)) == []
    by = data.draw(st.sampled_from([-1, 1]))
    for moved in scale:
        if moved not in JUDGED[scale]:
            off = {**figures, moved: figures[moved] + by}
            assert [code for code, _ in interval_faults(scale, off)] == ["INTERVAL_RULE"], moved
