"""A score as text in a file, checked by the rules of marks: exact, within the maximum, in steps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from server.grading.errors import ErrorCode

_DIGITS: Final = frozenset("0123456789.-")


@dataclass(frozen=True, slots=True)
class ScoreFault(Exception):
    """`code` is that of server.grading for the same fault of a mark."""

    code: str
    message: str


def read_score(text: str, maximum: Decimal, step: Decimal, heading: str = "Score") -> Decimal:
    """A raw mark. Raises ScoreFault: MARK_NOT_A_NUMBER, MARK_BELOW_ZERO, MARK_ABOVE_MAXIMUM, MARK_STEP."""
    try:
        score = Decimal(text) if _DIGITS.issuperset(text) else Decimal("NaN")
    except InvalidOperation:
        score = Decimal("NaN")
    if score.is_nan():
        raise ScoreFault(
            ErrorCode.MARK_NOT_A_NUMBER.value, f"{heading} must be a number in digits, such as 41 or 41.5."
        )
    if score < 0:
        raise ScoreFault(ErrorCode.MARK_BELOW_ZERO.value, f"{heading} is below 0: enter 0 or more.")
    if score > maximum:
        raise ScoreFault(ErrorCode.MARK_ABOVE_MAXIMUM.value, f"{heading} is above the maximum of {maximum}.")
    if score % step:
        raise ScoreFault(ErrorCode.MARK_STEP.value, f"{heading} must be in steps of {step}.")
    return score
