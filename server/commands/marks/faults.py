"""Why a row is refused: one sentence a code, which never holds a value, so that it can't tell one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from server.commands.yearly_key import YearlyKey


class Fault(StrEnum):
    NOT_FOUND = "NOT_FOUND"
    NEVER_ENROLLED = "NEVER_ENROLLED"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    WINDOW_LOCKED = "WINDOW_LOCKED"
    NOT_MODERATING = "NOT_MODERATING"
    SAME_MARKER = "SAME_MARKER"
    ALREADY_MODERATED = "ALREADY_MODERATED"
    NOT_MODERATED = "NOT_MODERATED"
    NO_SUCH_BATCH = "NO_SUCH_BATCH"
    CHANGED_SINCE = "CHANGED_SINCE"
    DUPLICATE_ENTRY = "DUPLICATE_ENTRY"
    MARK_STATE = "MARK_STATE"
    MARK_NOT_A_NUMBER = "MARK_NOT_A_NUMBER"
    MARK_BELOW_ZERO = "MARK_BELOW_ZERO"
    MARK_ABOVE_MAXIMUM = "MARK_ABOVE_MAXIMUM"
    MARK_STEP = "MARK_STEP"
    MARK_PARTS = "MARK_PARTS"
    BAD_ATTEMPT = "BAD_ATTEMPT"
    BAD_TEXT = "BAD_TEXT"


SENTENCES: Mapping[Fault, str] = MappingProxyType(
    {
        Fault.NOT_FOUND: "There is no such learner and assessment among those whose marks you may change.",
        Fault.NEVER_ENROLLED: "The learner was never in a class that sat the assessment: enrol the learner first.",
        Fault.VERSION_CONFLICT: "The mark was changed meanwhile: read it again and repeat with its version.",
        Fault.WINDOW_LOCKED: (
            "Marks of this course are locked in this window: have it reopened by the head of department or the "
            "examinations office (reopenWindow); while it is moderated, use moderateMarks and agreeMarks."
        ),
        Fault.NOT_MODERATING: (
            "Marks of this course are not moderated in this window: lock them (lockWindow), then have them moderated "
            "(moderateWindow)."
        ),
        Fault.SAME_MARKER: "You recorded this version yourself: another marker must moderate it.",
        Fault.ALREADY_MODERATED: "You moderated this version before: agree on a mark, or leave it as it is.",
        Fault.NOT_MODERATED: "No second marker has given a score for this version: moderate it first (moderateMarks).",
        Fault.NO_SUCH_BATCH: (
            "There is no such batch, or it holds marks beside those that you may read and change: they stay as they are."
        ),
        Fault.CHANGED_SINCE: "The mark was changed since: it stays as it is, correct it by itself.",
        Fault.DUPLICATE_ENTRY: "The mark of this learner, assessment and attempt is given twice: give it once.",
        Fault.MARK_STATE: "State and score disagree: give a score with SCORED, and none with any other state.",
        Fault.MARK_NOT_A_NUMBER: "The score is no finite number: give an exact decimal such as 41.5.",
        Fault.MARK_BELOW_ZERO: "The score is below 0: give 0 or more, or the state ABSENT.",
        Fault.MARK_ABOVE_MAXIMUM: "The score is above the maximum of the assessment: give at most the maximum.",
        Fault.MARK_STEP: "The score is finer than the assessment allows: give a multiple of its step.",
        Fault.MARK_PARTS: (
            "The parts don't make up the score: name each question once, with scores of 0 to its maximum in at most "
            "two decimal places, which add up to the score."
        ),
        Fault.BAD_ATTEMPT: "The attempt must be a whole number from 1 to 20.",
        Fault.BAD_TEXT: (
            "The text is too long, or holds control characters or direction marks: give up to 500 characters without them."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class RowFault:
    """`field` is that of the entry, None for the whole entry. `stored` is the mark in the way of VERSION_CONFLICT."""

    fault: Fault
    field: str | None = None
    stored: YearlyKey | None = None


@dataclass(frozen=True, slots=True)
class RowError:
    """A refused row: `position` counts from 0, `path` is the argument's.

    `stored` is the key of the stored mark in a VERSION_CONFLICT, to be shown through a read-back alone.
    """

    position: int
    code: str
    message: str
    path: tuple[str | int, ...]
    stored: YearlyKey | None = None

    @classmethod
    def of(cls, position: int, found: RowFault) -> RowError:
        path: tuple[str | int, ...] = ("input", "marks", position)
        if found.field is not None:
            path = (*path, found.field)
        return cls(position, found.fault.value, SENTENCES[found.fault], path, found.stored)
