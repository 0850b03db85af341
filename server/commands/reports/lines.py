"""Which lines a publication has: learners of the year group, in the courses they followed in the window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Integer, Text, Uuid, and_, bindparam, or_, select, union

from server.commands.statements import Compiled, compiled, fetch
from server.database.context import Context
from server.database.pool import PoolConnection
from server.policies.plan import Plan
from server.queries.binds import SCHOOL, TODAY
from server.queries.noun import alias
from server.queries.passing import passes
from server.tables import CourseRow, EnrolmentRow, GradeRow, LearnerRow


@dataclass(frozen=True, slots=True)
class Window:
    window_id: UUID
    academic_year: int
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Pair:
    """One learner in one course, the learner's `position`th."""

    learner_id: UUID
    course_id: UUID
    position: int


async def pairs(
    connection: PoolConnection, window: Window, year_group: str, context: Context, export: Plan, today: date
) -> list[Pair]:
    """The lines, by learner and then course name: enrolled in the window, or graded in it; as `export` lets pass."""
    statement = _statement(export)
    values = statement.values(
        {
            "school": context.school_id,
            "viewer": context.person_id,
            "today": today,
            "window": window.window_id,
            "year": window.academic_year,
            "starts": window.starts_on,
            "ends": window.ends_on,
            "year_group": year_group,
        }
    )
    found: list[Pair] = []
    for learner_id, course_id in await fetch(connection, statement.text, values):
        again = bool(found) and found[-1].learner_id == learner_id
        found.append(Pair(learner_id, course_id, found[-1].position + 1 if again else 1))
    return found


@lru_cache(maxsize=256)
def _statement(export: Plan) -> Compiled:
    return compiled(_select(export))


def _select(export: Plan) -> Any:
    followed = union(_enrolled(), _graded()).subquery()
    learner, course = alias(LearnerRow), alias(CourseRow)
    return (
        select(learner.c.learner_id, course.c.course_id)
        .select_from(
            followed.join(
                learner, and_(learner.c.school_id == SCHOOL, learner.c.learner_id == followed.c.learner_id)
            ).join(course, and_(course.c.school_id == SCHOOL, course.c.course_id == followed.c.course_id))
        )
        .where(
            learner.c.year_group == bindparam("year_group", type_=Text()),
            learner.c.admitted_on <= TODAY,
            or_(learner.c.left_on.is_(None), learner.c.left_on > TODAY),
            passes(export, "course", course, learner.c.learner_id).is_(True),
        )
        .order_by(learner.c.learner_id, course.c.name, course.c.course_id)
    )


def _enrolled() -> Any:
    seat = alias(EnrolmentRow)
    return select(seat.c.learner_id, seat.c.course_id).where(
        seat.c.school_id == SCHOOL,
        seat.c.academic_year == _year(),
        seat.c.valid_from <= bindparam("ends", type_=Date()),
        or_(seat.c.valid_to.is_(None), seat.c.valid_to > bindparam("starts", type_=Date())),
    )


def _graded() -> Any:
    grade = alias(GradeRow)
    return select(grade.c.learner_id, grade.c.course_id).where(
        grade.c.school_id == SCHOOL,
        grade.c.academic_year == _year(),
        grade.c.window_id == bindparam("window", type_=Uuid()),
    )


def _year() -> ColumnElement[int]:
    return bindparam("year", type_=Integer())
