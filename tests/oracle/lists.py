"""Filters, orders and pages over things, in plain Python. What is withheld on a row is not there for a filter or order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from server.register.sort_key import folded
from tests.oracle.rows import Rows, by
from tests.oracle.things import Thing
from tests.oracle.values import percentage
from tests.oracle.visibility import Visibility

Reads = Callable[[Rows, Thing], Any]


def _column(name: str) -> Reads:
    return lambda _, thing: thing.row[name]


def _special(element: str) -> Reads:
    return lambda rows, thing: rows.newest_special(thing.row["learner_id"], element)


def _other(table: str, key: str, name: str) -> Reads:
    def read(rows: Rows, thing: Thing) -> Any:
        found = rows.one(table, **{key: thing.row[key]})
        return found[name] if found else None

    return read


def _percentage(rows: Rows, thing: Thing) -> Any:
    return percentage(rows, thing.row)


def _year_group(_: Rows, thing: Thing) -> str:
    return thing.row["year_group"].rjust(2, "0")[:2]


def _classes_today(rows: Rows, thing: Thing) -> set[str]:
    """But those that tell of a learner, which nobody filters by."""
    telling = {one["class_id"] for one in rows.all("class") if one["reveals"] is not None}
    seats = rows.current("enrolment", rows.today, learner_id=thing.row["learner_id"])
    return {f"cls_{seat['class_id'].hex}" for seat in seats if seat["class_id"] not in telling}


# (type, field of its filter) -> the element it reads, and how.
FILTERS: dict[tuple[str, str], tuple[str, Reads]] = {
    ("Learner", "name"): ("name", _column("sort_key")),
    ("Learner", "yearGroup"): ("education", _column("year_group")),
    ("Learner", "gender"): ("gender", _column("gender")),
    ("Learner", "class"): ("groups", _classes_today),
    ("Learner", "dateOfBirth"): ("date_of_birth", _column("date_of_birth")),
    ("Learner", "attendance"): ("attendance", _percentage),
    ("Learner", "senProvision"): ("sen_provision", _special("sen_provision")),
    ("Learner", "pupilPremium"): ("pupil_premium", _special("pupil_premium")),
    ("Learner", "ethnicity"): ("ethnicity", _special("ethnicity")),
    ("Learner", "lookedAfter"): ("looked_after", _special("looked_after")),
    ("Learner", "freeSchoolMeals"): ("free_school_meals", _special("free_school_meals")),
    ("Staff", "name"): ("staff_name", _column("sort_key")),
    ("Class", "name"): ("school_structure", _column("name")),
    ("Class", "subject"): ("school_structure", _other("course", "course_id", "subject")),
    ("Class", "yearGroup"): ("school_structure", _other("course", "course_id", "year_group")),
    ("Class", "academicYear"): ("school_structure", _column("academic_year")),
    ("Mark", "state"): ("mark", _column("state")),
    ("Mark", "score"): ("mark", _column("score")),
    ("Report", "publishedAt"): ("groups", _column("published_at")),
    ("AuditEntry", "occurredAt"): ("audit", _column("occurred_at")),
    ("AuditEntry", "kind"): ("audit", _column("kind")),
    ("AuditEntry", "purpose"): ("audit", _column("purpose")),
}
ORDERS: dict[tuple[str, str], tuple[str, Reads]] = {
    ("School", "NAME"): ("school_structure", _column("name")),
    ("ViewerChild", "LINK"): ("reference", _column("link_id")),
    ("Learner", "NAME"): ("name", _column("sort_key")),
    ("Learner", "YEAR_GROUP"): ("education", _year_group),
    ("Learner", "DATE_OF_BIRTH"): ("date_of_birth", _column("date_of_birth")),
    ("Learner", "ATTENDANCE"): ("attendance", _percentage),
    ("Learner", "SEN_PROVISION"): ("sen_provision", _special("sen_provision")),
    ("Learner", "PUPIL_PREMIUM"): ("pupil_premium", _special("pupil_premium")),
    ("BehaviourEvent", "HAPPENED_ON"): ("behaviour", _column("happened_on")),
    ("Guardian", "NAME"): ("guardian_name", _other("guardian", "guardian_id", "sort_key")),
    ("Staff", "NAME"): ("staff_name", _column("sort_key")),
    ("Class", "NAME"): ("school_structure", _column("name")),
    ("Class", "SUBJECT"): ("school_structure", _other("course", "course_id", "subject")),
    ("Assessment", "HELD_ON"): ("school_structure", _column("held_on")),
    ("WindowStep", "STEP"): ("school_structure", _column("step")),
    ("WindowGrading", "SET_AT"): ("school_structure", _column("set_at")),
    ("CourseScale", "VERSION"): ("school_structure", _column("version")),
    ("TargetVersion", "VERSION"): ("target", _column("version")),
    ("WindowStep", "TAKEN_AT"): ("school_structure", _column("taken_at")),
    ("MarkbookRow", "NAME"): ("name", _other("learner", "learner_id", "sort_key")),
    ("MarkbookCell", "HELD_ON"): ("school_structure", _column("held_on")),
    ("Mark", "RECORDED_AT"): ("mark", _column("recorded_at")),
    ("Mark", "SCORE"): ("mark", _column("score")),
    ("MarkPart", "POSITION"): ("mark", _column("position")),
    ("MarkModeration", "MODERATED_AT"): ("mark", _column("moderated_at")),
    ("MarkVersion", "VERSION"): ("mark", _column("version")),
    ("GradeVersion", "VERSION"): ("grade", _column("version")),
    ("Grade", "COURSE"): ("grade", _other("course", "course_id", "name")),
    ("Target", "COURSE"): ("target", _other("course", "course_id", "name")),
    ("Report", "PUBLISHED_AT"): ("groups", _column("published_at")),
    ("ReportLine", "POSITION"): ("groups", _column("position")),
    ("AuditEntry", "OCCURRED_AT"): ("audit", _column("occurred_at")),
    ("AccessSummaryLine", "MONTH"): ("access_summary", _column("month")),
}
KEYS = {
    "School": "school_id", "ViewerChild": "link_id", "Learner": "learner_id", "BehaviourEvent": "behaviour_event_id",
    "Guardian": "link_id", "Staff": "staff_id", "Class": "class_id", "Assessment": "assessment_id",
    "MarkbookRow": "enrolment_id", "MarkbookCell": "assessment_id", "Mark": "mark_id", "MarkPart": "question",
    "MarkVersion": "version", "GradeVersion": "version", "Grade": "grade_id", "Target": "target_id", "Report": "report_id",
    "WindowGrading": "window_id", "CourseScale": "version", "TargetVersion": "version",
    "WindowStep": "course_id", "MarkModeration": "moderated_by",
    "ReportLine": "report_line_id", "TutorGroup": "tutor_group_id", "Course": "course_id",
    "AssessmentWindow": "window_id", "AuditEntry": "audit_id", "AccessSummaryLine": "who",
}  # fmt: skip


def conditions(type_name: str, given: dict[str, Any] | None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of each operation within a filter, such as ("any", "0", "name", "contains")."""
    for name, operations in (given or {}).items():
        if name == "any":
            for i, one in enumerate(operations or ()):
                yield from conditions(type_name, one, (*path, name, str(i)))
        else:
            of_field: dict[str, Any] = operations or {}
            for operation, operand in of_field.items():
                if operand is not None:
                    yield (*path, name, operation)


