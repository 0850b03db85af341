"""What is known of a scale of grades from its labels: points, and which boundaries are arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from server.grading.specification import GradeStep

_NUMBER = re.compile(r"[1-9]")
_PAIR = re.compile(r"([1-9])-([1-9])")
_DOUBLE_LETTERS = 17
"""A double award in letters has 17 grades, each half a grade apart, like its numbered twin."""


@dataclass(frozen=True, slots=True)
class Span:
    """The grades strictly between `upper` and `lower` have arithmetic boundaries."""

    upper: str
    lower: str


_NUMBERED = (Span("9", "7"), Span("7", "4"), Span("4", "1"))
_NUMBERED_DOUBLE = (Span("9-9", "7-7"), Span("7-7", "4-4"), Span("4-4", "1-1"))
_LETTERED = (Span("A", "E"),)


def grade_steps(grades: tuple[str, ...]) -> tuple[GradeStep, ...]:
    """Points of grades given best first: 9-1 as they are, pairs such as 9-8 in halves (8.5).

    Letters count from the lowest (E is 1, A* of A*-E is 6; a 17-grade double award in halves): a rank for ordering and
    for the fine grade, not a tariff.
    """
    return tuple(GradeStep(grade, points) for grade, points in zip(grades, _points(grades), strict=True))


def _points(grades: tuple[str, ...]) -> list[Fraction]:
    if all(_NUMBER.fullmatch(grade) for grade in grades):
        return [Fraction(int(grade)) for grade in grades]
    pairs = [_PAIR.fullmatch(grade) for grade in grades]
    matched = [pair for pair in pairs if pair]
    if len(matched) == len(grades):
        return [Fraction(int(pair[1]) + int(pair[2]), 2) for pair in matched]
    ranks = range(len(grades), 0, -1)
    return [Fraction(rank + 1, 2) if len(grades) == _DOUBLE_LETTERS else Fraction(rank) for rank in ranks]


def arithmetic_spans(grades: tuple[str, ...]) -> tuple[Span, ...]:
    """Spans of a scale that a row of these grades (best first) can be checked on."""
    scale = _NUMBERED_DOUBLE if any("-" in grade for grade in grades) else _NUMBERED
    # In A*-G the letters A to E are judged otherwise; only a scale that ends at E has the A to E span.
    spans = _LETTERED if grades[-1:] == ("E",) else scale
    return tuple(span for span in spans if span.upper in grades and span.lower in grades)
