"""What is asked of recordMarks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from server.commands.idempotency import parameters_digest
from server.grading.marks import MarkState
from server.queries.ids import GlobalId

LARGEST_BATCH = 500


class Mode(StrEnum):
    ATOMIC = "ATOMIC"
    PER_ROW = "PER_ROW"


@dataclass(frozen=True, slots=True)
class MarkPart:
    """The marks of one question; `score` is None where it was left out."""

    question: str
    topic: str
    maximum: Decimal
    score: Decimal | None = None


@dataclass(frozen=True, slots=True)
class MarkEntry:
    """One mark as given. `score` in raw marks, for SCORED alone; `expected_version` 0 means that there is none yet.

    `parts` replace the stored ones; None leaves them, unless the mark changes: then they lose their scores.
    """

    learner: GlobalId
    assessment: GlobalId
    attempt: int = 1
    state: MarkState = MarkState.SCORED
    score: Decimal | None = None
    expected_version: int | None = None
    reason: str | None = None
    parts: tuple[MarkPart, ...] | None = None


@dataclass(frozen=True, slots=True)
class RecordMarks:
    marks: tuple[MarkEntry, ...]
    idempotency_key: str
    mode: Mode = Mode.ATOMIC
    dry_run: bool = False

    def digest(self) -> str:
        """Of all parameters but the key."""
        rows = [
            [
                str(entry.learner),
                str(entry.assessment),
                entry.attempt,
                entry.state.value,
                None if entry.score is None else str(entry.score),
                entry.expected_version,
                entry.reason,
                None if entry.parts is None else [[p.question, p.topic, p.maximum, p.score] for p in entry.parts],
            ]
            for entry in self.marks
        ]
        return parameters_digest("recordMarks", [self.mode.value, self.dry_run, rows])
