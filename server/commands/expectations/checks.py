"""What can be said of an entry by itself, and beside the specification of its course."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeVar

from server.commands.expectations.access import Place
from server.commands.expectations.entries import EstimateEntry, RecordEstimates, SetTargets, TargetEntry
from server.commands.expectations.faults import Fault, RowFault
from server.commands.marks.entries import LARGEST_BATCH
from server.commands.storable import plain_line, plain_text, storable
from server.errors import BadUserInput
from server.grading.errors import ErrorCode, GradingError
from server.grading.marks import read_mark
from server.grading.outlook import published
from server.grading.table import GradingTable

Entry = TypeVar("Entry", EstimateEntry, TargetEntry)

LONGEST_TEXT: Final = 500
LONGEST_METHOD: Final = 200
_OF_MARKS: Final = {
    ErrorCode.MARK_NOT_A_NUMBER: Fault.MARK_NOT_A_NUMBER,
    ErrorCode.MARK_BELOW_ZERO: Fault.MARK_BELOW_ZERO,
    ErrorCode.MARK_ABOVE_MAXIMUM: Fault.MARK_ABOVE_MAXIMUM,
    ErrorCode.MARK_STEP: Fault.MARK_STEP,
}


def check_size(command: RecordEstimates | SetTargets, argument: str) -> None:
    """Raises BadUserInput for an empty batch, or one of more than 500 entries."""
    path = ("input", argument)
    if not command.entries:
        raise BadUserInput(f"input.{argument} is empty: give at least one.", path)
    if len(command.entries) > LARGEST_BATCH:
        raise BadUserInput(f"input.{argument} holds too many: give at most {LARGEST_BATCH} at once.", path)


def own_faults(
    entries: Sequence[Entry], key: Callable[[Entry], Hashable], of: Callable[[Entry], RowFault | None]
) -> dict[int, RowFault]:
    """The first fault of each entry that has one, by position."""
    times = Counter(key(entry) for entry in entries)
    found: dict[int, RowFault] = {}
    for position, entry in enumerate(entries):
        fault = of(entry) or (RowFault(Fault.DUPLICATE_ENTRY) if times[key(entry)] > 1 else None)
        if fault is not None:
            found[position] = fault
    return found


def of_estimate(entry: EstimateEntry) -> RowFault | None:
    if entry.reason is not None and not (storable(entry.reason, LONGEST_TEXT) and plain_text(entry.reason)):
        return RowFault(Fault.BAD_TEXT, "reason")
    if entry.score is not None and (not entry.component or entry.grade is not None):
        return RowFault(Fault.ESTIMATE_FORM, "score")
    if entry.grade is not None and entry.component:
        return RowFault(Fault.ESTIMATE_FORM, "grade")
    return None


def of_target(entry: TargetEntry) -> RowFault | None:
    method = entry.method
    if method is None or (method.strip() and storable(method, LONGEST_METHOD) and plain_line(method)):
        return None
    return RowFault(Fault.BAD_TEXT, "method")


def table_of(place: Place | None) -> GradingTable | RowFault:
    """What the course is graded by, or why nothing can be said of it."""
    if place is None:
        return RowFault(Fault.NOT_FOUND)
    if not place.follows:
        return RowFault(Fault.NOT_ON_COURSE, "learner")
    if place.contents is None:
        return RowFault(Fault.NOT_GRADED, "course")
    try:
        return published(place.contents)
    except GradingError:
        return RowFault(Fault.NOT_GRADED, "course")


def estimate_fault(entry: EstimateEntry, table: GradingTable) -> RowFault | None:
    """Of the component, its score and the grade, in that order."""
    if entry.grade is not None:
        return None if points_of(entry.grade, table) is not None else RowFault(Fault.UNKNOWN_GRADE, "grade")
    if not entry.component:
        return None
    try:
        component = table.components[table.index(entry.component)]
    except GradingError:
        return RowFault(Fault.UNKNOWN_COMPONENT, "component")
    if entry.score is None:
        return None
    try:
        read_mark(component, entry.score)
    except GradingError as error:
        return RowFault(_OF_MARKS[error.code], "score")
    return None


def points_of(grade: str, table: GradingTable) -> Fraction | None:
    """0 below the lowest grade; None for what is no grade of the specification."""
    if grade == table.specification.below_lowest:
        return Fraction(0)
    return dict(zip(table.grades, table.points, strict=True)).get(grade)


def third_of(grade: str, table: GradingTable) -> tuple[str, int]:
    """The grade and its third: 1 for "5+", -1 for "5-", 0 for what is a grade itself.

    No thirds on scales whose own grades are written with these signs, such as 7-6, nor below the lowest grade.
    """
    if grade in table.grades or any(sign in each for each in table.grades for sign in "+-"):
        return grade, 0
    plain = grade[:-1]
    return (
        (plain, 1 if grade.endswith("+") else -1) if grade[-1:] in ("+", "-") and plain in table.grades else (grade, 0)
    )


def points_written(points: Fraction) -> Decimal:
    """Points are whole, halves, or decimals of a course's own scale: exact in decimals."""
    return Decimal(points.numerator) / Decimal(points.denominator)
