"""Grades of a course as they stood once and for all, counted in SQL: for those who may count and not read.

The moment follows from rows that never change: the end of the window's last day, or of the day on which the course's
first grade of that window was computed, if that is later. So there are no figures of two days to subtract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, Date, DateTime, Select, Subquery, and_, cast, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from server.database.pool import PoolConnection
from server.queries.analysis.asking import COURSE, Asking
from server.queries.analysis.sight import Sight
from server.queries.analysis.standing import WINDOW, as_it_stood, moment, year_of
from server.queries.binds import SCHOOL, current
from server.queries.constants import inline, number
from server.queries.noun import alias
from server.tables import (
    AssessmentWindowRow,
    CourseRow,
    GradeRow,
    GradeVersionRow,
    LearnerFlagRow,
    SchoolRow,
    SpecificationRow,
)

NOW: Final = moment("now")


@dataclass(frozen=True, slots=True)
class Counted:
    """`content` is of the specification that most were graded by, whatever the course names today; `closed`: the moment
    is to come, or somebody's data is restricted today."""

    content: str | None
    threshold: int
    at: datetime | None
    closed: bool
    counts: Mapping[str, int]


async def counted(connection: PoolConnection, asking: Asking) -> Counted | None:
    """None where the window or course is not there for the asker. Raises psycopg.Error, and KeyError without "now"."""
    rows = await asking.rows(connection, "counted", lambda: _statement(asking.sight))
    if not rows:
        return None
    content, threshold, at, passed = rows[0][:4]
    closed = not passed or any(row[6] for row in rows)
    return Counted(content, threshold, at, closed, {row[4]: row[5] for row in rows if row[4] is not None})


def _statement(sight: Sight) -> Select[*tuple[Any, ...]]:
    course, window, school = alias(CourseRow), alias(AssessmentWindowRow), alias(SchoolRow)
    rules = alias(SpecificationRow)
    settled = _settled()
    at = select(settled.c.at).scalar_subquery()
    held = _held(at)
    counts = _counts(held)
    joined = (
        course.join(window, and_(window.c.school_id == SCHOOL, window.c.window_id == WINDOW))
        .join(school, school.c.school_id == SCHOOL)
        .outerjoin(rules, rules.c.specification_id == _graded_by(held))
        .outerjoin(counts, true())
    )
    return (
        select(
            rules.c.content,
            school.c.suppression_threshold,
            at.label("at"),
            func.coalesce(at <= NOW, False).label("passed"),
            *counts.c,
        )
        .select_from(joined)
        .where(
            course.c.school_id == SCHOOL,
            course.c.course_id == COURSE,
            sight.of_structure(course),
            sight.of_structure(window),
        )
    )


def _of_course(row: Any) -> ColumnElement[bool]:
    return row.c.course_id == COURSE


def _settled() -> CTE:
    """One moment, looked up once; none where nothing was ever computed."""
    window = alias(AssessmentWindowRow)
    first = func.least(_first(alias(GradeRow)), _first(alias(GradeVersionRow)))
    day = func.greatest(window.c.ends_on, cast(first, Date), type_=Date())
    after = cast(day + number(1), DateTime(timezone=True))
    return (
        select(after.label("at"))
        .where(window.c.school_id == SCHOOL, window.c.window_id == WINDOW, first.is_not(None))
        .cte("settled")
    )


def _first(row: Any) -> ColumnElement[Any]:
    return (
        select(func.min(row.c.computed_at))
        .where(
            row.c.school_id == SCHOOL,
            row.c.academic_year == year_of(WINDOW),
            row.c.window_id == WINDOW,
            row.c.course_id == COURSE,
        )
        .scalar_subquery()
    )


def _held(at: ColumnElement[Any]) -> CTE:
    found = as_it_stood(_of_course, WINDOW, at).subquery()
    return (
        select(found.c.learner_id, found.c.value, found.c.specification_id)
        .ext(distinct_on(found.c.learner_id))
        .order_by(found.c.learner_id, (found.c.kind == inline("CURRENT")).desc(), found.c.kind)
        .cte("held")
    )


def _graded_by(held: CTE) -> ColumnElement[Any]:
    by = held.c.specification_id
    return select(by).group_by(by).order_by(func.count().desc(), by).limit(number(1)).scalar_subquery()


def _counts(one: CTE) -> Subquery:
    """By grade, how many held it, and whether anybody of them is of restricted data today."""
    flag = alias(LearnerFlagRow)
    restricted = select(flag.c.learner_id).where(
        flag.c.school_id == SCHOOL, flag.c.kind == inline("RESTRICTED"), *current(flag)
    )
    return (
        select(one.c.value, func.count().label("n"), func.bool_or(one.c.learner_id.in_(restricted)).label("closed"))
        .group_by(one.c.value)
        .subquery("counts")
    )
