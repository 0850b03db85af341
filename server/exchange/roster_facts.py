"""Special-category values, training, and the yearly facts of a roster: attendance, behaviour, targets, comments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import RawCursor

from server.commands.expectations.target_versions import KEEP_TARGETS, keeps_targets
from server.commands.keys import new_key
from server.commands.rosters.faults import OUT_OF_RANGE
from server.commands.rosters.layout import SPECIAL
from server.exchange.merging import Merge
from server.exchange.records import Record


def merge_special(merge: Merge, records: list[Record], repeated: bool) -> None:
    """Append what differs from what this person may read; a plain INSERT, since the wall hides the rest.

    `repeated`: the same file was the last one read in, so every value of a stored learner is there already.
    """
    ids = merge.ids["learner"]
    newest: dict[tuple[Any, str], Any] = {}
    for special_id, learner_id, element, value in sorted(
        merge.select("learner_special", "special_id", "learner_id", "element", "value")
    ):
        del special_id
        newest[learner_id, element] = value
    rows: list[dict[str, Any]] = []
    for record in records:
        learner_id = ids.get(record["upn"])
        if learner_id is None or (repeated and (learner_id, "LEARNER") not in merge.fresh):
            continue
        for element in SPECIAL:
            value = record.get(element)
            if value is not None and newest.get((learner_id, element)) != value:
                rows.append(_special(merge, learner_id, element, value))
                merge.wrote(element, learner_id)
    merge.insert("learner_special", rows)


def _special(merge: Merge, learner_id: Any, element: str, value: Any) -> dict[str, Any]:
    return {
        "special_id": new_key(),
        "learner_id": learner_id,
        "element": element,
        "value": value,
        "recorded_at": merge.now,
        "recorded_by": merge.context.person_id,
        "source": "roster",
    }


def merge_training(merge: Merge, records: list[Record]) -> None:
    stored = {
        (row[1], row[2], row[3]): (row[0], row[4], row[5])
        for row in merge.select(
            "training_certificate", "certificate_id", "person_id", "course", "completed_on", "expires_on", "evidence"
        )
    }
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for record in records:
        person = merge.find("staff", record["staff_mis_id"], record, "Staff MIS id")
        if person is None:
            continue
        if record["expires_on"] <= record["completed_on"]:
            message = "The certificate ends before it begins: correct one of the dates."
            merge.problems.add(OUT_OF_RANGE, message, record.sheet, record.row, "Expires on")
            continue
        dates = {"expires_on": record["expires_on"], "evidence": record["evidence"]}
        found = stored.get((person, record["course"], record["completed_on"]))
        if found is None:
            row = {"certificate_id": new_key(), "person_id": person, "course": record["course"]}
            added.append({**row, "completed_on": record["completed_on"], **dates})
        elif found[1:] != tuple(dates.values()):
            changed.append({"certificate_id": found[0], **dates})
        else:
            continue
        merge.raised.add((person, "STAFF"))
    merge.insert("training_certificate", added)
    merge.update("training_certificate", ("certificate_id",), changed)


def merge_attendance(merge: Merge, records: list[Record]) -> None:
    stored = {
        row[:2]: row[2:] for row in merge.select("attendance", "academic_year", "learner_id", "possible", "attended")
    }
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for record in records:
        learner = merge.find("learner", record["upn"], record, "UPN")
        if learner is None:
            continue
        if record["attended"] > record["possible"]:
            message = "Attended is more than Possible: correct one of them."
            merge.problems.add(OUT_OF_RANGE, message, record.sheet, record.row, "Attended")
            continue
        key = (record["academic_year"], learner)
        values = (record["possible"], record["attended"])
        if stored.get(key) != values:
            row = {"academic_year": key[0], "learner_id": learner, "possible": values[0], "attended": values[1]}
            (changed if key in stored else added).append(row)
            merge.wrote("attendance", learner)
    merge.insert("attendance", added)
    merge.update("attendance", ("academic_year", "learner_id"), changed)


def merge_behaviour(merge: Merge, records: list[Record]) -> None:
    """Events have no key in the file: one of a learner, day and kind is the same event."""
    stored = {
        tuple(row) for row in merge.select("behaviour_event", "academic_year", "learner_id", "happened_on", "kind")
    }
    rows: list[dict[str, Any]] = []
    for record in records:
        learner = merge.find("learner", record["upn"], record, "UPN")
        if learner is None or (record["academic_year"], learner, record["happened_on"], record["kind"]) in stored:
            continue
        row = {name: record[name] for name in ("academic_year", "happened_on", "kind", "points", "note")}
        rows.append({"behaviour_event_id": new_key(), "learner_id": learner, **row})
        merge.wrote("behaviour", learner)
    merge.insert("behaviour_event", rows)


def merge_targets(merge: Merge, records: list[Record]) -> None:
    scales = _scales(merge) if records else {}
    rows: list[dict[str, Any]] = []
    for record in records:
        year = record["academic_year"]
        learner = merge.find("learner", record["upn"], record, "UPN")
        course = merge.find("course", (year, record["course"]), record, "Course")
        if learner is not None and course is not None:
            row = {"academic_year": year, "learner_id": learner, "course_id": course, "value": record["value"]}
            points, third = _aimed(record["value"], scales.get(course))
            rows.append({**row, "points": points, "third": third, "set_on": record["set_on"]})
            merge.wrote("target", learner)
    _write_targets(merge, rows)


def _write_targets(merge: Merge, rows: list[dict[str, Any]]) -> None:
    """A target that another one replaces is kept in target_version."""
    told = ("value", "points", "third", "set_on")
    columns = ("target_id", "academic_year", "learner_id", "course_id", "version", *told)
    stored = {row[1:4]: (row[0], *row[4:]) for row in merge.select("target", *columns)} if rows else {}
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for row in rows:
        before = stored.get((row["academic_year"], row["learner_id"], row["course_id"]))
        if before is None:
            added.append({"target_id": new_key(), **row, "version": 1})
        elif before[2:] != tuple(row[name] for name in told):
            changed.append({"target_id": before[0], **row, "set_by": None, "method": None, "version": before[1] + 1})
    merge.insert("target", added)
    if changed:
        replaced = [(row["academic_year"], row["target_id"]) for row in changed]
        kept = keeps_targets(merge.school_id, merge.now, replaced)
        RawCursor(merge.connection).execute(KEEP_TARGETS.encode(), kept)
    merge.update("target", ("academic_year", "target_id"), changed)


def merge_comments(merge: Merge, records: list[Record]) -> None:
    rows: list[dict[str, Any]] = []
    for record in records:
        year = record["academic_year"]
        learner = merge.find("learner", record["upn"], record, "UPN")
        course = merge.find("course", (year, record["course"]), record, "Course")
        window = merge.find("assessment_window", (year, record["window"]), record, "Window")
        writer = merge.find("staff", record["written_by"], record, "Written by")
        if learner is not None and course is not None and window is not None and writer is not None:
            row = {"academic_year": year, "learner_id": learner, "course_id": course, "window_id": window}
            written = datetime.combine(record["written_on"], time(12), UTC)
            rows.append({**row, "text": record["text"], "written_by": writer, "written_at": written})
            merge.wrote("comment", learner)
    key = ("academic_year", "learner_id", "course_id", "window_id")
    merge.load("course_comment", "comment_id", *key)
    merge.entities("course_comment", "comment_id", key, rows)


def _scales(merge: Merge) -> dict[UUID, dict[str, Decimal | None]]:
    """The newest own scale of each course that has no specification: points by grade, none of plain labels."""
    graded = {row[0] for row in merge.select("course", "course_id", "specification_id") if row[1] is not None}
    found: dict[UUID, dict[str, Decimal | None]] = {}
    for course, _, grades, points in sorted(
        merge.select("course_scale", "course_id", "version", "grades", "points"), key=lambda row: row[1]
    ):
        if course not in graded:
            exact: list[Decimal | None] = [Decimal(one) for one in points]
            found[course] = dict(zip(grades, exact or [None] * len(grades), strict=True))
    return found


def _aimed(value: str, scale: Mapping[str, Decimal | None] | None) -> tuple[Decimal | None, int]:
    """Points and third of a target: by the course's own scale, or else of a number grade, 5+ and 5- too."""
    if scale is not None:
        return scale.get(value), 0
    points = _points(value)
    if points is None and value[-1:] in ("+", "-") and len(value) == 2:
        return (plain, 1 if value[-1] == "+" else -1) if (plain := _points(value[:1])) is not None else (None, 0)
    return points, 0


def _points(value: str) -> Decimal | None:
    """Points of a number grade; a double award counts its mean. Other grades have none of their own here."""
    parts = value.split("-")
    if len(parts) > 2 or not all(part in tuple("123456789") for part in parts):
        return None
    return sum((Decimal(part) for part in parts), Decimal(0)) / len(parts)
