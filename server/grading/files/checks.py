"""Whether a file makes sense, in codes that a person can act on. Errors keep the file out; warnings ask to look."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from server.grading import fields
from server.grading.boundaries import BoundarySet
from server.grading.exact import number_text
from server.grading.files.reading import Pairs, pairs
from server.grading.interval_rule import interval_faults
from server.grading.specification import Component, Specification

Fault = tuple[str, str]
"""A code and a sentence."""

_CHECKSUM = re.compile(r"[0-9a-f]{64}")
_SEVERAL_TIERS = re.compile(r"[/,+&;]| and |^both$", re.IGNORECASE)
_TIERS = ("H", "F")


def tier_faults(given: Mapping[str, object]) -> Iterator[Fault]:
    """A file is of one tier, the one that its identity says."""
    tier = given.get("tier")
    if isinstance(tier, list | Mapping) or (isinstance(tier, str) and _SEVERAL_TIERS.search(tier.strip())):
        yield "BOTH_TIERS", "A specification is of one tier: write a file for each."
        return
    if isinstance(given.get("boundaries"), Mapping):
        yield "BOTH_TIERS", 'boundaries must be pairs such as ["9", 214] of one tier: write a file for each.'
    named = str(given.get("specification") or "").split(":")[2:3]
    if "components" in given and named and named[0] in _TIERS and tier != named[0]:
        yield "TIER_DISAGREES", f"The specification's name says tier {named[0]}, the file says {tier or 'none'}."


def missing_units(given: Mapping[str, object]) -> Iterator[Fault]:
    """Options and requirements that name a component the specification hasn't."""
    known = {fields.code(each, "code") for each in fields.objects(given, "components")}
    for word in ("options", "requirements"):
        for each in fields.objects(given, word):
            gone = [code for code in fields.texts(each, "components") if code not in known]
            if gone:
                owner = fields.text(each, "entry_code") or fields.text(each, "grade")
                yield "MISSING_UNIT", f"{word} {owner} names {', '.join(gone)}, which is no component of this file."


def weight_faults(specification: Specification, given: Mapping[str, object]) -> Iterator[tuple[bool, str, str]]:
    """(whether it is an error, code, sentence): the weighted maxima of each route must be the subject maximum."""
    if not specification.components:
        yield False, "NO_COMPONENTS", "There are no components: only subject marks can be graded."
        return
    places = _printed_places(given)
    for option in [each.entry_code for each in specification.options] or [None]:
        route = specification.route(option)
        total = sum((_most(component) for component in route), Fraction(0))
        gap = abs(total - specification.max_mark)
        if not gap:
            continue
        of = f" of option {option}" if option else ""
        message = (
            f"The weighted maxima{of} add up to {number_text(total)}, not to {number_text(specification.max_mark)}"
        )
        rounded = sum((each.max_raw * places.get(each.code, Fraction(0)) for each in route), Fraction(0))
        if gap <= rounded:
            yield False, "WEIGHTS_ROUNDED", f"{message}; the factors are printed rounded."
        else:
            yield True, "WEIGHTS_DO_NOT_SUM", f"{message}."


def provenance_faults(given: Mapping[str, object]) -> Iterator[tuple[bool, str, str]]:
    """(whether it is an error, code, sentence)."""
    row = fields.as_object(given.get("provenance") or {}, "provenance")
    if not fields.texts(row, "sources"):
        yield False, "NO_SOURCE", "No source is given; every displayed grade has to name one."
    if not fields.text(row, "confidence"):
        yield False, "NO_CONFIDENCE", "No confidence is given; grades will say that it is unstated."
    checksum = fields.optional_text(row, "checksum")
    if checksum is not None and not _CHECKSUM.fullmatch(checksum):
        yield True, "BAD_CHECKSUM", "checksum must be the SHA-256 of the published document: 64 hexadecimal digits."
    entered, checked = fields.text(row, "entered_by").strip(), fields.text(row, "checked_by").strip()
    if not checked or checked == entered:
        yield False, "NOT_CHECKED", "Nobody but who entered the figures has checked them: see checked_by."


