"""How each kind of case is put to the engine. A kind that is not here is unknown, and its cases fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

from server.grading import fields
from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import number_text
from server.grading.intervals import allowed_grade_3, inner_boundaries, weighting_factor
from server.grading.linear import grade, grade_subject_mark
from server.grading.pack_cases import Case
from server.grading.packs import Pack, PackRow
from server.grading.results import Outcome, Result
from server.grading.specification import Rounding, RoundingPolicy

Actual: TypeAlias = Mapping[str, object]
Runner: TypeAlias = Callable[[Pack, Case], Actual]


class UnknownRow(Exception):
    """The case names a row that the pack does not have, or that was rejected; `word` says which."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def _marks(pack: Pack, case: Case) -> Actual:
    return _result_data(_graded(_row(pack, case), case))


def _by_policy(pack: Pack, case: Case) -> Actual:
    row = _row(pack, case)
    graded = {policy: _graded(_under(row, policy), case) for policy in RoundingPolicy}
    return {
        "by_policy": {
            policy.value: {"subject_mark": _number(result.subject_mark), "grade": result.grade}
            for policy, result in graded.items()
        }
    }


def _interval(pack: Pack, case: Case) -> Actual:
    del pack
    upper, lower, intervals = (_whole(case.input, name) for name in ("upper", "lower", "intervals"))
    return {"inner": list(inner_boundaries(upper, lower, intervals))}


def _allowed(pack: Pack, case: Case) -> Actual:
    del pack
    return {"grade3": allowed_grade_3(_whole(case.input, "grade4"), _whole(case.input, "grade5"))}


def _weighting(pack: Pack, case: Case) -> Actual:
    del pack
    factor = weighting_factor(fields.number(case.input, "raw_max"), fields.number(case.input, "weighted_max"))
    return {"factor": number_text(factor)}


KINDS: Mapping[str, Runner] = {
    "linear": _marks,
    "absent-one": _marks,
    "absent-all": _marks,
    "pending": _marks,
    "invalid": _marks,
    "scaled": _by_policy,
    "scaled-edge": _by_policy,
    "boundary-interval": _interval,
    "allowed-grade-3": _allowed,
    "weighting-official": _weighting,
}


def _row(pack: Pack, case: Case) -> PackRow:
    row = pack.rows.get(case.spec)
    if row is None:
        raise UnknownRow("specification_rejected" if case.spec in pack.rejected else "specification_unknown")
    return row


def _under(row: PackRow, policy: RoundingPolicy) -> PackRow:
    return replace(row, specification=replace(row.specification, rounding=Rounding(policy)))


def _graded(row: PackRow, case: Case) -> Result:
    if "subject_mark" in case.input:
        return grade_subject_mark(row.specification, row.boundaries, case.input["subject_mark"])
    marks = fields.as_object(fields.required(case.input, "marks"), "marks")
    return grade(row.specification, row.boundaries, marks)


def _result_data(result: Result) -> Actual:
    return {
        "status": result.status.value,
        "subject_mark": _number(result.subject_mark),
        "grade": result.grade,
        "points": _number(result.points),
        "fine": _number(result.fine),
        "next_grade": result.next_grade,
        "marks_to_next": _number(result.marks_to_next),
        "marks_above_boundary": _number(result.marks_above),
        **_reach("floor", result.floor),
        **_reach("ceiling", result.ceiling),
        "flags": list(result.flags),
        "rounding_matters": result.rounding_matters,
    }


def _reach(word: str, outcome: Outcome | None) -> dict[str, object]:
    mark, grade_name = (None, None) if outcome is None else (outcome.mark, outcome.grade)
    return {f"{word}_mark": _number(mark), f"{word}_grade": grade_name}


def _number(value: Fraction | None) -> object:
    """Whole numbers as such, others as exact text: how packs write them."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else number_text(value)


def _whole(row: Mapping[str, object], name: str) -> int:
    value = fields.number(row, name)
    if value.denominator != 1:
        raise GradingError(ErrorCode.BAD_NUMBER, f"{name} must be a whole number.")
    return int(value)
