"""Marks to which a file gives other questions, or the first: a new version each, so that those of before can come back."""

from __future__ import annotations

from uuid import UUID

from server.commands.marks.parts import replace_parts_now
from server.exchange.merging import Merge
from server.exchange.records_of_import import Batch


def renew_marks(merge: Merge, marks: set[tuple[int, UUID]], batch: Batch) -> None:
    """A version of each mark, given as (academic year, key), with the same state and score, whose questions have none."""
    if not marks:
        return
    kept = ("academic_year", "mark_id", "learner_id", "course_id", "state", "score")
    rows = [
        (dict(zip(kept, row, strict=False)), row[-1])
        for row in merge.select("mark", *kept, "version", mark_id=sorted(key for _, key in marks))
    ]
    replace_parts_now(
        merge.connection, merge.school_id, [(row["academic_year"], row["mark_id"], version) for row, version in rows]
    )
    recorded = {"recorded_at": batch.now, "recorded_by": merge.context.person_id}
    said = {"capacity": merge.context.capacity, "batch": str(batch.batch_id), "reason": None}
    merge.insert("mark_version", [{**row, "version": version + 1, **recorded, **said} for row, version in rows])
    merge.update(
        "mark",
        ("academic_year", "mark_id"),
        [
            {"academic_year": row["academic_year"], "mark_id": row["mark_id"], "version": version + 1, **recorded}
            for row, version in rows
        ],
    )
