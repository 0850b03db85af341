"""Thresholds that a specification fixes once: uniform marks or points to a grade, one grade a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from server.grading.boundaries import BoundaryRow, BoundarySet
from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import exact
from server.grading.findings import Finding, error
from server.grading.measures.csv_rows import CsvRow, csv_rows
from server.grading.pack_units import PackRow
from server.grading.scales import grade_steps
from server.grading.specification import Scheme, Specification
from server.grading.table import prepare

THRESHOLDS_CSV = "ums_thresholds.csv"
POINTS_CSV = "points_thresholds.csv"

ALL_SERIES = "all series"
"""The series of thresholds that a specification fixes once."""

_LEAST = {THRESHOLDS_CSV: "min_ums", POINTS_CSV: "min_points"}
_MOST = {THRESHOLDS_CSV: "max_ums", POINTS_CSV: "glh"}
_UNSTATED = 2
"""Times the best threshold: what bounds a total where the file states no maximum. None is so far below its maximum."""
_SCHEMES = {THRESHOLDS_CSV: Scheme.UNITISED, POINTS_CSV: Scheme.POINTS}


def read_thresholds(text: str, file: str) -> Iterator[PackRow | Finding]:
    """The qualifications of one of the two files. A finding whose `where` is no line is of the qualification it names."""
    findings: list[Finding] = []
    by_spec: dict[str, list[CsvRow]] = {}
    for line in csv_rows(text, file, ("spec", "grade", _LEAST[file]), findings):
        try:
            by_spec.setdefault(line.word("spec"), []).append(line)
        except GradingError as problem:
            findings.append(error("MALFORMED_ROW", file, line.where, problem.message))
    yield from findings
    for spec, lines in by_spec.items():
        try:
            faults = list(_faults(spec, lines, file))
            yield from faults or [_row(spec, lines, file)]
        except GradingError as problem:
            yield error("MALFORMED_ROW", file, spec, problem.message)


def _faults(spec: str, lines: Sequence[CsvRow], file: str) -> Iterator[Finding]:
    """What a person has to set right before the thresholds of one qualification can be used."""
    most = {_most(line, file) for line in lines}
    if len(most) > 1 and file == THRESHOLDS_CSV:
        yield error("MALFORMED_ROW", file, spec, f"{_MOST[file]} must be the same in every line of {spec}.")
    # No unit gives a point an hour, so hours bound points as well.
    stated = [each for each in most if each is not None]
    seen: dict[str, CsvRow] = {}
    marks: dict[Fraction, str] = {}
    for line in lines:
        grade, mark = line.word("grade"), line.amount(_LEAST[file])
        if grade in seen:
            message = f"Grade {grade} came before, in {seen[grade].where}."
            yield error("DUPLICATE_ROW", file, spec, f"{line.where}: {message}")
        elif mark in marks:
            message = f"{_LEAST[file]} of {grade} is that of {marks[mark]}."
            yield error("NOT_DESCENDING", file, spec, f"{line.where}: {message}")
        if stated and mark > min(stated):
            message = f"{_LEAST[file]} of {grade} ({mark}) is above {_MOST[file]}."
            yield error("BOUNDARY_ABOVE_MAXIMUM", file, spec, f"{line.where}: {message}")
        seen[grade] = line
        marks[mark] = grade


def _most(line: CsvRow, file: str) -> Fraction | None:
    """The most that can be reached, where the line says it."""
    name = _MOST[file]
    if not line.said(name):
        return None
    most = exact(line.said(name), name)
    if most <= 0:
        raise GradingError(ErrorCode.BAD_NUMBER, f"{name} must be above 0, or left out.")
    return most


def _row(spec: str, lines: Sequence[CsvRow], file: str) -> PackRow:
    worth = sorted(((line.word("grade"), line.amount(_LEAST[file])) for line in lines), key=lambda each: -each[1])
    first = lines[0]
    title = first.said("title")
    board, _, name = spec.partition(":")
    specification = Specification(
        identity=spec,
        board=board,
        code=name,
        title=title or name,
        qualification=title or spec,
        tier=None,
        max_mark=_most(first, file) or worth[0][1] * _UNSTATED,
        components=(),
        grades=grade_steps(tuple(grade for grade, _ in worth)),
        scheme=_SCHEMES[file],
    )
    boundaries = BoundarySet(
        specification=spec,
        series=ALL_SERIES,
        rows=tuple(BoundaryRow(grade, mark) for grade, mark in worth),
        sources=tuple(dict.fromkeys(source for line in lines if (source := line.said("source")))),
        confidence=first.said("confidence") or "single-source",
    )
    prepare(specification, boundaries)
    return PackRow(spec, specification, boundaries)
