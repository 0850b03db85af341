"""Exact numbers at the edges of the engine: text, JSON and decimals become fractions, never binary floats."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from server.grading.errors import ErrorCode, GradingError

_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_QUOTIENT = re.compile(r"-?[0-9]{1,40}/[0-9]{1,40}")
_LARGEST_EXPONENT = 30
_LARGEST = 10**_LARGEST_EXPONENT


def exact(value: object, name: str) -> Fraction:
    """Read an int, Decimal, Fraction or text such as "3/2" or "1.0000".

    Raises BAD_NUMBER, which names `name`, for binary floats, booleans, NaN, infinities, other text and absurd magnitudes.
    """
    number = _read(value)
    if number is None:
        raise GradingError(ErrorCode.BAD_NUMBER, f"{name} must be an exact number such as 80, 1.5 or 3/2.")
    return number


def _read(value: object) -> Fraction | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Fraction):
        return Fraction(value) if abs(value) < _LARGEST else None
    if isinstance(value, Decimal):
        return _from_decimal(value)
    return _from_text(value.strip()) if isinstance(value, str) else None


def _from_decimal(value: Decimal) -> Fraction | None:
    # Decimal("1e999999999") is finite, but its fraction has a thousand million digits.
    if not value.is_finite() or abs(value.adjusted()) > _LARGEST_EXPONENT or len(value.as_tuple().digits) > 64:
        return Fraction(0) if value.is_finite() and value.is_zero() else None
    return Fraction(value)


def _from_text(text: str) -> Fraction | None:
    if _NUMBER.fullmatch(text):
        return Fraction(Decimal(text))
    if _QUOTIENT.fullmatch(text):
        numerator, denominator = (int(part) for part in text.split("/"))
        return Fraction(numerator, denominator) if denominator else None
    return None


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes up."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def decimal_points(value: Fraction) -> Decimal:
    """Two places, cut off: 5.999 must not read as a 6."""
    return Decimal(value.numerator * 100 // value.denominator) / 100


def number_text(value: Fraction | int) -> str:
    """The canonical text of an exact number: "245" or "489/2"."""
    return str(Fraction(value))


def decimal_text(value: Fraction) -> str:
    """An exact number as people write raw marks: "61" or "61.5"; a quotient where no two places hold it."""
    hundredths = value * 100
    if hundredths.denominator != 1:
        return number_text(value)
    whole, rest = divmod(int(hundredths), 100)
    return f"{whole}.{rest:02}".removesuffix("0") if rest else str(whole)
