"""Results from subject marks already found: shared by the scalar and the bulk engine, so both speak alike."""

from __future__ import annotations

from fractions import Fraction

from server.grading.requirements import Requirement
from server.grading.results import Notice, Outcome, PolicyOutcomes, Result, Status
from server.grading.table import GradingTable


def graded(
    table: GradingTable,
    outcome: Outcome,
    rank: int,
    by_policy: PolicyOutcomes = (),
    flags: tuple[str, ...] = (),
    held: tuple[Requirement, ...] = (),
) -> Result:
    """A complete result; `rank` boundaries are reached, and `held` are the requirements that keep it from more."""
    boundary = table.marks(table.thresholds[rank - 1]) if rank else None
    following = table.marks(table.thresholds[rank]) if rank < len(table.thresholds) else None
    matters = _differ(by_policy)
    return Result(
        status=Status.COMPLETE,
        rounding=table.specification.rounding.policy,
        grade=outcome.grade,
        subject_mark=outcome.mark,
        points=table.points[rank - 1] if rank else Fraction(0),
        fine=table.fine(rank, outcome.mark * table.scale) if rank else None,
        next_grade=None if following is None else table.grades[rank],
        marks_to_next=None if following is None else max(following - outcome.mark, Fraction(0)),
        marks_above=None if boundary is None else outcome.mark - boundary,
        floor=outcome,
        ceiling=outcome,
        flags=(*flags, *(f"held_back:{each.grade}" for each in held)),
        notices=(*_absence_notices(table, flags), *_rounding_notices(table, matters), *_requirement_notices(held)),
        by_policy=by_policy,
        rounding_matters=matters,
        confidence=table.boundaries.confidence,
    )


def incomplete(table: GradingTable, floors: PolicyOutcomes, ceilings: PolicyOutcomes, flags: tuple[str, ...]) -> Result:
    """No grade yet: the interval of grades that can still be reached."""
    policy = table.specification.rounding.policy
    matters = _differ(floors) or _differ(ceilings)
    return Result(
        status=Status.INCOMPLETE,
        rounding=policy,
        floor=dict(floors)[policy],
        ceiling=dict(ceilings)[policy],
        flags=flags,
        notices=(*_absence_notices(table, flags), *_rounding_notices(table, matters)),
        rounding_matters=matters,
        confidence=table.boundaries.confidence,
    )


def unfinished(table: GradingTable, status: Status, flags: tuple[str, ...]) -> Result:
    """A result without a subject mark: nothing attempted, or an exemption that no rule covers."""
    absence = table.specification.absence
    attempted = status is not Status.NOT_ATTEMPTED
    notice = (
        Notice("EXEMPT", "A component is exempt, and no rule says how to grade without it.", "rule")
        if attempted
        else Notice(
            "ALL_ABSENT", f"No component was attempted: the grade is {absence.all_absent_grade}.", absence.confidence
        )
    )
    return Result(
        status=status,
        rounding=table.specification.rounding.policy,
        grade=None if attempted else absence.all_absent_grade,
        flags=flags,
        notices=(notice,),
        confidence=table.boundaries.confidence,
    )


def _differ(by_policy: PolicyOutcomes) -> bool:
    return len({outcome.grade for _, outcome in by_policy}) > 1


def _absence_notices(table: GradingTable, flags: tuple[str, ...]) -> tuple[Notice, ...]:
    if not any(flag.startswith("absent:") for flag in flags):
        return ()
    return (Notice("ABSENT_COUNTS_ZERO", "An absent component counts 0.", table.specification.absence.confidence),)


def _requirement_notices(held: tuple[Requirement, ...]) -> tuple[Notice, ...]:
    return tuple(Notice("REQUIREMENT", f"{each.grade} is not given: {each.reason}", "stated") for each in held)


def _rounding_notices(table: GradingTable, matters: bool) -> tuple[Notice, ...]:
    if not matters:
        return ()
    rounding = table.specification.rounding
    return (
        Notice(
            "ROUNDING_MATTERS",
            f"The grade depends on how weighted marks are rounded; this one uses {rounding.policy}.",
            rounding.confidence,
        ),
    )
