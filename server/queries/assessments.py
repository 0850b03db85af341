"""Assessments, and the markbook: a class's learners against its assessments."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Integer, Select, and_, cast, exists, func, literal, select

from server.queries.binds import SCHOOL
from server.queries.classes import STRUCTURE
from server.queries.constants import inline, number
from server.queries.noun import Filter, Leaf, Many, Noun, One, Order, Row, alias, table
from server.tables import (
    AssessmentClassRow,
    AssessmentRow,
    AssessmentWindowRow,
    EnrolmentRow,
    LearnerRow,
    MarkRow,
    MarkVersionRow,
    WindowStepRow,
)


def sat_by(row: Row, of: Any, _: Any) -> list[Any]:
    sitting = alias(AssessmentClassRow)
    return [
        exists().where(
            sitting.c.school_id == SCHOOL,
            sitting.c.assessment_id == row.c.assessment_id,
            sitting.c.class_id == of.c.class_id,
        )
    ]


def marks_of(row: Row, mark: Any, _: Any) -> list[Any]:
    return [mark.c.academic_year == row.c.academic_year, mark.c.assessment_id == row.c.assessment_id]


def steps_of_course(row: Row, step: Any, _: Any) -> list[Any]:
    return [step.c.window_id == row.c.window_id, step.c.course_id == row.c.course_id]


def last_step(row: Row) -> Select[*tuple[Any, ...]]:
    """Of the course in the window."""
    step = alias(WindowStepRow)
    return (
        select(step.c.state, step.c.step)
        .where(step.c.school_id == SCHOOL, *steps_of_course(row, step, None))
        .order_by(step.c.step.desc())
        .limit(number(1))
    )


WINDOW = Noun(
    name="AssessmentWindow",
    prefix="win",
    table=table(AssessmentWindowRow),
    key="window_id",
    relations="school",
    exists_as="Assessment",
    description="A stretch of the year in which assessments are sat together, such as autumn mocks.",
    fields=(
        Leaf("name", "String", STRUCTURE, lambda r: r.c.name, "The window's name."),
        Leaf("startsOn", "Date", STRUCTURE, lambda r: r.c.starts_on, "First day."),
        Leaf("endsOn", "Date", STRUCTURE, lambda r: r.c.ends_on, "Last day."),
        Leaf("academicYear", "Int", STRUCTURE, lambda r: r.c.academic_year, "The year the school year began in."),
        Many(
            "assessments",
            "Assessment",
            lambda r, of, _: [of.c.window_id == r.c.window_id],
            "What is sat in it.",
            "HELD_ON",
            usual=100,
        ),
        Many(
            "steps",
            "WindowStep",
            lambda r, of, _: [of.c.window_id == r.c.window_id],
            "When courses were locked, moderated and reopened in it, newest first.",
            "TAKEN_AT",
            newest_first=True,
            usual=100,
        ),
    ),
    orders=(Order("STARTS_ON", STRUCTURE, lambda r: r.c.starts_on, "By first day."),),
)

WINDOW_STEP = Noun(
    name="WindowStep",
    prefix="wst",
    table=table(WindowStepRow),
    key="course_id",
    relations="school",
    exists_as="Assessment",
    node=False,
    description="A change of whether the marks of a course may be entered in a window.",
    fields=(
        Leaf("step", "Int", STRUCTURE, lambda r: r.c.step, "1 for the course's first in the window."),
        Leaf("state", "WindowState", STRUCTURE, lambda r: r.c.state, "Where it led."),
        Leaf("reason", "String", STRUCTURE, lambda r: r.c.reason, "Why it was taken."),
        Leaf("takenAt", "DateTime", STRUCTURE, lambda r: r.c.taken_at, "When it was taken."),
        One("takenBy", "Staff", lambda r, of, _: [of.c.staff_id == r.c.taken_by], "Who took it."),
        One("course", "Course", lambda r, of, _: [of.c.course_id == r.c.course_id], "The course."),
    ),
    orders=(
        Order("STEP", STRUCTURE, lambda r: r.c.step, "By number."),
        Order("TAKEN_AT", STRUCTURE, lambda r: r.c.taken_at, "By time."),
    ),
)

ASSESSMENT = Noun(
    name="Assessment",
    prefix="asm",
    table=table(AssessmentRow),
    key="assessment_id",
    relations="school",
    description="One component of a course, sat in one window by some classes.",
    sides={"last": last_step},
    fields=(
        Leaf("name", "String", STRUCTURE, lambda r: r.c.name, "The assessment's name."),
        Leaf("component", "String", STRUCTURE, lambda r: r.c.component_code, "Code of the specification's component."),
        Leaf("maximum", "Decimal", STRUCTURE, lambda r: r.c.maximum, "The highest raw mark."),
        Leaf("step", "Decimal", STRUCTURE, lambda r: r.c.step, "The smallest difference of two marks: 1 or 0.5."),
        Leaf("heldOn", "Date", STRUCTURE, lambda r: r.c.held_on, "The day it is held."),
        Leaf("academicYear", "Int", STRUCTURE, lambda r: r.c.academic_year, "The year the school year began in."),
        Leaf(
            "windowState",
            "WindowState",
            STRUCTURE,
            lambda r: func.coalesce(r.side("last").state, inline("OPEN")),
            "Whether marks of its course may be entered in its window.",
        ),
        Leaf(
            "windowStep",
            "Int",
            STRUCTURE,
            lambda r: func.coalesce(r.side("last").step, number(0), type_=Integer()),
            "Number of the last step, 0 for none; give it as expectedStep.",
        ),
        Many(
            "steps",
            "WindowStep",
            steps_of_course,
            "When the course was locked, moderated and reopened in the window, newest first.",
            "STEP",
            newest_first=True,
            usual=5,
        ),
        One("window", "AssessmentWindow", lambda r, of, _: [of.c.window_id == r.c.window_id], "When it belongs."),
        One("course", "Course", lambda r, of, _: [of.c.course_id == r.c.course_id], "The course it belongs to."),
        Many("classes", "Class", sat_by, "Classes that sit it.", "NAME", usual=10),
        Many("marks", "Mark", marks_of, "Marks given, newest first.", "RECORDED_AT", newest_first=True, paged=True),
    ),
    filters=(
        Filter("name", "LabelFilter", STRUCTURE, lambda r: r.c.name, "The assessment's name."),
        Filter("heldOn", "DateFilter", STRUCTURE, lambda r: r.c.held_on, "The day it is held."),
    ),
    orders=(Order("HELD_ON", STRUCTURE, lambda r: r.c.held_on, "By the day it is held."),),
)


def name_of(row: Row) -> Select[*tuple[Any, ...]]:
    learner = alias(LearnerRow)
    return select(learner.c.sort_key).where(learner.c.school_id == SCHOOL, learner.c.learner_id == row.c.learner_id)


def asked_for(row: Row, assessment: Any, _: Any) -> list[Any]:
    """The assessments that the markbook was asked for, and that its class sat."""
    sitting, wanted = alias(AssessmentClassRow), row.asked.value("assessments")
    return [
        exists().where(
            sitting.c.school_id == SCHOOL,
            sitting.c.class_id == row.c.class_id,
            sitting.c.assessment_id == assessment.c.assessment_id,
        ),
        *(() if wanted is None else (assessment.c.assessment_id == func.any(wanted),)),
    ]


def mark_then(row: Row) -> Select[*tuple[Any, ...]]:
    """The first attempt's newest version on the day asked for."""
    mark, version = alias(MarkRow), alias(MarkVersionRow)
    return (
        select(version.c.state, version.c.score, version.c.version)
        .select_from(
            mark.join(
                version,
                and_(
                    version.c.school_id == SCHOOL,
                    version.c.academic_year == mark.c.academic_year,
                    version.c.mark_id == mark.c.mark_id,
                ),
            )
        )
        .where(
            mark.c.school_id == SCHOOL,
            mark.c.academic_year == row.c.academic_year,
            mark.c.assessment_id == row.c.assessment_id,
            mark.c.learner_id == row.parent.c.learner_id,
            mark.c.attempt == literal(1, literal_execute=True),
            cast(func.timezone("UTC", version.c.recorded_at), Date) <= row.asked.day,
        )
        .order_by(version.c.version.desc())
        .limit(literal(1, literal_execute=True))
    )


