"""Marks: recording, moderating and undoing them, with everything that follows from it."""

from server.commands.marks.entries import MarkEntry, MarkPart, Mode, RecordMarks
from server.commands.marks.faults import Fault, RowError
from server.commands.marks.moderate import second_marks
from server.commands.marks.outcome import RecordMarksOutcome, YearlyKey
from server.commands.marks.record import record_marks
from server.commands.marks.second import SecondMark, SecondMarks
from server.commands.marks.undo import UndoMarks, UndoMarksOutcome, undo_marks

__all__ = [
    "Fault", "MarkEntry", "MarkPart", "Mode", "RecordMarks", "RecordMarksOutcome", "RowError", "SecondMark",
    "SecondMarks", "UndoMarks", "UndoMarksOutcome", "YearlyKey", "record_marks", "second_marks", "undo_marks",
]  # fmt: skip
