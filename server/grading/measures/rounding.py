"""Named roundings, exact texts of fractions, and a square root of stated precision."""

from __future__ import annotations

from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from math import isqrt

from server.grading.exact import number_text

DIGITS = 50
"""Significant digits of a square root that is irrational."""
_MOST_PLACES = 40


class RoundTo(StrEnum):
    """What becomes of an exact half: -0.825 gives -0.83, -0.82, or -0.82."""

    HALF_AWAY_FROM_ZERO = "half_away_from_zero"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


def rounded(value: Fraction, places: int, how: RoundTo) -> Fraction:
    """The value with so many decimal places."""
    scaled = value * 10**places
    if how is RoundTo.HALF_EVEN:
        return Fraction(round(scaled), 10**places)
    size = (2 * abs(scaled) + 1) // 2
    if how is RoundTo.HALF_AWAY_FROM_ZERO:
        return Fraction(size if scaled >= 0 else -size, 10**places)
    return Fraction((2 * scaled + 1) // 2, 10**places)


def rounded_text(value: Fraction, places: int, how: RoundTo) -> str:
    """The rounded value with all its places: "0.40", never "-0.00"."""
    whole, rest = divmod(abs(int(rounded(value, places, how) * 10**places)), 10**places)
    sign = "-" if rounded(value, places, how) < 0 else ""
    return f"{sign}{whole}.{rest:0{places}}" if places else f"{sign}{whole}"


def exact_text(value: Fraction) -> str:
    """An unrounded value with one place or more: "50.0", "0.4"; a quotient where no decimal is exact."""
    for places in range(1, _MOST_PLACES):
        if (value * 10**places).denominator == 1:
            return rounded_text(value, places, RoundTo.HALF_EVEN)
    return number_text(value)


def square_root(value: Fraction) -> Fraction:
    """The root of a number of 0 or more: exact where it is rational, otherwise to DIGITS significant digits."""
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    with localcontext(prec=DIGITS + 10):
        root = (Decimal(value.numerator) / Decimal(value.denominator)).sqrt()
    with localcontext(prec=DIGITS):
        return Fraction(+root)
