"""The sheets of a roster workbook that tie people and groups together, and those of yearly facts."""

from __future__ import annotations

from typing import Final

from server.commands.rosters.columns import Sheet, code, day, one_of, text, upn, whole, year
from server.commands.rosters.layout import RELATIONSHIPS, TEACHING
from server.policies.vocabulary import COURSES

FLAGS: Final = ("PROTECTED", "RESTRICTED", "OPTED_OUT")
ASSIGNMENTS: Final = ("CASELOAD", "ASSIGNED")


def tie_sheets() -> tuple[Sheet, ...]:
    staff = text("Staff MIS id", required=True, longest=40)
    dates = (day("From", required=True), day("Until"))
    return (
        Sheet(
            "TutorMembers",
            (year(), text("Tutor group", required=True, longest=40), upn(), *dates),
            unique=("academic_year", "tutor_group", "upn", "from"),
        ),
        Sheet(
            "GuardianLinks",
            (
                text("Guardian MIS id", required=True, longest=40),
                upn(),
                one_of("Relationship", *RELATIONSHIPS, required=True),
                day("Verified on"),
                *dates,
            ),
            unique=("guardian_mis_id", "upn", "from"),
        ),
        Sheet(
            "Teaching",
            (
                year(),
                text("Class", required=True, longest=40),
                staff,
                one_of("Kind", *TEACHING, required=True),
                *dates,
            ),
            unique=("academic_year", "class", "staff_mis_id", "kind", "from"),
        ),
        Sheet(
            "Enrolments",
            (year(), text("Class", required=True, longest=40), upn(), *dates),
            unique=("academic_year", "class", "upn", "from"),
        ),
        Sheet(
            "DepartmentLeads",
            (staff, text("Department", required=True, longest=80), *dates),
            required=False,
            unique=("staff_mis_id", "department", "from"),
        ),
        Sheet(
            "Pastoral",
            (staff, year(), text("Tutor group", longest=40), code("Year group", "year_group"), *dates),
            required=False,
            unique=("staff_mis_id", "academic_year", "tutor_group", "year_group", "from"),
        ),
        Sheet(
            "Training",
            (
                staff,
                one_of("Course", *sorted(COURSES), required=True),
                day("Completed on", required=True),
                day("Expires on", required=True),
                text("Evidence", required=True),
            ),
            required=False,
            unique=("staff_mis_id", "course", "completed_on"),
        ),
        Sheet(
            "Assignments",
            (staff, upn(), one_of("Kind", *ASSIGNMENTS, required=True), *dates),
            required=False,
            unique=("staff_mis_id", "upn", "kind", "from"),
        ),
        Sheet(
            "Flags",
            (upn(), one_of("Kind", *FLAGS, required=True), text("Decided by", required=True, longest=40), *dates),
            required=False,
            unique=("upn", "kind", "from"),
        ),
    )


def fact_sheets() -> tuple[Sheet, ...]:
    return (
        Sheet(
            "Attendance",
            (upn(), year(), whole("Possible", 0, 500, required=True), whole("Attended", 0, 500, required=True)),
            required=False,
            unique=("upn", "academic_year"),
        ),
        Sheet(
            "Behaviour",
            (
                upn(),
                year(),
                day("Happened on", required=True),
                text("Kind", required=True, longest=80),
                whole("Points", -100, 100, required=True),
                text("Note", longest=1000),
            ),
            required=False,
            unique=("upn", "happened_on", "kind"),
        ),
        Sheet(
            "Targets",
            (
                upn(),
                year(),
                text("Course", required=True, longest=120),
                text("Value", required=True, longest=10),
                day("Set on", required=True),
            ),
            required=False,
            unique=("upn", "academic_year", "course"),
        ),
        Sheet(
            "Comments",
            (
                upn(),
                year(),
                text("Course", required=True, longest=120),
                text("Window", required=True, longest=80),
                text("Text", required=True, longest=2000),
                text("Written by", required=True, longest=40),
                day("Written on", required=True),
            ),
            required=False,
            unique=("upn", "academic_year", "course", "window"),
        ),
    )
