"""Learner: who a learner is, and what is recorded of each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Numeric, Select, Text, and_, cast, exists, extract, func, select

from server.queries.access_summaries import ACCESS_SUMMARY
from server.queries.binds import SCHOOL, TODAY, current
from server.queries.constants import inline, number
from server.queries.noun import Argument, Filter, Group, Leaf, Many, Noun, One, Order, Row, alias, table
from server.queries.special import newest, newest_list
from server.tables import (
    AttendanceRow,
    BehaviourEventRow,
    ClassRow,
    EnrolmentRow,
    LearnerContactRow,
    LearnerRow,
    SchoolRow,
    TutorMembershipRow,
)

AS_OF = Argument("asOf", "Date", "The day that counts; today where left out.")
YEAR = Argument("academicYear", "Int", "The year the school year begins in; every year where left out.")


def contact(row: Row) -> Select[*tuple[Any, ...]]:
    held = alias(LearnerContactRow)
    return select(held.c.address, held.c.email, held.c.phone).where(
        held.c.school_id == SCHOOL, held.c.learner_id == row.c.learner_id
    )


def attendance(row: Row) -> Select[*tuple[Any, ...]]:
    """Sessions of the school's current year."""
    held, school = alias(AttendanceRow), alias(SchoolRow)
    year = select(school.c.academic_year).where(school.c.school_id == SCHOOL).scalar_subquery()
    return select(held.c.possible, held.c.attended).where(
        held.c.school_id == SCHOOL, held.c.academic_year == year, held.c.learner_id == row.c.learner_id
    )


def age(row: Row) -> Any:
    return cast(extract("year", func.age(TODAY, row.c.date_of_birth)), Integer)


def year_order(row: Row) -> Any:
    return func.lpad(row.c.year_group, number(2), inline("0"), type_=Text())


def percentage(row: Row) -> Any:
    """Attended sessions in a hundred, to one place."""
    held = row.side("attendance")
    return cast(
        func.round(held.attended * number(100) / cast(func.nullif(held.possible, number(0)), Numeric), number(1)),
        Numeric,
    )


def in_class(row: Row) -> Any:
    """The classes of the current enrolments, for a filter: none that tells, whoever asks."""
    seat, sat = alias(EnrolmentRow), alias(ClassRow)
    return (
        select(seat.c.class_id)
        .select_from(seat.join(sat, and_(sat.c.school_id == SCHOOL, sat.c.class_id == seat.c.class_id)))
        .where(
            seat.c.school_id == SCHOOL,
            seat.c.learner_id == row.c.learner_id,
            sat.c.reveals.is_(None),
            *current(seat),
        )
    )


def tutor_group(row: Row, group: Any, asked: Any) -> list[Any]:
    member = alias(TutorMembershipRow)
    return [
        exists().where(
            member.c.school_id == SCHOOL,
            member.c.learner_id == row.c.learner_id,
            member.c.tutor_group_id == group.c.tutor_group_id,
            *current(member, asked.day),
        )
    ]


def classes(row: Row, of: Any, asked: Any) -> list[Any]:
    seat = alias(EnrolmentRow)
    return [
        exists().where(
            seat.c.school_id == SCHOOL,
            seat.c.learner_id == row.c.learner_id,
            seat.c.class_id == of.c.class_id,
            *current(seat, asked.day),
        )
    ]


def of_learner(row: Row, of: Any, asked: Any) -> list[Any]:
    year = asked.value("academicYear")
    return [of.c.learner_id == row.c.learner_id, *(() if year is None else (of.c.academic_year == year,))]


def links(row: Row, link: Any, asked: Any) -> list[Any]:
    return [link.c.learner_id == row.c.learner_id, *current(link, asked.day)]


def reports(row: Row, report: Any, _: Any) -> list[Any]:
    return [report.c.learner_id == row.c.learner_id]


