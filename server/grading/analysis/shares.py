"""Shares of maxima: what learners got of what there was to get, exact."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Final

from server.grading.measures.rounding import RoundTo, rounded

PLACES: Final = 4
"""Decimal places of a share that is shown rounded."""
BANDS: Final = 5
"""Bands of equal width; a full share is in the last."""


def total(values: Iterable[Decimal | Fraction]) -> tuple[int, int]:
    """The sum as numerator and denominator, not in lowest terms: thousands of fractions would each be reduced."""
    sum_, per = 0, 1
    for value in values:
        part, of = value.as_integer_ratio()
        if of != per:
            common = lcm(per, of)
            sum_, part, per = sum_ * (common // per), part * (common // of), common
        sum_ += part
    return sum_, per


def share(marks: Iterable[tuple[Decimal, Decimal]]) -> Fraction | None:
    """The sum of scores over the sum of maxima; None of nothing, or where there was nothing to get."""
    several = list(marks)
    score, of_score = total(got for got, _ in several)
    maximum, of_maximum = total(most for _, most in several)
    return Fraction(score * of_maximum, of_score * maximum) if maximum else None


def bands(shares: Iterable[Fraction]) -> list[int]:
    """How many fall into each band; a share on a boundary is in the band above."""
    found = [0] * BANDS
    for one in shares:
        found[min(BANDS - 1, int(one * BANDS))] += 1
    return found


def decimal(value: Fraction | None, places: int = PLACES) -> Decimal | None:
    """Rounded half to even, with all its places."""
    if value is None:
        return None
    return Decimal(f"{int(rounded(value, places, RoundTo.HALF_EVEN) * 10**places)}e-{places}")


def quotient(value: Fraction | None) -> str | None:
    """The exact value as text, such as "7/12" or "1"."""
    return None if value is None else str(value)
