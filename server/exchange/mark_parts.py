"""Marks by question: a CSV file in, the parts of marks that are stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import psycopg

from server.commands.rosters.faults import BAD_VALUE
from server.exchange.bulk import Connection
from server.exchange.context import ImportContext, enter, require_declarer
from server.exchange.csv_file import read_csv
from server.exchange.marks_layout import PARTS
from server.exchange.merging import Merge
from server.exchange.open_windows import closed_windows, held, refuse
from server.exchange.outcome import Commit, ImportOutcome
from server.exchange.places import Places, Sitting
from server.exchange.problems import FileRefused, Problems
from server.exchange.progress import Progress, silent
from server.exchange.records import Record, read_records
from server.exchange.records_of_import import Batch, Declaration, new_batch, store_audit, store_batch
from server.exchange.replaced_parts import renew_marks
from server.exchange.scores import ScoreFault, read_score
from server.exchange.stored_marks import stored_marks

_VALUES: Final = ("position", "topic", "score", "maximum")
_COLUMNS: Final = ("academic_year", "mark_id", "question", *_VALUES)
_SCORE: Final = _COLUMNS.index("score")


def import_mark_parts(
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
    """Record marks by question for marks that are stored. The questions of a mark must add up to its score."""
    problems = Problems()
    try:
        records = read_records(PARTS, read_csv(content), problems, today)
    except FileRefused as refused:
        return ImportOutcome(False, None, 0, 0, (refused.problem,), {})
    batch = new_batch("mark-parts", content, now or datetime.now(UTC), declaration)
    with connection.transaction():
        enter(connection, context)
        require_declarer(connection, context)
        merge = Merge(connection, context, today, batch.now, problems)
        rows = _parts(merge, records, commit)
        kept = commit is Commit.GOOD_ROWS or (commit is Commit.ALL_OR_NOTHING and not problems.found)
        if not kept:
            raise psycopg.Rollback
        _write_parts(merge, rows, batch, progress)
        store_batch(connection, context, batch, len(rows), problems.bad_rows)
        store_audit(connection, context, batch, merge.written, {"rows": len(rows)})
    batch_id = batch.batch_id if kept else None
    return ImportOutcome(kept, batch_id, len(rows), problems.bad_rows, tuple(problems.found), merge.counts)


def _parts(merge: Merge, records: list[Record], commit: Commit) -> list[dict[str, Any]]:
    places = Places(merge.connection, merge.school_id)
    closed = closed_windows(merge, _named(places, records), commit)
    stored = stored_marks(merge, {sitting.assessment_id for sitting in places.sittings.values()})
    by_mark: dict[UUID, list[tuple[Record, dict[str, Any]]]] = {}
    totals: dict[UUID, Decimal | None] = {}
    locked: set[UUID] = set()
    for record in records:
        found = places.find(record, merge.problems)
        mark = stored.get((found[0], found[1].assessment_id)) if found else None
        if found is None:
            continue
        if mark is None:
            message = "There is no mark that this question could be part of: import the marks first."
            merge.problems.add(BAD_VALUE, message, record.sheet, record.row, "UPN")
            continue
        row = _part(merge, record, found, mark[0])
        if row is not None:
            totals[mark[0]] = mark[3]
            locked |= {mark[0]} if held(found[1]) in closed else set()
            by_mark.setdefault(mark[0], []).append((record, row))
    rows: list[dict[str, Any]] = []
    known = _stored_parts(merge, locked)
    for mark_id, found_parts in by_mark.items():
        if mark_id in locked:
            _refuse_changes(merge, found_parts, known)
            continue
        total = sum((row["score"] or Decimal(0) for _, row in found_parts), Decimal(0))
        if total == totals[mark_id]:
            rows += [row for _, row in found_parts]
        for record, _ in found_parts if total != totals[mark_id] else ():
            message = "The questions don't add up to the mark: correct them, or the mark."
            merge.problems.add("MARK_PARTS", message, record.sheet, record.row, "Score")
    return rows


def _named(places: Places, records: list[Record]) -> Iterator[Sitting]:
    """The assessments that the file names, faults aside."""
    for record in records:
        year = record["academic_year"]
        course, window = places.courses.get((year, record["course"])), places.windows.get((year, record["window"]))
        sitting = places.sittings.get((course, window, record["component"])) if course and window else None
        if sitting is not None:
            yield sitting


def _stored_parts(merge: Merge, marks: set[UUID]) -> dict[tuple[UUID, str], tuple[Any, ...]]:
    """Of these marks: what a row of a file would have to say to change nothing."""
    found = merge.select("mark_part", "mark_id", "question", *_VALUES, mark_id=list(marks))
    return {row[:2]: row[2:] for row in found}


def _refuse_changes(
    merge: Merge, parts: list[tuple[Record, dict[str, Any]]], known: dict[tuple[UUID, str], tuple[Any, ...]]
) -> None:
    for record, row in parts:
        if known.get((row["mark_id"], row["question"])) != _values(row):
            refuse(merge, record)


def _values(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _VALUES)


def _part(merge: Merge, record: Record, found: tuple[UUID, Sitting], mark_id: UUID) -> dict[str, Any] | None:
    learner_id, sitting = found
    try:
        maximum = read_score(record["maximum"], sitting.maximum, Decimal("0.01"), "Maximum")
        score = read_score(record["score"], maximum, sitting.step) if record["score"] is not None else None
    except ScoreFault as fault:
        merge.problems.add(fault.code, fault.message, record.sheet, record.row, "Score")
        return None
    merge.wrote("mark", learner_id)
    return {
        "academic_year": sitting.academic_year,
        "mark_id": mark_id,
        "question": record["question"],
        "learner_id": learner_id,
        "course_id": sitting.course_id,
        "position": record["position"],
        "topic": record["topic"],
        "score": score,
        "maximum": maximum,
    }


def _write_parts(merge: Merge, rows: list[dict[str, Any]], batch: Batch, progress: Progress) -> None:
    """Of a mark whose questions get other scores, or their first ones, a new version is made: the ones of before are kept,
    and the batch can be undone."""
    by_mark: dict[tuple[int, UUID], set[tuple[Any, ...]]] = {}
    for row in rows:
        by_mark.setdefault((row["academic_year"], row["mark_id"]), set()).add(tuple(row[c] for c in _COLUMNS))
    stored = {row[:3]: row for row in merge.select("mark_part", *_COLUMNS, mark_id=[key[1] for key in by_mark])}
    scored: dict[tuple[int, UUID], set[tuple[Any, ...]]] = {}
    for row in stored.values():
        if row[_SCORE] is not None:
            scored.setdefault(row[:2], set()).add(row)
    given = {key: {row for row in rows if row[_SCORE] is not None} for key, rows in by_mark.items()}
    other = {key for key, found in given.items() if found != scored.get(key, set())}
    renew_marks(merge, other, batch)
    added = [row for row in rows if _key(row) not in stored]
    changed = [
        {column: row[column] for column in _COLUMNS}
        for row in rows
        if _key(row) in stored and (_key(row)[:2] in other or stored[_key(row)] != tuple(row[c] for c in _COLUMNS))
    ]
    merge.insert("mark_part", added)
    merge.update("mark_part", ("academic_year", "mark_id", "question"), changed)
    progress(description="Recording marks by question", advance=len(rows), total=len(rows))


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["academic_year"], row["mark_id"], row["question"])
