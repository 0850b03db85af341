"""Which of the codes of boundaries a refused row of units or cash-ins gets, read from its marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from server.grading import fields
from server.grading.errors import GradingError
from server.grading.exact import exact

MALFORMED: Final = "MALFORMED_ROW"
_MARKS: Final = (("raw", "max_raw"), ("ums", "max_ums"))


def unit_fault(value: object) -> str:
    """The code of the first of its marks' faults; MALFORMED_ROW where they have none, or can't be read."""
    try:
        row = fields.as_object(value, "A row")
        given = {name: _numbers(row, name) for name, _ in _MARKS if row.get(name) is not None}
        found = [_of_marks(list(marks.values()), fields.number(row, most)) for (name, most) in _MARKS
                 if (marks := given.get(name)) is not None]  # fmt: skip
    except GradingError:
        return MALFORMED
    raw, worth = given.get("raw"), given.get("ums")
    if raw is not None and worth is not None:
        found += ["BOUNDARY_WITHOUT_GRADE"] if raw.keys() - worth.keys() else []
        found += ["GRADE_WITHOUT_BOUNDARY"] if worth.keys() - raw.keys() else []
    return next((code for code in found if code is not None), MALFORMED)


def _numbers(row: Mapping[str, object], name: str) -> dict[str, Fraction]:
    listed = fields.as_object(row[name], name)
    return {grade: exact(mark, f"The {name} mark of {grade}") for grade, mark in listed.items()}


def _of_marks(marks: Sequence[Fraction], most: Fraction) -> str | None:
    if any(mark > most for mark in marks):
        return "BOUNDARY_ABOVE_MAXIMUM"
    if any(mark < 0 for mark in marks):
        return "BOUNDARY_BELOW_ZERO"
    falls, rises = (all(a > b for a, b in pairwise(each)) for each in (marks, marks[::-1]))
    return None if falls or rises else "NOT_DESCENDING"
