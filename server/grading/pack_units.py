"""Units and cash-ins of a pack: what is not linear, read into specifications and boundaries.

A unit is a qualification of one component, whose subject marks are uniform marks. A cash-in is one that states no
components, unless its row names its `units`: then it is the whole unitised qualification.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import pairwise

from server.grading import fields
from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.contents_of_parts import provenance_from, rounding_from
from server.grading.conversion import Below, Conversion, UniformMark, anchors, uniform
from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import exact
from server.grading.findings import Finding, warning
from server.grading.requirements import Requirement
from server.grading.scales import grade_steps
from server.grading.specification import Component, Retake, Scheme, Specification
from server.grading.table import prepare

UNITS_FILE = "ums_units.json"
CASH_INS_FILE = "ums_cashins.json"


@dataclass(frozen=True, slots=True)
class PackRow:
    """A row without errors: `row_id` is the id that cases name."""

    row_id: str
    specification: Specification
    boundaries: BoundarySet


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
