"""Marks and their states. A blank is never a zero."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import decimal_text, exact
from server.grading.specification import HUNDREDTHS, Component


class MarkState(StrEnum):
    SCORED = "SCORED"
    ABSENT = "ABSENT"
    NOT_ENTERED = "NOT_ENTERED"
    PENDING = "PENDING"
    EXEMPT = "EXEMPT"


UNSAT = frozenset({MarkState.NOT_ENTERED, MarkState.PENDING})

_WORDS = {
    "x": MarkState.ABSENT,
    "absent": MarkState.ABSENT,
    "": MarkState.NOT_ENTERED,
    "not_entered": MarkState.NOT_ENTERED,
    "pending": MarkState.PENDING,
    "exempt": MarkState.EXEMPT,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One raw mark: `hundredths` is the mark times 100, and 0 in every state but SCORED."""

    state: MarkState
    hundredths: int = 0

    def __post_init__(self) -> None:
        if self.hundredths and self.state is not MarkState.SCORED:
            raise GradingError(ErrorCode.MARK_NOT_A_NUMBER, f"A mark in state {self.state} can't have a score.")


NOT_ENTERED = Mark(MarkState.NOT_ENTERED)
ABSENT = Mark(MarkState.ABSENT)
PENDING = Mark(MarkState.PENDING)
EXEMPT = Mark(MarkState.EXEMPT)


def read_mark(component: Component, value: object) -> Mark:
    """Read one raw mark of a component: a Mark, a MarkState, a number, or text.

    None and blank text are NOT_ENTERED; "X" and "absent" are ABSENT; "pending" and "exempt" say themselves (any case).
    Raises MARK_NOT_A_NUMBER (also for booleans and NaN), MARK_BELOW_ZERO, MARK_ABOVE_MAXIMUM, MARK_STEP, in that order.
    """
    mark = value if isinstance(value, Mark) else _read(component, value)
    if mark.state is MarkState.SCORED:
        _check(component, mark.hundredths)
    return mark


def _read(component: Component, value: object) -> Mark:
    if value is None:
        return NOT_ENTERED
    if isinstance(value, str):
        state = _WORDS.get(value.strip().lower())
        if state is not None:
            return Mark(state)
    return _scored(component, value)


def _scored(component: Component, value: object) -> Mark:
    if isinstance(value, str) and "/" in value:
        raise _not_a_number(component)
    if isinstance(value, int) and not isinstance(value, bool):
        return Mark(MarkState.SCORED, value * HUNDREDTHS)
    try:
        hundredths = exact(value, component.code) * HUNDREDTHS
    except GradingError as error:
        raise _not_a_number(component) from error
    if hundredths.denominator != 1:
        # The range speaks first, so that 80.001 of 80 is above the maximum and not merely off the step.
        _check_range(component, hundredths)
        raise _off_step(component)
    return Mark(MarkState.SCORED, hundredths.numerator)


def _check(component: Component, hundredths: int) -> None:
    _check_range(component, hundredths)
    if hundredths % component.step_hundredths:
        raise _off_step(component)


def _check_range(component: Component, hundredths: int | Fraction) -> None:
    if hundredths < 0:
        raise GradingError(
            ErrorCode.MARK_BELOW_ZERO, f"The mark for {component.code} is below 0; enter 0 or more.", component.code
        )
    if hundredths > component.max_hundredths:
        raise GradingError(
            ErrorCode.MARK_ABOVE_MAXIMUM,
            f"The mark for {component.code} is above its maximum of {decimal_text(component.max_raw)}.",
            component.code,
        )


def _off_step(component: Component) -> GradingError:
    return GradingError(
        ErrorCode.MARK_STEP,
        f"The mark for {component.code} must be in steps of {decimal_text(component.step)}.",
        component.code,
    )


def _not_a_number(component: Component) -> GradingError:
    return GradingError(
        ErrorCode.MARK_NOT_A_NUMBER,
        f"The mark for {component.code} must be a number, or one of absent, pending, exempt.",
        component.code,
    )
