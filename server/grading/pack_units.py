"""Units, cash-ins and thresholds of a pack: what is not linear, read into specifications and boundaries.

A unit is a qualification of one component, whose subject marks are uniform marks. A cash-in, or a list of thresholds,
is one that states no components, unless its row names its `units`: then it is the whole unitised qualification.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import pairwise

from server.grading import fields
from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.contents import provenance_from, rounding_from
from server.grading.conversion import Below, Conversion, UniformMark, anchors, uniform
from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import exact
from server.grading.findings import Finding, error, warning
from server.grading.requirements import Requirement
from server.grading.scales import grade_steps
from server.grading.specification import Component, Retake, Scheme, Specification
from server.grading.table import prepare

UNITS_FILE = "ums_units.json"
CASH_INS_FILE = "ums_cashins.json"
THRESHOLDS_CSV = "ums_thresholds.csv"
POINTS_CSV = "points_thresholds.csv"
UNIT_POINTS_CSV = "btec2016_unit_points.csv"

ALL_SERIES = "all series"
"""The series of thresholds that a specification fixes once."""


@dataclass(frozen=True, slots=True)
class PackRow:
    """A row without errors: `row_id` is the id that cases name."""

    row_id: str
    specification: Specification
    boundaries: BoundarySet


@dataclass(frozen=True, slots=True)
class UnitPoints:
    """Points of a unit grade by its guided learning hours."""

    rows: Mapping[tuple[int, str], Fraction]

    def points(self, hours: int, grade: str) -> Fraction:
        """As printed, or by the rule hours / 10 x (N 2/3, P 1, M 5/3, D 8/3). Raises BAD_CONTENT for another grade."""
        if (hours, grade) in self.rows:
            return self.rows[hours, grade]
        if grade not in UNIT_SHARES:
            raise GradingError(ErrorCode.BAD_CONTENT, "A unit grade must be one of U, N, P, M, D.")
        return UNIT_SHARES[grade] * hours / 10


UNIT_SHARES: Mapping[str, Fraction] = {
    "U": Fraction(0),
    "N": Fraction(2, 3),
    "P": Fraction(1),
    "M": Fraction(5, 3),
    "D": Fraction(8, 3),
}
"""Points for ten guided learning hours; Pearson's unit points of the 2016 Nationals, of which the tables are multiples."""


def read_unit(row: Mapping[str, object]) -> tuple[PackRow, list[Finding]]:
    """One row of `ums_units.json`. Raises GradingError at the first fault that keeps it from being used."""
    row_id = fields.code(row, "id")
    board, code, title = fields.text(row, "board"), fields.code(row, "code"), fields.text(row, "title")
    most, max_raw = fields.number(row, "max_ums"), fields.number(row, "max_raw")
    worth = _best_first(row, "ums")
    grades = tuple(grade for grade, _ in worth)
    component = Component(
        code=code,
        name=title,
        max_raw=max_raw,
        conversion=Conversion(
            maximum=most,
            uniform=tuple(UniformMark(grade, mark) for grade, mark in worth),
            below=Below.ZERO if fields.text(row, "below_lowest") == "zero" else Below.NOTIONAL,
        ),
    )
    identity, _, series = row_id.rpartition(":")
    specification = Specification(
        identity=identity or row_id,
        board=board,
        code=code,
        title=title,
        qualification=fields.text(row, "specification") or fields.text(row, "level"),
        tier=None,
        max_mark=most,
        components=(component,),
        grades=grade_steps(grades),
        rounding=rounding_from(
            {"policy": "each_half_up", "confidence": "published", "source": "the board's own tables"}
        ),
        scheme=Scheme.UNITISED,
    )
    raw = _best_first(row, "raw")
    unit = UnitRow(code, tuple(BoundaryRow(grade, mark) for grade, mark in raw))
    printed, faults = _printed(row, row_id, component, unit)
    boundaries = BoundarySet(
        specification=specification.identity,
        series=fields.text(row, "series") or series.replace("_", " "),
        rows=tuple(BoundaryRow(grade, mark) for grade, mark in worth),
        units=(UnitRow(code, unit.rows, printed),),
        sources=(),
        confidence="",
    )
    prepare(specification, boundaries)
    return PackRow(row_id, specification, _cited(row, boundaries)), faults


