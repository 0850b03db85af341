"""Grading a whole cohort: the same whole-number arithmetic as for one learner, on int64 matrices.

Rows are learners, columns are the components of the table. Every cell of the answer equals the scalar engine's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from server.grading.assembly import graded, incomplete, unfinished
from server.grading.errors import GradingError
from server.grading.mark_matrices import FAULTS, STATES, Codes, Units, check_shapes, find_faults
from server.grading.marks import Mark, MarkState
from server.grading.results import Result, Status
from server.grading.scalar import flags_of, outcomes
from server.grading.specification import RoundingPolicy
from server.grading.table import GradingTable
from server.grading.unit_matrices import Ranks, awards, contributions, full_contributions, sum_up

STATUSES = tuple(Status)
_ABSENT = STATES.index(MarkState.ABSENT)
_SCORED = STATES.index(MarkState.SCORED)
_EXEMPT = STATES.index(MarkState.EXEMPT)
_NOT_ENTERED = STATES.index(MarkState.NOT_ENTERED)
_PENDING = STATES.index(MarkState.PENDING)


@dataclass(frozen=True, slots=True)
class BulkGrades:
    """One entry a learner. `exact` and `each` are floors in units (`table.scale` to a subject mark), without and with
    rounding of each component; `*_ceiling` count open marks in full. `units` and `ceiling` are those of the
    specification's own policy; `rank` and `ceiling_rank` are the numbers of boundaries they reach. `parts` and
    `most_parts` (components x learners, in units) are what requirements look at, empty without any. `status` indexes
    STATUSES. `faults` (learners x components) indexes FAULTS: a learner with one has no result.
    """

    table: GradingTable
    states: Codes
    faults: Codes
    status: Codes
    exact: Units
    each: Units
    exact_ceiling: Units
    each_ceiling: Units
    units: Units
    ceiling: Units
    rank: Ranks
    ceiling_rank: Ranks
    parts: Units
    most_parts: Units

    def __len__(self) -> int:
        return len(self.status)

    def grades(self) -> list[str | None]:
        """The grade of each learner; None where there is none (incomplete, exempt, faulty)."""
        specification = self.table.specification
        names = np.array([specification.below_lowest, *self.table.grades, specification.absence.all_absent_grade, None])
        absent = np.where(self.status == STATUSES.index(Status.NOT_ATTEMPTED), len(names) - 2, len(names) - 1)
        chosen = np.where(self.status == STATUSES.index(Status.COMPLETE), self.rank, absent)
        chosen[self.faults.any(axis=1)] = len(names) - 1
        labels: list[str | None] = names[chosen].tolist()
        return labels

    def result(self, learner: int) -> Result:
        """The full result of one row. Raises the fault of its first bad mark, as the scalar engine would."""
        self._raise_fault(learner)
        status = STATUSES[int(self.status[learner])]
        flags = self._flags(learner)
        if status in (Status.NOT_GRADABLE, Status.NOT_ATTEMPTED):
            return unfinished(self.table, status, flags)
        parts, most = _row(self.parts, learner), _row(self.most_parts, learner)
        floors = outcomes(self.table, int(self.exact[learner]), int(self.each[learner]), parts)
        if status is Status.INCOMPLETE:
            ceilings = outcomes(self.table, int(self.exact_ceiling[learner]), int(self.each_ceiling[learner]), most)
            return incomplete(self.table, floors, ceilings, flags)
        outcome = dict(floors)[self.table.specification.rounding.policy]
        held = self.table.held(int(self.units[learner]), parts)
        return graded(self.table, outcome, int(self.rank[learner]), floors, flags, held)

    def _flags(self, learner: int) -> tuple[str, ...]:
        states: list[int] = self.states[learner].tolist()
        return flags_of(self.table, [Mark(STATES[state]) for state in states])

    def _raise_fault(self, learner: int) -> None:
        codes: list[int] = self.faults[learner].tolist()
        for component, code in zip(self.table.components, codes, strict=True):
            fault = FAULTS[code]
            if fault is not None:
                message = f"The mark for {component.code} must be within its maximum and in its steps."
                raise GradingError(fault, message, component.code)


def grade_matrix(table: GradingTable, hundredths: Units, states: Codes) -> BulkGrades:
    """Grade learners x components.

    `hundredths` are raw marks times 100 (ignored unless SCORED), `states` index STATES. Bad marks don't raise: they
    are in `faults`. Raises NO_COMPONENTS, and BAD_CONTENT for matrices of another shape or an unknown state.
    """
    check_shapes(table, hundredths, states)
    made = _unwritten(table, states)
    for begin in range(0, len(states), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        _grade_block(made, hundredths[block], block)
    return made


_BLOCK = 16384
"""Learners at a time: what is reckoned on the way stays in the processor's cache."""


