"""What is asked of recordEstimates and setTargets."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from server.commands.idempotency import parameters_digest
from server.commands.marks.entries import Mode
from server.queries.ids import GlobalId


@dataclass(frozen=True, slots=True)
class EstimateEntry:
    """A raw mark in a component of the specification, or a grade of the whole course; neither takes the estimate back.

    `expected_version` 0 means that there is none yet.
    """

    learner: GlobalId
    course: GlobalId
    component: str = ""
    score: Decimal | None = None
    grade: str | None = None
    expected_version: int | None = None
    reason: str | None = None

    def parameters(self) -> list[object]:
        return [
            str(self.learner),
            str(self.course),
            self.component,
            None if self.score is None else str(self.score),
            self.grade,
            self.expected_version,
            self.reason,
        ]


@dataclass(frozen=True, slots=True)
class TargetEntry:
    """`method` is how the target was found, such as the name of a data set."""

    learner: GlobalId
    course: GlobalId
    grade: str
    method: str | None = None

    def parameters(self) -> list[object]:
        return [str(self.learner), str(self.course), self.grade, self.method]


@dataclass(frozen=True, slots=True)
class RecordEstimates:
    entries: tuple[EstimateEntry, ...]
    idempotency_key: str
    mode: Mode = Mode.ATOMIC
    dry_run: bool = False

    def digest(self) -> str:
        """Of all parameters but the key."""
        return _digest("recordEstimates", self)


@dataclass(frozen=True, slots=True)
class SetTargets:
    entries: tuple[TargetEntry, ...]
    idempotency_key: str
    mode: Mode = Mode.ATOMIC
    dry_run: bool = False

    def digest(self) -> str:
        """Of all parameters but the key."""
        return _digest("setTargets", self)


def _digest(operation: str, command: RecordEstimates | SetTargets) -> str:
    rows = [entry.parameters() for entry in command.entries]
    return parameters_digest(operation, [command.mode.value, command.dry_run, rows])