def read_cash_in(row: Mapping[str, object], units: Mapping[tuple[str, str], PackRow]) -> PackRow:
    """One row of `ums_cashins.json`; `units` by series and code. Raises GradingError at the first fault."""
    board, code, series = fields.code(row, "board"), fields.code(row, "code"), fields.code(row, "series")
    identity = f"{board}:{code}".replace(" ", "_")
    named = fields.texts(row, "units")
    missing = [each for each in named if (series, each) not in units]
    if missing:
        raise GradingError(ErrorCode.MISSING_UNIT, f"The pack has no unit {', '.join(missing)} in {series}.")
    parts = [units[series, each] for each in named]
    worth = _best_first(row, "ums")
    most = fields.number(row, "max_ums")
    star, requirements = _a_star(row, named, worth)
    worth = star + worth
    specification = Specification(
        identity=identity,
        board=board,
        code=code,
        title=fields.text(row, "title"),
        qualification=fields.text(row, "qualification"),
        tier=None,
        max_mark=most,
        components=tuple(part.specification.components[0] for part in parts),
        grades=grade_steps(tuple(grade for grade, _ in worth)),
        scheme=Scheme.UNITISED,
        retake=fields.word(Retake, fields.text(row, "retake", Retake.BEST.value), "retake rule"),
        requirements=requirements,
    )
    boundaries = BoundarySet(
        specification=identity,
        series=series,
        rows=tuple(BoundaryRow(grade, mark) for grade, mark in worth),
        units=tuple(part.boundaries.units[0] for part in parts),
        sources=(),
        confidence="",
    )
    prepare(specification, boundaries)
    row_id = fields.text(row, "id") or f"{identity}:{series.replace(' ', '_')}"
    return PackRow(row_id, specification, _cited(row, boundaries))


def read_thresholds(text: str, file: str, name: str, scheme: Scheme) -> Iterator[PackRow | Finding]:
    """Fixed thresholds of qualifications, one grade a line; `name` is the column of the least total."""
    by_spec: dict[str, list[dict[str, str]]] = {}
    for row in _csv_rows(text):
        by_spec.setdefault(row.get("spec") or "", []).append(row)
    for spec, rows in by_spec.items():
        try:
            yield _thresholds(spec, rows, name, scheme)
        except GradingError as problem:
            yield error("MALFORMED_ROW", file, spec, problem.message)


def read_unit_points(text: str) -> tuple[UnitPoints, list[Finding]]:
    """`btec2016_unit_points.csv`; a warning where it is not the rule."""
    found: dict[tuple[int, str], Fraction] = {}
    faults: list[Finding] = []
    for number, row in enumerate(_csv_rows(text), start=2):
        try:
            hours, grade = fields.whole(row, "unit_glh"), fields.code(row, "grade")
            points = fields.number(row, "points")
            if (hours, grade) in found:
                faults.append(
                    warning("DUPLICATE_ROW", UNIT_POINTS_CSV, f"line {number}", "The unit grade came before.")
                )
            if grade in UNIT_SHARES and points != UNIT_SHARES[grade] * hours / 10:
                faults.append(warning("POINTS_RULE", UNIT_POINTS_CSV, f"line {number}", "The rule gives other points."))
            found[hours, grade] = points
        except GradingError as problem:
            faults.append(error("MALFORMED_ROW", UNIT_POINTS_CSV, f"line {number}", problem.message))
    return UnitPoints(found), faults


