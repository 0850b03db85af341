"""Whether a row of a pack makes sense: errors keep it from grading, warnings ask a person to look."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from server.grading.findings import Finding, error, warning
from server.grading.interval_rule import interval_faults
from server.grading.pack_rows import LinearRow, split_row_id

LINEAR_FILE = "linear_qualifications.json"


def check_row(row: LinearRow) -> Iterator[Finding]:
    """Every finding on one row; the interval rule only when the row itself is sound."""
    errors = [*_check_grades(row), *_check_order(row), *_check_weights(row)]
    yield from errors
    yield from _check_provenance(row)
    yield from _check_notional(row)
    if not errors:
        yield from _check_intervals(row)


def _check_grades(row: LinearRow) -> Iterator[Finding]:
    for name in row.repeated:
        yield _error(row, "DUPLICATE_ROW", f"{name} is written twice.")
    if not row.grades:
        yield _error(row, "NO_GRADES", "There are no grades.")
    if len(set(row.grades)) != len(row.grades):
        yield _error(row, "DUPLICATE_ROW", "A grade appears twice in grades.")
    without = [grade for grade in row.grades if grade not in row.marks]
    if without:
        yield _error(row, "GRADE_WITHOUT_BOUNDARY", f"No boundary is given for {', '.join(without)}.")
    unlisted = [grade for grade in row.marks if grade not in row.grades]
    if unlisted:
        yield _error(row, "BOUNDARY_WITHOUT_GRADE", f"grades does not list {', '.join(unlisted)}.")


def _check_order(row: LinearRow) -> Iterator[Finding]:
    listed = [(grade, row.marks[grade]) for grade in row.grades if grade in row.marks]
    for (upper, upper_mark), (lower, lower_mark) in pairwise(listed):
        if upper != lower and lower_mark >= upper_mark:
            message = f"The boundary of {lower} ({lower_mark}) is not below that of {upper} ({upper_mark})."
            yield _error(row, "NOT_DESCENDING", message)
    for grade, mark in listed:
        if mark > row.max_mark:
            message = f"The boundary of {grade} ({mark}) is above the maximum ({row.max_mark})."
            yield _error(row, "BOUNDARY_ABOVE_MAXIMUM", message)
        if mark < 0:
            yield _error(row, "BOUNDARY_BELOW_ZERO", f"The boundary of {grade} is below 0.")


def _check_weights(row: LinearRow) -> Iterator[Finding]:
    if row.max_mark <= 0:
        yield _error(row, "NO_MAXIMUM", "There is neither a maximum mark above 0 nor a component to compute it from.")
    elif not row.components:
        yield _warning(row, "NO_COMPONENTS", "There are no components: only subject marks can be graded.")
    elif row.stated_max is None:
        yield _warning(row, "MAXIMUM_COMPUTED", "max_mark is missing; the weighted maxima of the components are used.")
    elif row.weighted_max != row.stated_max:
        gap = abs(row.weighted_max - row.stated_max)
        message = f"The weighted maxima add up to {row.weighted_max}, not to {row.stated_max}"
        if gap <= _printing_error(row):
            yield _warning(row, "WEIGHTS_ROUNDED", f"{message}; the factors are printed rounded.")
        else:
            yield _error(row, "WEIGHTS_DO_NOT_SUM", f"{message}.")


def _printing_error(row: LinearRow) -> Fraction:
    """The most by which factors that were rounded in print can move the sum."""
    parts = zip(row.components, row.printed_places, strict=True)
    return sum((c.max_raw * Fraction(1, 2 * 10**places) for c, places in parts if places), Fraction(0))


def _check_provenance(row: LinearRow) -> Iterator[Finding]:
    if not row.sources:
        yield _warning(row, "NO_SOURCE", "No source is given; every displayed grade has to name one.")
    if not row.confidence:
        yield _warning(row, "NO_CONFIDENCE", "No confidence is given; grades will say that it is unstated.")
    _, series = split_row_id(row.row_id)
    if series != row.series.replace("_", " "):
        yield _warning(row, "SERIES_DISAGREES", f"The id ends with {series or 'no series'}, the row says {row.series}.")


def _check_notional(row: LinearRow) -> Iterator[Finding]:
    for component in row.components:
        marks = row.notional.get(component.code, {})
        if any(mark > component.max_raw or mark < 0 for mark in marks.values()):
            yield _warning(row, "NOTIONAL_OUT_OF_RANGE", f"A notional boundary of {component.code} is out of range.")
        listed = [marks[grade] for grade in row.grades if grade in marks]
        if any(lower > upper for upper, lower in pairwise(listed)):
            yield _warning(row, "NOTIONAL_NOT_DESCENDING", f"The notional boundaries of {component.code} rise.")


def _check_intervals(row: LinearRow) -> Iterator[Finding]:
    for code, message in interval_faults(row.grades, row.marks):
        yield _warning(row, code, message)


def _error(row: LinearRow, code: str, message: str) -> Finding:
    return error(code, LINEAR_FILE, row.row_id, message)


def _warning(row: LinearRow, code: str, message: str) -> Finding:
    return warning(code, LINEAR_FILE, row.row_id, message)
