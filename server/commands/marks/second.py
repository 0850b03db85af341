"""What is asked of moderateMarks and agreeMarks, and what is wrong with it at first sight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from server.commands.idempotency import parameters_digest
from server.commands.marks.checks import number_fault
from server.commands.marks.entries import LARGEST_BATCH, Mode
from server.commands.marks.faults import Fault, RowFault
from server.commands.storable import plain_text, storable
from server.errors import BadUserInput
from server.queries.ids import GlobalId

_LONGEST_REASON: Final = 500
_PATH: Final = ("input", "marks")


@dataclass(frozen=True, slots=True)
class SecondMark:
    """`score` in raw marks: a second marker's, or the agreed one. `expected_version` is the version that was read."""

    mark: GlobalId
    expected_version: int
    score: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class SecondMarks:
    """`agreeing`: agreeMarks, else moderateMarks."""

    marks: tuple[SecondMark, ...]
    agreeing: bool
    idempotency_key: str
    mode: Mode = Mode.ATOMIC
    dry_run: bool = False

    def digest(self) -> str:
        """Of all parameters but the key."""
        rows = [[str(one.mark), one.expected_version, str(one.score), one.reason] for one in self.marks]
        name = "agreeMarks" if self.agreeing else "moderateMarks"
        return parameters_digest(name, [self.mode.value, self.dry_run, rows])


def check_second_marks(command: SecondMarks) -> dict[int, RowFault]:
    """The first fault of each row that has one. Raises BadUserInput for an empty batch, or one of more than 500 rows."""
    if not command.marks:
        raise BadUserInput("input.marks is empty: give at least one mark.", _PATH)
    if len(command.marks) > LARGEST_BATCH:
        raise BadUserInput(f"input.marks holds too many marks: give at most {LARGEST_BATCH} at once.", _PATH)
    return _faults(command.marks)


def _faults(marks: Sequence[SecondMark]) -> dict[int, RowFault]:
    times = Counter((one.mark.year, one.mark.key) for one in marks)
    found: dict[int, RowFault] = {}
    for position, one in enumerate(marks):
        fault = _of_mark(one)
        if fault is None and times[one.mark.year, one.mark.key] > 1:
            fault = RowFault(Fault.DUPLICATE_ENTRY)
        if fault is not None:
            found[position] = fault
    return found


def _of_mark(one: SecondMark) -> RowFault | None:
    fault = number_fault(one.score)
    if fault is not None:
        return RowFault(fault, "score")
    if not one.reason.strip() or not storable(one.reason, _LONGEST_REASON) or not plain_text(one.reason):
        return RowFault(Fault.BAD_TEXT, "reason")
    return None
