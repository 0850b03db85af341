"""A TOML file as plain values, and as the content from which the engine rebuilds its objects."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from server.grading import fields
from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import exact, number_text
from server.grading.scales import grade_steps

FORMAT = 1
_LONGEST_LINE = 4000
"""Characters. A key of a hundred thousand parts would keep the parser busy for minutes."""

_PROVENANCE = ("sources", "confidence", "note", "published", "checksum", "entered_by", "checked_by")
_CONVERSION = ("maximum", "uniform", "between", "below", "above", "whole", "fixed")
SPECIFICATION_WORDS: Mapping[str, tuple[str, ...]] = {
    "": (
        "format", "specification", "board", "code", "title", "qualification", "tier", "scheme", "maximum", "grades",
        "components", "options", "rounding", "absence", "below_lowest", "endorsements", "valid_from", "valid_to",
        "retake", "requirements", "provenance",
    ),
    "components": ("code", "name", "maximum", "factor", "kind", "step", "size", "conversion"),
    "components.conversion": _CONVERSION,
    "options": ("entry_code", "components"),
    "rounding": ("policy", "confidence", "source"),
    "absence": ("all_absent_grade", "confidence", "source"),
    "requirements": ("grade", "components", "minimum", "reason", "measure", "passed", "source"),
    "provenance": _PROVENANCE,
}  # fmt: skip
BOUNDARY_WORDS: Mapping[str, tuple[str, ...]] = {
    "": ("format", "specification", "series", "option", "boundaries", "units", "notional", "provenance"),
    "units": ("component", "boundaries", "printed"),
    "notional": ("component", "boundaries"),
    "provenance": _PROVENANCE,
}

Pairs = list[tuple[str, Fraction]]


def parse(text: str) -> dict[str, Any]:
    """TOML text with exact decimals. Raises BAD_CONTENT with the place of the fault."""
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > _LONGEST_LINE:
            raise GradingError(ErrorCode.BAD_CONTENT, f"Line {number} is longer than {_LONGEST_LINE} characters.")
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, ArithmeticError, ValueError) as problem:
        raise GradingError(ErrorCode.BAD_CONTENT, f"The file is no TOML: {problem}.") from problem
    except RecursionError as problem:
        raise GradingError(ErrorCode.BAD_CONTENT, "The file is nested too deeply.") from problem


def unknown_words(given: Mapping[str, object], words: Mapping[str, tuple[str, ...]], place: str = "") -> Iterator[str]:
    """Words that the format doesn't have: a misspelt one would be left out in silence."""
    for name, value in given.items():
        where = f"{place}.{name}" if place else name
        if name not in words[place]:
            yield where
        elif where in words:
            for one in _tables(value):
                yield from unknown_words(one, words, where)


def pairs(row: Mapping[str, object], name: str) -> Pairs:
    """Grades and figures, such as [["9", 214], ["8", 186]]; missing is empty. Raises BAD_CONTENT or BAD_NUMBER."""
    found: Pairs = []
    for each in fields.as_list(row.get(name) or [], name):
        pair = fields.as_list(each, name)
        if len(pair) != 2:
            raise GradingError(ErrorCode.BAD_CONTENT, f'{name} must be pairs such as ["9", 214].')
        grade = fields.as_text(pair[0], name).strip()
        found.append((grade, exact(pair[1], f"{name}: the figure of {grade}")))
    return found


def specification_values(given: Mapping[str, object]) -> dict[str, object]:
    """The file as a specification's content. Raises BAD_CONTENT or BAD_NUMBER."""
    rest = ("specification", "maximum", "grades", "components", "format")
    return {
        **{name: _plain(value) for name, value in given.items() if name not in rest},
        "identity": fields.code(given, "specification"),
        "max_mark": fields.required(given, "maximum"),
        "scheme": fields.text(given, "scheme", "linear"),
        "grades": _grades(given),
        "components": [_component(each) for each in fields.objects(given, "components")],
        "provenance": _provenance(given),
    }


def boundary_values(given: Mapping[str, object]) -> dict[str, object]:
    """The file as a boundary set's content. Raises BAD_CONTENT or BAD_NUMBER."""
    provenance = _provenance(given)
    return {
        "specification": fields.code(given, "specification"),
        "series": fields.code(given, "series"),
        "option": fields.optional_text(given, "option"),
        "rows": _rows(given, "boundaries", "mark"),
        "notional": [
            {"component": fields.code(each, "component"), "rows": _rows(each, "boundaries", "mark")}
            for each in fields.objects(given, "notional")
        ],
        "units": [_unit(each) for each in fields.objects(given, "units")],
        **provenance,
        "confidence": provenance.get("confidence") or "unstated",
    }


def _grades(given: Mapping[str, object]) -> list[dict[str, object]]:
    """Pairs of grade and points, or names alone, whose points follow from the scale."""
    listed = fields.as_list(fields.required(given, "grades"), "grades")
    if all(isinstance(each, str) for each in listed):
        steps = grade_steps(tuple(fields.as_text(each, "grades").strip() for each in listed))
        return [{"grade": step.grade, "points": number_text(step.points)} for step in steps]
    return _rows(given, "grades", "points")


def _component(row: Mapping[str, object]) -> dict[str, object]:
    found = {name: value for name, value in row.items() if name not in ("maximum", "conversion")}
    found |= {"max_raw": fields.required(row, "maximum"), "factor": row.get("factor", 1)}
    if row.get("conversion") is not None:
        given = fields.as_object(row["conversion"], "conversion")
        found["conversion"] = {
            **given,
            "uniform": _rows(given, "uniform", "mark"),
            "fixed": _rows(given, "fixed", "mark"),
        }
    return found


def _unit(row: Mapping[str, object]) -> dict[str, object]:
    return {
        "component": fields.code(row, "component"),
        "rows": _rows(row, "boundaries", "mark"),
        "printed": row.get("printed") or [],
    }


def _rows(row: Mapping[str, object], name: str, figure: str) -> list[dict[str, object]]:
    return [{"grade": grade, figure: number_text(value)} for grade, value in pairs(row, name)]


def _provenance(given: Mapping[str, object]) -> dict[str, object]:
    row = fields.as_object(given.get("provenance") or {}, "provenance")
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: object) -> object:
    """TOML has dates of its own; contents have them as text."""
    return value.isoformat() if isinstance(value, date) else value


def _tables(value: object) -> list[Mapping[str, object]]:
    if isinstance(value, Mapping):
        return [cast("Mapping[str, object]", value)]
    listed = cast("Sequence[object]", value) if isinstance(value, list) else ()
    return [cast("Mapping[str, object]", each) for each in listed if isinstance(each, Mapping)]
