"""Arithmetic boundaries on published figures."""

from __future__ import annotations

from fractions import Fraction

import pytest

from server.grading.errors import ErrorCode, GradingError
from server.grading.intervals import allowed_grade_3, inner_boundaries, weighting_factor


@pytest.mark.parametrize(
    ("upper", "lower", "intervals", "inner"),
    [
        (137, 52, 3, (108, 80)),
        (197, 59, 4, (162, 127, 93)),
        (198, 137, 2, (167,)),
        (10, 4, 1, ()),
        (5, 4, 3, (4, 4)),
        (4, 4, 2, (4,)),
    ],
)
def test_the_remainder_goes_to_the_highest_intervals(
    upper: int, lower: int, intervals: int, inner: tuple[int, ...]
) -> None:
    """Edexcel 1MA1H June 2019, AQA 7405 June 2025, and the narrowest gaps."""
    assert inner_boundaries(upper, lower, intervals) == inner


def test_an_impossible_interval_is_refused() -> None:
    """No interval, or one that rises."""
    for upper, lower, intervals in ((10, 4, 0), (10, 4, -1), (4, 10, 2), (10, 4, 10**9)):
        with pytest.raises(GradingError) as caught:
            inner_boundaries(upper, lower, intervals)
        assert caught.value.code is ErrorCode.BAD_INTERVAL
    with pytest.raises(GradingError):
        allowed_grade_3(50, 49)


def test_the_allowed_grade_3() -> None:
    """Higher-tier mathematics, odd and even gaps."""
    assert [allowed_grade_3(*pair) for pair in ((47, 77), (43, 74), (52, 80))] == [32, 27, 38]


def test_the_weighting_is_weighted_by_raw_maximum() -> None:
    """OCR's printed example, and one that no decimal holds."""
    assert weighting_factor(Fraction(50), Fraction(100)) == 2
    assert weighting_factor(Fraction(75), Fraction(100)) == Fraction(4, 3)
    with pytest.raises(GradingError):
        weighting_factor(Fraction(0), Fraction(100))
