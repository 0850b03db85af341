"""The mean Progress 8 of a school or group, and its 95% interval: mean +/- 1.96 sd / sqrt(n)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from server.grading.errors import ErrorCode, GradingError
from server.grading.measures.methods import PROGRESS_8, Progress8Method
from server.grading.measures.rounding import DIGITS, rounded_text, square_root

OF_THE_COHORT = "of the cohort itself (n - 1)"
"""The standard deviation that is taken when no published one is given."""
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class StandardDeviation:
    """`source` says whose: a published national figure with its year, or OF_THE_COHORT."""

    value: Fraction
    source: str

    def __post_init__(self) -> None:
        if self.value < 0 or not self.source.strip():
            raise GradingError(ErrorCode.BAD_MEASURE, "A standard deviation must be 0 or more and name its source.")


@dataclass(frozen=True, slots=True)
class CohortProgress8:
    """The mean of `learners` is exact; a deviation or half width that is irrational has 50 significant digits.
    One learner without a published deviation has no interval."""

    learners: int
    mean: Fraction
    deviation: StandardDeviation | None
    half_width: Fraction | None
    method: Progress8Method

    @property
    def text(self) -> str:
        return self._text(self.mean)

    @property
    def interval(self) -> tuple[str, str] | None:
        """Lower and upper end, as rounded text."""
        if self.half_width is None:
            return None
        return self._text(self.mean - self.half_width), self._text(self.mean + self.half_width)

    @property
    def precision(self) -> str:
        """How the figures were reckoned, for a reader."""
        rounding = self.method.rounding.replace("_", " ")
        return f"mean exact, roots to {DIGITS} digits, shown to {self.method.places} places, {rounding}"

    def _text(self, value: Fraction) -> str:
        return rounded_text(value, self.method.places, self.method.rounding)


def cohort_progress8(
    scores: Sequence[Fraction], deviation: StandardDeviation | None = None, method: Progress8Method = PROGRESS_8
) -> CohortProgress8:
    """Mean and interval of unrounded scores. Raises BAD_MEASURE without a score."""
    if not scores:
        raise GradingError(ErrorCode.BAD_MEASURE, "A mean needs the score of one learner or more.")
    mean = sum(scores, Fraction(0)) / len(scores)
    if deviation is not None:
        half = method.z * deviation.value * square_root(Fraction(1, len(scores)))
        return CohortProgress8(len(scores), mean, deviation, half, method)
    if len(scores) < _FEWEST:
        return CohortProgress8(len(scores), mean, None, None, method)
    variance = sum(((score - mean) ** 2 for score in scores), Fraction(0)) / (len(scores) - 1)
    own = StandardDeviation(square_root(variance), OF_THE_COHORT)
    # One root of the whole: the root of a deviation's root would round twice.
    return CohortProgress8(len(scores), mean, own, method.z * square_root(variance / len(scores)), method)
