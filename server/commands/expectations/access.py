"""Which learners and courses of a batch the caller may write to: one statement, the same whatever it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, column, exists, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from server.commands.statements import Compiled, compiled, fetch
from server.database.context import Context
from server.database.pool import PoolConnection
from server.grading.papers import Contents
from server.policies.plan import Plan
from server.queries.binds import SCHOOL
from server.queries.noun import alias
from server.queries.passing import passes
from server.tables import BoundarySetRow, CourseRow, CourseScaleRow, EnrolmentRow, LearnerRow, SpecificationRow

Pair = tuple[UUID, UUID]
"""A learner and a course."""


@dataclass(frozen=True, slots=True)
class Place:
    """A learner and course that may be written to. `follows`: the learner is, was or will be in a class of it.

    `contents` are None where the course is not graded. `scale` are the points of its own grades, if it has a scale
    instead of a specification; plain labels have none.
    """

    academic_year: int
    follows: bool
    contents: Contents | None
    scale: Mapping[str, Fraction | None] | None


async def places(
    connection: PoolConnection, pairs: Sequence[Pair], context: Context, write: Plan, today: date
) -> list[Place | None]:
    """In order; None alike for what is unknown, of another school or out of scope."""
    statement = _statement(write)
    given = {
        "school": context.school_id,
        "viewer": context.person_id,
        "today": today,
        "learners": [learner for learner, _ in pairs],
        "courses": [course for _, course in pairs],
    }
    rows = await fetch(connection, statement.text, statement.values(given))
    return [_place(*row) for row in rows]


def _place(
    writable: bool,
    year: int,
    follows: bool,
    specification: str | None,
    boundaries: str | None,
    *scale: list[str] | None,
) -> Place | None:
    if not writable:
        return None
    contents = None if specification is None or boundaries is None else Contents(specification, boundaries)
    return Place(year, follows, contents, _scale(*scale) if specification is None else None)


def _scale(grades: list[str] | None, points: list[str] | None) -> dict[str, Fraction | None] | None:
    if grades is None:
        return None
    exact: list[Fraction | None] = [Fraction(one) for one in points or ()]
    return dict(zip(grades, exact or [None] * len(grades), strict=True))


@lru_cache(maxsize=256)
def _statement(write: Plan) -> Compiled:
    given = (
        func.unnest(bindparam("learners", type_=ARRAY(Uuid())), bindparam("courses", type_=ARRAY(Uuid())))
        .table_valued(column("learner", Uuid()), column("course", Uuid()), with_ordinality="place", name="given")
        .render_derived()
    )
    course, learner, seat = alias(CourseRow), alias(LearnerRow), alias(EnrolmentRow)
    rules, series = alias(SpecificationRow), alias(BoundarySetRow)
    held = alias(CourseScaleRow)
    scale = (
        select(held.c.grades, held.c.points)
        .where(held.c.school_id == SCHOOL, held.c.course_id == course.c.course_id)
        .order_by(held.c.version.desc())
        .limit(literal_column("1"))
        .correlate(course)
        .lateral("scale")
    )
    known = and_(course.c.course_id.is_not(None), learner.c.learner_id.is_not(None))
    follows = exists(
        select(seat.c.enrolment_id).where(
            seat.c.school_id == SCHOOL,
            seat.c.learner_id == learner.c.learner_id,
            seat.c.course_id == course.c.course_id,
        )
    )
    of_course = and_(course.c.school_id == SCHOOL, course.c.course_id == given.c.course)
    of_learner = and_(learner.c.school_id == SCHOOL, learner.c.learner_id == given.c.learner)
    built: Any = (
        select(
            and_(known, passes(write, "course", course, learner.c.learner_id)).is_(True),
            course.c.academic_year,
            follows,
            rules.c.content,
            series.c.content,
            scale.c.grades,
            scale.c.points,
        )
        .select_from(
            given.outerjoin(course, of_course)
            .outerjoin(learner, of_learner)
            .outerjoin(rules, rules.c.specification_id == course.c.specification_id)
            .outerjoin(series, series.c.boundary_set_id == course.c.boundary_set_id)
            .outerjoin(scale, true())
        )
        .order_by(given.c.place)
    )
    return compiled(built)
