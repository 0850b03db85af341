"""Whose results an analysis looks at: today's learners of a class, a course, or all courses of a year group."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, select
from sqlalchemy.sql.selectable import LateralFromClause

from server.queries.analysis.asking import CLASS, COURSE, probed, seated
from server.queries.analysis.sight import Sight
from server.queries.analysis.standing import WINDOW, Of, year_of
from server.queries.binds import SCHOOL
from server.queries.conditions import ALWAYS
from server.queries.constants import inline
from server.queries.noun import alias
from server.tables import AssessmentWindowRow, ClassRow, CourseRow

YEAR_GROUP: Final = bindparam("yearGroup", type_=Text(), required=False)


class Whose(StrEnum):
    """By the name of the argument."""

    CLASS = "class"
    COURSE = "course"
    YEAR_GROUP = "yearGroup"
    LEARNER = "learner"


def courses(whose: Whose) -> Of:
    """Rows of the courses that are looked at; a year group's are those of the school year of WINDOW."""
    if whose is Whose.COURSE:
        return lambda row: row.c.course_id == COURSE
    if whose is Whose.CLASS:
        return lambda row: row.c.course_id == _course_of_class()
    course = alias(CourseRow)
    wanted = select(course.c.course_id).where(
        course.c.school_id == SCHOOL,
        course.c.year_group == YEAR_GROUP,
        course.c.academic_year == year_of(WINDOW),
    )
    return lambda row: row.c.course_id.in_(wanted).is_(True)


def everywhere(_: Any) -> ColumnElement[Any]:
    """Rows of all courses."""
    return ALWAYS


def person(
    whose: Whose,
    sight: Sight,
    row: Any,
    learner: Any,
    columns: Sequence[ColumnElement[Any]] = (),
    elements: Sequence[str] = (),
) -> LateralFromClause:
    """The row's learner as `columns` of `learner`; nothing unless the asker may read the elements and the learner is
    looked at."""
    looked_at = seated(sight, learner) if whose is Whose.CLASS else ALWAYS
    return probed(
        select(learner.c.learner_id, *columns).where(
            learner.c.school_id == SCHOOL,
            learner.c.learner_id == row.c.learner_id,
            sight.of_learner(elements, learner),
            looked_at,
        )
    )


def there(whose: Whose, sight: Sight) -> Select[*tuple[Any, ...]]:
    """One row (window's name, its last day, what the class reveals) where all that was named is there for the asker."""
    window = alias(AssessmentWindowRow)
    reveals: Any = inline("").label("reveals")
    joined: Any = window
    if whose is Whose.CLASS:
        group = alias(ClassRow)
        there_ = and_(group.c.school_id == SCHOOL, group.c.class_id == CLASS, sight.of_class(group))
        joined, reveals = joined.join(group, there_), group.c.reveals.label("reveals")
    elif whose is Whose.COURSE:
        course = alias(CourseRow)
        there_ = and_(course.c.school_id == SCHOOL, course.c.course_id == COURSE, sight.of_structure(course))
        joined = joined.join(course, there_)
    return (
        select(window.c.name, window.c.ends_on, reveals)
        .select_from(joined)
        .where(window.c.school_id == SCHOOL, window.c.window_id == WINDOW, sight.of_structure(window))
    )


def _course_of_class() -> ColumnElement[Any]:
    row = alias(ClassRow)
    return select(row.c.course_id).where(row.c.school_id == SCHOOL, row.c.class_id == CLASS).scalar_subquery()
