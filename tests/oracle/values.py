"""The value of each leaf, as the scalar of its field writes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from tests.oracle.asker import Asker
from tests.oracle.edges import agreed
from tests.oracle.rows import Rows, Values
from tests.oracle.things import Thing

Value = Callable[[Rows, Asker, Thing], Any]


def written(value: Any) -> Any:
    """A value as GraphQL's JSON: exact decimals and dates as strings, moments in UTC with six decimals."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value.isoformat() if isinstance(value, date) else value


def leaf(rows: Rows, asker: Asker, thing: Thing, type_name: str, field: str) -> Any:
    """`type_name` is the field's own type, such as LearnerContact."""
    found = VALUES.get((type_name, field))
    return written(found(rows, asker, thing) if found else thing.row[column(field)])


def column(field: str) -> str:
    return re.sub(r"([A-Z]|\d+)", lambda part: f"_{part[0].lower()}", field)


def global_id(type_name: str, row: Values) -> str:
    prefix, key, yearly = IDS[type_name]
    return f"{prefix}_{row['academic_year']}_{row[key].hex}" if yearly else f"{prefix}_{row[key].hex}"


IDS = {
    "School": ("sch", "school_id", False),
    "Learner": ("lrn", "learner_id", False),
    "Guardian": ("gdn", "link_id", False),
    "Staff": ("stf", "staff_id", False),
    "TutorGroup": ("tut", "tutor_group_id", False),
    "Course": ("crs", "course_id", False),
    "Class": ("cls", "class_id", False),
    "AssessmentWindow": ("win", "window_id", False),
    "Assessment": ("asm", "assessment_id", False),
    "Mark": ("mrk", "mark_id", True),
    "Grade": ("grd", "grade_id", True),
    "Target": ("tgt", "target_id", True),
    "BehaviourEvent": ("bhv", "behaviour_event_id", True),
    "Report": ("rep", "report_id", False),
}


def _special(element: str) -> Value:
    return lambda rows, _, thing: rows.newest_special(thing.learner_id, element)


def _joined(table: str, key: str, name: str, source: str | None = None) -> Value:
    """A column of the row that `source` (the same name where left out) points at."""

    def value(rows: Rows, _: Asker, thing: Thing) -> Any:
        found = rows.one(table, **{key: thing.row[source or key]})
        return found[name] if found else None

    return value


def _age(rows: Rows, _: Asker, thing: Thing) -> int:
    born, today = thing.row["date_of_birth"], rows.today
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def attendance_of(rows: Rows, learner: Values) -> Values | None:
    return rows.one("attendance", learner_id=learner["learner_id"], academic_year=rows.school["academic_year"])


def _attendance(name: str) -> Value:
    def value(rows: Rows, _: Asker, thing: Thing) -> Any:
        found = attendance_of(rows, thing.row)
        return found[name] if found else None

    return value


def percentage(rows: Rows, learner: Values) -> Decimal | None:
    found = attendance_of(rows, learner)
    if found is None or found["possible"] == 0:
        return None
    share = Decimal(100 * found["attended"]) / Decimal(found["possible"])
    return share.quantize(Decimal("0.1"), ROUND_HALF_UP)


def mark_then(rows: Rows, cell: Thing) -> Values | None:
    """The newest version of the first attempt, on the cell's day."""
    mark = rows.one("mark", assessment_id=cell.row["assessment_id"], learner_id=cell.learner_id, attempt=1)
    if mark is None or mark["academic_year"] != cell.row["academic_year"]:
        return None
    versions = rows.where("mark_version", mark_id=mark["mark_id"])
    known = [row for row in versions if row["recorded_at"].astimezone(UTC).date() <= cell.day]
    return max(known, key=lambda row: row["version"], default=None)


def _cell(name: str, empty: Any) -> Value:
    def value(rows: Rows, _: Asker, thing: Thing) -> Any:
        found = mark_then(rows, thing)
        return found[name] if found else empty

    return value


def _last_step(name: str, empty: Any) -> Value:
    def value(rows: Rows, _: Asker, thing: Thing) -> Any:
        steps = rows.where("window_step", window_id=thing.row["window_id"], course_id=thing.row["course_id"])
        found = max(steps, key=lambda row: row["step"], default=None)
        return found[name] if found else empty

    return value


