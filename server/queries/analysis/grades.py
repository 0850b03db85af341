"""The grades of a window that the asker may read, with what an analysis sets them beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, true

from server.database.pool import PoolConnection
from server.queries.analysis.asking import Asking, called, probed
from server.queries.analysis.scope import Whose, courses, everywhere, person, there
from server.queries.analysis.sight import Sight
from server.queries.analysis.standing import WINDOW, beside_others, standing, year_of
from server.queries.binds import SCHOOL
from server.queries.constants import inline
from server.queries.noun import alias
from server.queries.special import newest
from server.queries.statistic_groups import Dimension
from server.queries.statistics import COLUMNS
from server.tables import BoundarySetRow, CourseRow, LearnerRow, SpecificationRow, TargetRow


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
    return _cohort(await asking.rows(connection, ("cohort", whose), lambda: _plain(asking.sight, whose)))


async def ruled(connection: PoolConnection, asking: Asking, whose: Whose) -> Cohort | None:
    """`beside` are specification, series, shift, rounding and confidence."""

    def statement() -> Select[*tuple[Any, ...]]:
        sight = asking.sight
        found, learner = standing(sight, courses(whose), WINDOW), alias(LearnerRow)
        who = person(whose, sight, found, learner, _name(learner))
        rules, series = alias(SpecificationRow), alias(BoundarySetRow)
        of = (
            select(rules.c.code).where(rules.c.specification_id == found.c.specification_id).scalar_subquery(),
            select(series.c.series).where(series.c.boundary_set_id == found.c.boundary_set_id).scalar_subquery(),
        )
        return _statement(sight, whose, found, who, (*of, found.c.shift, found.c.rounding, found.c.confidence))

    return _cohort(await asking.rows(connection, ("ruled", whose), statement))


async def grouped(connection: PoolConnection, asking: Asking, whose: Whose, by: Dimension) -> Cohort | None:
    """Only of learners of whom the asker may read the dimension's element too; `beside` is its value."""

    def statement() -> Select[*tuple[Any, ...]]:
        learner = alias(LearnerRow)
        value = learner.c[by.source] if by.source in COLUMNS else newest(by.source)(learner)
        found = standing(sight, courses(whose), WINDOW)
        who = person(whose, sight, found, learner, (*_name(learner), value.label("level")), (by.element,))
        return _statement(sight, whose, found, who, (who.c.level,))

    sight = asking.sight
    return _cohort(await asking.rows(connection, ("grouped", whose, by.name), statement))


async def aimed(connection: PoolConnection, asking: Asking, whose: Whose) -> Cohort | None:
    """`beside` are the points of the target and its third, and the sum and number of the learner's points in other courses."""
    return _cohort(await asking.rows(connection, ("aimed", whose), lambda: _aimed(asking.sight, whose)))


def _aimed(sight: Sight, whose: Whose) -> Select[*tuple[Any, ...]]:
    row, learner = alias(TargetRow), alias(LearnerRow)
    every = standing(sight, everywhere, WINDOW)
    found = beside_others(every, courses(whose))
    target = probed(
        select(row.c.points, row.c.third).where(
            row.c.school_id == SCHOOL,
            row.c.academic_year == year_of(WINDOW),
            row.c.learner_id == found.c.learner_id,
            row.c.course_id == found.c.course_id,
            sight.of_row(("target",), row),
        )
    )
    who = person(whose, sight, found, learner, _name(learner))
    return _statement(
        sight, whose, found, who, (target.c.points, target.c.third, found.c.total, found.c.number), target
    )


def _cohort(rows: Sequence[tuple[Any, ...]]) -> Cohort | None:
    if not rows:
        return None
    window, ends_on, reveals = rows[0][:3]
    held = tuple(Held(*row[3:11], beside=row[11:]) for row in rows if row[3] is not None)
    return Cohort(window, ends_on, reveals, held, frozenset(one.learner_id for one in held))


def _name(learner: Any) -> tuple[ColumnElement[Any], ...]:
    return called(learner).label("called"), learner.c.sort_key


def _plain(sight: Sight, whose: Whose) -> Select[*tuple[Any, ...]]:
    found, learner = standing(sight, courses(whose), WINDOW), alias(LearnerRow)
    return _statement(sight, whose, found, person(whose, sight, found, learner, _name(learner)))


def _statement(
    sight: Sight,
    whose: Whose,
    found: Any,
    who: Any,
    beside: Sequence[ColumnElement[Any]] = (),
    target: Any = None,
) -> Select[*tuple[Any, ...]]:
    """Grades that were found, with who holds them and, where there is one, the `target`."""
    row = alias(CourseRow)
    base = there(whose, sight).subquery("there")
    course = probed(select(row.c.name).where(row.c.school_id == SCHOOL, row.c.course_id == found.c.course_id))
    joined = found.join(who, true()).join(course, true())
    joined = joined if target is None else joined.outerjoin(target, true())
    held = (
        select(
            found.c.learner_id, who.c.called, found.c.course_id, course.c.name,
            found.c.value, found.c.points, found.c.next_grade, found.c.marks_to_next,
            *(value.label(f"beside_{place}") for place, value in enumerate(beside)),
            who.c.sort_key,
        )
        .select_from(joined)
        .subquery("held")
    )  # fmt: skip
    return (
        select(base.c.name, base.c.ends_on, func.nullif(base.c.reveals, inline("")), *list(held.c)[:-1])
        .select_from(base.outerjoin(held, true()))
        .order_by(held.c.sort_key, held.c.learner_id, held.c.name, held.c.course_id)
    )
