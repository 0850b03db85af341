"""Why an estimate or a target is refused: one sentence a code, which never holds a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Fault(StrEnum):
    NOT_FOUND = "NOT_FOUND"
    NOT_ON_COURSE = "NOT_ON_COURSE"
    NOT_GRADED = "NOT_GRADED"
    UNKNOWN_COMPONENT = "UNKNOWN_COMPONENT"
    UNKNOWN_GRADE = "UNKNOWN_GRADE"
    ESTIMATE_FORM = "ESTIMATE_FORM"
    MARK_NOT_A_NUMBER = "MARK_NOT_A_NUMBER"
    MARK_BELOW_ZERO = "MARK_BELOW_ZERO"
    MARK_ABOVE_MAXIMUM = "MARK_ABOVE_MAXIMUM"
    MARK_STEP = "MARK_STEP"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    DUPLICATE_ENTRY = "DUPLICATE_ENTRY"
    BAD_TEXT = "BAD_TEXT"


SENTENCES: Mapping[Fault, str] = MappingProxyType(
    {
        Fault.NOT_FOUND: "There is no such learner and course among those that you may do this for.",
        Fault.NOT_ON_COURSE: "The learner is in no class of the course: enrol the learner first.",
        Fault.NOT_GRADED: (
            "The course has no specification and series: nothing says which marks and grades there are. For targets alone "
            "a scale of its own is enough (setCourseScale)."
        ),
        Fault.UNKNOWN_COMPONENT: "The course's specification has no such component: give the code of one of its own.",
        Fault.UNKNOWN_GRADE: "The course's specification or scale has no such grade: give one of its own.",
        Fault.ESTIMATE_FORM: (
            "Component, score and grade disagree: give a score with a component, or a grade without one, or neither to "
            "take back an estimate that is there."
        ),
        Fault.MARK_NOT_A_NUMBER: "The score is no finite number: give an exact decimal such as 41.5.",
        Fault.MARK_BELOW_ZERO: "The score is below 0: give 0 or more.",
        Fault.MARK_ABOVE_MAXIMUM: "The score is above the component's maximum: give at most the maximum.",
        Fault.MARK_STEP: "The score is finer than the component allows: give a multiple of its step.",
        Fault.VERSION_CONFLICT: "The estimate was changed meanwhile: read it again and repeat with its version.",
        Fault.DUPLICATE_ENTRY: "The same learner and course (and component) is given twice: give it once.",
        Fault.BAD_TEXT: (
            "The text is empty, too long, or holds control characters or direction marks: give up to 500 characters "
            "(a method: one line of 200) without them."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class RowFault:
    """`field` is that of the entry, None for the whole entry."""

    fault: Fault
    field: str | None = None
