"""Progress 8 of a learner and of a cohort: which years have one, what a proxy is called, what the interval is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from server.grading.errors import ErrorCode, GradingError
from server.grading.measures.cohorts import OF_THE_COHORT, StandardDeviation, cohort_progress8
from server.grading.measures.methods import PROGRESS_8
from server.grading.measures.progress8 import Progress8, availability, progress8
from server.grading.measures.rounding import RoundTo
from tests.unit.grading.measures.published import published

ESTIMATES = published().estimates["DfE:2023"]


def score(year: int = 2023, *, proxy: bool = False, total: str = "50", average: int = 105) -> Progress8:
    return progress8(Fraction(total), Fraction(average), ESTIMATES, year=year, proxy=proxy)


def test_the_score_is_a_tenth_of_the_distance() -> None:
    """50 against 45.5 is 0.45, by a named version, with its estimate's line."""
    found = score()
    assert (found.unrounded, found.text, found.unrounded_text) == (Fraction("0.45"), "0.45", "0.45")
    assert (found.proxy, found.label, found.method.name) == (False, "Progress 8 by DfE:2023", "progress8/1")
    assert (found.spec, found.estimate.band) == ("DfE:2023", 105)
    assert found.estimate.source.startswith("attainment8_estimates.csv line ")


@pytest.mark.parametrize(
    ("total", "exact", "text"),
    [("49.5", "0.4", "0.40"), ("45.5", "0.0", "0.00"), ("53.75", "0.825", "0.83"), ("37.25", "-0.825", "-0.83")],
)
def test_two_places_round_a_half_away_from_zero(total: str, exact: str, text: str) -> None:
    """So that a half below counts as much as a half above."""
    found = score(total=total)
    assert (found.unrounded_text, found.text) == (exact, text)
    assert found.method.rounding is RoundTo.HALF_AWAY_FROM_ZERO


def test_the_rounding_is_the_versions() -> None:
    """Another version of the method may have another."""
    other = replace(PROGRESS_8, name="another/1", rounding=RoundTo.HALF_UP)
    assert progress8(Fraction("37.25"), Fraction(105), ESTIMATES, year=2023, method=other).text == "-0.82"


@pytest.mark.parametrize(("year", "tests"), [(2025, 2020), (2026, 2021)])
@pytest.mark.parametrize("proxy", [False, True])
def test_cohorts_without_key_stage_2_tests_have_none(year: int, tests: int, proxy: bool) -> None:
    """Not even as a proxy: there is nothing to start from. The reason names the year without tests."""
    reason = f"The {year} cohort has no Progress 8: no key stage 2 tests were held in {tests}."
    assert (availability(year).available, availability(year).reason) == (False, reason)
    with pytest.raises(GradingError) as caught:
        score(year, proxy=proxy)
    assert (caught.value.code, caught.value.message) == (ErrorCode.NOT_AVAILABLE, reason)


@pytest.mark.parametrize("year", [2023, 2024, 2027])
def test_other_cohorts_have_one(year: int) -> None:
    """And the reason says when they sat the tests."""
    assert (availability(year).available, str(year - 5) in availability(year).reason) == (True, True)


def test_estimates_of_an_earlier_year_are_a_proxy_only_when_asked_for() -> None:
    """And then say so beside the figure."""
    with pytest.raises(GradingError, match="ask for a proxy") as caught:
        score(2024)
    assert caught.value.code is ErrorCode.NOT_AVAILABLE
    found = score(2024, proxy=True)
    assert (found.proxy, found.label) == (True, "Proxy by DfE:2023: not a Progress 8 of 2024")
    assert score(2023, proxy=True).proxy is False


@pytest.mark.parametrize("proxy", [False, True])
def test_estimates_of_a_later_year_are_refused(proxy: bool) -> None:
    """They were made from other learners' results after the fact."""
    with pytest.raises(GradingError, match="later than the 2022 cohort"):
        score(2022, proxy=proxy)


def test_a_cohort_with_a_published_deviation() -> None:
    """Mean 0.1 of 25 learners, sd 1.25: 1.96 x 1.25 / 5 = 0.49."""
    scores = [Fraction(number, 10) for number in range(-11, 14)]
    found = cohort_progress8(scores, StandardDeviation(Fraction("1.25"), "a published table"))
    assert (found.learners, found.text, found.half_width) == (25, "0.10", Fraction("0.49"))
    assert found.interval == ("-0.39", "0.59")
    assert found.deviation == StandardDeviation(Fraction("1.25"), "a published table")


def test_a_cohort_with_its_own_deviation_says_so() -> None:
    """0 and 1: mean 0.5, variance 0.5, half width 1.96 x 0.5."""
    found = cohort_progress8([Fraction(0), Fraction(1)])
    assert (found.mean, found.half_width) == (Fraction(1, 2), Fraction("0.98"))
    assert found.interval == ("-0.48", "1.48")
    assert found.deviation is not None
    assert found.deviation.source == OF_THE_COHORT
    assert str(found.deviation.value.limit_denominator(1000)) == "408/577"
    assert "50 digits" in found.precision
    assert "half away from zero" in found.precision


def test_one_learner_has_a_mean_and_no_interval_of_its_own() -> None:
    """With a published deviation it has one."""
    alone = cohort_progress8([Fraction("0.4")])
    assert (alone.text, alone.interval, alone.deviation) == ("0.40", None, None)
    known = cohort_progress8([Fraction("0.4")], StandardDeviation(Fraction(1), "a published table"))
    assert known.interval == ("-1.56", "2.36")


def test_equal_scores_have_no_width() -> None:
    """A deviation of 0 is one."""
    assert cohort_progress8([Fraction(1, 3)] * 3).interval == ("0.33", "0.33")


def test_no_learner_has_no_mean() -> None:
    """Not 0 either."""
    with pytest.raises(GradingError) as caught:
        cohort_progress8([])
    assert caught.value.code is ErrorCode.BAD_MEASURE


@pytest.mark.parametrize(("value", "source"), [("-1", "a table"), ("1", " ")])
def test_a_deviation_needs_a_size_and_a_source(value: str, source: str) -> None:
    """A figure from nowhere makes no interval."""
    with pytest.raises(GradingError) as caught:
        StandardDeviation(Fraction(value), source)
    assert caught.value.code is ErrorCode.BAD_MEASURE
