"""The coded errors of the grading engine.

The engine imports nothing of Usher, so its error stands apart from the server's tree; callers translate `code`.
Boundary packs write the same codes in lower case (`mark_above_maximum`).
"""

from __future__ import annotations

from enum import StrEnum


class ErrorCode(StrEnum):
    MARK_ABOVE_MAXIMUM = "MARK_ABOVE_MAXIMUM"
    MARK_BELOW_ZERO = "MARK_BELOW_ZERO"
    MARK_STEP = "MARK_STEP"
    MARK_NOT_A_NUMBER = "MARK_NOT_A_NUMBER"
    UNKNOWN_COMPONENT = "UNKNOWN_COMPONENT"
    COMPONENT_NOT_IN_OPTION = "COMPONENT_NOT_IN_OPTION"
    UNKNOWN_OPTION = "UNKNOWN_OPTION"
    UNKNOWN_SERIES = "UNKNOWN_SERIES"
    UNKNOWN_TIER = "UNKNOWN_TIER"
    BOTH_TIERS = "BOTH_TIERS"
    TIERS_DIFFER = "TIERS_DIFFER"
    UNITS_DIFFER = "UNITS_DIFFER"
    NO_COMPONENTS = "NO_COMPONENTS"
    WRONG_SPECIFICATION = "WRONG_SPECIFICATION"
    BAD_SPECIFICATION = "BAD_SPECIFICATION"
    BAD_BOUNDARIES = "BAD_BOUNDARIES"
    BAD_CONTENT = "BAD_CONTENT"
    MISSING_UNIT = "MISSING_UNIT"
    BAD_INTERVAL = "BAD_INTERVAL"
    BAD_NUMBER = "BAD_NUMBER"
    UNKNOWN_QUALIFICATION = "UNKNOWN_QUALIFICATION"
    UNKNOWN_GRADE = "UNKNOWN_GRADE"
    AMBIGUOUS_POINTS = "AMBIGUOUS_POINTS"
    NO_ESTIMATE = "NO_ESTIMATE"
    NOT_AVAILABLE = "NOT_AVAILABLE"
    BAD_MEASURE = "BAD_MEASURE"


class GradingError(ValueError):
    """An expected error. `component` is the component code it concerns, if one; the message never holds a mark."""

    def __init__(self, code: ErrorCode, message: str, component: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.component = component
