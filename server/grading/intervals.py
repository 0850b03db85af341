"""Arithmetic boundaries: those that a board computes between the judged ones, and the weighting of a component."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from server.grading.errors import ErrorCode, GradingError

_MOST_INTERVALS = 100


def inner_boundaries(upper: int, lower: int, intervals: int) -> tuple[int, ...]:
    """Boundaries between two judged ones, highest first: `intervals - 1` of them.

    The gap is divided evenly and the remainder marks go one each to the highest intervals. Raises BAD_INTERVAL when
    upper is below lower, or there is no interval or more than any scale has.
    """
    if not 1 <= intervals <= _MOST_INTERVALS or upper < lower:
        raise GradingError(
            ErrorCode.BAD_INTERVAL, "The upper boundary must not be below the lower, in 1 interval or more."
        )
    width, remainder = divmod(upper - lower, intervals)
    return tuple(upper - width * step - min(step, remainder) for step in range(1, intervals))


def allowed_grade_3(grade4: int, grade5: int) -> int:
    """The narrow grade 3 of a higher tier: half the published gap from 5 to 4 below 4, rounded down.

    Raises BAD_INTERVAL when grade 5 is below grade 4.
    """
    if grade5 < grade4:
        raise GradingError(ErrorCode.BAD_INTERVAL, "The boundary of grade 5 must not be below that of grade 4.")
    return floor(grade4 - Fraction(grade5 - grade4, 2))


def weighting_factor(raw_max: Fraction, weighted_max: Fraction) -> Fraction:
    """Subject marks per raw mark: weighted by raw maximum. Raises BAD_INTERVAL unless both are above 0."""
    if raw_max <= 0 or weighted_max <= 0:
        raise GradingError(ErrorCode.BAD_INTERVAL, "The raw and the weighted maximum must be above 0.")
    return weighted_max / raw_max
