"""How cases of units, points and awards are put to the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from server.grading import fields
from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.case_rows import Actual, Runner, number, row_of
from server.grading.conversion import Above, Below, Conversion, UniformMark, Whole
from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import exact
from server.grading.marks import ABSENT, Mark, MarkState
from server.grading.pack_cases import Case
from server.grading.packs import Pack
from server.grading.requirements import Requirement
from server.grading.results import Result
from server.grading.scalar import grade, grade_subject_mark
from server.grading.scales import grade_steps
from server.grading.specification import HUNDREDTHS, Component, GradeStep, Retake, Scheme, Specification

_SHARES = (("A", 80), ("B", 70), ("C", 60), ("D", 50), ("E", 40))
"""Uniform marks of an A level's grades in hundredths of its maximum, the same at every board."""
_A2_SHARE = Fraction(90, 100)


def _unit(pack: Pack, case: Case) -> Actual:
    row = row_of(pack, case)
    if len(row.specification.components) != 1:
        raise GradingError(ErrorCode.WRONG_SPECIFICATION, f"{case.spec} is no single unit.")
    code = row.specification.components[0].code
    result = grade(row.specification, row.boundaries, {code: case.input.get("raw")})
    return {**_outcome(result), "ums": number(result.subject_mark)}


def _unit_of_page(pack: Pack, case: Case) -> Actual:
    """A board's own example, which prints the one boundary that it needs."""
    del pack
    most = fields.number(case.input, "max_ums")
    worth = tuple((letter[-1].upper(), letter) for letter in case.input if letter.startswith("boundary_"))
    shares = dict(_SHARES)
    uniform = tuple(UniformMark(letter, most * shares[letter] / 100) for letter, _ in worth if letter in shares)
    rows = tuple(BoundaryRow(letter, fields.number(case.input, name)) for letter, name in worth)
    raw = fields.number(case.input, "raw")
    max_raw = fields.number(case.input, "max_raw") if case.input.get("max_raw") is not None else max(raw, rows[0].mark)
    component = Component("unit", max_raw, conversion=Conversion(most, uniform))
    specification = _specification((component,), tuple(each.grade for each in uniform), most)
    boundaries = _boundaries(tuple((each.grade, each.mark) for each in uniform), UnitRow("unit", rows))
    result = grade(specification, boundaries, {"unit": number(raw)})
    return {**_outcome(result), "ums": number(result.subject_mark)}


def _a_star(pack: Pack, case: Case) -> Actual:
    """An A level of AS and A2 units, half each; units as they are, or the totals."""
    del pack
    most = _most(case)
    if "total" in case.input:
        second = fields.number(case.input, "a2_total")
        first = fields.number(case.input, "total") - second
    else:
        first, second = (sum(_numbers(case, name), Fraction(0)) for name in ("as_units", "a2_units"))
    # Totals of examples may pass what AS units can give: the parts are bounded by the whole alone.
    parts = tuple(Component(code, most) for code in ("AS", "A2"))
    least = most / 2 * _A2_SHARE
    grades = tuple(grade for grade, _ in _SHARES)
    specification = _specification(
        parts,
        ("A*", *grades),
        most * 2,
        (Requirement("A*", ("A2",), least, f"the A2 units must give {least} uniform marks."),),
    )
    rows = [("A*", most * 80 / 100), *((letter, most * share / 100) for letter, share in _SHARES)]
    result = grade(specification, _boundaries(tuple(rows)), {"AS": number(first), "A2": number(second)})
    return {**_outcome(result), "total": number(first + second), "a2_total": number(second)}


def _award(pack: Pack, case: Case) -> Actual:
    """A grade from a total of points or uniform marks."""
    row = row_of(pack, case)
    name = "points" if "points" in case.input else "ums"
    total = case.input.get(name)
    result = grade_subject_mark(row.specification, row.boundaries, total)
    return {**_outcome(result), name: total}


def _vocational(pack: Pack, case: Case) -> Actual:
    """Unit grades by size, added up; a U in a unit that must be passed is no award."""
    row = row_of(pack, case)
    units = [fields.as_list(each, "A unit") for each in fields.as_list(case.input.get("units"), "units")]
    if any(len(unit) != 2 for unit in units):
        raise GradingError(ErrorCode.BAD_CONTENT, "A unit is its guided learning hours and its grade.")
    named = [int(exact(each, "mandatory")) for each in fields.as_list(case.input.get("mandatory") or [], "mandatory")]
    components: list[Component] = []
    marks: dict[str, object] = {}
    for place, (hours, letter) in enumerate(units):
        size = int(exact(hours, "The size"))
        components.append(_internal(pack, str(place), size))
        marks[str(place)] = _LADDER.index(fields.as_text(letter, "A unit grade")) if letter in _LADDER else letter
    requirements = tuple(
        Requirement(row.boundaries.rows[-1].grade, (str(place),), Fraction(1), "mandatory unit not passed")
        for place in named
        if place < len(components)
    )
    specification = _specification(
        tuple(components),
        tuple(each.grade for each in row.boundaries.rows),
        row.specification.max_mark,
        requirements,
        Scheme.POINTS,
        row.specification.grades,
    )
    boundaries = _boundaries(tuple((each.grade, each.mark) for each in row.boundaries.rows))
    result = grade(specification, boundaries, marks)
    reason = next(
        (notice.message.rpartition(": ")[2] for notice in result.notices if notice.code == "REQUIREMENT"), None
    )
    return {**_outcome(result), "points": number(result.subject_mark), "reason": reason}


