"""Grade: what marks come to under a specification and a series."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from server.queries.binds import SCHOOL
from server.queries.classes import series_of, specification_of
from server.queries.noun import Explained, Filter, Leaf, Many, Noun, One, Order, Row, alias, table
from server.queries.sittings import papers_of, series_of_units
from server.queries.values import build
from server.tables import (
    AssessmentWindowRow,
    BoundarySetRow,
    CourseRow,
    GradeRow,
    GradeVersionRow,
    SpecificationRow,
)


def course_of(row: Row) -> Select[*tuple[Any, ...]]:
    course = alias(CourseRow)
    return select(course.c.name).where(course.c.school_id == SCHOOL, course.c.course_id == row.c.course_id)


def window_of(row: Row) -> Select[*tuple[Any, ...]]:
    window = alias(AssessmentWindowRow)
    return select(window.c.name, window.c.ends_on).where(
        window.c.school_id == SCHOOL, window.c.window_id == row.c.window_id
    )


def explanation_inputs(row: Row) -> Any:
    """{specification, boundaries: canonical JSON texts, papers, series: what was sat, and by what earlier windows are graded,
    as server.queries.sittings tells it, shift}."""
    specification, boundaries = alias(SpecificationRow), alias(BoundarySetRow)
    rules = select(specification.c.content).where(specification.c.specification_id == row.c.specification_id)
    series = select(boundaries.c.content).where(boundaries.c.boundary_set_id == row.c.boundary_set_id)
    return build(
        [
            ("specification", rules.scalar_subquery()),
            ("boundaries", series.scalar_subquery()),
            ("papers", papers_of(row)),
            ("series", series_of_units(row)),
            ("shift", row.c.shift),
        ]
    )


def of_grade(row: Row, of: Any, _: Any) -> list[Any]:
    return [of.c.academic_year == row.c.academic_year, of.c.grade_id == row.c.grade_id]


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
        Many(
            "history",
            "GradeVersion",
            of_grade,
            "The results that this one replaced, newest first.",
            "VERSION",
            newest_first=True,
            usual=5,
        ),
        Explained(
            "explanation",
            "GradeExplanation",
            "grade",
            ("mark",),
            explanation_inputs,
            "Why it is this grade, step by step, and the cheapest ways to the next; null where its rules refuse the marks.",
        ),
    ),
    filters=(Filter("value", "CodeFilter", "grade", lambda r: r.c.value, "The grade."),),
    orders=(
        Order("COURSE", "grade", lambda r: r.side("course").name, "By name of the course."),
        Order("POINTS", "grade", lambda r: r.c.points, "By points, lowest first."),
    ),
)

GRADE_VERSION = Noun(
    name="GradeVersion",
    exists_as="Grade",
    prefix="gvn",
    table=table(GradeVersionRow),
    key="version",
    owner=lambda r: r.c.learner_id,
    relations="course",
    yearly=True,
    node=False,
    description="A grade as it once stood, under the specification and the series of that time.",
    sides={"specification": specification_of, "series": series_of},
    fields=(
        Leaf("version", "Int", "grade", lambda r: r.c.version, "1 for the first."),
        Leaf("value", "String", "grade", lambda r: r.c.value, "The grade then; null while marks were missing."),
        Leaf("kind", "String", "grade", lambda r: r.c.kind, "How it came to be."),
        Leaf("status", "GradeStatus", "grade", lambda r: r.c.status, "Whether every component was in."),
        Leaf("points", "Decimal", "grade", lambda r: r.c.points, "The grade's points."),
        Leaf("fine", "Decimal", "grade", lambda r: r.c.fine, "Grade points with the way to the next one."),
        Leaf("subjectMark", "String", "grade", lambda r: r.c.subject_mark, "Weighted total, an exact fraction."),
        Leaf("nextGrade", "String", "grade", lambda r: r.c.next_grade, "The grade above; null at the top."),
        Leaf("marksToNext", "String", "grade", lambda r: r.c.marks_to_next, "Subject marks short of it, exact."),
        Leaf("floor", "String", "grade", lambda r: r.c.floor, "The grade if missing marks were 0."),
        Leaf("ceiling", "String", "grade", lambda r: r.c.ceiling, "The grade if missing marks were full."),
        Leaf("method", "String", "grade", lambda r: r.c.rounding, "How a fractional total was rounded."),
        Leaf("shift", "Int", "grade", lambda r: r.c.shift, "How far boundaries were shifted, in per cent."),
        Leaf("confidence", "String", "grade", lambda r: r.c.confidence, "How sure the boundaries were."),
        Leaf("flags", "[String!]", "grade", lambda r: func.to_json(r.c.flags), "What there was to know."),
        Leaf("specification", "String", "grade", lambda r: r.side("specification").code, "Code of the specification."),
        Leaf("series", "String", "grade", lambda r: r.side("series").series, "The series whose boundaries were used."),
        Leaf("computedAt", "DateTime", "grade", lambda r: r.c.computed_at, "When it was computed."),
        Leaf("replacedAt", "DateTime", "grade", lambda r: r.c.replaced_at, "When another result took its place."),
    ),
    orders=(Order("VERSION", "grade", lambda r: r.c.version, "By version."),),
)
