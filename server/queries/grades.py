"""Grade: what marks come to under a specification and a series; Target: what was aimed at."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Text, and_, cast, func, literal, select

from server.queries.binds import SCHOOL
from server.queries.classes import series_of, specification_of
from server.queries.noun import Explained, Filter, Leaf, Noun, One, Order, Row, alias, table
from server.tables import (
    AssessmentRow,
    AssessmentWindowRow,
    BoundarySetRow,
    CourseRow,
    GradeRow,
    MarkRow,
    SpecificationRow,
    TargetRow,
)


def course_of(row: Row) -> Select[Any]:
    course = alias(CourseRow)
    return select(course.c.name).where(course.c.school_id == SCHOOL, course.c.course_id == row.c.course_id)


def window_of(row: Row) -> Select[Any]:
    window = alias(AssessmentWindowRow)
    return select(window.c.name, window.c.ends_on).where(
        window.c.school_id == SCHOOL, window.c.window_id == row.c.window_id
    )


def _key(name: str) -> Any:
    return literal(name, literal_execute=True)


def explanation_inputs(row: Row) -> Any:
    """{specification, boundaries: canonical JSON texts, marks: {component: {state, score}}}: what the grade came from."""
    specification, boundaries = alias(SpecificationRow), alias(BoundarySetRow)
    assessment, mark = alias(AssessmentRow), alias(MarkRow)
    marks = (
        select(
            func.json_object_agg(
                assessment.c.component_code,
                func.json_build_object(
                    _key("state"),
                    func.coalesce(mark.c.state, _key("NOT_ENTERED")),
                    _key("score"),
                    cast(mark.c.score, Text),
                ),
            )
        )
        .select_from(
            assessment.outerjoin(
                mark,
                and_(
                    mark.c.school_id == SCHOOL,
                    mark.c.academic_year == row.c.academic_year,
                    mark.c.assessment_id == assessment.c.assessment_id,
                    mark.c.learner_id == row.c.learner_id,
                    mark.c.attempt == literal(1, literal_execute=True),
                ),
            )
        )
        .where(
            assessment.c.school_id == SCHOOL,
            assessment.c.course_id == row.c.course_id,
            assessment.c.window_id == row.c.window_id,
        )
        .scalar_subquery()
    )
    return func.json_build_object(
        _key("specification"),
        select(specification.c.content)
        .where(specification.c.specification_id == row.c.specification_id)
        .scalar_subquery(),
        _key("boundaries"),
        select(boundaries.c.content).where(boundaries.c.boundary_set_id == row.c.boundary_set_id).scalar_subquery(),
        _key("marks"),
        marks,
    )


GRADE = Noun(
    name="Grade",
    prefix="grd",
    table=table(GradeRow),
    key="grade_id",
    owner=lambda r: r.c.learner_id,
    relations="course",
    yearly=True,
    description="What a learner's marks come to, in one course and window, under a specification and a series.",
    sides={"course": course_of, "window": window_of, "specification": specification_of, "series": series_of},
    fields=(
        Leaf("value", "String", "grade", lambda r: r.c.value, "The grade; null while marks are missing."),
        Leaf("kind", "String", "grade", lambda r: r.c.kind, "How it came to be; CURRENT is computed from marks."),
        Leaf("status", "GradeStatus", "grade", lambda r: r.c.status, "Whether every component is in."),
        Leaf("points", "Decimal", "grade", lambda r: r.c.points, "The grade's points."),
        Leaf("fine", "Decimal", "grade", lambda r: r.c.fine, "Grade points with the way to the next one."),
        Leaf("basis", "String", "grade", lambda r: r.side("window").name, "The assessment window it rests on."),
        Leaf("subjectMark", "String", "grade", lambda r: r.c.subject_mark, "Weighted total, an exact fraction."),
        Leaf("nextGrade", "String", "grade", lambda r: r.c.next_grade, "The grade above; null at the top."),
        Leaf("marksToNext", "String", "grade", lambda r: r.c.marks_to_next, "Subject marks short of it, exact."),
        Leaf("floor", "String", "grade", lambda r: r.c.floor, "The grade if missing marks were 0."),
        Leaf("ceiling", "String", "grade", lambda r: r.c.ceiling, "The grade if missing marks were full."),
        Leaf("method", "String", "grade", lambda r: r.c.rounding, "How a fractional total is rounded."),
        Leaf("shift", "Int", "grade", lambda r: r.c.shift, "How far boundaries were shifted, in per cent."),
        Leaf("confidence", "String", "grade", lambda r: r.c.confidence, "How sure the boundaries are."),
        Leaf("flags", "[String!]", "grade", lambda r: func.to_json(r.c.flags), "What to know, such as absences."),
        Leaf("specification", "String", "grade", lambda r: r.side("specification").code, "Code of the specification."),
        Leaf("series", "String", "grade", lambda r: r.side("series").series, "The series whose boundaries were used."),
        Leaf("computedAt", "DateTime", "grade", lambda r: r.c.computed_at, "When it was computed."),
        Leaf("version", "Int", "grade", lambda r: r.c.version, "Rises with each computation that changed it."),
        One("course", "Course", lambda r, of, _: [of.c.course_id == r.c.course_id], "The course."),
        One("learner", "Learner", lambda r, of, _: [of.c.learner_id == r.c.learner_id], "Whose grade it is."),
        Explained(
            "explanation",
            "GradeExplanation",
            "grade",
            ("mark",),
            explanation_inputs,
            "Why it is this grade, step by step, and the cheapest ways to the next.",
        ),
    ),
    filters=(Filter("value", "CodeFilter", "grade", lambda r: r.c.value, "The grade."),),
    orders=(
        Order("COURSE", "grade", lambda r: r.side("course").name, "By name of the course."),
        Order("POINTS", "grade", lambda r: r.c.points, "By points, lowest first."),
    ),
)

TARGET = Noun(
    name="Target",
    prefix="tgt",
    table=table(TargetRow),
    key="target_id",
    owner=lambda r: r.c.learner_id,
    relations="course",
    yearly=True,
    description="The grade a learner aims at in a course.",
    sides={"course": course_of},
    fields=(
        Leaf("value", "String", "target", lambda r: r.c.value, "The grade aimed at."),
        Leaf("points", "Decimal", "target", lambda r: r.c.points, "Its points."),
        Leaf("setOn", "Date", "target", lambda r: r.c.set_on, "The day it was set."),
        One("course", "Course", lambda r, of, _: [of.c.course_id == r.c.course_id], "The course."),
        One("learner", "Learner", lambda r, of, _: [of.c.learner_id == r.c.learner_id], "Whose target it is."),
    ),
    orders=(Order("COURSE", "target", lambda r: r.side("course").name, "By name of the course."),),
)
