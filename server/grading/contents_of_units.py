"""Conversions and requirements as parts of a specification's content, and units of a series'."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from server.grading import fields
from server.grading.boundaries import BoundaryRow, UnitRow
from server.grading.conversion import Above, Below, Between, Conversion, UniformMark, Whole
from server.grading.exact import exact, number_text
from server.grading.requirements import Measure, Requirement


def conversion_content(conversion: Conversion) -> dict[str, object]:
    return {
        "maximum": number_text(conversion.maximum),
        "uniform": [{"grade": each.grade, "mark": number_text(each.mark)} for each in conversion.uniform],
        "below": conversion.below.value,
        "above": conversion.above.value,
        "whole": conversion.whole.value,
        "fixed": [{"grade": row.grade, "mark": number_text(row.mark)} for row in conversion.fixed],
        # Contents of before the word was known stay as they are.
        **({"between": conversion.between.value} if conversion.between is not Between.LINE else {}),
    }


def conversion_from(value: object) -> Conversion:
    """Raises BAD_CONTENT, BAD_NUMBER or BAD_SPECIFICATION."""
    row = fields.as_object(value, "conversion")
    return Conversion(
        maximum=fields.number(row, "maximum"),
        uniform=tuple(UniformMark(*each) for each in _marks(row, "uniform")),
        below=fields.word(Below, fields.text(row, "below", Below.NOTIONAL.value), "rule below the lowest grade"),
        above=fields.word(Above, fields.text(row, "above", Above.CAP.value), "rule above the best grade"),
        whole=fields.word(Whole, fields.text(row, "whole", Whole.HALF_UP.value), "rounding"),
        fixed=tuple(BoundaryRow(*each) for each in _marks(row, "fixed")),
        between=fields.word(Between, fields.text(row, "between", Between.LINE.value), "rule between two grades"),
    )


def requirement_content(requirement: Requirement) -> dict[str, object]:
    return {
        "grade": requirement.grade,
        "components": list(requirement.components),
        "minimum": number_text(requirement.minimum),
        "reason": requirement.reason,
        "measure": requirement.measure.value,
        "passed": number_text(requirement.passed),
        "source": requirement.source,
    }


def requirement_from(row: Mapping[str, object]) -> Requirement:
    """Raises BAD_CONTENT or BAD_NUMBER."""
    return Requirement(
        grade=fields.code(row, "grade"),
        components=fields.texts(row, "components"),
        minimum=fields.number(row, "minimum"),
        reason=fields.code(row, "reason"),
        measure=fields.word(Measure, fields.text(row, "measure", Measure.TOTAL.value), "measure"),
        passed=fields.number({"passed": 1, **row}, "passed"),
        source=fields.text(row, "source"),
    )


def unit_content(unit: UnitRow) -> dict[str, object]:
    printed = [[number_text(raw), number_text(worth)] for raw, worth in unit.printed]
    return {
        "component": unit.component,
        "rows": [{"grade": row.grade, "mark": number_text(row.mark)} for row in unit.rows],
        **({"printed": printed} if printed else {}),
    }


def unit_from(row: Mapping[str, object]) -> UnitRow:
    """Raises BAD_CONTENT, BAD_NUMBER or BAD_BOUNDARIES."""
    pairs = [fields.as_list(each, "printed") for each in fields.as_list(row.get("printed") or [], "printed")]
    return UnitRow(
        component=fields.code(row, "component"),
        rows=tuple(BoundaryRow(*each) for each in _marks(row, "rows")),
        printed=tuple((exact(pair[0], "printed"), exact(pair[1], "printed")) for pair in pairs if len(pair) == 2),
    )


def _marks(row: Mapping[str, object], name: str) -> list[tuple[str, Fraction]]:
    return [(fields.code(each, "grade"), fields.number(each, "mark")) for each in fields.objects(row, name)]
