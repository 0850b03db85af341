"""Components, routes, rules and provenance as parts of a content."""

from __future__ import annotations

from collections.abc import Mapping

from server.grading import fields
from server.grading.contents_of_units import conversion_content, conversion_from
from server.grading.exact import number_text
from server.grading.specification import (
    Absence,
    Component,
    ComponentKind,
    Option,
    Provenance,
    Rounding,
    RoundingPolicy,
)


def component_content(component: Component) -> dict[str, object]:
    return {
        "code": component.code,
        "name": component.name,
        "max_raw": number_text(component.max_raw),
        "factor": number_text(component.factor),
        "kind": component.kind.value,
        "step": number_text(component.step),
        **({"conversion": conversion_content(component.conversion)} if component.conversion else {}),
        **stated("size", component.size, 0),
    }


def component_from(row: Mapping[str, object], default_step: str = "1") -> Component:
    return Component(
        code=fields.code(row, "code"),
        name=fields.text(row, "name"),
        max_raw=fields.number(row, "max_raw"),
        factor=fields.number(row, "factor"),
        kind=fields.word(ComponentKind, fields.text(row, "kind", "exam"), "kind"),
        step=fields.number({"step": default_step, **_present(row, "step")}, "step"),
        conversion=None if row.get("conversion") is None else conversion_from(row["conversion"]),
        size=fields.whole({"size": 0, **_present(row, "size")}, "size"),
    )


def options_from(row: Mapping[str, object]) -> tuple[Option, ...]:
    return tuple(
        Option(fields.code(each, "entry_code"), fields.texts(each, "components"))
        for each in fields.objects(row, "options")
    )


def rounding_from(value: object) -> Rounding:
    """A policy by name, or an object with policy, confidence and source; None is the default policy."""
    if value is None:
        return Rounding()
    row = {"policy": value, "confidence": "stated"} if isinstance(value, str) else fields.as_object(value, "rounding")
    return Rounding(
        policy=fields.word(RoundingPolicy, fields.code(row, "policy"), "rounding policy"),
        confidence=fields.text(row, "confidence", "assumed"),
        source=fields.text(row, "source"),
    )


def absence_from(value: object) -> Absence:
    if value is None:
        return Absence()
    row = fields.as_object(value, "absence")
    return Absence(
        all_absent_grade=fields.code(row, "all_absent_grade"),
        confidence=fields.text(row, "confidence", "medium"),
        source=fields.text(row, "source"),
    )


def provenance_content(provenance: Provenance) -> dict[str, object]:
    return {
        "sources": list(provenance.sources),
        "confidence": provenance.confidence,
        "note": provenance.note,
        "published": provenance.published,
        "checksum": provenance.checksum,
        "entered_by": provenance.entered_by,
        "checked_by": provenance.checked_by,
    }


def provenance_from(value: object) -> Provenance:
    """None is a specification whose file says nothing of it. Raises BAD_CONTENT."""
    row: Mapping[str, object] = {} if value is None else fields.as_object(value, "provenance")
    return Provenance(
        sources=fields.texts(row, "sources"),
        confidence=fields.text(row, "confidence"),
        note=fields.text(row, "note"),
        published=fields.optional_date(row, "published"),
        checksum=fields.optional_text(row, "checksum"),
        entered_by=fields.optional_text(row, "entered_by"),
        checked_by=fields.optional_text(row, "checked_by"),
    )


def plain_content(part: Rounding | Absence) -> dict[str, str]:
    return {name: str(getattr(part, name)) for name in part.__slots__}


def stated(name: str, value: object, usual: object) -> dict[str, object]:
    """Nothing where a value is the usual one: contents of before the word was known stay as they are."""
    return {} if value == usual else {name: value}


def _present(row: Mapping[str, object], name: str) -> dict[str, object]:
    return {} if row.get(name) is None else {name: row[name]}
