"""How cases of single units, and of the A* of a unitised A level, are put to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from server.grading import fields
from server.grading.boundaries import BoundaryRow, UnitRow
from server.grading.case_made import absent, boundaries_of, outcome_of, specification_of
from server.grading.case_rows import Actual, Runner, number, row_of
from server.grading.conversion import Conversion, UniformMark
from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import exact
from server.grading.pack_cases import Case
from server.grading.packs import Pack
from server.grading.requirements import Requirement
from server.grading.scalar import grade
from server.grading.specification import Component

_SHARES = (("A", 80), ("B", 70), ("C", 60), ("D", 50), ("E", 40))
"""Uniform marks of an A level's grades in hundredths of its maximum, the same at every board."""
_A2_SHARE = Fraction(90, 100)


def _unit(pack: Pack, case: Case) -> Actual:
    row = row_of(pack, case)
    if len(row.specification.components) != 1:
        raise GradingError(ErrorCode.WRONG_SPECIFICATION, f"{case.spec} is no single unit.")
    code = row.specification.components[0].code
    result = grade(row.specification, row.boundaries, {code: case.input.get("raw")})
    return {**outcome_of(result), "ums": number(result.subject_mark)}


def _unit_of_page(pack: Pack, case: Case) -> Actual:
    """A board's own example: of a unit of the pack, or with the boundaries that it needs, in whatever order."""
    if case.spec in pack.rows:
        return _unit(pack, case)
    most = fields.number(case.input, "max_ums")
    shares = dict((("A*", 90), *_SHARES))
    printed = {_letter(name): name for name in case.input if name.startswith("boundary_")}
    given = [letter for letter in shares if letter in printed]
    if len(given) < len(printed):
        raise GradingError(ErrorCode.BAD_CONTENT, f"A printed boundary must be of one of {', '.join(shares)}.")
    uniform = tuple(UniformMark(letter, most * shares[letter] / 100) for letter in given)
    rows = tuple(BoundaryRow(letter, fields.number(case.input, printed[letter])) for letter in given)
    raw = fields.number(case.input, "raw")
    highest = max([raw, *(row.mark for row in rows)])
    max_raw = fields.number(case.input, "max_raw") if case.input.get("max_raw") is not None else highest
    component = Component("unit", max_raw, conversion=Conversion(most, uniform))
    specification = specification_of((component,), tuple(given), most)
    boundaries = boundaries_of(tuple((each.grade, each.mark) for each in uniform), UnitRow("unit", rows))
    result = grade(specification, boundaries, {"unit": number(raw)})
    return {**outcome_of(result), "ums": number(result.subject_mark)}


def _letter(name: str) -> str:
    """The grade of "boundary_a" or "boundary_a_star"."""
    return name.removeprefix("boundary_").upper().replace("_STAR", "*")


def _a_star(pack: Pack, case: Case) -> Actual:
    """An A level of AS and A2 units, half each; units as they are, an absent one 0, or the totals."""
    most = _most(pack, case)
    if "total" in case.input:
        second = fields.number(case.input, "a2_total")
        first = fields.number(case.input, "total") - second
    else:
        first, second = (sum(_numbers(case, name), Fraction(0)) for name in ("as_units", "a2_units"))
    # Totals of examples may pass what AS units can give: the parts are bounded by the whole alone.
    parts = tuple(Component(code, most) for code in ("AS", "A2"))
    least = most / 2 * _A2_SHARE
    grades = tuple(grade for grade, _ in _SHARES)
    specification = specification_of(
        parts,
        ("A*", *grades),
        most * 2,
        (Requirement("A*", ("A2",), least, f"the A2 units must give {least} uniform marks."),),
    )
    rows = [("A*", most * 80 / 100), *((letter, most * share / 100) for letter, share in _SHARES)]
    result = grade(specification, boundaries_of(tuple(rows)), {"AS": number(first), "A2": number(second)})
    return {**outcome_of(result), "total": number(first + second), "a2_total": number(second)}


def _most(pack: Pack, case: Case) -> Fraction:
    if case.input.get("max") is not None:
        return fields.number(case.input, "max")
    if case.spec in pack.rows:
        return pack.rows[case.spec].specification.max_mark
    return exact(case.spec.rpartition(":")[2], "The maximum in the specification's id")


def _numbers(case: Case, name: str) -> list[Fraction]:
    units = fields.as_list(fields.required(case.input, name), name)
    return [Fraction(0) if absent(each) else exact(each, name) for each in units]


UNIT_KINDS: Mapping[str, Runner] = {
    "ums": _unit,
    "ums-official": _unit_of_page,
    "a-star": _a_star,
}
