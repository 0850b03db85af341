"""Shares of maxima: what learners got of what there was to get, exact."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Final

from server.grading.measures.rounding import RoundTo, rounded_text

PLACES: Final = 4
"""Decimal places of a share that is shown rounded."""
BANDS: Final = 5
"""Bands of equal width; a full share is in the last."""


def share(marks: Iterable[tuple[Decimal, Decimal]]) -> Fraction | None:
    """The sum of scores over the sum of maxima; None of nothing, or where there was nothing to get."""
    score, maximum = Fraction(0), Fraction(0)
    for got, most in marks:
        score += Fraction(got)
        maximum += Fraction(most)
    return score / maximum if maximum else None


def bands(shares: Iterable[Fraction]) -> list[int]:
    """How many fall into each band; a share on a boundary is in the band above."""
    found = [0] * BANDS
    for one in shares:
        found[min(BANDS - 1, int(one * BANDS))] += 1
    return found


def decimal(value: Fraction | None, places: int = PLACES) -> Decimal | None:
    """Rounded half to even, with all its places."""
    return None if value is None else Decimal(rounded_text(value, places, RoundTo.HALF_EVEN))


def quotient(value: Fraction | None) -> str | None:
    """The exact value as text, such as "7/12" or "1"."""
    return None if value is None else str(value)
