"""Marks: recording them, with everything that follows from it."""

from server.commands.marks.entries import MarkEntry, MarkPart, Mode, RecordMarks
from server.commands.marks.faults import Fault, RowError
from server.commands.marks.outcome import RecordMarksOutcome, YearlyKey
from server.commands.marks.record import record_marks

__all__ = [
    "Fault", "MarkEntry", "MarkPart", "Mode", "RecordMarks", "RecordMarksOutcome", "RowError", "YearlyKey",
    "record_marks",
]  # fmt: skip