def series_faults(specification: Specification, series: str) -> Iterator[Fault]:
    """A series lies within the years of its specification, where both say so."""
    found = re.search(r"(?:19|20)\d\d", series)
    begins, ends = specification.valid_from, specification.valid_to
    if found and ((begins and found[0] < begins[:4]) or (ends and found[0] > ends[:4])):
        of = f"{begins or 'its beginning'} to {ends or 'now'}"
        yield "UNKNOWN_SERIES", f"{specification.identity} is valid from {of}: it has no series {series}."


def figure_faults(specification: Specification, given: Mapping[str, object]) -> Iterator[Fault]:
    """All rows of a boundary file, before it is built."""
    option = fields.optional_text(given, "option")
    if (option is not None or specification.options) and option not in [
        each.entry_code for each in specification.options
    ]:
        yield "UNKNOWN_OPTION", f"option must be an entry code of {specification.identity}."
    rows = pairs(given, "boundaries")
    bound = {each.grade for each in specification.requirements}
    yield from _row_faults("the subject", rows, specification.max_mark, bound)
    known = [step.grade for step in specification.grades]
    without = [grade for grade in known if grade not in dict(rows)]
    if without:
        yield "GRADE_WITHOUT_BOUNDARY", f"No boundary is given for {', '.join(without)}."
    unlisted = [grade for grade, _ in rows if grade not in known]
    if unlisted:
        yield "BOUNDARY_WITHOUT_GRADE", f"{specification.identity} has no grade {', '.join(unlisted)}."
    components = {component.code: component for component in specification.components}
    for word in ("units", "notional"):
        for each in fields.objects(given, word):
            code = fields.code(each, "component")
            if code not in components:
                yield "MISSING_UNIT", f"{specification.identity} has no component {code}."
            elif word == "units":
                yield from _row_faults(code, pairs(each, "boundaries"), components[code].max_raw, set())


def rule_warnings(boundaries: BoundarySet) -> Iterator[Fault]:
    """The interval rule, of subject boundaries in raw marks alone."""
    if boundaries.units:
        return
    figures = {row.grade: row.mark for row in boundaries.rows}
    yield from interval_faults(tuple(figures), figures)


def _row_faults(of: str, rows: Pairs, most: Fraction, bound: set[str]) -> Iterator[Fault]:
    names = [grade for grade, _ in rows]
    for name in sorted(name for name, times in Counter(names).items() if times > 1):
        yield "DUPLICATE_ROW", f"{name} of {of} is written twice."
    for (upper, high), (lower, low) in pairwise(rows):
        if low > high or (low == high and upper not in bound):
            yield "NOT_DESCENDING", f"Of {of}, {lower} ({number_text(low)}) is not below {upper} ({number_text(high)})."
    for grade, mark in rows:
        if mark > most:
            message = f"Of {of}, {grade} ({number_text(mark)}) is above the maximum ({number_text(most)})."
            yield "BOUNDARY_ABOVE_MAXIMUM", message
        if mark < 0:
            yield "BOUNDARY_BELOW_ZERO", f"Of {of}, {grade} is below 0."


def _most(component: Component) -> Fraction:
    return component.conversion.maximum if component.conversion else component.max_raw * component.factor


def _printed_places(given: Mapping[str, object]) -> dict[str, Fraction]:
    """By component, the most by which a factor that was rounded in print is wrong."""
    found: dict[str, Fraction] = {}
    for each in fields.objects(given, "components"):
        factor = each.get("factor")
        if isinstance(factor, Decimal) and isinstance(exponent := factor.as_tuple().exponent, int) and exponent < 0:
            found[fields.code(each, "code")] = Fraction(1, 2 * 10**-exponent)
    return found
