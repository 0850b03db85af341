"""What a value is changed to: for each governed column a second value, and the columns that stay, with the reason.

A test of completeness compares both with the columns of `server/tables`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from server import tables
from server.register.upn import make_upn
from server.tables.row import Row

Values = Mapping[str, Any]
New = Callable[[Values, int], Any]
"""From a row, and its place in the table, to the other value."""


def said(text: str) -> New:
    return lambda _, place: f"{text} {place}"


def always(value: Any) -> New:
    return lambda _row, _place: value


def born(row: Values, _: int) -> date:
    day: date = row["date_of_birth"]
    return day + timedelta(days=25)


@dataclass(frozen=True, slots=True)
class Changed:
    """Columns of a table that tell of one element on rows of one type; `keys` find a row in its school.

    `type` is empty where no field of the schema reads them: then they are hidden from everybody.
    """

    table: type[Row]
    keys: tuple[str, ...]
    type: str
    element: str
    columns: Mapping[str, New]


_LINE: Mapping[str, New] = {
    "grade": always("1"),
    **{name: said("changed") for name in ("specification", "series", "rounding", "confidence")},
    "shift": always(7),
}


def _learner(element: str, **columns: New) -> Changed:
    return Changed(tables.LearnerRow, ("learner_id",), "Learner", element, columns)


def _person(table: type[Row], keys: tuple[str, ...], kind: str, element: str) -> Changed:
    """Names of a person; the given name and what lists are sorted by change together."""
    names = {"given_name": said("Changed"), "family_name": said("Nobody")}
    if table is not tables.LearnerNameRow:
        names["sort_key"] = lambda _, place: f"changed-{place} nobody"
    extra = {"title": always("Zx")} if kind in ("Guardian", "Staff") else {"preferred_name": said("Chan")}
    return Changed(table, keys, kind, element, {**names, **extra})


_MARK: Final = ("academic_year", "mark_id")


def _scored(_: Values, place: int) -> Decimal:
    return Decimal(60 + place % 19)


CHANGES: Final[tuple[Changed, ...]] = (
    _person(tables.LearnerRow, ("learner_id",), "Learner", "name"),
    _learner("date_of_birth", date_of_birth=born),
    _learner("gender", gender=always("Zx")),
    _learner(
        "identifier",
        upn=lambda _, place: make_upn(301, 4001, 25, place),
        mis_id=said("changed"),
    ),
    _learner(
        "education",
        year_group=always("8"),
        key_stage_2=lambda _, place: Decimal(80 + place),
        admitted_on=always(date(2020, 2, 3)),
    ),
    _learner("first_language", first_language=always("ZXX")),
    _person(tables.LearnerNameRow, ("learner_id", "valid_from"), "", "name"),
    Changed(
        tables.LearnerContactRow, ("learner_id",), "Learner", "learner_address", {"address": said("changed address")}
    ),
    Changed(
        tables.LearnerContactRow,
        ("learner_id",),
        "Learner",
        "learner_contact",
        {"email": said("changed-email"), "phone": said("099")},
    ),
    Changed(
        tables.AttendanceRow,
        ("academic_year", "learner_id"),
        "Learner",
        "attendance",
        {"possible": always(200), "attended": lambda _, place: 20 + 7 * (place % 9)},
    ),
    Changed(
        tables.BehaviourEventRow,
        ("academic_year", "behaviour_event_id"),
        "BehaviourEvent",
        "behaviour",
        {
            "happened_on": always(date(2020, 2, 3)),
            "kind": said("CHANGED"),
            "points": lambda _, place: -7 - place,
            "note": said("changed note"),
        },
    ),
    _person(tables.GuardianRow, ("guardian_id",), "Guardian", "guardian_name"),
    Changed(
        tables.GuardianRow,
        ("guardian_id",),
        "Guardian",
        "guardian_contact",
        {"email": said("changed-home"), "phone": said("098"), "address": said("changed home")},
    ),
    Changed(
        tables.GuardianLinkRow,
        ("link_id",),
        "Guardian",
        "parent_link",
        {"relationship": always("ZXX"), "verified_at": lambda row, _: _other_verification(row)},
    ),
    _person(tables.StaffRow, ("staff_id",), "Staff", "staff_name"),
    Changed(tables.StaffRow, ("staff_id",), "Staff", "staff_name", {"job_title": said("changed job")}),
    Changed(
        tables.StaffRow, ("staff_id",), "Staff", "staff_contact", {"email": said("changed-s"), "phone": said("097")}
    ),
    Changed(tables.StaffRow, ("staff_id",), "", "identifier", {"mis_id": said("changed-s")}),
    Changed(tables.GuardianRow, ("guardian_id",), "", "identifier", {"mis_id": said("changed-g")}),
    Changed(
        tables.MarkRow,
        _MARK,
        "Mark",
        "mark",
        {
            "state": always("SCORED"),
            "score": _scored,
            "recorded_at": lambda row, place: row["recorded_at"] - timedelta(days=2, minutes=place),
            "version": always(7),
        },
    ),
    Changed(
        tables.MarkVersionRow,
        (*_MARK, "version"),
        "MarkVersion",
        "mark",
        {
            "state": always("SCORED"),
            "score": _scored,
            "reason": said("changed reason"),
            "recorded_at": lambda row, _: row["recorded_at"] - timedelta(days=2),
        },
    ),
    Changed(
        tables.MarkModerationRow,
        (*_MARK, "version", "moderated_by"),
        "MarkModeration",
        "mark",
        {
            "score": always(Decimal("0.5")),
            "reason": said("changed moderation"),
            "moderated_at": lambda row, _: row["moderated_at"] - timedelta(days=2),
        },
    ),
    Changed(
        tables.MarkPartRow,
        (*_MARK, "question"),
        "MarkPart",
        "mark",
        {"topic": said("changed"), "score": always(Decimal(1)), "position": always(9), "maximum": always(Decimal(9))},
    ),
    Changed(
        tables.GradeRow,
        ("academic_year", "grade_id"),
        "Grade",
        "grade",
        {
            "value": lambda _, place: str(1 + place % 3),
            "points": lambda _, place: Decimal(1 + place % 3),
            "kind": always("FORECAST"),
            "subject_mark": said("9"),
            "flags": always(["CHANGED"]),
            "shift": always(7),
            "confidence": always("low"),
            "status": always("NOT_GRADABLE"),
            "rounding": always("changed"),
            "version": always(9),
            "computed_at": lambda row, _: row["computed_at"] - timedelta(days=3),
            **{name: said("Z") for name in ("next_grade", "marks_to_next", "floor", "ceiling")},
            "fine": always(Decimal("1.5")),
        },
    ),
    Changed(
        tables.GradeVersionRow,
        ("academic_year", "grade_id", "version"),
        "GradeVersion",
        "grade",
        {
            "value": lambda _, place: str(1 + place % 3),
            "points": lambda _, place: Decimal(1 + place % 3),
            "kind": always("FORECAST"),
            "subject_mark": said("9"),
            "flags": always(["CHANGED"]),
            "shift": always(7),
            "confidence": always("low"),
            "status": always("NOT_GRADABLE"),
            "rounding": always("changed"),
            "computed_at": lambda row, _: row["computed_at"] - timedelta(days=3),
            "replaced_at": lambda row, _: row["replaced_at"] - timedelta(days=2),
            **{name: said("Z") for name in ("next_grade", "marks_to_next", "floor", "ceiling")},
            "fine": always(Decimal("1.5")),
        },
    ),
    Changed(
        tables.TargetRow,
        ("academic_year", "target_id"),
        "Target",
        "target",
        {
            "value": always("1"),
            "points": always(Decimal(1)),
            "third": always(1),
            "set_on": always(date(2020, 2, 3)),
            "method": said("changed method"),
            "version": always(9),
        },
    ),
    Changed(
        tables.TargetVersionRow,
        ("academic_year", "target_id", "version"),
        "TargetVersion",
        "target",
        {
            "value": always("1"),
            "points": always(Decimal(1)),
            "third": always(-1),
            "set_on": always(date(2020, 2, 3)),
            "method": said("changed method"),
            "replaced_at": lambda row, _: row["replaced_at"] - timedelta(days=2),
        },
    ),
    Changed(
        tables.TeacherEstimateRow,
        ("estimate_id",),
        "Forecast",
        "forecast",
        {
            "component_code": always("1"),
            "score": always(Decimal(1)),
            "value": always(None),
            "version": always(9),
            "reason": said("changed reason"),
            "recorded_at": lambda row, _: row["recorded_at"] - timedelta(days=3),
        },
    ),
    Changed(
        tables.ForecastConfirmationRow,
        ("confirmation_id",),
        "Forecast",
        "forecast",
        {
            "method": always("floor"),
            "method_version": always(9),
            **{name: always("1") for name in ("value", "low", "high")},
            "points": always(Decimal(1)),
            "shift": always(9),
            "note": said("changed note"),
            "confirmed_by": always(UUID(int=9)),
            "confirmed_at": lambda row, _: row["confirmed_at"] - timedelta(days=3),
        },
    ),
    Changed(tables.ReportLineRow, ("report_line_id",), "ReportLine", "grade", _LINE),
    Changed(tables.ReportLineRow, ("report_line_id",), "ReportLine", "target", {"target": always("1")}),
    Changed(tables.ReportLineRow, ("report_line_id",), "ReportLine", "comment", {"comment": said("changed comment")}),
    Changed(tables.ReportLineRow, ("report_line_id",), "ReportLine", "staff_name", {"teacher_name": said("Dr Zx")}),
    Changed(tables.ReportLineRow, ("report_line_id",), "ReportLine", "groups", {"course_name": said("Changed")}),
    Changed(
        tables.ReportRow,
        ("report_id",),
        "Report",
        "groups",
        {"version": always(9), "published_at": lambda row, _: row["published_at"] - timedelta(days=9)},
    ),
    Changed(
        tables.AuditOperationRow,
        ("audit_id",),
        "AuditEntry",
        "audit",
        {"purpose": always("changed"), "reason": said("changed reason"), "operation_name": said("Changed")},
    ),
    Changed(
        tables.AccessSummaryRow,
        ("learner_id", "month", "who"),
        "AccessSummaryLine",
        "access_summary",
        {"times": always(99)},
    ),
    Changed(tables.ClassRow, ("class_id",), "Class", "school_structure", {"name": said("Changed")}),
    Changed(tables.CourseCommentRow, ("academic_year", "comment_id"), "", "comment", {"text": said("changed text")}),
)


def _other_verification(row: Values) -> Any:
    """As verified as it was: whether a link is verified is a relation, when it was is a value."""
    held = row.get("verified_at")
    return held and held - timedelta(days=9)


SPECIAL: Final[Mapping[str, Any]] = {
    "sen_provision": "E",
    "sen_needs": ["ZXX"],
    "medical": ["Changed"],
    "access_arrangements": ["Changed"],
    "pupil_premium": "Zx",
    "free_school_meals": "Zx",
    "looked_after": "Zx",
    "service_child": "Zx",
    "ethnicity": "ZXXX",
}
"""Elements of `learner_special`, whose newest row counts: a change is one more row."""

RELATIONS: Final = "who stands in which relation to whom follows from it: a change is another question, not a leak"
UNREAD: Final = "no field of the schema reads it, and test_sentinels finds it nowhere"
AUDITED: Final = "a row of the audit is one whole: it exists for who may read the audit, and for nobody else"
KEPT: Final[Mapping[str, str]] = {
    "learner.left_on": RELATIONS,
    "learner_name.valid_from": UNREAD,
    "learner_name.valid_to": UNREAD,
    "learner_flag.kind": RELATIONS,
    "learner_flag.valid_from": RELATIONS,
    "learner_flag.valid_to": RELATIONS,
    "learner_flag.decided_by": UNREAD,
    "guardian_link.valid_from": RELATIONS,
    "guardian_link.valid_to": RELATIONS,
    "enrolment.academic_year": RELATIONS,
    "enrolment.valid_from": RELATIONS,
    "enrolment.valid_to": RELATIONS,
    "tutor_membership.valid_from": RELATIONS,
    "tutor_membership.valid_to": RELATIONS,
    "learner_assignment.kind": RELATIONS,
    "learner_assignment.valid_from": RELATIONS,
    "learner_assignment.valid_to": RELATIONS,
    "learner_special.value": "SPECIAL has its elements one by one",
    "mark.attempt": "part of what makes a mark unique: removed with its row",
    "mark_version.version": "the key of a version: removed with its row",
    "grade_version.version": "the key of a version: removed with its row",
    "target_version.version": "the key of a version: removed with its row",
    "mark_moderation.version": "part of the key of a moderation: removed with its row",
    "mark_part.question": "the key of a part: removed with its row",
    "report_line.position": "the order of a report's lines",
    "access_summary.month": "the key of a line",
    "access_summary.who": "the key of a line",
    "audit_operation.occurred_at": AUDITED,
    "audit_operation.person_id": AUDITED,
    "audit_operation.capacity": AUDITED,
    "audit_operation.client_id": AUDITED,
    "audit_operation.roles": AUDITED,
    "audit_operation.facts": AUDITED,
    "audit_operation.profile_version": AUDITED,
    "audit_operation.policy_version": AUDITED,
    "audit_operation.guardrail_digest": AUDITED,
    "audit_operation.kind": AUDITED,
    "audit_operation.document_digest": AUDITED,
    "audit_operation.footprint": AUDITED,
    "audit_operation.elements": AUDITED,
    "audit_operation.details": AUDITED,
    "audit_operation.ip_address": AUDITED,
    "report_receipt.received_at": "the viewer's own",
}
"""Governed columns of a learner, a guardian or a member of staff that no change is made to, and why."""
