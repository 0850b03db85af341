"""The sheets of a roster workbook, in the order in which they are read: each may name rows of those before it."""

from __future__ import annotations

from functools import cache
from typing import Final

from server.exchange.columns import Column, Sheet, code, codes, day, decimal, one_of, text, texts, upn, whole, year
from server.policies.vocabulary import COURSES, ROLES, Capacity

FLAGS: Final = ("PROTECTED", "RESTRICTED", "OPTED_OUT")
TEACHING: Final = ("TEACHER", "COVER", "ASSISTANT")
ASSIGNMENTS: Final = ("CASELOAD", "ASSIGNED")
RELATIONSHIPS: Final = ("MOTHER", "FATHER", "PARENT", "STEP_PARENT", "GRANDPARENT", "CARER", "FOSTER_CARER", "OTHER")

SPECIAL: Final = (
    "ethnicity", "sen_provision", "sen_needs", "medical", "access_arrangements", "pupil_premium",
    "free_school_meals", "looked_after", "service_child",
)  # fmt: skip


@cache
def roster_sheets() -> tuple[Sheet, ...]:
    return (*_people(), *_structure(), *_ties(), *_facts())


def _people() -> tuple[Sheet, ...]:
    staff_roles = tuple(role for role, capacity in ROLES.items() if capacity is Capacity.STAFF)
    return (
        Sheet(
            "School",
            (
                text("Name", required=True),
                text("URN", longest=6),
                text("LAESTAB", longest=7),
                year(),
                whole("Suppression threshold", 3, 50),
            ),
        ),
        Sheet(
            "Staff",
            (
                text("MIS id", required=True, longest=40),
                text("Title", longest=20),
                text("Given name", required=True),
                text("Family name", required=True),
                text("Job title"),
                text("Email"),
                text("Phone", longest=40),
                texts("Roles", staff_roles),
                day("From", required=True),
                day("Left on"),
            ),
            unique=("mis_id",),
        ),
        Sheet("Learners", _learner_columns(), unique=("upn",)),
        Sheet(
            "Guardians",
            (
                text("MIS id", required=True, longest=40),
                text("Staff MIS id", longest=40),
                text("Title", longest=20),
                text("Given name", required=True),
                text("Family name", required=True),
                text("Email"),
                text("Phone", longest=40),
                text("Address", longest=400),
            ),
            unique=("mis_id",),
        ),
    )


def _learner_columns() -> tuple[Column, ...]:
    return (
        text("MIS id", required=True, longest=40),
        upn(),
        text("Given name", required=True),
        text("Family name", required=True),
        text("Preferred name"),
        day("Date of birth", required=True),
        code("Gender", "gender"),
        code("Year group", "year_group", required=True),
        decimal("Key stage 2", 80, 120),
        code("First language", "first_language"),
        day("Admitted on", required=True),
        day("Left on"),
        text("Address", longest=400),
        text("Email"),
        text("Phone", longest=40),
        code("Ethnicity", "ethnicity", optional=True),
        code("SEN provision", "sen_provision", optional=True),
        codes("SEN needs", "sen_type", optional=True),
        texts("Medical", longest=200, optional=True),
        texts("Access arrangements", optional=True),
        code("Pupil premium", "pupil_premium", optional=True),
        one_of("Free school meals", "Y", "N", optional=True),
        code("Looked after", "looked_after", optional=True),
        code("Service child", "service_child", optional=True),
    )


def _structure() -> tuple[Sheet, ...]:
    return (
        Sheet(
            "TutorGroups",
            (year(), text("Name", required=True, longest=40), code("Year group", "year_group", required=True)),
            unique=("academic_year", "name"),
        ),
        Sheet(
            "Courses",
            (
                year(),
                text("Name", required=True, longest=120),
                text("Subject", required=True, longest=80),
                text("Department", required=True, longest=80),
                code("Year group", "year_group", required=True),
                text("Specification", longest=80),
                text("Series", longest=40),
            ),
            unique=("academic_year", "name"),
        ),
        Sheet(
            "Classes",
            (year(), text("Name", required=True, longest=40), text("Course", required=True, longest=120)),
            unique=("academic_year", "name"),
        ),
        Sheet(
            "Windows",
            (
                year(),
                text("Name", required=True, longest=80),
                day("Starts on", required=True),
                day("Ends on", required=True),
            ),
            required=False,
            unique=("academic_year", "name"),
        ),
        Sheet(
            "Assessments",
            (
                year(),
                text("Course", required=True, longest=120),
                text("Window", required=True, longest=80),
                text("Component", required=True, longest=40),
                text("Name", required=True, longest=120),
                decimal("Maximum", 1, 1000, required=True),
                decimal("Step", 0, 100, required=True),
                day("Held on", required=True),
                texts("Classes", longest=40),
            ),
            required=False,
            unique=("academic_year", "course", "window", "component"),
        ),
    )


def _ties() -> tuple[Sheet, ...]:
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


def _facts() -> tuple[Sheet, ...]:
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
