"""The grades of a window that the asker may read, with what an analysis sets them beside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, true

from server.database.pool import PoolConnection
from server.queries.analysis.asking import Asking, called
from server.queries.analysis.scope import Whose, courses, members, other_courses, there
from server.queries.analysis.sight import Sight
from server.queries.analysis.standing import WINDOW, others, standing, year_of
from server.queries.binds import SCHOOL
from server.queries.constants import inline
from server.queries.noun import alias
from server.queries.special import newest
from server.queries.statistic_groups import Dimension
from server.queries.statistics import COLUMNS
from server.tables import CourseRow, LearnerRow, TargetRow


@dataclass(frozen=True, slots=True)
class Held:
    """One learner's grade in one course. `beside` is what was asked for beside it."""

    learner_id: UUID
    name: str
    course_id: UUID
    course: str
    grade: str | None
    points: Decimal | None
    next_grade: str | None
    marks_to_next: str | None
    beside: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Cohort:
    """A window's grades in order of names. `reveals` is the element that the class asked for tells of its learners."""

    window: str
    ends_on: date
    reveals: str | None
    held: tuple[Held, ...]
    learners: frozenset[UUID] = field(default_factory=frozenset[UUID])


async def cohort(connection: PoolConnection, asking: Asking, whose: Whose) -> Cohort | None:
    """None where the window, class or course is not there for the asker. Raises psycopg.Error."""
    return _cohort(await asking.rows(connection, ("cohort", whose), lambda: _statement(asking.sight, whose)))


async def grouped(connection: PoolConnection, asking: Asking, whose: Whose, by: Dimension) -> Cohort | None:
    """Only of learners of whom the asker may read the dimension's element too; `beside` is its value."""

    def statement() -> Select[*tuple[Any, ...]]:
        learner = alias(LearnerRow)
        value = learner.c[by.source] if by.source in COLUMNS else newest(by.source)(learner)
        return _statement(asking.sight, whose, learner, (by.element,), (value,))

    return _cohort(await asking.rows(connection, ("grouped", whose, by.name), statement))


async def aimed(connection: PoolConnection, asking: Asking, whose: Whose) -> Cohort | None:
    """`beside` are the points of the target, and the sum and number of the learner's points in other courses."""
    return _cohort(await asking.rows(connection, ("aimed", whose), lambda: _aimed(asking.sight, whose)))


def _aimed(sight: Sight, whose: Whose) -> Select[*tuple[Any, ...]]:
    target = alias(TargetRow)
    rest = others(sight, other_courses(whose), WINDOW)

    def own_target(found: Any) -> ColumnElement[bool]:
        return and_(
            target.c.school_id == SCHOOL,
            target.c.academic_year == year_of(WINDOW),
            target.c.learner_id == found.c.learner_id,
            target.c.course_id == found.c.course_id,
            sight.of_row(("target",), target),
        )

    def own_rest(found: Any) -> ColumnElement[bool]:
        return rest.c.learner_id == found.c.learner_id

    beside = (target.c.points, rest.c.total, rest.c.number)
    return _statement(sight, whose, None, (), beside, ((target, own_target), (rest, own_rest)))


def _cohort(rows: Sequence[tuple[Any, ...]]) -> Cohort | None:
    if not rows:
        return None
    window, ends_on, reveals = rows[0][:3]
    held = tuple(Held(*row[3:11], beside=row[11:]) for row in rows if row[3] is not None)
    return Cohort(window, ends_on, reveals, held, frozenset(one.learner_id for one in held))


def _statement(
    sight: Sight,
    whose: Whose,
    learner: Any = None,
    elements: Sequence[str] = (),
    beside: Sequence[ColumnElement[Any]] = (),
    joins: Sequence[tuple[Any, Callable[[Any], ColumnElement[bool]]]] = (),
) -> Select[*tuple[Any, ...]]:
    learner = alias(LearnerRow) if learner is None else learner
    course = alias(CourseRow)
    base = there(whose, sight).subquery("there")
    found = standing(sight, courses(whose), WINDOW)
    joined: Any = found.join(
        learner, and_(learner.c.school_id == SCHOOL, learner.c.learner_id == found.c.learner_id)
    ).join(course, and_(course.c.school_id == SCHOOL, course.c.course_id == found.c.course_id))
    for table, matching in joins:
        joined = joined.outerjoin(table, matching(found))
    held = (
        select(
            found.c.learner_id, called(learner).label("called"), found.c.course_id, course.c.name,
            found.c.value, found.c.points, found.c.next_grade, found.c.marks_to_next,
            *(value.label(f"beside_{place}") for place, value in enumerate(beside)),
            learner.c.sort_key,
        )
        .select_from(joined)
        .where(sight.of_learner(elements, learner), members(whose, sight, learner))
        .subquery("held")
    )  # fmt: skip
    return (
        select(base.c.name, base.c.ends_on, func.nullif(base.c.reveals, inline("")), *list(held.c)[:-1])
        .select_from(base.outerjoin(held, true()))
        .order_by(held.c.sort_key, held.c.learner_id, held.c.name, held.c.course_id)
    )
