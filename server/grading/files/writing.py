"""A specification or a boundary set written as the file that people check: the same object comes back from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fractions import Fraction

from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.conversion import Conversion
from server.grading.exact import number_text
from server.grading.files.reading import FORMAT
from server.grading.specification import Absence, Component, Provenance, Rounding, Specification

_MOST_PLACES = 6


def specification_text(specification: Specification) -> str:
    """The TOML file of one qualification version."""
    lines = [
        f"format = {FORMAT}",
        *_texts(specification=specification.identity, board=specification.board, code=specification.code),
        *_texts(title=specification.title, qualification=specification.qualification, tier=specification.tier),
        *_texts(scheme=specification.scheme.value),
        f"maximum = {_number(specification.max_mark)}",
        *_pairs("grades", ((step.grade, step.points) for step in specification.grades)),
        *_texts(below_lowest=specification.below_lowest, retake=specification.retake.value),
        *_texts(valid_from=specification.valid_from, valid_to=specification.valid_to),
        *_list("endorsements", specification.endorsements),
        *_rule("rounding", specification.rounding),
        *_rule("absence", specification.absence),
    ]
    for component in specification.components:
        lines += ["", "[[components]]", *_component(component)]
    for option in specification.options:
        lines += ["", "[[options]]", *_texts(entry_code=option.entry_code), *_list("components", option.components)]
    for each in specification.requirements:
        lines += ["", "[[requirements]]", *_texts(grade=each.grade), *_list("components", each.components)]
        lines += [*_texts(measure=each.measure.value), f"minimum = {_number(each.minimum)}"]
        lines += [f"passed = {_number(each.passed)}", *_texts(reason=each.reason, source=each.source)]
    lines += _provenance(specification.provenance)
    return "\n".join([*lines, ""])


def boundary_text(boundaries: BoundarySet) -> str:
    """The TOML file of one series."""
    lines = [
        f"format = {FORMAT}",
        *_texts(specification=boundaries.specification, series=boundaries.series, option=boundaries.option),
        *_boundaries(boundaries.rows),
    ]
    for unit in boundaries.units:
        lines += ["", "[[units]]", *_unit(unit)]
    for notional in boundaries.notional:
        lines += ["", "[[notional]]", *_texts(component=notional.component), *_boundaries(notional.rows)]
    provenance = Provenance(
        sources=boundaries.sources,
        confidence=boundaries.confidence,
        note=boundaries.note,
        published=boundaries.published,
        checksum=boundaries.checksum,
        entered_by=boundaries.entered_by,
        checked_by=boundaries.checked_by,
    )
    return "\n".join([*lines, *_provenance(provenance), ""])


def _component(component: Component) -> Iterator[str]:
    yield from _texts(code=component.code, name=component.name, kind=component.kind.value)
    yield f"maximum = {_number(component.max_raw)}"
    yield f"step = {_number(component.step)}"
    yield f"factor = {_number(component.factor)}"
    if component.size:
        yield f"size = {component.size}"
    if component.conversion is not None:
        yield from _conversion(component.conversion)


def _conversion(conversion: Conversion) -> Iterator[str]:
    yield ""
    yield "[components.conversion]"
    yield f"maximum = {_number(conversion.maximum)}"
    yield from _pairs("uniform", ((each.grade, each.mark) for each in conversion.uniform))
    words = {name: str(getattr(conversion, name)) for name in ("between", "below", "above", "whole")}
    yield from _texts(**words)
    if conversion.fixed:
        yield from _pairs("fixed", ((row.grade, row.mark) for row in conversion.fixed))


def _unit(unit: UnitRow) -> Iterator[str]:
    yield from _texts(component=unit.component)
    yield from _boundaries(unit.rows)
    if unit.printed:
        yield "printed = ["
        yield from (f"  [{_number(raw)}, {_number(worth)}]," for raw, worth in unit.printed)
        yield "]"


def _boundaries(rows: Iterable[BoundaryRow]) -> Iterator[str]:
    return _pairs("boundaries", ((row.grade, row.mark) for row in rows))


def _provenance(provenance: Provenance) -> Iterator[str]:
    if provenance == Provenance():
        return
    yield ""
    yield "[provenance]"
    yield from _list("sources", provenance.sources)
    yield from _texts(published=provenance.published, checksum=provenance.checksum, confidence=provenance.confidence)
    yield from _texts(entered_by=provenance.entered_by, checked_by=provenance.checked_by, note=provenance.note)


def _rule(name: str, rule: Rounding | Absence) -> Iterator[str]:
    yield ""
    yield f"[{name}]"
    yield from (f"{word} = {_quoted(str(getattr(rule, word)))}" for word in rule.__slots__)


def _texts(**texts: str | None) -> Iterator[str]:
    """What is empty is left out."""
    return (f"{name} = {_quoted(text)}" for name, text in texts.items() if text)


def _list(name: str, texts: Iterable[str]) -> Iterator[str]:
    written = ", ".join(map(_quoted, texts))
    if written:
        yield f"{name} = [{written}]"


def _pairs(name: str, rows: Iterable[tuple[str, Fraction]]) -> Iterator[str]:
    yield f"{name} = ["
    yield from (f"  [{_quoted(grade)}, {_number(figure)}]," for grade, figure in rows)
    yield "]"


def _quoted(text: str) -> str:
    """A basic string: JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False)


def _number(value: Fraction) -> str:
    """As people write it, 1.5; a quotient as text, "469/400", where six decimals don't hold it."""
    for places in range(_MOST_PLACES + 1):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = f"{abs(int(scaled)):0{places + 1}}"
            sign = "-" if scaled < 0 else ""
            return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
    return _quoted(number_text(value))
