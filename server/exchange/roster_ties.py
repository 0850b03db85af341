"""Dated ties: who sits where, who teaches, who looks after whom, whose child it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Any

from server.commands.keys import new_key
from server.commands.rosters.faults import BAD_VALUE, OUT_OF_RANGE, REQUIRED
from server.exchange.merging import Merge, dated
from server.exchange.records import Record

TIMETABLE = "timetable"
COVER = "cover"
MANUAL = "manual"


def merge_tutor_members(merge: Merge, records: list[Record], complete: bool) -> None:
    rows: list[Mapping[str, Any]] = []
    for record in _in_order(merge, records):
        group = merge.find("tutor_group", (record["academic_year"], record["tutor_group"]), record, "Tutor group")
        learner = merge.find("learner", record["upn"], record, "UPN")
        if group is not None and learner is not None:
            rows.append({"tutor_group_id": group, "learner_id": learner, **_dates(record)})
    identity = ("tutor_group_id", "learner_id")
    dated(
        merge, "tutor_membership", "tutor_membership_id", identity, rows, source=TIMETABLE,
        complete=complete and _whole(merge, records),
    )  # fmt: skip


def merge_enrolments(merge: Merge, records: list[Record], complete: bool) -> None:
    courses = {row[0]: row[1] for row in merge.select("class", "class_id", "course_id")}
    rows: list[Mapping[str, Any]] = []
    for record in _in_order(merge, records):
        year = record["academic_year"]
        class_id = merge.find("class", (year, record["class"]), record, "Class")
        learner = merge.find("learner", record["upn"], record, "UPN")
        if class_id is not None and learner is not None:
            rows.append(
                {
                    "class_id": class_id,
                    "learner_id": learner,
                    "course_id": courses[class_id],
                    "academic_year": year,
                    **_dates(record),
                }
            )
    identity = ("class_id", "learner_id", "course_id", "academic_year")
    dated(
        merge, "enrolment", "enrolment_id", identity, rows, source=TIMETABLE,
        complete=complete and _whole(merge, records),
    )  # fmt: skip


def merge_teaching(merge: Merge, records: list[Record], complete: bool) -> None:
    """Cover has an end; it is a source of its own and so survives later rosters."""
    courses = {row[0]: row[1] for row in merge.select("class", "class_id", "course_id")}
    rows: dict[str, list[Mapping[str, Any]]] = {TIMETABLE: [], COVER: []}
    for record in _in_order(merge, records):
        class_id = merge.find("class", (record["academic_year"], record["class"]), record, "Class")
        staff = merge.find("staff", record["staff_mis_id"], record, "Staff MIS id")
        if record["kind"] == "COVER" and record["until"] is None:
            merge.problems.add(REQUIRED, "Cover needs an end: fill in Until.", record.sheet, record.row, "Until")
        elif class_id is not None and staff is not None:
            row = {"staff_id": staff, "class_id": class_id, "course_id": courses[class_id], "kind": record["kind"]}
            rows[COVER if record["kind"] == "COVER" else TIMETABLE].append({**row, **_dates(record)})
    identity = ("staff_id", "class_id", "course_id", "kind")
    whole = complete and _whole(merge, records)
    for source, found in rows.items():
        dated(
            merge, "teaching_assignment", "teaching_assignment_id", identity, found, source=source,
            complete=whole and source == TIMETABLE,
        )  # fmt: skip


def merge_guardian_links(merge: Merge, records: list[Record], complete: bool) -> None:
    rows: list[Mapping[str, Any]] = []
    for record in _in_order(merge, records):
        guardian = merge.find("guardian", record["guardian_mis_id"], record, "Guardian MIS id")
        learner = merge.find("learner", record["upn"], record, "UPN")
        if guardian is not None and learner is not None:
            verified = record["verified_on"]
            rows.append(
                {
                    "guardian_id": guardian,
                    "learner_id": learner,
                    "relationship": record["relationship"],
                    "verified_at": datetime.combine(verified, time(12), UTC) if verified else None,
                    **_dates(record),
                }
            )
    changed = dated(
        merge,
        "guardian_link",
        "link_id",
        ("guardian_id", "learner_id"),
        rows,
        source="roster",
        complete=complete and _whole(merge, records),
        extra=("relationship", "verified_at"),
    )
    merge.raised.update((row["guardian_id"], "PARENT") for row in changed)


def merge_department_leads(merge: Merge, records: list[Record], complete: bool) -> None:
    rows: list[Mapping[str, Any]] = []
    for record in _in_order(merge, records):
        staff = merge.find("staff", record["staff_mis_id"], record, "Staff MIS id")
        if staff is not None:
            rows.append({"staff_id": staff, "department": record["department"], **_dates(record)})
    dated(
        merge, "department_lead", "department_lead_id", ("staff_id", "department"), rows, source=TIMETABLE,
        complete=complete and _whole(merge, records),
    )  # fmt: skip


def merge_pastoral(merge: Merge, records: list[Record], complete: bool) -> None:
    rows: list[Mapping[str, Any]] = []
    for record in _in_order(merge, records):
        if (record["tutor_group"] is None) == (record["year_group"] is None):
            message = "Give either a tutor group or a year group, not both."
            merge.problems.add(BAD_VALUE, message, record.sheet, record.row, "Tutor group")
            continue
        staff = merge.find("staff", record["staff_mis_id"], record, "Staff MIS id")
        group = None
        if record["tutor_group"] is not None:
            key = (record["academic_year"], record["tutor_group"])
            group = merge.find("tutor_group", key, record, "Tutor group")
            if group is None:
                continue
        if staff is not None:
            row = {"staff_id": staff, "tutor_group_id": group, "year_group": record["year_group"]}
            rows.append({**row, **_dates(record)})
    identity = ("staff_id", "tutor_group_id", "year_group")
    dated(
        merge, "pastoral_assignment", "pastoral_assignment_id", identity, rows, source=TIMETABLE,
        complete=complete and _whole(merge, records),
    )  # fmt: skip


def merge_assignments(merge: Merge, records: list[Record]) -> None:
    """Made by hand, so they survive rosters that do not name them, and an open-ended task is refused."""
    rows: list[Mapping[str, Any]] = []
    for record in _in_order(merge, records):
        staff = merge.find("staff", record["staff_mis_id"], record, "Staff MIS id")
        learner = merge.find("learner", record["upn"], record, "UPN")
        if record["until"] is None:
            message = "An assignment by hand needs an end: fill in Until."
            merge.problems.add(REQUIRED, message, record.sheet, record.row, "Until")
        elif staff is not None and learner is not None:
            rows.append({"staff_id": staff, "learner_id": learner, "kind": record["kind"], **_dates(record)})
            merge.wrote("sen_flag", learner)
    identity = ("staff_id", "learner_id", "kind")
    dated(merge, "learner_assignment", "learner_assignment_id", identity, rows, source=MANUAL, complete=False)


def merge_flags(merge: Merge, records: list[Record]) -> None:
    """Flags narrow who sees a learner: a file may add one or end one, and never drops one by leaving it out."""
    stored = {
        (row[1], row[2], row[3]): (row[0], row[4])
        for row in merge.select("learner_flag", "flag_id", "learner_id", "kind", "valid_from", "valid_to")
    }
    added: list[dict[str, Any]] = []
    ended: list[dict[str, Any]] = []
    for record in _in_order(merge, records):
        learner = merge.find("learner", record["upn"], record, "UPN")
        decided = merge.find("staff", record["decided_by"], record, "Decided by")
        if learner is None or decided is None:
            continue
        found = stored.get((learner, record["kind"], record["from"]))
        if found is None:
            row = {"flag_id": new_key(), "learner_id": learner, "kind": record["kind"], **_dates(record)}
            added.append({**row, "decided_by": decided})
        elif found[1] != record["until"]:
            ended.append({"flag_id": found[0], "valid_to": record["until"]})
        merge.wrote("safeguarding", learner)
    merge.insert("learner_flag", added)
    merge.update("learner_flag", ("flag_id",), ended)


def _dates(record: Record) -> dict[str, Any]:
    return {"valid_from": record["from"], "valid_to": record["until"]}


def _in_order(merge: Merge, records: Iterable[Record]) -> Iterable[Record]:
    """Those that do not end before they begin."""
    for record in records:
        if record["until"] is not None and record["until"] < record["from"]:
            message = "Until lies before From: correct one of the dates."
            merge.problems.add(OUT_OF_RANGE, message, record.sheet, record.row, "Until")
        else:
            yield record


def _whole(merge: Merge, records: list[Record]) -> bool:
    """A sheet with a refused row, or none at all, can't tell what has ended."""
    return bool(records) and not merge.problems.in_sheet(records[0].sheet)
