"""One page that a person signs: a specification and a series as tables, with their sources, beside the published document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from textwrap import wrap

from server.grading.boundaries import BoundaryRow, BoundarySet
from server.grading.contents import boundary_digest, specification_digest
from server.grading.conversion import Above, Below, Between, Whole
from server.grading.exact import decimal_text, half_up
from server.grading.interval_rule import interval_faults
from server.grading.requirements import Measure, Requirement
from server.grading.sign_off import Signed, SignOff
from server.grading.specification import Component, Provenance, Retake, RoundingPolicy, Scheme, Specification

WIDTH = 100
_LINE = "_" * 40
_ROUNDING = {
    RoundingPolicy.SUM_EXACT: "weighted marks are added exactly and not rounded",
    RoundingPolicy.SUM_THEN_HALF_UP: "the sum of weighted marks is rounded to a whole mark, a half up",
    RoundingPolicy.EACH_HALF_UP: "each component's weighted mark is rounded to a whole mark, a half up, then added",
}
_SCHEMES = {
    Scheme.LINEAR: "weighted marks are added (linear)",
    Scheme.UNITISED: "uniform marks of units are added (unitised)",
    Scheme.POINTS: "points of units are added (points)",
    Scheme.COMPENSATORY: "what components are worth is added (compensatory)",
}
_BELOW = {
    Below.NOTIONAL: "below the lowest grade one more step as wide, then a line to 0",
    Below.ZERO: "below the lowest grade a line to 0",
    Below.NOTHING: "nothing below the lowest grade",
}
_ABOVE = {
    Above.CAP: "above the best grade the last slope goes on to the maximum",
    Above.FLAT: "nothing more above the best grade",
}
_BETWEEN = {
    Between.LINE: "a line between two grades",
    Between.STEP: "between two grades what the lower one is worth",
}
_WHOLE = {Whole.HALF_UP: "rounded to whole marks, a half up", Whole.DOWN: "rounded down to whole marks"}
_RETAKE = {
    Retake.NEWEST: "the last one that was sat; an absence never displaces a mark",
    Retake.BEST: "the one that gives most",
}


def sheet(
    row_id: str,
    specification: Specification,
    boundaries: BoundarySet,
    signed: Signed,
    standing: Sequence[str] = (),
) -> str:
    """The page as plain text of at most 100 columns; `standing` are lines on where it was read."""
    parts = [
        _head(row_id, specification, boundaries, standing),
        _components(specification, boundaries),
        _boundaries(specification, boundaries),
        _doubts(specification, boundaries),
        _units(boundaries),
        _notional(boundaries),
        _requirements(specification.requirements),
        _rules(specification),
        _source("SOURCES OF THE SPECIFICATION", specification.provenance, specification_digest(specification)),
        _source("SOURCES OF THE BOUNDARIES", _of_series(boundaries), boundary_digest(boundaries)),
        _sign_off(signed),
    ]
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part)))


def _head(row_id: str, specification: Specification, boundaries: BoundarySet, standing: Sequence[str]) -> Iterator[str]:
    tier = f", tier {specification.tier}" if specification.tier else ""
    option = f", option {boundaries.option}" if boundaries.option else ""
    yield f"SPECIFICATION AND BOUNDARIES  {row_id}"
    yield from _wrapped(
        f"{specification.board} {specification.code} {specification.title}; {specification.qualification}{tier}"
    )
    yield from _wrapped(f"Series {boundaries.series}{option}; {_SCHEMES[specification.scheme]}")
    if specification.valid_from or specification.valid_to:
        yield f"Valid from {specification.valid_from or 'its beginning'} to {specification.valid_to or 'now'}"
    if specification.endorsements:
        yield from _wrapped(f"Reported beside the grade: {', '.join(specification.endorsements)}")
    yield from standing


def _components(specification: Specification, boundaries: BoundarySet) -> Iterator[str]:
    route = specification.route(boundaries.option)
    if not route:
        yield f"NO COMPONENTS: subject marks of at most {decimal_text(specification.max_mark)} are graded"
        return
    rows = [("COMPONENT", "", "KIND", "MAXIMUM", "STEP", "FACTOR", "WORTH", "SHARE")]
    for each in route:
        worth = each.conversion.maximum if each.conversion else each.max_raw * each.factor
        factor = "table" if each.conversion else decimal_text(each.factor)
        numbers = (decimal_text(each.max_raw), decimal_text(each.step), factor, decimal_text(worth))
        rows.append((each.code, each.name[:30], each.kind.value, *numbers, _share(worth, specification.max_mark)))
    rows.append(("Together", "", "", "", "", "", decimal_text(specification.max_mark), ""))
    yield from _table(rows, left=3)
    for each in route:
        yield from _conversion(each)


def _conversion(component: Component) -> Iterator[str]:
    conversion = component.conversion
    if conversion is not None:
        worth = ", ".join(f"{each.grade} {decimal_text(each.mark)}" for each in conversion.uniform)
        rules = (
            _BETWEEN[conversion.between],
            _BELOW[conversion.below],
            _ABOVE[conversion.above],
            _WHOLE[conversion.whole],
        )
        size = f"; {component.size} hours" if component.size else ""
        yield from _wrapped(
            f"{component.code} is worth {worth} of {decimal_text(conversion.maximum)} ({'; '.join(rules)}{size})"
        )
        if conversion.fixed:
            yield from _wrapped(f"  in every series from raw marks: {_listed(conversion.fixed)}")


def _boundaries(specification: Specification, boundaries: BoundarySet) -> Iterator[str]:
    rows = [("GRADE", "FROM", "OF THE MAXIMUM", "WIDTH", "POINTS")]
    points = {step.grade: step.points for step in specification.grades}
    tops = [None, *(row.mark for row in boundaries.rows)]
    for row, above in zip(boundaries.rows, tops, strict=False):
        width = "" if above is None else decimal_text(above - row.mark)
        share = _share(row.mark, specification.max_mark)
        rows.append((row.grade, decimal_text(row.mark), share, width, decimal_text(points[row.grade])))
    rows.append((specification.below_lowest, "below", "", "", "0"))
    yield from _table(rows, left=1)


def _units(boundaries: BoundarySet) -> Iterator[str]:
    if boundaries.units:
        yield "RAW BOUNDARIES OF UNITS IN THIS SERIES"
    for unit in boundaries.units:
        yield from _wrapped(f"{unit.component}: {_listed(unit.rows)}")
        if unit.printed:
            told = ", ".join(f"{decimal_text(raw)} gives {decimal_text(worth)}" for raw, worth in unit.printed)
            yield from _wrapped(f"  as printed, not as the rule has it: {told}")


def _notional(boundaries: BoundarySet) -> Iterator[str]:
    if boundaries.notional:
        yield "NOTIONAL BOUNDARIES OF COMPONENTS, which decide no grade"
    for each in boundaries.notional:
        yield from _wrapped(f"{each.component}: {_listed(each.rows)}")


def _doubts(specification: Specification, boundaries: BoundarySet) -> Iterator[str]:
    """What the arithmetic between judged boundaries has otherwise; a published figure may be so."""
    figures = {row.grade: row.mark for row in boundaries.rows}
    if specification.scheme is Scheme.LINEAR:
        found = [message for _, message in interval_faults(tuple(figures), figures)]
        yield from ["LOOK AGAIN AT"] * bool(found)
        for message in found:
            yield from _wrapped(message)


def _requirements(requirements: Iterable[Requirement]) -> Iterator[str]:
    found = list(requirements)
    if found:
        yield "REQUIREMENTS BESIDES THE TOTAL"
    for each in found:
        measure = "marks" if each.measure is Measure.TOTAL else f"hours passed (from {decimal_text(each.passed)} each)"
        yield from _wrapped(
            f"{each.grade} and better: {decimal_text(each.minimum)} {measure} in {', '.join(each.components)}. "
            f"{each.reason}{f' [{each.source}]' if each.source else ''}"
        )


def _rules(specification: Specification) -> Iterator[str]:
    rounding, absence = specification.rounding, specification.absence
    yield "RULES"
    yield from _wrapped(f"Rounding: {_ROUNDING[rounding.policy]} ({rounding.policy}; {rounding.confidence})")
    if rounding.source:
        yield from _wrapped(f"  {rounding.source}")
    yield from _wrapped(
        f"Absence counts 0; nothing attempted is {absence.all_absent_grade} ({absence.confidence}: {absence.source})"
    )
    yield from _wrapped(f"Of several attempts counts {_RETAKE[specification.retake]} ({specification.retake})")


def _source(title: str, provenance: Provenance, digest: str) -> Iterator[str]:
    yield title
    yield from (line for source in provenance.sources or ("none given",) for line in _wrapped(source))
    confidence = provenance.confidence or "unstated"
    yield from _wrapped(f"Published {provenance.published or 'on a day not given'}; confidence: {confidence}")
    yield f"SHA-256 of the document  {provenance.checksum or 'not recorded'}"
    yield f"SHA-256 of this copy     {digest}"
    if provenance.note:
        yield from _wrapped(f"Note: {provenance.note}")


def _sign_off(signed: Signed) -> Iterator[str]:
    """Whoever signed, each with the file that says so; a line to sign on where nobody has checked."""
    yield "SIGN-OFF: every figure above stands so in the published document."
    for of, found in (("specification", signed.specification), ("boundaries", signed.boundaries)):
        for each in found or (SignOff(None, None),):
            yield from _wrapped(f"{f'Entered by, {of}':28}{each.entered_by or _LINE}")
            if each.checked_by:
                yield from _wrapped(f"{f'Checked by, {of}':28}{each.checked_by}")
            yield from _wrapped(_recorded(each)) if each.recorded_at else ()
        if not any(each.checked for each in found):
            yield f"{f'Checked by, {of}':28}{_LINE}  Date {_LINE[:12]}"


def _recorded(sign_off: SignOff) -> str:
    file = f"from the file with SHA-256 {sign_off.file}" if sign_off.file else "from a file of before 0020"
    return f"  stored {sign_off.recorded_at:%Y-%m-%d %H:%M %Z} {file}"


def _of_series(boundaries: BoundarySet) -> Provenance:
    return Provenance(
        sources=boundaries.sources,
        confidence=boundaries.confidence,
        note=boundaries.note,
        published=boundaries.published,
        checksum=boundaries.checksum,
    )


def _listed(rows: Iterable[BoundaryRow]) -> str:
    return ", ".join(f"{row.grade} {decimal_text(row.mark)}" for row in rows)


def _share(part: Fraction, whole: Fraction) -> str:
    """Per cent with one decimal, for the eye alone."""
    tenths = half_up(part * 1000 / whole)
    return f"{tenths // 10}.{tenths % 10} %"


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH, subsequent_indent="    ", break_on_hyphens=False) or [""]


def _table(rows: Sequence[Sequence[str]], left: int) -> Iterator[str]:
    """Columns as wide as they need to be; the first `left` begin at their left."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            if width
        ]
        yield "  ".join(cells).rstrip()
