"""School, tutor groups, courses and classes: how the school is organised."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Select, and_, exists, func, literal, select

from server.queries.binds import SCHOOL, current
from server.queries.constants import number
from server.queries.learners import AS_OF
from server.queries.noun import Argument, Filter, Leaf, Many, Noun, One, Order, Row, Tally, alias, table
from server.queries.statistic_groups import SMALLEST
from server.tables import (
    AssessmentClassRow,
    AssessmentRow,
    AssessmentWindowRow,
    BoundarySetRow,
    ClassRow,
    CourseRow,
    EnrolmentRow,
    SchoolRow,
    SpecificationRow,
    TeachingAssignmentRow,
    TutorGroupRow,
    TutorMembershipRow,
)

STRUCTURE = "school_structure"


def course_of(row: Row) -> Select[*tuple[Any, ...]]:
    course = alias(CourseRow)
    return select(course.c.subject, course.c.department, course.c.year_group).where(
        course.c.school_id == SCHOOL, course.c.course_id == row.c.course_id
    )


def specification_of(row: Row) -> Select[*tuple[Any, ...]]:
    specification = alias(SpecificationRow)
    return select(
        specification.c.code, specification.c.board, specification.c.title, specification.c.qualification
    ).where(specification.c.specification_id == row.c.specification_id)


def series_of(row: Row) -> Select[*tuple[Any, ...]]:
    held = alias(BoundarySetRow)
    return select(held.c.series, held.c.version, held.c.source, held.c.confidence).where(
        held.c.boundary_set_id == row.c.boundary_set_id
    )


def members(row: Row, learner: Any, asked: Any) -> list[Any]:
    member = alias(TutorMembershipRow)
    return [
        learner.c.learner_id.in_(
            select(member.c.learner_id).where(
                member.c.school_id == SCHOOL,
                member.c.tutor_group_id == row.c.tutor_group_id,
                *current(member, asked.day),
            )
        )
    ]


def learners(row: Row, learner: Any, asked: Any) -> list[Any]:
    seat = alias(EnrolmentRow)
    return [
        learner.c.learner_id.in_(
            select(seat.c.learner_id).where(
                seat.c.school_id == SCHOOL, seat.c.class_id == row.c.class_id, *current(seat, asked.day)
            )
        )
    ]


def seats(row: Row, seat: Any, asked: Any) -> list[Any]:
    return [seat.c.class_id == row.c.class_id, *current(seat, asked.day)]


def _newest_window(row: Row) -> Any:
    """The newest window of the assessments that the class sat."""
    sitting, paper, window = alias(AssessmentClassRow), alias(AssessmentRow), alias(AssessmentWindowRow)
    papers = sitting.join(
        paper, and_(paper.c.school_id == SCHOOL, paper.c.assessment_id == sitting.c.assessment_id)
    ).join(window, and_(window.c.school_id == SCHOOL, window.c.window_id == paper.c.window_id))
    return (
        select(window.c.window_id)
        .select_from(papers)
        .where(sitting.c.school_id == SCHOOL, sitting.c.class_id == row.c.class_id)
        .order_by(window.c.ends_on.desc(), window.c.window_id)
        .limit(literal(1, literal_execute=True))
        .scalar_subquery()
    )


def graded(row: Row, grade: Any, asked: Any) -> list[Any]:
    """Grades of today's learners of the class, in its course and one window.

    Where none is named it is the newest in which the class sat anything: grades that the asker may not see have no say.
    """
    seat = alias(EnrolmentRow)
    chosen = asked.value("window")
    if chosen is None:
        chosen = _newest_window(row)
    return [
        grade.c.academic_year == row.c.academic_year,
        grade.c.course_id == row.c.course_id,
        grade.c.window_id == chosen,
        grade.c.value.is_not(None),
        grade.c.learner_id.in_(
            select(seat.c.learner_id).where(
                seat.c.school_id == SCHOOL, seat.c.class_id == row.c.class_id, *current(seat)
            )
        ),
    ]


def teachers(row: Row, staff: Any, asked: Any) -> list[Any]:
    taught = alias(TeachingAssignmentRow)
    return [
        staff.c.staff_id.in_(
            select(taught.c.staff_id).where(
                taught.c.school_id == SCHOOL, taught.c.class_id == row.c.class_id, *current(taught, asked.day)
            )
        )
    ]


def sat(row: Row, assessment: Any, _: Any) -> list[Any]:
    sitting = alias(AssessmentClassRow)
    return [
        exists().where(
            sitting.c.school_id == SCHOOL,
            sitting.c.class_id == row.c.class_id,
            sitting.c.assessment_id == assessment.c.assessment_id,
        )
    ]


def of_course(row: Row, of: Any, _: Any) -> list[Any]:
    return [of.c.course_id == row.c.course_id]


SCHOOL_NOUN = Noun(
    name="School",
    prefix="sch",
    table=table(SchoolRow),
    key="school_id",
    relations="home",
    description="The school whose data this token opens.",
    orders=(Order("NAME", STRUCTURE, lambda r: r.c.name, "By name."),),
    fields=(
        Leaf("name", "String", STRUCTURE, lambda r: r.c.name, "The school's name."),
        Leaf("urn", "String", STRUCTURE, lambda r: r.c.urn, "Unique reference number of the establishment."),
        Leaf("laestab", "String", STRUCTURE, lambda r: r.c.laestab, "Authority and establishment number."),
        Leaf(
            "academicYear",
            "Int",
            STRUCTURE,
            lambda r: r.c.academic_year,
            "The year the current school year began in.",
        ),
        Leaf(
            "smallNumberThreshold",
            "Int",
            STRUCTURE,
            lambda r: func.greatest(r.c.suppression_threshold, number(SMALLEST), type_=Integer()),
            "The fewest learners of whom a figure is told to those who may only count.",
        ),
    ),
)

TUTOR_GROUP = Noun(
    name="TutorGroup",
    exists_as="Class",
    prefix="tut",
    table=table(TutorGroupRow),
    key="tutor_group_id",
    relations="school",
    description="A group of one year that a tutor looks after.",
    fields=(
        Leaf("name", "String", STRUCTURE, lambda r: r.c.name, "The group's name, such as 10B."),
        Leaf("yearGroup", "String", STRUCTURE, lambda r: r.c.year_group, "National curriculum year."),
        Many(
            "learners",
            "Learner",
            members,
            "Learners of the group.",
            "NAME",
            target_element="groups",
            arguments=(AS_OF,),
            usual=35,
        ),
    ),
    orders=(Order("NAME", STRUCTURE, lambda r: r.c.name, "By name."),),
)

COURSE = Noun(
    name="Course",
    prefix="crs",
    table=table(CourseRow),
    key="course_id",
    relations="school",
    description="One subject as one year group follows it, against a specification and a series.",
    sides={"specification": specification_of, "series": series_of},
    fields=(
        Leaf("name", "String", STRUCTURE, lambda r: r.c.name, "The course's name."),
        Leaf("subject", "String", STRUCTURE, lambda r: r.c.subject, "The subject."),
        Leaf("department", "String", STRUCTURE, lambda r: r.c.department, "The department that teaches it."),
        Leaf("yearGroup", "String", STRUCTURE, lambda r: r.c.year_group, "National curriculum year."),
        Leaf("academicYear", "Int", STRUCTURE, lambda r: r.c.academic_year, "The year the school year began in."),
        Leaf("board", "String", STRUCTURE, lambda r: r.side("specification").board, "The awarding body."),
        Leaf(
            "specification", "String", STRUCTURE, lambda r: r.side("specification").code, "Code of the specification."
        ),
        Leaf("qualification", "String", STRUCTURE, lambda r: r.side("specification").qualification, "Its kind."),
        Leaf("series", "String", STRUCTURE, lambda r: r.side("series").series, "The series whose boundaries are used."),
        Many("classes", "Class", of_course, "Classes that follow the course.", "NAME", usual=10),
        Many("assessments", "Assessment", of_course, "Assessments of the course.", "HELD_ON", usual=40),
        Many(
            "gradings",
            "WindowGrading",
            of_course,
            "In which windows it was graded by another series or shifted boundaries, newest first.",
            "SET_AT",
            newest_first=True,
            usual=5,
        ),
        Many(
            "scales",
            "CourseScale",
            of_course,
            "The grades it has without a specification, newest first.",
            "VERSION",
            newest_first=True,
            usual=2,
        ),
    ),
    orders=(Order("NAME", STRUCTURE, lambda r: r.c.name, "By name."),),
)

CLASS = Noun(
    name="Class",
    prefix="cls",
    table=table(ClassRow),
    key="class_id",
    relations="school",
    description="Learners who are taught one course together.",
    sides={"course": course_of},
    reveals=lambda r: r.c.reveals,
    fields=(
        Leaf("name", "String", STRUCTURE, lambda r: r.c.name, "The class's name, such as 10B/Ma1."),
        Leaf("academicYear", "Int", STRUCTURE, lambda r: r.c.academic_year, "The year the school year began in."),
        Leaf("subject", "String", STRUCTURE, lambda r: r.side("course").subject, "The subject taught."),
        One("course", "Course", lambda r, of, _: [of.c.course_id == r.c.course_id], "The course it follows."),
        Many(
            "teachers", "Staff", teachers, "Who teaches it on the day asked for.", "NAME", arguments=(AS_OF,), usual=3
        ),
        Many(
            "learners",
            "Learner",
            learners,
            "Learners in it on the day asked for.",
            "NAME",
            target_element="groups",
            arguments=(AS_OF,),
            usual=35,
        ),
        Many("assessments", "Assessment", sat, "Assessments that the class sat.", "HELD_ON", usual=40),
        Many(
            "markbook",
            "MarkbookRow",
            seats,
            "A row for each learner, a cell for each assessment.",
            "NAME",
            target_element="groups",
            arguments=(
                Argument(
                    "assessments", "[ID!]", "The assessments to show; all that the class sat where left out.", "asm"
                ),
                AS_OF,
            ),
            usual=35,
        ),
        Tally(
            "gradeDistribution",
            "GradeCount",
            "Grade",
            "value",
            graded,
            "How many learners of the class hold each grade, over the grades you may read.",
            arguments=(
                Argument(
                    "window",
                    "ID",
                    "The assessment window; the newest that the class sat in where left out.",
                    "win",
                ),
            ),
        ),
    ),
    filters=(
        Filter("name", "LabelFilter", STRUCTURE, lambda r: r.c.name, "The class's name."),
        Filter("subject", "CodeFilter", STRUCTURE, lambda r: r.side("course").subject, "The subject taught."),
        Filter(
            "yearGroup", "CodeFilter", STRUCTURE, lambda r: r.side("course").year_group, "National curriculum year."
        ),
        Filter("academicYear", "IntFilter", STRUCTURE, lambda r: r.c.academic_year, "The year it began in."),
    ),
    orders=(
        Order("NAME", STRUCTURE, lambda r: r.c.name, "By name."),
        Order("SUBJECT", STRUCTURE, lambda r: r.side("course").subject, "By subject."),
    ),
)
