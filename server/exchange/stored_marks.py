"""Marks as stored, for files to be compared with."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from server.exchange.merging import Merge

FIRST_ATTEMPT: Final = 1


def stored_marks(merge: Merge, assessments: set[UUID]) -> dict[tuple[UUID, UUID], tuple[Any, ...]]:
    """Id, version, state and score of the first attempts, by learner and assessment."""
    rows = merge.select(
        "mark", "learner_id", "assessment_id", "mark_id", "version", "state", "score",
        assessment_id=list(assessments), attempt=[FIRST_ATTEMPT],
    )  # fmt: skip
    return {(row[0], row[1]): row[2:] for row in rows}
