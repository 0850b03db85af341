"""Thirds of a grade, as targets name them: 5+ is a third of a point above 5, and 5- a third below it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def exact_points(points: Decimal | None, third: int | None) -> Fraction | None:
    """Points of a grade with its third (1, 0 or -1); None where the grade has none."""
    return None if points is None else Fraction(points) + Fraction(third or 0, 3)


def shown_points(points: Decimal | None, third: int | None) -> Decimal | None:
    """The same, cut off after two places where there is a third: 5.66 must not read as more than it is."""
    found = exact_points(points, third)
    if found is None or not third:
        return points
    return Decimal(found.numerator * 100 // found.denominator) / 100
