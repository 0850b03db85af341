"""Progress 8 of a learner: how far Attainment 8 lies from what learners with the same start reached."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from server.grading.errors import ErrorCode, GradingError
from server.grading.measures.estimates import Estimate, EstimateTable
from server.grading.measures.methods import PROGRESS_8, Progress8Method
from server.grading.measures.rounding import exact_text, rounded_text


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether the cohort that ends key stage 4 in `year` has a Progress 8; `reason` is a sentence either way."""

    year: int
    available: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Progress8:
    """`proxy` when the estimates are of an earlier year; `label` says so, and belongs beside every figure."""

    attainment8: Fraction
    estimate: Estimate
    unrounded: Fraction
    spec: str
    proxy: bool
    label: str
    method: Progress8Method

    @property
    def text(self) -> str:
        """To the places of the method, by its rounding: "0.40"."""
        return rounded_text(self.unrounded, self.method.places, self.method.rounding)

    @property
    def unrounded_text(self) -> str:
        return exact_text(self.unrounded)


def availability(year: int, method: Progress8Method = PROGRESS_8) -> Availability:
    """Whether the cohort of a year sat the key stage 2 tests that Progress 8 starts from."""
    tests = year - method.years_before
    if tests in method.no_tests:
        reason = f"The {year} cohort has no Progress 8: no key stage 2 tests were held in {tests}."
        return Availability(year, False, reason)
    return Availability(year, True, f"The {year} cohort sat key stage 2 tests in {tests}.")


def progress8(
    attainment8: Fraction,
    ks2_average: Fraction,
    estimates: EstimateTable,
    *,
    year: int,
    proxy: bool = False,
    method: Progress8Method = PROGRESS_8,
) -> Progress8:
    """The score of a learner of the cohort of `year`.

    Estimates of an earlier year are taken only with `proxy`. Raises NOT_AVAILABLE with the reason when the cohort has
    no Progress 8 or the estimates are of another year; NO_ESTIMATE when they lack the band.
    """
    _check_years(estimates, year, proxy, method)
    estimate = estimates.find(ks2_average)
    return Progress8(
        attainment8=attainment8,
        estimate=estimate,
        unrounded=(attainment8 - estimate.total) / method.divisor,
        spec=estimates.spec,
        proxy=estimates.year != year,
        label=_label(estimates, year),
        method=method,
    )


def _check_years(estimates: EstimateTable, year: int, proxy: bool, method: Progress8Method) -> None:
    known = availability(year, method)
    if not known.available:
        raise GradingError(ErrorCode.NOT_AVAILABLE, known.reason)
    if estimates.year > year:
        message = f"The estimates of {estimates.year} are later than the {year} cohort: take those of its year."
        raise GradingError(ErrorCode.NOT_AVAILABLE, message)
    if estimates.year < year and not proxy:
        message = f"The estimates are of {estimates.year}, not of {year}: ask for a proxy to use them."
        raise GradingError(ErrorCode.NOT_AVAILABLE, message)


def _label(estimates: EstimateTable, year: int) -> str:
    if estimates.year == year:
        return f"Progress 8 by {estimates.spec}"
    return f"Proxy by {estimates.spec}: not a Progress 8 of {year}"