def element_of(type_name: str, path: tuple[str, ...]) -> str:
    return FILTERS[type_name, path[-2]][0]


def passes(rows: Rows, visibility: Visibility, thing: Thing, given: dict[str, Any] | None) -> bool:
    for name, operations in (given or {}).items():
        if operations is None:
            continue
        if name == "any":
            if not any(passes(rows, visibility, thing, one) for one in operations):
                return False
            continue
        element, read = FILTERS[thing.type, name]
        for operation, operand in operations.items():
            if operand is None:
                continue
            if not visibility.can(thing, element) or not compare(
                thing.type, name, operation, read(rows, thing), operand
            ):
                return False
    return True


def compare(type_name: str, name: str, operation: str, value: Any, operand: Any) -> bool:
    """A missing value passes only `ne`."""
    if isinstance(value, set):
        return operand in value
    if operation == "ne":
        return value != operand
    if value is None:
        return False
    if operation in ("contains", "startsWith"):
        value, wanted = (
            (value.lower(), operand.lower()) if type_name == "Class" else (value.replace(" ", "-"), folded(operand))
        )
        return wanted in value if operation == "contains" else value.startswith(wanted)
    if operation == "in":
        return value in operand
    other = _read(value, operand)
    tests = {"eq": value == other, "gt": value > other, "gte": value >= other, "from": value >= other,
             "lt": value < other, "lte": value <= other, "to": value <= other}  # fmt: skip
    return tests[operation]


def _read(value: Any, operand: Any) -> Any:
    if isinstance(value, Decimal):
        return Decimal(operand)
    if isinstance(value, datetime):
        return datetime.fromisoformat(operand)
    return date.fromisoformat(operand) if isinstance(value, date) else operand


def steps(given: list[dict[str, Any]] | None) -> list[tuple[str, bool]]:
    """(field, descending), the first mention of each field."""
    found: dict[str, bool] = {}
    for one in given or ():
        found.setdefault(one["field"], one["direction"] == "DESC")
    return list(found.items())


def ordered(rows: Rows, visibility: Visibility, things: list[Thing], by_fields: list[tuple[str, bool]]) -> list[Thing]:
    """By each field in turn; what is withheld or missing comes last; at last by key, upwards."""
    if not things:
        return things
    type_name = things[0].type
    found = sorted(things, key=lambda thing: by(KEYS[type_name])(thing.row))
    for field, descending in reversed(by_fields):
        element, read = ORDERS[type_name, field]
        valued = [(read(rows, thing) if visibility.can(thing, element) else None, thing) for thing in found]
        present: list[tuple[Any, Thing]] = [pair for pair in valued if pair[0] is not None]
        present.sort(key=lambda pair: pair[0], reverse=descending)
        found = [thing for _, thing in present] + [thing for value, thing in valued if value is None]
    return found
