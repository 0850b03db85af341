"""Grading one learner, whatever the scheme: what the components give is added, and compared with the boundaries of the series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from server.grading.assembly import graded, incomplete, unfinished
from server.grading.boundaries import BoundarySet
from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import exact
from server.grading.marks import UNSAT, Mark, MarkState
from server.grading.results import Outcome, PolicyOutcomes, Result, Status
from server.grading.specification import RoundingPolicy, Specification
from server.grading.table import GradingTable, prepare
from server.grading.tally import Sums, Tally, tally


def grade(specification: Specification, boundaries: BoundarySet, marks: Mapping[str, object], shift: int = 0) -> Result:
    """Grade one learner from raw marks by component code (whatever `read_mark` reads; a missing code is NOT_ENTERED).

    `shift` shifts the subject boundaries by so many per cent. Raises GradingError: a mark that can't stand, an unknown
    component, or a specification and boundaries that do not belong together.
    """
    table = prepare(specification, boundaries, shift)
    return conclude(table, tally(table, marks))


def grade_subject_mark(specification: Specification, boundaries: BoundarySet, subject_mark: object) -> Result:
    """Grade a subject mark that is already weighted and rounded. Raises MARK_* as for a raw mark.

    What a grade asks of single components can't be seen here: a grade above it is given only from the boundary below.
    """
    table = prepare(specification, boundaries)
    mark = _subject_mark(specification, subject_mark)
    units = mark * table.scale
    # A mark finer than a unit reaches no more boundaries than the unit below it: boundaries are whole units.
    parts = (0,) * len(table.components)
    whole = units.numerator // units.denominator
    rank = table.award(whole, parts)
    outcome = Outcome(mark, table.grade_at(rank))
    return graded(table, outcome, rank, held=table.held(whole, parts))


def conclude(table: GradingTable, sums: Tally) -> Result:
    """The result of a tally: states first, then sums, then boundaries."""
    states = {mark.state for mark in sums.marks}
    flags = flags_of(table, sums.marks)
    if MarkState.EXEMPT in states:
        return unfinished(table, Status.NOT_GRADABLE, flags)
    if states == {MarkState.ABSENT}:
        return unfinished(table, Status.NOT_ATTEMPTED, flags)
    parts = sums.parts(table) if table.hurdles else ()
    floors = outcomes(table, sums.exact.obtained, sums.each.obtained, parts)
    if states & UNSAT:
        most = sums.parts(table, full=True) if table.hurdles else ()
        return incomplete(table, floors, outcomes(table, _full(sums.exact), _full(sums.each), most), flags)
    policy = table.specification.rounding.policy
    units = policy_units(table, sums.exact.obtained, sums.each.obtained)[policy]
    return graded(table, dict(floors)[policy], table.award(units, parts), floors, flags, table.held(units, parts))


def _full(sums: Sums) -> int:
    return sums.obtained + sums.open_marks


def _subject_mark(specification: Specification, value: object) -> Fraction:
    try:
        mark = exact(value, "The subject mark")
    except GradingError as error:
        raise GradingError(ErrorCode.MARK_NOT_A_NUMBER, "The subject mark must be a number.") from error
    if mark < 0:
        raise GradingError(ErrorCode.MARK_BELOW_ZERO, "The subject mark is below 0; enter 0 or more.")
    if mark > specification.max_mark:
        raise GradingError(
            ErrorCode.MARK_ABOVE_MAXIMUM, f"The subject mark is above its maximum of {specification.max_mark}."
        )
    return mark


def flags_of(table: GradingTable, marks: Sequence[Mark]) -> tuple[str, ...]:
    """ "absent:CODE" and "exempt:CODE", absences first, each in component order."""
    named = ((MarkState.ABSENT, "absent"), (MarkState.EXEMPT, "exempt"))
    return tuple(
        f"{word}:{component.code}"
        for state, word in named
        for component, mark in zip(table.components, marks, strict=True)
        if mark.state is state
    )


def policy_units(table: GradingTable, exact_sum: int, each_sum: int) -> dict[RoundingPolicy, int]:
    """The subject mark in units under each policy, from the plain sum and the sum of rounded components."""
    return {
        RoundingPolicy.SUM_EXACT: exact_sum,
        RoundingPolicy.SUM_THEN_HALF_UP: table.round_units(exact_sum),
        RoundingPolicy.EACH_HALF_UP: each_sum,
    }


def outcomes(table: GradingTable, exact_sum: int, each_sum: int, parts: Sequence[int] = ()) -> PolicyOutcomes:
    """Mark and grade under each policy; `parts` by component, in units, where the table has hurdles."""
    return tuple(
        (policy, Outcome(table.marks(units), table.grade_at(table.award(units, parts))))
        for policy, units in policy_units(table, exact_sum, each_sum).items()
    )
