"""Boundaries that a board computes between the judged ones, compared with the rule: a warning, never a refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from server.grading.errors import GradingError
from server.grading.intervals import allowed_grade_3, inner_boundaries
from server.grading.scales import arithmetic_spans

Fault = tuple[str, str]
"""A code and a sentence."""


def interval_faults(grades: tuple[str, ...], figures: Mapping[str, Fraction]) -> Iterator[Fault]:
    """Where subject boundaries, best first and each in `figures`, are not the rule's."""
    if any(mark.denominator != 1 for mark in figures.values()):
        yield "INTERVAL_RULE", "The boundaries are not whole marks, so the rule can't be checked."
        return
    marks = {grade: int(mark) for grade, mark in figures.items()}
    for span in arithmetic_spans(grades):
        inner = grades[grades.index(span.upper) + 1 : grades.index(span.lower)]
        rule = inner_boundaries(marks[span.upper], marks[span.lower], len(inner) + 1)
        if tuple(marks[grade] for grade in inner) != rule:
            yield (
                "INTERVAL_RULE",
                f"Between {span.upper} and {span.lower} the rule gives {_list(rule)} for {_list(inner)}.",
            )
    yield from _allowed(grades, marks)


def _allowed(grades: tuple[str, ...], marks: Mapping[str, int]) -> Iterator[Fault]:
    if grades[-3:] != ("5", "4", "3"):
        return
    try:
        rule = allowed_grade_3(marks["4"], marks["5"])
    except GradingError as problem:
        yield "ALLOWED_GRADE_3", problem.message
        return
    if marks["3"] != rule:
        yield "ALLOWED_GRADE_3", f"Half the gap from 5 to 4 gives {rule} for the allowed grade 3."


def _list(values: tuple[object, ...]) -> str:
    return ", ".join(str(value) for value in values)