def _unwritten(table: GradingTable, states: Codes) -> BulkGrades:
    """What blocks are written into. Figures that can't differ are one array: of floor and ceiling where every mark is
    scored, and of sums where rounding changes nothing."""
    learners, policy = len(states), table.specification.rounding.policy
    components = len(table.components) if table.hurdles else 0

    def sums() -> tuple[Units, Units, Units]:
        exact = np.empty(learners, dtype=np.int64)
        each = np.empty_like(exact) if table.rounding_can_matter else exact
        own = np.empty_like(exact) if policy is RoundingPolicy.SUM_THEN_HALF_UP else exact
        return exact, each, each if policy is RoundingPolicy.EACH_HALF_UP else own

    exact, each, units = sums()
    rank, parts = np.empty(learners, dtype=np.intp), np.empty((components, learners), dtype=np.int64)
    exact_ceiling, each_ceiling, ceiling, ceiling_rank, most_parts = exact, each, units, rank, parts
    if states.any():
        exact_ceiling, each_ceiling, ceiling = sums()
        ceiling_rank, most_parts = np.empty_like(rank), np.empty_like(parts)
    return BulkGrades(
        table=table,
        states=states,
        faults=np.zeros(states.shape, dtype=np.int8),
        status=np.full(learners, STATUSES.index(Status.COMPLETE), dtype=np.int8),
        exact=exact,
        each=each,
        exact_ceiling=exact_ceiling,
        each_ceiling=each_ceiling,
        units=units,
        ceiling=ceiling,
        rank=rank,
        ceiling_rank=ceiling_rank,
        parts=parts,
        most_parts=most_parts,
    )


def _grade_block(made: BulkGrades, hundredths: Units, block: slice) -> None:
    table, states = made.table, made.states[block]
    all_scored = made.ceiling_rank is made.rank  # as _unwritten makes it
    # A row for each component: what is done to one component lies side by side in memory.
    raw = np.array(hundredths.T, order="C", copy=True)
    known = states.T if all_scored else np.ascontiguousarray(states.T)
    if not all_scored:
        raw *= known == _SCORED
    faults = made.faults[block]
    if find_faults(table, raw, faults):
        raw *= faults.T == 0
    parts = contributions(table, raw)
    sum_up(table, parts, made.exact[block], made.each[block], made.units[block])
    made.rank[block] = awards(table, made.units[block], parts)
    if table.hurdles:
        made.parts[:, block] = parts
    if not all_scored:
        made.status[block] = _statuses(known)
        parts += ((known == _NOT_ENTERED) | (known == _PENDING)) * full_contributions(table)
        sum_up(table, parts, made.exact_ceiling[block], made.each_ceiling[block], made.ceiling[block])
        made.ceiling_rank[block] = awards(table, made.ceiling[block], parts)
        if table.hurdles:
            made.most_parts[:, block] = parts


def _row(parts: Units, learner: int) -> tuple[int, ...]:
    row: list[int] = parts[:, learner].tolist() if len(parts) else []
    return tuple(row)


def _statuses(known: Codes) -> Codes:
    """From states (components x learners)."""
    exempt = (known == _EXEMPT).any(axis=0)
    absent = (known == _ABSENT).all(axis=0)
    unsat = ((known == _NOT_ENTERED) | (known == _PENDING)).any(axis=0)
    chosen = np.select(
        [exempt, absent, unsat],
        [STATUSES.index(status) for status in (Status.NOT_GRADABLE, Status.NOT_ATTEMPTED, Status.INCOMPLETE)],
        default=STATUSES.index(Status.COMPLETE),
    )
    return chosen.astype(np.int8)
