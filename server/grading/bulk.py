"""Grading a whole cohort: the same whole-number arithmetic as for one learner, on int64 matrices.

Rows are learners, columns are the components of the table. Every cell of the answer equals the scalar engine's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from server.grading.assembly import graded, incomplete, unfinished
from server.grading.errors import ErrorCode, GradingError
from server.grading.linear import flags_of, outcomes
from server.grading.marks import Mark, MarkState
from server.grading.requirements import Measure
from server.grading.results import Result, Status
from server.grading.specification import RoundingPolicy
from server.grading.table import GradingTable
from server.grading.tally import counting_attempt

Units: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[np.int8]
Ranks: TypeAlias = npt.NDArray[np.intp]

STATES = tuple(MarkState)
"""A mark state in a matrix is its position here: SCORED is 0."""
STATUSES = tuple(Status)
FAULTS: tuple[ErrorCode | None, ...] = (
    None,
    ErrorCode.MARK_BELOW_ZERO,
    ErrorCode.MARK_ABOVE_MAXIMUM,
    ErrorCode.MARK_STEP,
)
"""A fault in a matrix is its position here: 0 is none."""

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
    `most_parts` (learners x components, in units) are what requirements look at, empty without any. `status` indexes
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
    _check_shapes(table, hundredths, states)
    all_scored = not states.any()
    raw = hundredths if all_scored else np.where(states == _SCORED, hundredths, 0)
    faults = _faults(table, raw)
    if faults.any():
        raw = np.where(faults == 0, raw, 0)
    exact, each = _sums(table, raw)
    exact_full, each_full = (exact, each) if all_scored else _ceilings(table, exact, each, states)
    units = _under_policy(table, exact, each)
    ceiling = units if all_scored else _under_policy(table, exact_full, each_full)
    parts = _parts(table, raw) if table.hurdles else np.empty((0, 0), dtype=np.int64)
    most = parts if all_scored or not table.hurdles else parts + _parts(table, _open(table, states))
    rank = awards(table, units, parts)
    return BulkGrades(
        table=table,
        states=states,
        faults=faults,
        status=_statuses(states, all_scored),
        exact=exact,
        each=each,
        exact_ceiling=exact_full,
        each_ceiling=each_full,
        units=units,
        ceiling=ceiling,
        rank=rank,
        ceiling_rank=rank if all_scored else awards(table, ceiling, most),
        parts=parts,
        most_parts=most,
    )


def total_units(table: GradingTable, hundredths: Units) -> Units:
    """Exact subject marks in units for learners who scored in every component, unchecked: the matrix product alone.

    Converted components are looked up and added.
    """
    total = hundredths @ np.array(table.weights, dtype=np.int64)
    for column, lookup in enumerate(table.lookups):
        if lookup is not None:
            total += _looked_up(table, column, lookup, hundredths[:, column])
    return total


def ranks(table: GradingTable, units: Units) -> Ranks:
    """How many boundaries each number of units reaches; 0 is below the lowest grade."""
    return np.searchsorted(np.array(table.thresholds, dtype=np.int64), units, side="right")


def awards(table: GradingTable, units: Units, parts: Units) -> Ranks:
    """`ranks`, and what requirements leave of them; `parts` are contributions in units by component."""
    rank = ranks(table, units)
    for hurdle in table.hurdles:
        of = parts[:, hurdle.positions]
        if hurdle.requirement.measure is Measure.SIZE:
            of = (of >= hurdle.passed) * np.array(hurdle.sizes, dtype=np.int64)
        rank = np.where(of.sum(axis=1) >= hurdle.minimum, rank, np.minimum(rank, hurdle.cap))
    return rank


def _looked_up(table: GradingTable, column: int, lookup: tuple[int, ...], hundredths: Units) -> Units:
    return _array(lookup)[hundredths // table.components[column].step_hundredths]


@lru_cache(maxsize=512)
def _array(lookup: tuple[int, ...]) -> Units:
    return np.array(lookup, dtype=np.int64)


def _parts(table: GradingTable, hundredths: Units) -> Units:
    """What each component gives, in units."""
    parts = hundredths * np.array(table.weights, dtype=np.int64)
    for column, lookup in enumerate(table.lookups):
        if lookup is not None:
            parts[:, column] = _looked_up(table, column, lookup, hundredths[:, column])
    return parts


def _row(parts: Units, learner: int) -> tuple[int, ...]:
    row: list[int] = parts[learner].tolist() if len(parts) else []
    return tuple(row)


def matrices(table: GradingTable, learners: Sequence[Mapping[str, Mark | Sequence[Mark]]]) -> tuple[Units, Codes]:
    """Marks by component code as matrices for `grade_matrix`; a component that is not named is NOT_ENTERED.

    Of several attempts, oldest first, the one that counts by the specification.

    Raises UNKNOWN_COMPONENT or COMPONENT_NOT_IN_OPTION.
    """
    hundredths = np.zeros((len(learners), len(table.components)), dtype=np.int64)
    states = np.full(hundredths.shape, _NOT_ENTERED, dtype=np.int8)
    columns = {component.code: column for column, component in enumerate(table.components)}
    codes = {state: code for code, state in enumerate(STATES)}
    for row, marks in enumerate(learners):
        for component, given in marks.items():
            column = columns[component] if component in columns else table.index(component)
            mark = given if isinstance(given, Mark) else counting_attempt(table, column, given)
            hundredths[row, column] = mark.hundredths
            states[row, column] = codes[mark.state]
    return hundredths, states


def _check_shapes(table: GradingTable, hundredths: Units, states: Codes) -> None:
    if not table.components:
        raise GradingError(ErrorCode.NO_COMPONENTS, f"{table.specification.identity} states no components.")
    if hundredths.shape != states.shape or hundredths.shape[1:] != (len(table.components),):
        raise GradingError(ErrorCode.BAD_CONTENT, "Both matrices must be learners x components of the table.")
    if hundredths.dtype != np.int64 or states.dtype != np.int8:
        raise GradingError(ErrorCode.BAD_CONTENT, "Marks must be int64 hundredths and states int8.")
    if states.size and not 0 <= int(states.min()) <= int(states.max()) < len(STATES):
        raise GradingError(ErrorCode.BAD_CONTENT, "A state is none of STATES.")


def _faults(table: GradingTable, raw: Units) -> Codes:
    """The first fault of each mark, in the order in which the scalar engine looks."""
    faults = np.zeros(raw.shape, dtype=np.int8)
    for column, component in enumerate(table.components):
        marks = raw[:, column]
        # Most cohorts have no fault: one look at the extremes and the steps spares the three masks.
        on_step = marks // component.step_hundredths * component.step_hundredths == marks
        if not len(marks) or (marks.min() >= 0 and marks.max() <= component.max_hundredths and on_step.all()):
            continue
        wrong = np.where(on_step, 0, _fault(ErrorCode.MARK_STEP))
        wrong[marks > component.max_hundredths] = _fault(ErrorCode.MARK_ABOVE_MAXIMUM)
        wrong[marks < 0] = _fault(ErrorCode.MARK_BELOW_ZERO)
        faults[:, column] = wrong
    return faults


def _fault(code: ErrorCode) -> int:
    return FAULTS.index(code)


def _ceilings(table: GradingTable, exact: Units, each: Units, states: Codes) -> tuple[Units, Units]:
    """Both sums with full marks in what is still open."""
    exact_open, each_open = _sums(table, _open(table, states))
    return exact + exact_open, each + each_open


def _open(table: GradingTable, states: Codes) -> Units:
    """Full marks, in hundredths, where a mark is open, and 0 elsewhere."""
    full = np.array([component.max_hundredths for component in table.components], dtype=np.int64)
    return np.where((states == _NOT_ENTERED) | (states == _PENDING), full, 0)


def _sums(table: GradingTable, hundredths: Units) -> tuple[Units, Units]:
    """Units as they are, and with each component rounded half up first."""
    exact = total_units(table, hundredths)
    if not table.rounding_can_matter:
        return exact, exact
    each = np.zeros(len(hundredths), dtype=np.int64)
    parts = _parts(table, hundredths)
    for column in range(len(table.components)):
        each += _half_up(table, parts[:, column])
    return exact, each


def _half_up(table: GradingTable, units: Units) -> Units:
    return (2 * units + table.scale) // (2 * table.scale) * table.scale


def _under_policy(table: GradingTable, exact: Units, each: Units) -> Units:
    policy = table.specification.rounding.policy
    if policy is RoundingPolicy.SUM_THEN_HALF_UP:
        return _half_up(table, exact)
    return each if policy is RoundingPolicy.EACH_HALF_UP else exact


def _statuses(states: Codes, all_scored: bool) -> Codes:
    if all_scored:
        return np.full(len(states), STATUSES.index(Status.COMPLETE), dtype=np.int8)
    exempt = (states == _EXEMPT).any(axis=1)
    absent = (states == _ABSENT).all(axis=1)
    unsat = ((states == _NOT_ENTERED) | (states == _PENDING)).any(axis=1)
    chosen = np.select(
        [exempt, absent, unsat],
        [STATUSES.index(status) for status in (Status.NOT_GRADABLE, Status.NOT_ATTEMPTED, Status.INCOMPLETE)],
        default=STATUSES.index(Status.COMPLETE),
    )
    return chosen.astype(np.int8)
