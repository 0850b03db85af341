"""One row of `linear_qualifications.json`, read as it stands; whether it makes sense is for pack_checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction

from server.grading import fields
from server.grading.boundaries import BoundaryRow, BoundarySet, NotionalRow
from server.grading.contents_of_parts import absence_from, component_from, provenance_from, rounding_from
from server.grading.exact import exact
from server.grading.pack_json import JsonObject
from server.grading.scales import grade_steps
from server.grading.specification import Absence, Component, Rounding, Specification

DEFAULT_STEP = "0.5"
"""The pack format states no step; half marks are real, anything finer is not, so this refuses neither wrongly."""
_FINEST_STEP = "0.01"

_UNTIERED = "U"
_BELOW_LOWEST = "U"


@dataclass(frozen=True, slots=True)
class LinearRow:
    """A row before any check. `printed_places` are the decimals of each printed factor, None for exact ones."""

    row_id: str
    identity: str
    series: str
    board: str
    code: str
    title: str
    qualification: str
    tier: str | None
    stated_max: Fraction | None
    components: tuple[Component, ...]
    printed_places: tuple[int | None, ...]
    grades: tuple[str, ...]
    marks: Mapping[str, Fraction]
    notional: Mapping[str, Mapping[str, Fraction]]
    rounding: Rounding
    absence: Absence
    sources: tuple[str, ...]
    confidence: str
    note: str
    published: str | None
    checksum: str | None
    entered_by: str | None
    checked_by: str | None
    repeated: tuple[str, ...]

    @property
    def weighted_max(self) -> Fraction:
        return sum((component.max_raw * component.factor for component in self.components), Fraction(0))

    @property
    def max_mark(self) -> Fraction:
        return self.weighted_max if self.stated_max is None else self.stated_max


def split_row_id(row_id: str) -> tuple[str, str]:
    """Specification identity and series of a row id: "AQA:8300:H:June_2025" is "AQA:8300:H" in "June 2025"."""
    identity, _, series = row_id.rpartition(":")
    return (identity, series.replace("_", " ")) if identity else (row_id, "")


def read_linear_row(row: Mapping[str, object]) -> LinearRow:
    """Read one row, ignoring unknown keys. Raises BAD_CONTENT, BAD_NUMBER or BAD_SPECIFICATION at the first fault."""
    row_id = fields.code(row, "id")
    identity, series = split_row_id(row_id)
    parts = fields.objects(row, "components")
    boundaries = fields.as_object(fields.required(row, "boundaries"), "boundaries")
    tier = fields.optional_text(row, "tier")
    marks = {grade: exact(mark, f"The boundary of {grade}") for grade, mark in boundaries.items()}
    grades = tuple(_label(each, "grades") for each in fields.as_list(fields.required(row, "grades"), "grades"))
    if grades[-1:] == (_BELOW_LOWEST,) and marks.get(_BELOW_LOWEST, 0) == 0:
        # Some tables print "U from 0": what lies below the lowest grade needs no boundary.
        grades = grades[:-1]
        marks.pop(_BELOW_LOWEST, None)
    return LinearRow(
        row_id=row_id,
        identity=identity,
        series=fields.text(row, "series") or series,
        board=fields.text(row, "board"),
        code=_label(row.get("code") or "", "code"),
        title=fields.text(row, "title"),
        qualification=fields.text(row, "qualification"),
        tier=None if tier == _UNTIERED else tier,
        stated_max=None if row.get("max_mark") is None else fields.number(row, "max_mark"),
        components=tuple(component_from(part, _step(part)) for part in parts),
        printed_places=tuple(_places(part["factor"]) for part in parts),
        grades=grades,
        marks=marks,
        notional={fields.code(part, "code"): _notional(part) for part in parts if part.get("notional")},
        rounding=rounding_from(row.get("rounding")),
        absence=absence_from(row.get("absence")),
        **asdict(provenance_from(row)),
        repeated=(*_repeated(row), *_repeated(boundaries)),
    )


def specification_of(row: LinearRow) -> Specification:
    """The specification that a sound row states. Raises BAD_SPECIFICATION."""
    return Specification(
        identity=row.identity,
        board=row.board,
        code=row.code,
        title=row.title,
        qualification=row.qualification,
        tier=row.tier,
        max_mark=row.max_mark,
        components=row.components,
        grades=grade_steps(row.grades),
        rounding=row.rounding,
        absence=row.absence,
    )


def boundaries_of(row: LinearRow) -> BoundarySet:
    """The boundary set that a sound row states. Raises BAD_BOUNDARIES."""
    return BoundarySet(
        specification=row.identity,
        series=row.series,
        rows=tuple(BoundaryRow(grade, row.marks[grade]) for grade in row.grades),
        notional=tuple(
            NotionalRow(code, tuple(BoundaryRow(grade, mark) for grade, mark in marks.items()))
            for code, marks in row.notional.items()
        ),
        sources=row.sources,
        confidence=row.confidence or "unstated",
        note=row.note,
        published=row.published,
        checksum=row.checksum,
        entered_by=row.entered_by,
        checked_by=row.checked_by,
    )


def _step(part: Mapping[str, object]) -> str:
    """Half marks; hundredths for a maximum that is none of half marks."""
    return DEFAULT_STEP if (fields.number(part, "max_raw") * 2).denominator == 1 else _FINEST_STEP


def _notional(part: Mapping[str, object]) -> Mapping[str, Fraction]:
    rows = fields.as_object(part["notional"], "notional")
    return {grade: exact(mark, f"The notional boundary of {grade}") for grade, mark in rows.items()}


def _label(value: object, name: str) -> str:
    """A grade or code, which some files write as a number."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else fields.as_text(value, name)
    return text.strip()


def _places(factor: object) -> int | None:
    """Decimals of a factor printed as a decimal: "1.333" has 3 and may be rounded; "4/3" and "2" are exact."""
    text = format(factor, "f") if isinstance(factor, Decimal) else str(factor)
    _, point, decimals = text.partition(".")
    return len(decimals) if point and "/" not in text else None


def _repeated(value: Mapping[str, object]) -> tuple[str, ...]:
    return value.repeated if isinstance(value, JsonObject) else ()
