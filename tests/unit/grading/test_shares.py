"""Sums, shares and rounded decimals of analyses: exact, whatever the denominators."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from server.grading.analysis.grades import mean
from server.grading.analysis.shares import decimal, share, total

MARKS = st.decimals(0, 200, places=2) | st.decimals(0, 1, places=18)
FRACTIONS = st.fractions(-9, 9, max_denominator=70)


@given(st.lists(st.tuples(MARKS, MARKS), max_size=12))
def test_a_share_is_the_quotient_of_exact_sums(marks: list[tuple[Decimal, Decimal]]) -> None:
    score, maximum = (sum((Fraction(pair[side]) for pair in marks), Fraction(0)) for side in (0, 1))
    assert share(marks) == (score / maximum if maximum else None)


@given(st.lists(MARKS | FRACTIONS, min_size=1, max_size=12))
def test_a_mean_is_exact(values: list[Decimal | Fraction]) -> None:
    assert mean(values) == sum((Fraction(one) for one in values), Fraction(0)) / len(values)
    assert Fraction(*total(values)) == sum((Fraction(one) for one in values), Fraction(0))


@given(FRACTIONS, st.sampled_from((2, 4)))
def test_decimals_keep_their_places_and_round_half_to_even(value: Fraction, places: int) -> None:
    text = str(decimal(value, places))
    assert len(text.partition(".")[2]) == places
    assert text != f"-{0:.{places}f}"
    distance = Fraction(text) - value
    assert abs(distance) <= Fraction(1, 2 * 10**places)
    assert abs(distance) < Fraction(1, 2 * 10**places) or int(text[-1]) % 2 == 0


def test_nothing_has_no_share() -> None:
    assert (share([]), share([(Decimal(0), Decimal(0))]), mean([]), decimal(None)) == (None, None, None, None)
