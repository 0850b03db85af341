"""Specifications and boundary sets as canonical JSON, so that immutable versions can be stored, compared and rebuilt.

Canonical: keys sorted, no blanks, ASCII, numbers as exact text in lowest terms. Equal objects have equal content and so
equal digests, whatever file they were read from. Who entered the figures and who checked them is in the content of older
versions; it is no part of what a version is told by, so that a signature grades nobody anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache

from server.grading import fields
from server.grading.boundaries import BoundaryRow, BoundarySet, NotionalRow
from server.grading.contents_of_parts import (
    absence_from,
    component_content,
    component_from,
    options_from,
    plain_content,
    provenance_content,
    provenance_from,
    rounding_from,
    stated,
)
from server.grading.contents_of_units import requirement_content, requirement_from, unit_content, unit_from
from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import number_text
from server.grading.pack_json import parse_json
from server.grading.specification import (
    GradeStep,
    Provenance,
    Retake,
    Scheme,
    Specification,
)

_FORMAT = 1
_UNSIGNED = {"entered_by": None, "checked_by": None}


def specification_content(specification: Specification) -> str:
    """Canonical JSON of a specification: everything but the figures of a series."""
    return _canonical(
        {
            "format": _FORMAT,
            "scheme": specification.scheme.value,
            "identity": specification.identity,
            "board": specification.board,
            "code": specification.code,
            "title": specification.title,
            "qualification": specification.qualification,
            "tier": specification.tier,
            "max_mark": number_text(specification.max_mark),
            "components": [component_content(component) for component in specification.components],
            "grades": [{"grade": step.grade, "points": number_text(step.points)} for step in specification.grades],
            "options": [
                {"entry_code": option.entry_code, "components": list(option.components)}
                for option in specification.options
            ],
            "rounding": plain_content(specification.rounding),
            "absence": plain_content(specification.absence),
            "below_lowest": specification.below_lowest,
            "endorsements": list(specification.endorsements),
            "valid_from": specification.valid_from,
            "valid_to": specification.valid_to,
            **stated("retake", specification.retake.value, Retake.NEWEST.value),
            **stated("requirements", [requirement_content(each) for each in specification.requirements], []),
            **stated("provenance", provenance_content(specification.provenance), provenance_content(Provenance())),
        }
    )


def boundary_content(boundaries: BoundarySet) -> str:
    """Canonical JSON of a boundary set, its provenance included."""
    return _canonical(
        {
            "format": _FORMAT,
            "specification": boundaries.specification,
            "series": boundaries.series,
            "option": boundaries.option,
            "rows": _rows(boundaries.rows),
            "notional": [{"component": each.component, "rows": _rows(each.rows)} for each in boundaries.notional],
            "sources": list(boundaries.sources),
            "confidence": boundaries.confidence,
            "note": boundaries.note,
            "published": boundaries.published,
            "checksum": boundaries.checksum,
            "entered_by": boundaries.entered_by,
            "checked_by": boundaries.checked_by,
            **stated("units", [unit_content(each) for each in boundaries.units], []),
        }
    )


def digest(content: str) -> str:
    """SHA-256 of canonical content, in hexadecimal."""
    return hashlib.sha256(content.encode("ascii")).hexdigest()


def unsigned(content: str) -> str:
    """The same figures, rules and sources without who entered and who checked them: what a version is told by."""
    row = dict(fields.as_object(parse_json(content), "content"))
    if "rows" in row:
        return _canonical(row | _UNSIGNED)
    provenance = {**fields.as_object(row.pop("provenance", {}), "provenance"), **_UNSIGNED}
    usual = provenance_content(Provenance())
    return _canonical(row | stated("provenance", usual | provenance, usual))


@lru_cache(maxsize=1024)
def specification_digest(specification: Specification) -> str:
    return digest(unsigned(specification_content(specification)))


@lru_cache(maxsize=1024)
def boundary_digest(boundaries: BoundarySet) -> str:
    return digest(unsigned(boundary_content(boundaries)))


def specification_from_content(content: str | Mapping[str, object]) -> Specification:
    """Rebuild a specification from its content, as text or parsed. Raises BAD_CONTENT or BAD_SPECIFICATION."""
    row = _parsed(content)
    return Specification(
        identity=fields.code(row, "identity"),
        board=fields.text(row, "board"),
        code=fields.text(row, "code"),
        title=fields.text(row, "title"),
        qualification=fields.text(row, "qualification"),
        tier=fields.optional_text(row, "tier"),
        max_mark=fields.number(row, "max_mark"),
        components=tuple(component_from(each) for each in fields.objects(row, "components")),
        grades=tuple(
            GradeStep(fields.code(each, "grade"), fields.number(each, "points"))
            for each in fields.objects(row, "grades")
        ),
        options=options_from(row),
        rounding=rounding_from(row.get("rounding")),
        absence=absence_from(row.get("absence")),
        below_lowest=fields.text(row, "below_lowest", "U"),
        endorsements=fields.texts(row, "endorsements"),
        valid_from=fields.optional_date(row, "valid_from"),
        valid_to=fields.optional_date(row, "valid_to"),
        scheme=fields.word(Scheme, fields.code(row, "scheme"), "scheme"),
        retake=fields.word(Retake, fields.text(row, "retake", Retake.NEWEST.value), "retake rule"),
        requirements=tuple(requirement_from(each) for each in fields.objects(row, "requirements")),
        provenance=provenance_from(row.get("provenance")),
    )


def boundaries_from_content(content: str | Mapping[str, object]) -> BoundarySet:
    """Rebuild a boundary set from its content, as text or parsed. Raises BAD_CONTENT or BAD_BOUNDARIES."""
    row = _parsed(content)
    return BoundarySet(
        specification=fields.code(row, "specification"),
        series=fields.code(row, "series"),
        option=fields.optional_text(row, "option"),
        rows=_rows_from(row),
        notional=tuple(
            NotionalRow(fields.code(each, "component"), _rows_from(each)) for each in fields.objects(row, "notional")
        ),
        units=tuple(unit_from(each) for each in fields.objects(row, "units")),
        **asdict(provenance_from(row)),
    )


def _rows(rows: tuple[BoundaryRow, ...]) -> list[dict[str, str]]:
    return [{"grade": row.grade, "mark": number_text(row.mark)} for row in rows]


def _rows_from(row: Mapping[str, object]) -> tuple[BoundaryRow, ...]:
    return tuple(
        BoundaryRow(fields.code(each, "grade"), fields.number(each, "mark")) for each in fields.objects(row, "rows")
    )


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _parsed(content: str | Mapping[str, object]) -> Mapping[str, object]:
    if not isinstance(content, str):
        return content
    try:
        return fields.as_object(parse_json(content), "content")
    except (ValueError, RecursionError) as error:
        if isinstance(error, GradingError):
            raise
        raise GradingError(ErrorCode.BAD_CONTENT, "The content is no JSON.") from error