def _external(pack: Pack, case: Case) -> Actual:
    """The sliding scale between the mark boundaries of an external unit."""
    hours = fields.whole(case.input, "glh")
    given = [letter for letter in reversed(_LADDER) if case.input.get(letter) is not None]
    worth = tuple(UniformMark(letter, pack.unit_points.points(hours, letter)) for letter in given)
    rows = tuple(BoundaryRow(letter, fields.number(case.input, letter)) for letter in given)
    maximum = pack.unit_points.points(hours, "D")
    conversion = Conversion(maximum, worth, Below.NOTHING, Above.FLAT, Whole.DOWN)
    component = Component("unit", fields.number(case.input, "max_mark"), conversion=conversion)
    specification = _specification((component,), tuple(given), maximum, scheme=Scheme.POINTS)
    boundaries = _boundaries(tuple((each.grade, each.mark) for each in worth), UnitRow("unit", rows))
    result = grade(specification, boundaries, {"unit": case.input.get("mark")})
    return {**_outcome(result), "points": number(result.subject_mark)}


def _units_of_award(pack: Pack, case: Case) -> Actual:
    """Uniform marks of units, `#` where a candidate was absent."""
    row = row_of(pack, case)
    units = fields.as_list(case.input.get("units"), "units")
    marks = {str(place): ABSENT if value == "#" else value for place, value in enumerate(units)}
    result = grade(*_summed(row.specification, row.boundaries, tuple(marks), Retake.NEWEST), marks)
    return {**_outcome(result), "ums": number(result.subject_mark)}


def _terminal(pack: Pack, case: Case) -> Actual:
    """The newest attempt at the exam counts, even where an earlier one was better."""
    row = row_of(pack, case)
    attempts = [fields.as_object(each, "An attempt") for each in fields.as_list(case.input.get("exam_attempts"), "it")]
    taken = [Mark(MarkState.SCORED, int(fields.number(each, "ums") * HUNDREDTHS)) for each in attempts]
    marks: dict[str, object] = {"exam": taken}
    marks |= {str(place): value for place, value in enumerate(fields.as_list(case.input.get("others"), "others"))}
    result = grade(*_summed(row.specification, row.boundaries, tuple(marks), Retake.NEWEST), marks)
    used = Fraction(taken[-1].hundredths, HUNDREDTHS) if taken else None
    return {**_outcome(result), "exam_used": number(used), "ums": number(result.subject_mark)}


UNIT_KINDS: Mapping[str, Runner] = {
    "ums": _unit,
    "ums-official": _unit_of_page,
    "a-star": _a_star,
    "btec-total": _award,
    "btec-units": _vocational,
    "btec-external": _external,
    "nationals": _award,
    "nationals-absent": _units_of_award,
    "nationals-terminal": _terminal,
}

_LADDER = ("U", "N", "P", "M", "D")


def _internal(pack: Pack, code: str, size: int) -> Component:
    """A unit whose raw mark is the place of its grade on the ladder."""
    points = [(letter, pack.unit_points.points(size, letter)) for letter in _LADDER]
    return Component(
        code,
        Fraction(len(_LADDER) - 1),
        conversion=Conversion(
            maximum=points[-1][1],
            uniform=tuple(UniformMark(*each) for each in reversed(points)),
            below=Below.NOTHING,
            above=Above.FLAT,
            whole=Whole.DOWN,
            fixed=tuple(BoundaryRow(letter, Fraction(place)) for place, letter in reversed(list(enumerate(_LADDER)))),
        ),
        size=size,
    )


def _summed(
    specification: Specification, boundaries: BoundarySet, codes: Sequence[str], retake: Retake
) -> tuple[Specification, BoundarySet]:
    """The award over uniform marks of units as they are."""
    most = specification.max_mark
    grades = tuple(row.grade for row in boundaries.rows)
    made = _specification(
        tuple(Component(code, most) for code in codes),
        grades,
        most * len(codes),
        steps=specification.grades,
        retake=retake,
    )
    return made, _boundaries(tuple((row.grade, row.mark) for row in boundaries.rows))


def _specification(
    components: tuple[Component, ...],
    grades: tuple[str, ...],
    most: Fraction,
    requirements: tuple[Requirement, ...] = (),
    scheme: Scheme = Scheme.UNITISED,
    steps: tuple[GradeStep, ...] | None = None,
    retake: Retake = Retake.NEWEST,
) -> Specification:
    return Specification(
        identity="case",
        board="",
        code="case",
        title="",
        qualification="",
        tier=None,
        max_mark=most,
        components=components,
        grades=steps or grade_steps(grades),
        scheme=scheme,
        retake=retake,
        requirements=requirements,
    )


def _boundaries(rows: tuple[tuple[str, Fraction], ...], *units: UnitRow) -> BoundarySet:
    return BoundarySet("case", "case", tuple(BoundaryRow(*row) for row in rows), (), "stated", units=units)


def _outcome(result: Result) -> dict[str, object]:
    return {"grade": result.grade, "status": result.status.value, "flags": list(result.flags)}


def _most(case: Case) -> Fraction:
    if case.input.get("max") is not None:
        return fields.number(case.input, "max")
    return exact(case.spec.rpartition(":")[2], "The maximum in the specification's id")


def _numbers(case: Case, name: str) -> list[Fraction]:
    return [exact(each, name) for each in fields.as_list(fields.required(case.input, name), name)]
