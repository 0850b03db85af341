"""What programs write of each kind of record: fields by GraphQL name, with their checks and the elements they tell of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from server.commands.rosters.columns import Column, code, day, one_of, text, year
from server.commands.rosters.layout import (
    RELATIONSHIPS,
    SPECIAL,
    guardian_columns,
    learner_columns,
    staff_columns,
)


class RecordKind(StrEnum):
    """What a source system names by an id of its own."""

    LEARNER = "LEARNER"
    GUARDIAN = "GUARDIAN"
    STAFF = "STAFF"
    CLASS = "CLASS"
    ENROLMENT = "ENROLMENT"


@dataclass(frozen=True, slots=True)
class Field:
    """`name` is GraphQL's; `column` checks the value and names the table's column."""

    name: str
    column: Column
    element: str
    said: str

    @property
    def special(self) -> bool:
        return self.element in SPECIAL


@dataclass(frozen=True)
class Shape:
    """`needed` are columns without which no record is made; `table` and `key` hold its row, `prefix` begins its id."""

    kind: RecordKind
    table: str
    key: str
    prefix: str
    fields: tuple[Field, ...]
    needed: tuple[str, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {one.name: one for one in self.fields}

    @cached_property
    def elements(self) -> frozenset[str]:
        return frozenset(one.element for one in self.fields)

    @cached_property
    def element_of(self) -> Mapping[str, str]:
        """Elements by column."""
        return {one.column.name: one.element for one in self.fields}


def camel(heading: str) -> str:
    """A column's heading as GraphQL writes it: `Date of birth` is dateOfBirth, `UPN` is upn."""
    first, *rest = heading.split()
    return first.lower() + "".join(word[:1].upper() + word[1:].lower() for word in rest)


_LEARNER: Final = {
    "MIS id": ("identifier", "The id that people of the school know the learner by; one learner's alone."),
    "UPN": ("identifier", "Also a hint: an id that is new here, with the UPN of one learner, becomes that learner's."),
    "Given name": ("name", "Given name."),
    "Family name": ("name", "Family name."),
    "Preferred name": ("name", "What the learner is called."),
    "Date of birth": ("date_of_birth", "Date of birth."),
    "Gender": ("gender", "A code of the set gender."),
    "Year group": ("education", "A code of the set year_group."),
    "Key stage 2": ("education", "Average scaled score at key stage 2, 80-120."),
    "First language": ("first_language", "A code of the set first_language."),
    "Admitted on": ("education", "The first day; one after the day of leaving lets the learner come back."),
    "Address": ("learner_address", "Postal address."),
    "Email": ("learner_contact", "E-mail address."),
    "Phone": ("learner_contact", "Telephone number."),
    "Ethnicity": ("ethnicity", "Written and never told: a code of the set ethnicity."),
    "SEN provision": ("sen_provision", "Written and never told: a code of the set sen_provision."),
    "SEN needs": ("sen_needs", "Written and never told: codes of the set sen_type."),
    "Medical": ("medical", "Written and never told: medical conditions."),
    "Access arrangements": ("access_arrangements", "Written and never told: access arrangements."),
    "Pupil premium": ("pupil_premium", "Written and never told: a code of the set pupil_premium."),
    "Free school meals": ("free_school_meals", "Written and never told: Y or N."),
    "Looked after": ("looked_after", "Written and never told: a code of the set looked_after."),
    "Service child": ("service_child", "Written and never told: a code of the set service_child."),
}
_GUARDIAN: Final = {
    "MIS id": (
        "identifier",
        "Also a hint: an id that is new here, with that of one guardian, becomes that guardian's.",
    ),
    "Title": ("guardian_name", "Title."),
    "Given name": ("guardian_name", "Given name."),
    "Family name": ("guardian_name", "Family name."),
    "Email": ("guardian_contact", "E-mail address."),
    "Phone": ("guardian_contact", "Telephone number."),
    "Address": ("guardian_contact", "Postal address."),
}
_STAFF: Final = {
    "MIS id": ("identifier", "Also a hint: an id that is new here, with that of one of the staff, becomes theirs."),
    "Title": ("staff_name", "Title."),
    "Given name": ("staff_name", "Given name."),
    "Family name": ("staff_name", "Family name."),
    "Job title": ("staff_name", "Job title."),
    "Email": ("staff_contact", "E-mail address."),
    "Phone": ("staff_contact", "Telephone number."),
    "From": ("staff_name", "The first day, of somebody who is new."),
}
_CLASS: Final = "school_structure"
_ENROLMENT: Final = "groups"


def _fields(columns: tuple[Column, ...], said: Mapping[str, tuple[str, str]]) -> Iterator[Field]:
    by_heading = {column.heading: column for column in columns}
    for heading, (element, words) in said.items():
        yield Field(camel(heading), by_heading[heading], element, words)


SHAPES: Final[Mapping[RecordKind, Shape]] = {
    one.kind: one
    for one in (
        Shape(
            RecordKind.LEARNER,
            "learner",
            "learner_id",
            "lrn",
            tuple(_fields(learner_columns(), _LEARNER)),
            ("given_name", "family_name", "date_of_birth", "year_group", "admitted_on"),
        ),
        Shape(
            RecordKind.GUARDIAN,
            "guardian",
            "guardian_id",
            "gdn",
            tuple(_fields(guardian_columns(), _GUARDIAN)),
            ("given_name", "family_name"),
        ),
        Shape(
            RecordKind.STAFF,
            "staff",
            "staff_id",
            "stf",
            tuple(_fields(staff_columns(), _STAFF)),
            ("given_name", "family_name"),
        ),
        Shape(
            RecordKind.CLASS,
            "class",
            "class_id",
            "cls",
            (
                Field("academicYear", year(), _CLASS, "The starting year of the school year."),
                Field("name", text("Name", required=True, longest=40), _CLASS, "Its name, one class's in the year."),
                Field("course", text("Course", required=True, longest=120), _CLASS, "The name of the course."),
                Field("subject", text("Subject", longest=80), _CLASS, "Of a course that is new."),
                Field("department", text("Department", longest=80), _CLASS, "Of a course that is new."),
                Field("yearGroup", code("Year group", "year_group"), _CLASS, "Of a course that is new."),
            ),
            ("academic_year", "name", "course"),
        ),
        Shape(
            RecordKind.ENROLMENT,
            "enrolment",
            "enrolment_id",
            "enr",
            (
                Field("class", text("Class", required=True, longest=100), _ENROLMENT, "The id of the class."),
                Field("learner", text("Learner", required=True, longest=100), _ENROLMENT, "The id of the learner."),
                Field("from", day("From", required=True), _ENROLMENT, "The first day in the class."),
            ),
            ("class", "learner", "from"),
        ),
    )
}
RELATIONSHIP: Final = one_of("Relationship", *RELATIONSHIPS, required=True)
TEACHER_KIND: Final = one_of("Kind", "TEACHER", "ASSISTANT", required=True)