def _target_points(_: Rows, __: Asker, thing: Thing) -> Any:
    """With the third, cut off after two places."""
    points = thing.row["points"]
    if points is None:
        return None
    hundredths = (Fraction(points) + Fraction(thing.row["third"], 3)) * 100
    return Decimal(hundredths.numerator // hundredths.denominator) / 100


def _receipt(rows: Rows, asker: Asker, thing: Thing) -> Any:
    found = rows.one("report_receipt", report_id=thing.row["report_id"], person_id=asker.person_id)
    return found["received_at"] if found else None


def _person(entry: Values) -> str | None:
    return None if entry["person_id"] is None else f"per_{entry['person_id'].hex}"


_SPECIFICATION = ("specification", "specification_id")
_BOUNDARIES = ("boundary_set", "boundary_set_id")

VALUES: dict[tuple[str, str], Value] = {
    ("Learner", "age"): _age,
    ("Learner", "ethnicity"): _special("ethnicity"),
    ("Learner", "lookedAfter"): _special("looked_after"),
    ("Learner", "freeSchoolMeals"): _special("free_school_meals"),
    ("Learner", "serviceChild"): _special("service_child"),
    ("Learner", "accessArrangements"): _special("access_arrangements"),
    ("YearGroup", "name"): lambda _, __, thing: thing.row["year_group"],
    ("PupilPremium", "reason"): _special("pupil_premium"),
    ("Medical", "conditions"): _special("medical"),
    ("SpecialNeeds", "provision"): _special("sen_provision"),
    ("SpecialNeeds", "needs"): _special("sen_needs"),
    ("LearnerContact", "address"): _joined("learner_contact", "learner_id", "address"),
    ("LearnerContact", "email"): _joined("learner_contact", "learner_id", "email"),
    ("LearnerContact", "phone"): _joined("learner_contact", "learner_id", "phone"),
    ("Attendance", "possible"): _attendance("possible"),
    ("Attendance", "attended"): _attendance("attended"),
    ("Attendance", "percentage"): lambda rows, _, thing: percentage(rows, thing.row),
    ("School", "smallNumberThreshold"): lambda rows, _, __: max(5, rows.school["suppression_threshold"]),
    ("Course", "board"): _joined(*_SPECIFICATION, "board"),
    ("Course", "specification"): _joined(*_SPECIFICATION, "code"),
    ("Course", "qualification"): _joined(*_SPECIFICATION, "qualification"),
    ("Course", "series"): _joined(*_BOUNDARIES, "series"),
    ("Class", "subject"): _joined("course", "course_id", "subject"),
    ("Assessment", "component"): lambda _, __, thing: thing.row["component_code"],
    ("Assessment", "windowState"): _last_step("state", "OPEN"),
    ("Assessment", "windowStep"): _last_step("step", 0),
    ("MarkVersion", "agreed"): lambda rows, _, thing: agreed(rows, thing.row),
    ("Mark", "maximum"): _joined("assessment", "assessment_id", "maximum"),
    ("MarkbookCell", "state"): _cell("state", "NOT_ENTERED"),
    ("MarkbookCell", "score"): _cell("score", None),
    ("MarkbookCell", "version"): _cell("version", 0),
    ("Grade", "basis"): _joined("assessment_window", "window_id", "name"),
    ("Grade", "method"): lambda _, __, thing: thing.row["rounding"],
    ("Grade", "specification"): _joined(*_SPECIFICATION, "code"),
    ("GradeVersion", "method"): lambda _, __, thing: thing.row["rounding"],
    ("GradeVersion", "specification"): _joined(*_SPECIFICATION, "code"),
    ("GradeVersion", "series"): _joined(*_BOUNDARIES, "series"),
    ("WindowGrading", "specification"): _joined(*_SPECIFICATION, "code"),
    ("WindowGrading", "series"): _joined(*_BOUNDARIES, "series"),
    ("Target", "points"): _target_points,
    ("TargetVersion", "points"): _target_points,
    ("ReportLine", "method"): lambda _, __, thing: thing.row["rounding"],
    ("Grade", "series"): _joined(*_BOUNDARIES, "series"),
    ("Guardian", "title"): _joined("guardian", "guardian_id", "title"),
    ("Guardian", "givenName"): _joined("guardian", "guardian_id", "given_name"),
    ("Guardian", "familyName"): _joined("guardian", "guardian_id", "family_name"),
    ("GuardianContact", "email"): _joined("guardian", "guardian_id", "email"),
    ("GuardianContact", "phone"): _joined("guardian", "guardian_id", "phone"),
    ("GuardianContact", "address"): _joined("guardian", "guardian_id", "address"),
    ("Report", "name"): _joined("publication", "publication_id", "name"),
    ("Report", "receipt"): _receipt,
    ("ReportLine", "course"): lambda _, __, thing: thing.row["course_name"],
    ("ReportLine", "teacher"): lambda _, __, thing: thing.row["teacher_name"],
    ("AuditEntry", "reference"): lambda _, __, thing: str(thing.row["audit_id"]),
    ("AuditEntry", "person"): lambda _, __, thing: _person(thing.row),
    ("AuditEntry", "client"): lambda _, __, thing: thing.row["client_id"],
    ("AuditEntry", "address"): lambda _, __, thing: thing.row["ip_address"],
    ("AuditEntry", "operation"): lambda _, __, thing: thing.row["operation_name"],
    ("AuditEntry", "document"): lambda _, __, thing: thing.row["document_digest"],
    ("AuditEntry", "elements"): lambda _, __, thing: sorted(name.upper() for name in thing.row["elements"]),
    ("Viewer", "roles"): lambda _, asker, __: sorted(asker.standing.roles),
    ("Viewer", "capabilities"): lambda _, asker, __: sorted(asker.standing.facts),
    ("ViewerPerson", "id"): lambda _, asker, __: f"per_{asker.person_id.hex}",
    ("ViewerChild", "linkId"): lambda _, __, thing: f"gdn_{thing.row['link_id'].hex}",
    ("ViewerChild", "schoolId"): lambda _, __, thing: f"sch_{thing.row['school_id'].hex}",
    ("ViewerChild", "schoolName"): lambda rows, _, __: rows.school["name"],
}
