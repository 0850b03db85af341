"""What an import did, or would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from server.exchange.merging import Counts
from server.exchange.problems import Problem


class Commit(StrEnum):
    """What is kept. A check keeps nothing, and says what the others would."""

    CHECK = "check"
    ALL_OR_NOTHING = "all-or-nothing"
    GOOD_ROWS = "good-rows"


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """`counts` are by table. `batch_id` is None unless the rows were kept."""

    committed: bool
    batch_id: UUID | None
    accepted: int
    refused: int
    problems: tuple[Problem, ...]
    counts: Mapping[str, Counts]
