"""The marks of a cohort as matrices: learners x components, raw marks in hundredths beside their states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from server.grading.errors import ErrorCode, GradingError
from server.grading.marks import Mark, MarkState
from server.grading.table import GradingTable
from server.grading.tally import counting_attempt

Units: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[np.int8]

STATES = tuple(MarkState)
"""A mark state in a matrix is its position here: SCORED is 0."""
FAULTS: tuple[ErrorCode | None, ...] = (
    None,
    ErrorCode.MARK_BELOW_ZERO,
    ErrorCode.MARK_ABOVE_MAXIMUM,
    ErrorCode.MARK_STEP,
)
"""A fault in a matrix is its position here: 0 is none."""

_NOT_ENTERED = STATES.index(MarkState.NOT_ENTERED)


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


def check_shapes(table: GradingTable, hundredths: Units, states: Codes) -> None:
    """Raises NO_COMPONENTS, and BAD_CONTENT for matrices of another shape or type, or an unknown state."""
    if not table.components:
        raise GradingError(ErrorCode.NO_COMPONENTS, f"{table.specification.identity} states no components.")
    if hundredths.shape != states.shape or hundredths.shape[1:] != (len(table.components),):
        raise GradingError(ErrorCode.BAD_CONTENT, "Both matrices must be learners x components of the table.")
    if hundredths.dtype != np.int64 or states.dtype != np.int8:
        raise GradingError(ErrorCode.BAD_CONTENT, "Marks must be int64 hundredths and states int8.")
    if states.size and not 0 <= int(states.min()) <= int(states.max()) < len(STATES):
        raise GradingError(ErrorCode.BAD_CONTENT, "A state is none of STATES.")


def find_faults(table: GradingTable, raw: Units, faults: Codes) -> bool:
    """Write the first fault of each mark (learners x components), in the order in which the scalar engine looks."""
    found = False
    for place, component in enumerate(table.components):
        marks, step = raw[place], component.step_hundredths
        # Most cohorts have no fault: one look at the largest and the steps spares the three masks. Read as unsigned,
        # a mark below zero is larger than any maximum.
        down = marks // step
        down *= step
        on_step = down == marks
        if marks.view(np.uint64).max() <= component.max_hundredths and on_step.all():
            continue
        found = True
        wrong = np.where(on_step, 0, _fault(ErrorCode.MARK_STEP))
        wrong[marks > component.max_hundredths] = _fault(ErrorCode.MARK_ABOVE_MAXIMUM)
        wrong[marks < 0] = _fault(ErrorCode.MARK_BELOW_ZERO)
        faults[:, place] = wrong
    return found


def _fault(code: ErrorCode) -> int:
    return FAULTS.index(code)
