"""Marks import: a CSV file in, marks with their versions, grades computed anew, events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg

from server.commands.grades import Seat
from server.commands.keys import new_key
from server.commands.marks.parts import replace_parts_now
from server.exchange.bulk import Connection
from server.exchange.context import ImportContext, enter, require_declarer
from server.exchange.csv_file import read_csv
from server.exchange.grades import regrade
from server.exchange.mark_parts import import_mark_parts
from server.exchange.marks_layout import MARKS
from server.exchange.merging import Merge
from server.exchange.open_windows import closed_windows, held, refuse
from server.exchange.outcome import Commit, ImportOutcome
from server.exchange.places import Places, Sitting
from server.exchange.problems import FileRefused, Problems
from server.exchange.progress import Progress, silent
from server.exchange.records import Record, read_records
from server.exchange.records_of_import import Batch, Declaration, new_batch, store_audit, store_batch, store_events
from server.exchange.scores import ScoreFault, read_score
from server.exchange.stored_marks import FIRST_ATTEMPT, stored_marks

__all__ = ["import_mark_parts", "import_marks"]

NOT_ENROLLED: Final = "NOT_ENROLLED"
MARK_STATE: Final = "MARK_STATE"


@dataclass(frozen=True, slots=True)
class GivenMark:
    """One sound row of the file."""

    learner_id: UUID
    sitting: Sitting
    class_id: UUID
    state: str
    score: Decimal | None
    day: date
    record: Record


class Change(NamedTuple):
    """A mark that is added (`version` 1) or changed."""

    mark: GivenMark
    mark_id: UUID
    version: int


def import_marks(
    connection: Connection,
    content: bytes,
    context: ImportContext,
    declaration: Declaration,
    *,
    commit: Commit = Commit.CHECK,
    today: date,
    now: datetime | None = None,
    progress: Progress = silent,
) -> ImportOutcome:
    """Record the marks of a CSV file (bytes, UTF-8), in one transaction with the grades that follow from them.

    A mark is known by learner and assessment (first attempt): the same file again changes nothing, another score or
    state is a new version. A file that can't be read at all is an outcome with one problem.
    """
    problems = Problems()
    try:
        records = read_records(MARKS, read_csv(content), problems, today)
    except FileRefused as refused:
        return ImportOutcome(False, None, 0, 0, (refused.problem,), {})
    batch = new_batch("marks", content, now or datetime.now(UTC), declaration)
    with connection.transaction():
        enter(connection, context)
        require_declarer(connection, context)
        merge = Merge(connection, context, today, batch.now, problems)
        given = _check(merge, records, progress)
        before = problems.bad_rows
        changes = _changes(merge, given, commit)
        accepted = len(given) - (problems.bad_rows - before)
        kept = commit is Commit.GOOD_ROWS or (commit is Commit.ALL_OR_NOTHING and not problems.found)
        if not kept:
            raise psycopg.Rollback
        seats = _write(merge, changes, batch, progress)
        _leave_records(merge, batch, accepted, seats)
    batch_id = batch.batch_id if kept else None
    return ImportOutcome(kept, batch_id, accepted, problems.bad_rows, tuple(problems.found), merge.counts)


def _check(merge: Merge, records: list[Record], progress: Progress) -> list[GivenMark]:
    places = Places(merge.connection, merge.school_id)
    given: list[GivenMark] = []
    for number, record in enumerate(records, start=1):
        mark = _given(merge, places, record)
        if mark is not None:
            given.append(mark)
        if number % 1000 == 0 or number == len(records):
            progress(description="Checking marks", advance=number % 1000 or 1000, total=len(records))
    return given


def _given(merge: Merge, places: Places, record: Record) -> GivenMark | None:
    found = places.find(record, merge.problems)
    if found is None:
        return None
    learner_id, sitting = found
    class_id = places.seat(learner_id, sitting, record["date"])
    if class_id is None:
        message = "The learner was never in a class that sat this assessment: correct the row, or the roster."
        merge.problems.add(NOT_ENROLLED, message, record.sheet, record.row, "UPN")
        return None
    state, score = record["state"], record["score"]
    if (state == "SCORED") != (score is not None):
        message = "A row has a score exactly when its state is SCORED: correct one of them."
        merge.problems.add(MARK_STATE, message, record.sheet, record.row, "Score")
        return None
    try:
        number = read_score(score, sitting.maximum, sitting.step) if score is not None else None
    except ScoreFault as fault:
        merge.problems.add(fault.code, fault.message, record.sheet, record.row, "Score")
        return None
    return GivenMark(learner_id, sitting, class_id, state, number, record["date"], record)


def _changes(merge: Merge, given: list[GivenMark], commit: Commit) -> list[Change]:
    """What differs from what is stored, and may be changed; a fault of each row that may not."""
    closed = closed_windows(merge, (mark.sitting for mark in given), commit)
    stored = stored_marks(merge, {mark.sitting.assessment_id for mark in given})
    changes: list[Change] = []
    for mark in given:
        before = stored.get((mark.learner_id, mark.sitting.assessment_id))
        if before is not None and before[2:] == (mark.state, mark.score):
            continue
        if held(mark.sitting) in closed:
            refuse(merge, mark.record)
        elif before is None:
            changes.append(Change(mark, new_key(), 1))
        else:
            changes.append(Change(mark, before[0], before[1] + 1))
    return changes


def _write(merge: Merge, changes: list[Change], batch: Batch, progress: Progress) -> Sequence[Seat]:
    """Add and change marks, then grade again whose marks changed. Returns whose marks or grades were looked at."""
    marks: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    versions: list[dict[str, Any]] = []
    for mark, mark_id, version in changes:
        row = _row(merge, mark, mark_id, version)
        versions.append(_version(merge, row, batch))
        if version > 1:
            changed.append(
                {
                    k: row[k]
                    for k in ("academic_year", "mark_id", "state", "score", "version", "recorded_at", "recorded_by")
                }
            )
        else:
            marks.append(row)
        merge.wrote("mark", mark.learner_id)
    _in_batches(merge, marks, changed, versions, progress)
    written = [change.mark for change in changes]
    seats = {Seat(m.sitting.academic_year, m.learner_id, m.sitting.course_id, m.sitting.window_id) for m in written}
    return regrade(merge, sorted(seats), progress)


def _in_batches(
    merge: Merge,
    marks: list[dict[str, Any]],
    changes: list[dict[str, Any]],
    versions: list[dict[str, Any]],
    progress: Progress,
) -> None:
    size, total = 5000, len(marks) + len(versions)
    # Questions of a mark that changes no longer make it up.
    replaced = [(row["academic_year"], row["mark_id"], row["version"] - 1) for row in changes]
    replace_parts_now(merge.connection, merge.school_id, replaced)
    merge.update("mark", ("academic_year", "mark_id"), changes)
    for table, rows in (("mark", marks), ("mark_version", versions)):
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            merge.insert(table, part)
            progress(description="Recording marks", advance=len(part), total=total)


def _row(merge: Merge, mark: GivenMark, mark_id: UUID, version: int) -> dict[str, Any]:
    return {
        "academic_year": mark.sitting.academic_year,
        "mark_id": mark_id,
        "learner_id": mark.learner_id,
        "assessment_id": mark.sitting.assessment_id,
        "course_id": mark.sitting.course_id,
        "class_id": mark.class_id,
        "attempt": FIRST_ATTEMPT,
        "state": mark.state,
        "score": mark.score,
        "version": version,
        # When the school recorded it, not when the file came.
        "recorded_at": datetime.combine(mark.day, time(16), UTC),
        "recorded_by": merge.context.person_id,
    }


def _version(merge: Merge, row: dict[str, Any], batch: Batch) -> dict[str, Any]:
    columns = (
        "academic_year", "mark_id", "version", "learner_id", "course_id", "state", "score", "recorded_at", "recorded_by",
    )  # fmt: skip
    return {
        **{column: row[column] for column in columns},
        "capacity": merge.context.capacity,
        "batch": str(batch.batch_id),
        "reason": None,
    }


def _leave_records(merge: Merge, batch: Batch, accepted: int, seats: Sequence[Seat]) -> None:
    counts = {table: {"added": each.added, "changed": each.changed} for table, each in sorted(merge.counts.items())}
    store_batch(merge.connection, merge.context, batch, accepted, merge.problems.bad_rows)
    store_audit(merge.connection, merge.context, batch, merge.written, {"counts": counts})
    groups = sorted({(seat.academic_year, seat.course_id, seat.window_id) for seat in seats})
    payloads = [
        {"batch": str(batch.batch_id), "year": year, "course": str(course), "window": str(window)}
        for year, course, window in groups
    ]
    store_events(merge.connection, merge.context, "marksImported", payloads, batch.now)