def _thresholds(spec: str, rows: Sequence[Mapping[str, str]], name: str, scheme: Scheme) -> PackRow:
    worth = sorted(((fields.code(row, "grade"), fields.number(row, name)) for row in rows), key=lambda each: -each[1])
    first = rows[0]
    hours = fields.whole(first, "glh") if first.get("glh") else 0
    # Points have no printed maximum; no unit gives a point an hour.
    most = fields.number(first, "max_ums") if first.get("max_ums") else Fraction(hours)
    board, _, title = spec.partition(":")
    specification = Specification(
        identity=spec,
        board=board,
        code=title,
        title=fields.text(first, "title") or title,
        qualification=fields.text(first, "title") or spec,
        tier=None,
        max_mark=max(most, worth[0][1]),
        components=(),
        grades=grade_steps(tuple(grade for grade, _ in worth)),
        scheme=scheme,
    )
    boundaries = BoundarySet(
        specification=spec,
        series=ALL_SERIES,
        rows=tuple(BoundaryRow(grade, mark) for grade, mark in worth),
        sources=tuple(dict.fromkeys(row["source"] for row in rows if row.get("source"))),
        confidence=fields.text(first, "confidence") or "single-source",
    )
    prepare(specification, boundaries)
    return PackRow(spec, specification, boundaries)


_Worth = list[tuple[str, Fraction]]


def _a_star(row: Mapping[str, object], named: Sequence[str], worth: _Worth) -> tuple[_Worth, tuple[Requirement, ...]]:
    """The A* of a unitised A level: the total of an A, and a share of the A2 units; only where the units are named."""
    if not named or row.get("a_star") is None or any(grade == "A*" for grade, _ in worth):
        return [], ()
    rule = fields.as_object(row["a_star"], "a_star")
    second = fields.texts(rule, "a2_units")
    requirement = Requirement(
        grade="A*",
        components=second,
        minimum=fields.number(rule, "a2_ums"),
        reason=f"the units {', '.join(second)} must together give {fields.number(rule, 'a2_ums')} uniform marks.",
    )
    return [("A*", fields.number(rule, "overall"))], (requirement,)


def _printed(
    row: Mapping[str, object], row_id: str, component: Component, unit: UnitRow
) -> tuple[tuple[tuple[Fraction, Fraction], ...], list[Finding]]:
    """Points of a printed table that are not the rule's: they count, and a person should look."""
    if row.get("published_conversion") is None or component.conversion is None:
        return (), []
    between = anchors(component.conversion, unit, component.max_raw)
    table = fields.as_object(row["published_conversion"], "published_conversion")
    points = sorted((exact(raw, "A raw mark"), exact(worth, "A uniform mark")) for raw, worth in table.items())
    if any(later[1] < earlier[1] for earlier, later in pairwise(points)):
        raise GradingError(ErrorCode.BAD_BOUNDARIES, "The published conversion falls.")
    other = tuple((raw, worth) for raw, worth in points if uniform(component.conversion, between, raw) != worth)
    if not other:
        return (), []
    message = f"The published conversion has other marks than the rule at {len(other)} points; it counts."
    return other, [warning("CONVERSION_DISAGREES", UNITS_FILE, row_id, message)]


def _best_first(row: Mapping[str, object], name: str) -> _Worth:
    """Grades and marks, best first. Raises BAD_BOUNDARIES where the file's own order says otherwise."""
    listed = [(grade, exact(mark, f"The {name} mark of {grade}")) for grade, mark in _marks(row, name).items()]
    falling = sorted(listed, key=lambda each: -each[1])
    if listed not in (falling, falling[::-1]):
        raise GradingError(ErrorCode.BAD_BOUNDARIES, f"The {name} marks must fall from grade to grade.")
    return falling


def _marks(row: Mapping[str, object], name: str) -> Mapping[str, object]:
    return fields.as_object(fields.required(row, name), name)


def _cited(row: Mapping[str, object], boundaries: BoundarySet) -> BoundarySet:
    """With the provenance that the row states."""
    said = provenance_from(row)
    return replace(boundaries, **asdict(replace(said, confidence=said.confidence or "unstated")))


def _csv_rows(text: str) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(io.StringIO(text), strict=True))
    except csv.Error:
        return []