LEARNER = Noun(
    name="Learner",
    prefix="lrn",
    table=table(LearnerRow),
    key="learner_id",
    owner=lambda r: r.c.learner_id,
    relations="learner",
    description="A child or young person the school teaches.",
    sides={"contact": contact, "attendance": attendance},
    fields=(
        Leaf("givenName", "String", "name", lambda r: r.c.given_name, "First name, as registered."),
        Leaf("familyName", "String", "name", lambda r: r.c.family_name, "Surname, as registered."),
        Leaf("preferredName", "String", "name", lambda r: r.c.preferred_name, "The first name the learner goes by."),
        Leaf("dateOfBirth", "Date", "date_of_birth", lambda r: r.c.date_of_birth, "Date of birth."),
        Leaf("age", "Int", "age", age, "Age in whole years, today."),
        Leaf("gender", "String", "gender", lambda r: r.c.gender, "Gender, in the code set that the school uses."),
        Leaf("upn", "UPN", "identifier", lambda r: r.c.upn, "Unique pupil number."),
        Leaf("misId", "String", "identifier", lambda r: r.c.mis_id, "The learner's id in the school's MIS."),
        Group(
            "yearGroup",
            "YearGroup",
            (Leaf("name", "String", "education", lambda r: r.c.year_group, "National curriculum year, such as 10."),),
            "The year group the learner is in.",
        ),
        Leaf("admittedOn", "Date", "education", lambda r: r.c.admitted_on, "First day at this school."),
        Leaf("leftOn", "Date", "education", lambda r: r.c.left_on, "The day the learner left; null while on roll."),
        Leaf(
            "keyStage2",
            "Decimal",
            "education",
            lambda r: r.c.key_stage_2,
            "Average scaled score at key stage 2, 80-120.",
        ),
        Leaf("firstLanguage", "String", "first_language", lambda r: r.c.first_language, "Code of the first language."),
        Leaf("ethnicity", "String", "ethnicity", newest("ethnicity"), "Code of the ethnic background, as declared."),
        Leaf(
            "lookedAfter",
            "String",
            "looked_after",
            newest("looked_after"),
            "Whether in the care of an authority: Y or N.",
        ),
        Leaf(
            "freeSchoolMeals",
            "String",
            "free_school_meals",
            newest("free_school_meals"),
            "Whether eligible for free school meals: Y or N.",
        ),
        Group(
            "pupilPremium",
            "PupilPremium",
            (Leaf("reason", "String", "pupil_premium", newest("pupil_premium"), "Code of the reason it is paid for."),),
            "The pupil premium, where the school is paid one.",
        ),
        Leaf(
            "serviceChild", "String", "service_child", newest("service_child"), "Child of service personnel, as a code."
        ),
        Group(
            "medical",
            "Medical",
            (
                Leaf(
                    "conditions", "[String!]", "medical", newest_list("medical"), "Conditions the school must know of."
                ),
            ),
            "Medical needs.",
        ),
        Leaf(
            "accessArrangements",
            "[String!]",
            "access_arrangements",
            newest_list("access_arrangements"),
            "What the learner is granted in examinations, such as extra time.",
        ),
        Group(
            "sen",
            "SpecialNeeds",
            (
                Leaf("provision", "String", "sen_provision", newest("sen_provision"), "N none, K SEN support, E plan."),
                Leaf("needs", "[String!]", "sen_needs", newest_list("sen_needs"), "Codes of the needs, primary first."),
            ),
            "Special educational needs.",
        ),
        Group(
            "contact",
            "LearnerContact",
            (
                Leaf("address", "String", "learner_address", lambda r: r.side("contact").address, "Home address."),
                Leaf("email", "String", "learner_contact", lambda r: r.side("contact").email, "The learner's e-mail."),
                Leaf(
                    "phone", "String", "learner_contact", lambda r: r.side("contact").phone, "The learner's telephone."
                ),
            ),
            "How to reach the learner.",
        ),
        Group(
            "attendance",
            "Attendance",
            (
                Leaf("possible", "Int", "attendance", lambda r: r.side("attendance").possible, "Sessions this year."),
                Leaf("attended", "Int", "attendance", lambda r: r.side("attendance").attended, "Sessions attended."),
                Leaf("percentage", "Decimal", "attendance", percentage, "Attended of possible sessions, in per cent."),
            ),
            "Attendance of the current school year, in half-day sessions.",
        ),
        One("tutorGroup", "TutorGroup", tutor_group, "The learner's current tutor group.", element="groups"),
        Many(
            "classes",
            "Class",
            classes,
            "Classes on the day asked for.",
            "NAME",
            element="groups",
            arguments=(AS_OF,),
            usual=12,
        ),
        Many(
            "guardians", "Guardian", links, "Guardians, as linked to this learner.", "NAME", arguments=(AS_OF,), usual=4
        ),
        Many(
            "marks",
            "Mark",
            of_learner,
            "Marks, newest first.",
            "RECORDED_AT",
            newest_first=True,
            arguments=(YEAR,),
            paged=True,
        ),
        Many("grades", "Grade", of_learner, "Grades by course and window.", "COURSE", arguments=(YEAR,), usual=40),
        Many("targets", "Target", of_learner, "Targets by course.", "COURSE", arguments=(YEAR,), usual=15),
        Many(
            "behaviour",
            "BehaviourEvent",
            of_learner,
            "Behaviour, newest first.",
            "HAPPENED_ON",
            newest_first=True,
            arguments=(YEAR,),
            usual=30,
        ),
        Many(
            "reports",
            "Report",
            reports,
            "Published reports, newest first.",
            "PUBLISHED_AT",
            newest_first=True,
            usual=10,
        ),
        ACCESS_SUMMARY,
    ),
    filters=(
        Filter("name", "TextFilter", "name", lambda r: r.c.sort_key, "Surname and first name, letters folded."),
        Filter("yearGroup", "CodeFilter", "education", lambda r: r.c.year_group, "National curriculum year."),
        Filter("gender", "CodeFilter", "gender", lambda r: r.c.gender, "Gender."),
        Filter("class", "InClassFilter", "groups", in_class, "A class the learner is in today."),
        Filter("dateOfBirth", "DateFilter", "date_of_birth", lambda r: r.c.date_of_birth, "Date of birth."),
        Filter("attendance", "DecimalFilter", "attendance", percentage, "Attendance this year, in per cent."),
        Filter("senProvision", "CodeFilter", "sen_provision", newest("sen_provision"), "Provision for special needs."),
        Filter("pupilPremium", "CodeFilter", "pupil_premium", newest("pupil_premium"), "Reason for the pupil premium."),
        Filter("ethnicity", "CodeFilter", "ethnicity", newest("ethnicity"), "Ethnic background."),
        Filter("lookedAfter", "CodeFilter", "looked_after", newest("looked_after"), "In care: Y or N."),
        Filter("freeSchoolMeals", "CodeFilter", "free_school_meals", newest("free_school_meals"), "Eligible: Y or N."),
    ),
    orders=(
        Order("NAME", "name", lambda r: r.c.sort_key, "By surname, then first name."),
        Order("YEAR_GROUP", "education", year_order, "By year group, youngest first."),
        Order("DATE_OF_BIRTH", "date_of_birth", lambda r: r.c.date_of_birth, "By date of birth, oldest first."),
        Order("ATTENDANCE", "attendance", percentage, "By attendance this year, lowest first."),
        Order("SEN_PROVISION", "sen_provision", newest("sen_provision"), "By provision for special needs."),
        Order("PUPIL_PREMIUM", "pupil_premium", newest("pupil_premium"), "By reason for the pupil premium."),
    ),
)

BEHAVIOUR_EVENT = Noun(
    name="BehaviourEvent",
    prefix="bhv",
    table=table(BehaviourEventRow),
    key="behaviour_event_id",
    owner=lambda r: r.c.learner_id,
    relations="learner",
    yearly=True,
    description="Something a learner did, well or badly, with the school's points for it.",
    fields=(
        Leaf("happenedOn", "Date", "behaviour", lambda r: r.c.happened_on, "The day it happened."),
        Leaf("kind", "String", "behaviour", lambda r: r.c.kind, "The school's word for it."),
        Leaf("points", "Int", "behaviour", lambda r: r.c.points, "Points given; below zero where taken."),
        Leaf("note", "String", "behaviour", lambda r: r.c.note, "What was noted."),
        One("learner", "Learner", lambda r, of, _: [of.c.learner_id == r.c.learner_id], "Whose it is."),
    ),
    orders=(Order("HAPPENED_ON", "behaviour", lambda r: r.c.happened_on, "By day."),),
)
