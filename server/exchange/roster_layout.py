"""The sheets of a roster workbook, in the order in which they are read: each may name rows of those before it."""

from __future__ import annotations

from functools import cache
from typing import Final

from server.exchange.columns import Column, Sheet, code, codes, day, decimal, one_of, text, texts, upn, whole, year
from server.exchange.roster_tie_layout import fact_sheets, tie_sheets
from server.policies.vocabulary import ROLES, Capacity

SPECIAL: Final = (
    "ethnicity", "sen_provision", "sen_needs", "medical", "access_arrangements", "pupil_premium",
    "free_school_meals", "looked_after", "service_child",
)  # fmt: skip


@cache
def roster_sheets() -> tuple[Sheet, ...]:
    return (*_people(), *_structure(), *tie_sheets(), *fact_sheets())


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
                whole("Suppression threshold", 5, 50),
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
            (
                year(),
                text("Name", required=True, longest=40),
                text("Course", required=True, longest=120),
                one_of("Reveals", *SPECIAL, optional=True),
            ),
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
