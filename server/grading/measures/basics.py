"""Basics: English and maths at a grade or above."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from server.grading.measures.entries import ENGLISH, Area, Entry, check_entries
from server.grading.measures.methods import BASICS_1, ThresholdMethod

STANDARD, STRONG = Fraction(4), Fraction(5)
"""Points of a standard (4+) and of a strong (5+) pass."""


@dataclass(frozen=True, slots=True)
class Basics:
    """`english` and `maths` are the best points, None when not taken."""

    english: Fraction | None
    maths: Fraction | None
    standard: bool
    strong: bool
    method: ThresholdMethod


def basics(entries: Iterable[Entry], method: ThresholdMethod = BASICS_1) -> Basics:
    """Whether English (the better of language and literature) and maths both reach 4, and both reach 5."""
    taken = tuple(entries)
    check_entries(taken)
    english = max((each.points for each in taken if each.area in ENGLISH), default=None)
    maths = max((each.points for each in taken if each.area is Area.MATHS), default=None)
    lower = None if english is None or maths is None else min(english, maths)
    standard, strong = (lower is not None and lower >= threshold for threshold in (STANDARD, STRONG))
    return Basics(english, maths, standard, strong, method)