MARKBOOK_ROW = Noun(
    name="MarkbookRow",
    exists_as="Membership",
    prefix="mbr",
    table=table(EnrolmentRow),
    key="enrolment_id",
    owner=lambda r: r.c.learner_id,
    relations="course",
    node=False,
    description="A learner's line in a markbook.",
    sides={"learner": name_of},
    fields=(
        One("learner", "Learner", lambda r, of, _: [of.c.learner_id == r.c.learner_id], "Whose line it is."),
        Many("cells", "MarkbookCell", asked_for, "A cell for each assessment, in order of day.", "HELD_ON", usual=30),
    ),
    orders=(Order("NAME", "name", lambda r: r.side("learner").sort_key, "By surname, then first name."),),
)

MARKBOOK_CELL = Noun(
    name="MarkbookCell",
    exists_as="Assessment",
    prefix="mbc",
    table=table(AssessmentRow),
    key="assessment_id",
    owner=lambda r: r.parent.c.learner_id,
    relations="course",
    node=False,
    description="What one learner holds in one assessment; an empty cell is NOT_ENTERED with version 0.",
    sides={"mark": mark_then},
    fields=(
        Leaf("state", "MarkState", "mark", lambda r: func.coalesce(r.side("mark").state, "NOT_ENTERED"), "The state."),
        Leaf("score", "Decimal", "mark", lambda r: r.side("mark").score, "Raw mark; null unless SCORED."),
        Leaf("maximum", "Decimal", STRUCTURE, lambda r: r.c.maximum, "The highest raw mark."),
        Leaf(
            "version",
            "Int",
            "mark",
            lambda r: func.coalesce(r.side("mark").version, cast(literal(0, literal_execute=True), Integer)),
            "Version of the mark; 0 where none was ever entered. Give it back as expectedVersion.",
        ),
        One(
            "assessment", "Assessment", lambda r, of, _: [of.c.assessment_id == r.c.assessment_id], "What was assessed."
        ),
    ),
    orders=(Order("HELD_ON", STRUCTURE, lambda r: r.c.held_on, "By the day it is held."),),
)
