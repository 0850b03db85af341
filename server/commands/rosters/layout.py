"""What a record of a person may hold, column by column, whichever way it comes in: by file or by GraphQL."""

from __future__ import annotations

from typing import Final

from server.commands.rosters.columns import Column, code, codes, day, decimal, one_of, text, texts, upn
from server.policies.vocabulary import ROLES, Capacity

SPECIAL: Final = (
    "ethnicity", "sen_provision", "sen_needs", "medical", "access_arrangements", "pupil_premium",
    "free_school_meals", "looked_after", "service_child",
)  # fmt: skip
TEACHING: Final = ("TEACHER", "COVER", "ASSISTANT")
RELATIONSHIPS: Final = ("MOTHER", "FATHER", "PARENT", "STEP_PARENT", "GRANDPARENT", "CARER", "FOSTER_CARER", "OTHER")


def staff_columns() -> tuple[Column, ...]:
    staff_roles = tuple(role for role, capacity in ROLES.items() if capacity is Capacity.STAFF)
    return (
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
    )


def guardian_columns() -> tuple[Column, ...]:
    return (
        text("MIS id", required=True, longest=40),
        text("Staff MIS id", longest=40),
        text("Title", longest=20),
        text("Given name", required=True),
        text("Family name", required=True),
        text("Email"),
        text("Phone", longest=40),
        text("Address", longest=400),
    )


def learner_columns() -> tuple[Column, ...]:
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
