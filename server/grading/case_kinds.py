"""How each kind of case is put to the engine. A kind that is not here is unknown, and its cases fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from server.grading import fields
from server.grading.award_cases import AWARD_KINDS
from server.grading.case_rows import Actual, Runner, UnknownRow, number, row_of
from server.grading.exact import number_text
from server.grading.intervals import allowed_grade_3, inner_boundaries, weighting_factor
from server.grading.measures.case_kinds import progress8
from server.grading.pack_cases import Case
from server.grading.pack_units import PackRow
from server.grading.packs import Pack
from server.grading.results import Outcome, Result
from server.grading.scalar import grade, grade_subject_mark
from server.grading.specification import Rounding, RoundingPolicy
from server.grading.unit_cases import UNIT_KINDS


def _marks(pack: Pack, case: Case) -> Actual:
    return _result_data(_graded(row_of(pack, case), case))


def _by_policy(pack: Pack, case: Case) -> Actual:
    row = row_of(pack, case)
    graded = {policy: _graded(_under(row, policy), case) for policy in RoundingPolicy}
    return {
        "by_policy": {
            policy.value: {"subject_mark": number(result.subject_mark), "grade": result.grade}
            for policy, result in graded.items()
        }
    }


def _interval(pack: Pack, case: Case) -> Actual:
    del pack
    upper, lower, intervals = (fields.whole(case.input, name) for name in ("upper", "lower", "intervals"))
    return {"inner": list(inner_boundaries(upper, lower, intervals))}


def _allowed(pack: Pack, case: Case) -> Actual:
    del pack
    return {"grade3": allowed_grade_3(fields.whole(case.input, "grade4"), fields.whole(case.input, "grade5"))}


def _weighting(pack: Pack, case: Case) -> Actual:
    del pack
    factor = weighting_factor(fields.number(case.input, "raw_max"), fields.number(case.input, "weighted_max"))
    return {"factor": number_text(factor)}


def _progress8(pack: Pack, case: Case) -> Actual:
    if case.spec not in pack.measures.estimates:
        raise UnknownRow("specification_unknown")
    return progress8(pack.measures, case.spec, case.input)


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
    "progress8": _progress8,
    **UNIT_KINDS,
    **AWARD_KINDS,
}


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
        "subject_mark": number(result.subject_mark),
        "grade": result.grade,
        "points": number(result.points),
        "fine": number(result.fine),
        "next_grade": result.next_grade,
        "marks_to_next": number(result.marks_to_next),
        "marks_above_boundary": number(result.marks_above),
        **_reach("floor", result.floor),
        **_reach("ceiling", result.ceiling),
        "flags": list(result.flags),
        "rounding_matters": result.rounding_matters,
    }


def _reach(word: str, outcome: Outcome | None) -> dict[str, object]:
    mark, grade_name = (None, None) if outcome is None else (outcome.mark, outcome.grade)
    return {f"{word}_mark": number(mark), f"{word}_grade": grade_name}
