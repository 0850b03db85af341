"""Roster import: a workbook in, the school's people, groups and ties as it says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import psycopg

from server.exchange.bulk import Connection
from server.exchange.context import ImportContext, enter, require_declarer
from server.exchange.grades import regrade_courses
from server.exchange.merging import Merge
from server.exchange.officers import keeps_officers, lasting_officers
from server.exchange.outcome import Commit, ImportOutcome
from server.exchange.problems import FileRefused, Problems
from server.exchange.progress import Progress, silent
from server.exchange.records import Record, read_sheets
from server.exchange.records_of_import import (
    Batch,
    Declaration,
    is_repeated,
    new_batch,
    store_audit,
    store_batch,
    store_events,
)
from server.exchange.roster_facts import (
    merge_attendance,
    merge_behaviour,
    merge_comments,
    merge_special,
    merge_targets,
    merge_training,
)
from server.exchange.roster_layout import roster_sheets
from server.exchange.roster_people import merge_guardians, merge_learners, merge_staff, raise_profiles
from server.exchange.roster_structure import (
    merge_assessments,
    merge_classes,
    merge_courses,
    merge_school,
    merge_tutor_groups,
    merge_windows,
)
from server.exchange.roster_ties import (
    merge_assignments,
    merge_department_leads,
    merge_enrolments,
    merge_flags,
    merge_guardian_links,
    merge_pastoral,
    merge_teaching,
    merge_tutor_members,
)
from server.exchange.workbook import Workbook

_DESCRIPTION = "Importing the roster"


def import_roster(
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
    """Bring one school's rows to those of a workbook (bytes of an XLSX file), in one transaction.

    Rows are known by UPN, MIS id, or year and name, so that the same file again changes nothing. Dated rows that the
    file no longer has end today, unless its sheet is missing or has a refused row. A file that can't be read at all is
    an outcome with one problem. psycopg's errors leave nothing behind.
    """
    problems = Problems()
    try:
        records = read_sheets(Workbook(content), roster_sheets(), problems, today)
    except FileRefused as refused:
        return ImportOutcome(False, None, 0, 0, (refused.problem,), {})
    batch = new_batch("roster", content, now or datetime.now(UTC), declaration)
    kept = False
    with connection.transaction():
        enter(connection, context)
        require_declarer(connection, context)
        merge = Merge(connection, context, today, batch.now, problems)
        officers = lasting_officers(merge)
        _merge_all(merge, records, is_repeated(connection, context, batch), progress)
        complete = keeps_officers(merge, officers)
        accepted = sum(map(len, records.values())) + _refused_late(records, problems)
        kept = complete and (commit is Commit.GOOD_ROWS or (commit is Commit.ALL_OR_NOTHING and not problems.found))
        if not kept:
            raise psycopg.Rollback
        _leave_records(merge, batch, accepted)
    batch_id = batch.batch_id if kept else None
    return ImportOutcome(kept, batch_id, accepted, problems.bad_rows, tuple(problems.found), merge.counts)


def _refused_late(records: dict[str, list[Record]], problems: Problems) -> int:
    """Minus the rows that could be read but name what is not there."""
    return -sum(problems.spoils(sheet, record.row) for sheet, found in records.items() for record in found)


def _merge_all(merge: Merge, sheets: dict[str, list[Record]], repeated: bool, progress: Progress) -> None:
    for table, key in (("staff", "staff_id"), ("guardian", "guardian_id")):
        merge.load(table, key, "mis_id")
    for table, key in (
        ("tutor_group", "tutor_group_id"), ("course", "course_id"), ("class", "class_id"), ("assessment_window", "window_id"),
    ):  # fmt: skip
        merge.load(table, key, "academic_year", "name")
    merge.load("assessment", "assessment_id", "course_id", "window_id", "component_code")
    total = sum(map(len, sheets.values()))
    learners = sheets.get("Learners", [])

    def whole(sheet: str) -> bool:
        return sheet in sheets and not merge.problems.in_sheet(sheet)

    def rows(sheet: str) -> list[Record]:
        found = sheets.get(sheet, [])
        if found:
            progress(description=_DESCRIPTION, advance=len(found), total=total)
        return found

    merge_school(merge, rows("School"))
    merge_staff(merge, rows("Staff"), whole("Staff"))
    merge_learners(merge, rows("Learners"))
    merge_guardians(merge, rows("Guardians"))
    merge_tutor_groups(merge, rows("TutorGroups"))
    merge_courses(merge, rows("Courses"))
    merge_classes(merge, rows("Classes"))
    merge_windows(merge, rows("Windows"))
    merge_assessments(merge, rows("Assessments"))
    merge_tutor_members(merge, rows("TutorMembers"), whole("TutorMembers"))
    merge_guardian_links(merge, rows("GuardianLinks"), whole("GuardianLinks"))
    merge_teaching(merge, rows("Teaching"), whole("Teaching"))
    merge_enrolments(merge, rows("Enrolments"), whole("Enrolments"))
    merge_department_leads(merge, rows("DepartmentLeads"), whole("DepartmentLeads"))
    merge_pastoral(merge, rows("Pastoral"), whole("Pastoral"))
    merge_training(merge, rows("Training"))
    merge_assignments(merge, rows("Assignments"))
    merge_flags(merge, rows("Flags"))
    merge_special(merge, learners, repeated)
    merge_attendance(merge, rows("Attendance"))
    merge_behaviour(merge, rows("Behaviour"))
    merge_targets(merge, rows("Targets"))
    merge_comments(merge, rows("Comments"))
    raise_profiles(merge)
    regrade_courses(merge, progress)


def _leave_records(merge: Merge, batch: Batch, accepted: int) -> None:
    counts = {
        table: {"added": each.added, "changed": each.changed, "ended": each.ended}
        for table, each in sorted(merge.counts.items())
    }
    store_batch(merge.connection, merge.context, batch, accepted, merge.problems.bad_rows)
    store_audit(merge.connection, merge.context, batch, merge.written, {"counts": counts})
    payload = {"batch": str(batch.batch_id)}
    store_events(merge.connection, merge.context, "rosterImported", [payload], batch.now)
