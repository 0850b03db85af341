"""How cases of awards are put to the engine: points and uniform marks of units, added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

from server.grading import fields
from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.case_made import absent, boundaries_of, outcome_of, specification_of
from server.grading.case_rows import Actual, Runner, number, row_of
from server.grading.conversion import Above, Below, Conversion, UniformMark, Whole
from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import exact
from server.grading.marks import ABSENT, MarkState
from server.grading.pack_cases import Case
from server.grading.pack_json import JsonObject
from server.grading.packs import Pack
from server.grading.requirements import Requirement
from server.grading.scalar import conclude, grade, grade_subject_mark
from server.grading.specification import HUNDREDTHS, Component, Retake, Scheme, Specification
from server.grading.table import prepare
from server.grading.tally import tally

_LADDER = ("U", "N", "P", "M", "D")


def _award(pack: Pack, case: Case) -> Actual:
    """A grade from a total of points or uniform marks, from units, or from attempts at an exam and other units."""
    if "exam_attempts" in case.input:
        return _terminal(pack, case)
    if "units" in case.input:
        return _units_of_award(pack, case)
    row = row_of(pack, case)
    name = "points" if "points" in case.input else "ums"
    total = case.input.get(name)
    result = grade_subject_mark(row.specification, row.boundaries, total)
    return {**outcome_of(result), name: total}


def _vocational(pack: Pack, case: Case) -> Actual:
    """Unit grades by size, added up; a U in a unit that must be passed is no award."""
    row = row_of(pack, case)
    units = [fields.as_list(each, "A unit") for each in fields.as_list(case.input.get("units"), "units")]
    if any(len(unit) != 2 for unit in units):
        raise GradingError(ErrorCode.BAD_CONTENT, "A unit is its guided learning hours and its grade.")
    ladders = [_ladder(pack, _hours(hours)) for hours, _ in units]
    # Sizes that are no multiples of thirty hours give thirds of a point: the sum is taken in whole parts of a point.
    parts = lcm(*(points.denominator for ladder in ladders for points in ladder))
    components = tuple(_internal(str(place), [each * parts for each in ladder]) for place, ladder in enumerate(ladders))
    marks = {str(place): _rung(letter) for place, (_, letter) in enumerate(units)}
    specification = specification_of(
        components,
        tuple(each.grade for each in row.boundaries.rows),
        row.specification.max_mark * parts,
        _mandatory(case, row.boundaries.rows[-1].grade, len(units)),
        Scheme.POINTS,
        row.specification.grades,
    )
    boundaries = boundaries_of(tuple((each.grade, each.mark * parts) for each in row.boundaries.rows))
    result = grade(specification, boundaries, marks)
    points = None if result.subject_mark is None else result.subject_mark / parts
    reason = next(
        (notice.message.rpartition(": ")[2] for notice in result.notices if notice.code == "REQUIREMENT"), None
    )
    return {**outcome_of(result), "points": number(points), "reason": reason}


def _mandatory(case: Case, lowest: str, units: int) -> tuple[Requirement, ...]:
    """Units, by place, without which there is no award."""
    named = [exact(each, "mandatory") for each in fields.as_list(case.input.get("mandatory") or [], "mandatory")]
    if any(place.denominator != 1 or not 0 <= place < units for place in named):
        raise GradingError(ErrorCode.MISSING_UNIT, "mandatory names units by their place, from 0.")
    return tuple(Requirement(lowest, (str(place),), Fraction(1), "mandatory unit not passed") for place in named)


def _hours(value: object) -> int:
    hours = exact(value, "The size of a unit")
    if hours.denominator != 1 or hours <= 0:
        raise GradingError(ErrorCode.BAD_NUMBER, "The size of a unit must be a whole number of hours above 0.")
    return int(hours)


def _rung(letter: object) -> object:
    """The place of a unit grade on the ladder, or what says that there is none. Raises BAD_CONTENT."""
    if letter in _LADDER:
        return _LADDER.index(letter)
    if letter is None or absent(letter):
        return None if letter is None else ABSENT
    raise GradingError(ErrorCode.BAD_CONTENT, "A unit grade must be one of U, N, P, M, D.")


def _external(pack: Pack, case: Case) -> Actual:
    """The sliding scale between the mark boundaries of an external unit."""
    hours = fields.whole(case.input, "glh")
    given = [letter for letter in reversed(_LADDER) if case.input.get(letter) is not None]
    worth = tuple(UniformMark(letter, pack.unit_points.points(hours, letter)) for letter in given)
    rows = tuple(BoundaryRow(letter, fields.number(case.input, letter)) for letter in given)
    maximum = pack.unit_points.points(hours, "D")
    conversion = Conversion(maximum, worth, Below.NOTHING, Above.FLAT, Whole.DOWN)
    component = Component("unit", fields.number(case.input, "max_mark"), conversion=conversion)
    specification = specification_of((component,), tuple(given), maximum, scheme=Scheme.POINTS)
    boundaries = boundaries_of(tuple((each.grade, each.mark) for each in worth), UnitRow("unit", rows))
    result = grade(specification, boundaries, {"unit": case.input.get("mark")})
    return {**outcome_of(result), "points": number(result.subject_mark)}


def _units_of_award(pack: Pack, case: Case) -> Actual:
    """Uniform marks of units, `#` where a candidate was absent."""
    row = row_of(pack, case)
    units = fields.as_list(case.input.get("units"), "units")
    marks = {str(place): _uniform_mark(value) for place, value in enumerate(units)}
    result = grade(*_summed(row.specification, row.boundaries, tuple(marks), Retake.NEWEST), marks)
    return {**outcome_of(result), "ums": number(result.subject_mark)}


def _terminal(pack: Pack, case: Case) -> Actual:
    """The newest attempt at the exam counts, even where an earlier one was better; an absence is no attempt."""
    row = row_of(pack, case)
    attempts = [_attempt(each) for each in fields.as_list(case.input.get("exam_attempts"), "exam_attempts")]
    others = fields.as_list(case.input.get("others") or [], "others")
    marks: dict[str, object] = {"exam": attempts}
    marks |= {str(place): _uniform_mark(value) for place, value in enumerate(others)}
    table = prepare(*_summed(row.specification, row.boundaries, tuple(marks), Retake.NEWEST))
    summed = tally(table, marks)
    result = conclude(table, summed)
    exam = summed.marks[0]
    used = Fraction(exam.hundredths, HUNDREDTHS) if exam.state is MarkState.SCORED else None
    return {**outcome_of(result), "exam_used": number(used), "ums": number(result.subject_mark)}


def _attempt(value: object) -> object:
    """The uniform mark of one attempt, which may say its series as well."""
    return _uniform_mark(value.get("ums") if isinstance(value, JsonObject) else value)


def _uniform_mark(value: object) -> object:
    return ABSENT if absent(value) else value


def _ladder(pack: Pack, hours: int) -> list[Fraction]:
    return [pack.unit_points.points(hours, letter) for letter in _LADDER]


def _internal(code: str, points: Sequence[Fraction]) -> Component:
    """A unit whose raw mark is the place of its grade on the ladder."""
    return Component(
        code,
        Fraction(len(_LADDER) - 1),
        conversion=Conversion(
            maximum=points[-1],
            uniform=tuple(UniformMark(*each) for each in reversed(list(zip(_LADDER, points, strict=True)))),
            below=Below.NOTHING,
            above=Above.FLAT,
            whole=Whole.DOWN,
            fixed=tuple(BoundaryRow(letter, Fraction(place)) for place, letter in reversed(list(enumerate(_LADDER)))),
        ),
    )


def _summed(
    specification: Specification, boundaries: BoundarySet, codes: Sequence[str], retake: Retake
) -> tuple[Specification, BoundarySet]:
    """The award over uniform marks of units as they are."""
    most = specification.max_mark
    grades = tuple(row.grade for row in boundaries.rows)
    made = specification_of(
        tuple(Component(code, most) for code in codes),
        grades,
        most * len(codes),
        steps=specification.grades,
        retake=retake,
    )
    return made, boundaries_of(tuple((row.grade, row.mark) for row in boundaries.rows))


AWARD_KINDS: Mapping[str, Runner] = {
    "btec-total": _award,
    "btec-units": _vocational,
    "btec-external": _external,
    "nationals": _award,
    "nationals-absent": _award,
    "nationals-terminal": _award,
}
