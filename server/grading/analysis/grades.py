"""Grades of many learners: how they are spread, how they moved, and what points come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from server.grading.analysis.shares import total
from server.grading.exact import exact


@dataclass(frozen=True, slots=True)
class Level:
    """How many hold the grade, and how many this one or a better one."""

    grade: str
    points: Decimal | None
    count: int
    cumulative: int


@dataclass(frozen=True, slots=True)
class Moved:
    """How many went from one grade to another; None is no grade."""

    before: str | None
    after: str | None
    count: int


def spread(grades: Iterable[tuple[str, Decimal | None]]) -> list[Level]:
    """Best first: by points, then by name; those without points last."""
    counts = Counter(grades)
    found: list[Level] = []
    so_far = 0
    for grade, points in sorted(counts, key=_best_first):
        so_far += counts[grade, points]
        found.append(Level(grade, points, counts[grade, points], so_far))
    return found


def _best_first(one: tuple[str, Decimal | None]) -> tuple[bool, Decimal, str]:
    grade, points = one
    return points is None, -(points or Decimal(0)), grade


def mean(values: Sequence[Fraction | Decimal]) -> Fraction | None:
    """Exact; None of nothing."""
    if not values:
        return None
    sum_, per = total(values)
    return Fraction(sum_, per * len(values))


def short_of(text: str | None) -> Fraction | None:
    """Marks short of the next grade, from their exact text."""
    return None if text is None else exact(text, "marksToNext")


def moved(pairs: Iterable[tuple[str | None, str | None]]) -> list[Moved]:
    """Each pair of grades that occurs, with how many learners; in no order."""
    return [Moved(before, after, count) for (before, after), count in Counter(pairs).items()]
