"""The sheets of a roster workbook, in the order in which they are read: each may name rows of those before it."""

from __future__ import annotations

from functools import cache

from server.commands.rosters.columns import (
    Sheet,
    code,
    day,
    decimal,
    one_of,
    text,
    texts,
    whole,
    year,
)
from server.commands.rosters.layout import SPECIAL, guardian_columns, learner_columns, staff_columns
from server.exchange.roster_tie_layout import fact_sheets, tie_sheets


@cache
def roster_sheets() -> tuple[Sheet, ...]:
    return (*_people(), *_structure(), *tie_sheets(), *fact_sheets())


def _people() -> tuple[Sheet, ...]:
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
            staff_columns(),
            unique=("mis_id",),
        ),
        Sheet("Learners", learner_columns(), unique=("upn",)),
        Sheet(
            "Guardians",
            guardian_columns(),
            unique=("mis_id",),
        ),
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
