"""What can be said of an entry without looking at any row, and of its score beside the assessment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from server.commands.marks.entries import LARGEST_BATCH, MarkEntry, MarkPart, RecordMarks
from server.commands.marks.faults import Fault, RowFault
from server.commands.storable import plain_line, plain_text, storable
from server.errors import BadUserInput
from server.grading.errors import GradingError
from server.grading.exact import exact
from server.grading.marks import MarkState

_LARGEST_ATTEMPT = 20
_LONGEST_TEXT = 500
_LONGEST_NAME = 200
_MOST_PARTS = 200
_PATH = ("input", "marks")


def check_size(command: RecordMarks) -> None:
    """Raises BadUserInput for an empty batch, or one of more than 500 entries."""
    if not command.marks:
        raise BadUserInput("input.marks is empty: give at least one mark.", _PATH)
    if len(command.marks) > LARGEST_BATCH:
        raise BadUserInput(f"input.marks holds too many marks: give at most {LARGEST_BATCH} at once.", _PATH)


def entry_faults(entries: Sequence[MarkEntry]) -> dict[int, RowFault]:
    """The first fault of each entry that has one, by position."""
    times = Counter((entry.learner.key, entry.assessment.key, entry.attempt) for entry in entries)
    found: dict[int, RowFault] = {}
    for position, entry in enumerate(entries):
        fault = _of_entry(entry)
        if fault is None and times[entry.learner.key, entry.assessment.key, entry.attempt] > 1:
            fault = RowFault(Fault.DUPLICATE_ENTRY)
        if fault is not None:
            found[position] = fault
    return found


def score_fault(entry: MarkEntry, maximum: Decimal, step: Decimal) -> RowFault | None:
    """What is wrong with a score that `entry_faults` let pass, in an assessment of this maximum and step."""
    if entry.score is None:
        return None
    if entry.score > maximum:
        return RowFault(Fault.MARK_ABOVE_MAXIMUM, "score")
    if (exact(entry.score, "score") / exact(step, "step")).denominator != 1:
        return RowFault(Fault.MARK_STEP, "score")
    return None


def _of_entry(entry: MarkEntry) -> RowFault | None:
    if not 1 <= entry.attempt <= _LARGEST_ATTEMPT:
        return RowFault(Fault.BAD_ATTEMPT, "attempt")
    if (entry.state is MarkState.SCORED) != (entry.score is not None):
        return RowFault(Fault.MARK_STATE, "score")
    if entry.score is not None and (fault := number_fault(entry.score)):
        return RowFault(fault, "score")
    if entry.reason is not None and not (storable(entry.reason, _LONGEST_TEXT) and plain_text(entry.reason)):
        return RowFault(Fault.BAD_TEXT, "reason")
    if entry.parts and not _parts_agree(entry.parts, entry.score):
        return RowFault(Fault.MARK_PARTS, "parts")
    return None


def number_fault(score: Decimal) -> Fault | None:
    """Why a number is no score of any assessment."""
    if not score.is_finite():
        return Fault.MARK_NOT_A_NUMBER
    if score < 0:
        return Fault.MARK_BELOW_ZERO
    try:
        hundredths = exact(score, "score") * 100
    except GradingError:
        # Too large to be anyone's maximum, or too fine to be anyone's step.
        return Fault.MARK_ABOVE_MAXIMUM if score > 1 else Fault.MARK_STEP
    return None if hundredths.denominator == 1 else Fault.MARK_STEP


def _parts_agree(parts: Sequence[MarkPart], score: Decimal | None) -> bool:
    if score is None or len(parts) > _MOST_PARTS or len({part.question for part in parts}) != len(parts):
        return False
    if not all(_part_stands(part) for part in parts):
        return False
    return sum((part.score for part in parts if part.score is not None), Decimal(0)) == score


def _part_stands(part: MarkPart) -> bool:
    if not part.question or not all(
        storable(one, _LONGEST_NAME) and plain_line(one) for one in (part.question, part.topic)
    ):
        return False
    if number_fault(part.maximum) is not None or part.maximum == 0:
        return False
    return part.score is None or (number_fault(part.score) is None and part.score <= part.maximum)
