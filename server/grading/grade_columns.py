"""A result of the grading engine as the columns of a grade row."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from server.grading.exact import decimal_points, number_text
from server.grading.results import Outcome, Result, Status

KIND = "CURRENT"
"""The board's rules over the marks of a window, with units sat before it; nothing is estimated."""

# A learner who attempted nothing has a result, X; the flags say which components were absent.
_STATUS = {
    Status.COMPLETE: "COMPLETE",
    Status.NOT_ATTEMPTED: "COMPLETE",
    Status.INCOMPLETE: "INCOMPLETE",
    Status.NOT_GRADABLE: "NOT_GRADABLE",
}


class GradeColumns(NamedTuple):
    """In the order in which they are stored. `subject_mark` and `marks_to_next` are exact text such as "489/2"."""

    kind: str
    status: str
    value: str | None
    points: Decimal | None
    fine: Decimal | None
    subject_mark: str | None
    next_grade: str | None
    marks_to_next: str | None
    floor: str | None
    ceiling: str | None
    flags: tuple[str, ...]
    engine_version: str
    rounding: str
    shift: int
    confidence: str


def grade_columns(result: Result, flags: tuple[str, ...] = (), shift: int = 0) -> GradeColumns:
    """`flags` are added to the engine's own; `shift` is what the boundaries were shifted by."""
    return GradeColumns(
        kind=KIND,
        status=_STATUS[result.status],
        value=result.grade,
        points=_decimal(result.points),
        fine=_decimal(result.fine),
        subject_mark=_text(result.subject_mark),
        next_grade=result.next_grade,
        marks_to_next=_text(result.marks_to_next),
        floor=_grade(result.floor),
        ceiling=_grade(result.ceiling),
        flags=(*result.flags, *(("rounding_matters",) if result.rounding_matters else ()), *flags),
        engine_version=result.engine_version,
        rounding=result.rounding.value,
        shift=shift,
        confidence=result.confidence,
    )


def refused(code: str, engine_version: str, shift: int = 0) -> GradeColumns:
    """What is stored where the engine refuses, with its code: a specification that can't grade these marks."""
    nothing = None
    return GradeColumns(
        KIND, "NOT_GRADABLE", nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing,
        (f"refused:{code}",), engine_version, "sum_exact", shift, "none",
    )  # fmt: skip


def _decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else decimal_points(value)


def _text(value: Fraction | None) -> str | None:
    return None if value is None else number_text(value)


def _grade(outcome: Outcome | None) -> str | None:
    return None if outcome is None else outcome.grade
