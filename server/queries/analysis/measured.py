"""Results of all courses of a window that the asker may read, with what measures of a learner need beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, Uuid, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from server.database.pool import PoolConnection
from server.grading.measures.results import Result
from server.queries.analysis.asking import CLASS, Asking, called, probed
from server.queries.analysis.scope import Whose, courses, person, there
from server.queries.analysis.sight import Sight
from server.queries.analysis.standing import WINDOW, Of, standing, year_of
from server.queries.binds import SCHOOL, current
from server.queries.conditions import when
from server.queries.constants import inline, number
from server.queries.noun import alias
from server.tables import (
    BoundarySetRow,
    CourseRow,
    EnrolmentRow,
    GradeRow,
    LearnerRow,
    MeasureTableRow,
    SpecificationRow,
)

LEARNER: Final = bindparam("learner", type_=Uuid(), required=False)


@dataclass(frozen=True, slots=True)
class Origin:
    """Of which course a result is, and what its grade rests on."""

    course: str
    series: str
    shift: int
    rounding: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Taken:
    """One learner's results. `whole`: whatever results there are, the asker may read each; `prior_read`: and prior
    attainment, which is None where there is none or it may not be read. `origins` are by the result's name."""

    learner_id: UUID
    name: str
    whole: bool
    prior_read: bool
    prior: Fraction | None
    results: tuple[Result, ...]
    origins: dict[str, Origin]


@dataclass(frozen=True, slots=True)
class School:
    """`year` is the school year of the window by its first September; `state` names the stored tables of measures."""

    year: int
    reveals: str | None
    state: str
    taken: tuple[Taken, ...]


async def taken(connection: PoolConnection, asking: Asking, whose: Whose) -> School | None:
    """In order of names. None where the window, learner or class is not there for the asker. Raises psycopg.Error."""
    rows = await asking.rows(connection, ("measured", whose), lambda: _statement(asking.sight, whose))
    if not rows:
        return None
    year, reveals, state = rows[0][:3]
    held = [row[3:] for row in rows if row[3] is not None]
    found = [_taken(list(several)) for _, several in groupby(held, key=lambda row: row[0])]
    # Who else is looked at follows from a result that the asker reads, too.
    looked_at = {row[0] for row in held if row[-1]}
    return School(year, reveals, state, tuple(one for one in found if one.learner_id in looked_at))


def _taken(rows: Sequence[tuple[Any, ...]]) -> Taken:
    learner_id, name, whole, prior_read, prior = rows[0][:5]
    results: list[Result] = []
    origins: dict[str, Origin] = {}
    for course_id, title, year_group, specification, grade, *grounds, _ in (row[5:] for row in rows):
        # Names of courses may be alike; the name goes first, so that what is ordered by it is in order for a reader.
        key = f"{title}/{course_id.hex}"
        origins[key] = Origin(title, *grounds)
        results.append(Result(key, year_group, specification, grade))
    average = Fraction(prior) if isinstance(prior, Decimal) else None
    return Taken(learner_id, name, whole, prior_read, average, tuple(results), origins)


def _statement(sight: Sight, whose: Whose) -> Select[*tuple[Any, ...]]:
    learner, studied = alias(LearnerRow), alias(CourseRow)
    rules, figures = alias(SpecificationRow), alias(BoundarySetRow)
    base = _there(whose, sight).subquery("there")
    found = standing(sight, _of(whose), WINDOW)
    of_learner, prior_read = sight.of_learner(("grade",), learner), sight.of_learner(("education",), learner)
    who = person(
        whose,
        sight,
        found,
        learner,
        (
            called(learner).label("called"),
            learner.c.sort_key,
            (of_learner if sight.by_learner("grade") else number(1) == number(0)).label("whole"),
            prior_read.label("prior_read"),
            when(prior_read, learner.c.key_stage_2).label("prior"),
        ),
    )
    course = probed(
        select(studied.c.name, studied.c.year_group, _looked_at(whose, studied).label("looked_at")).where(
            studied.c.school_id == SCHOOL, studied.c.course_id == found.c.course_id
        )
    )
    graded_by = probed(
        select(rules.c.code, figures.c.series)
        .select_from(rules.join(figures, figures.c.specification_id == rules.c.specification_id))
        .where(
            rules.c.specification_id == found.c.specification_id, figures.c.boundary_set_id == found.c.boundary_set_id
        )
    )
    held = (
        select(
            found.c.learner_id, who.c.called, who.c.whole, who.c.prior_read, who.c.prior,
            found.c.course_id, course.c.name, course.c.year_group, graded_by.c.code, found.c.value,
            graded_by.c.series, found.c.shift, found.c.rounding, found.c.confidence, course.c.looked_at, who.c.sort_key,
        )
        .select_from(found.join(who, true()).join(course, true()).join(graded_by, true()))
        .subquery("held")
    )  # fmt: skip
    return (
        select(year_of(WINDOW), func.nullif(base.c.reveals, inline("")), stored_state(), *list(held.c)[:-1])
        .select_from(base.outerjoin(held, true()))
        .order_by(held.c.sort_key, held.c.learner_id, held.c.name, held.c.course_id)
    )


def _there(whose: Whose, sight: Sight) -> Select[*tuple[Any, ...]]:
    """A learner is there who exists for the asker."""
    found = there(whose, sight)
    if whose is not Whose.LEARNER:
        return found
    learner = alias(LearnerRow)
    own = select(learner.c.learner_id).where(
        learner.c.school_id == SCHOOL, learner.c.learner_id == LEARNER, sight.of_learner((), learner)
    )
    return found.where(own.exists())


def _of(whose: Whose) -> Of:
    """Results of the learners who are looked at, in whatever course."""
    if whose is Whose.LEARNER:
        return lambda row: row.c.learner_id == LEARNER
    if whose is Whose.CLASS:
        seat = alias(EnrolmentRow)
        seats = select(seat.c.learner_id).where(seat.c.school_id == SCHOOL, seat.c.class_id == CLASS, *current(seat))
        # Not a join: PostgreSQL expects one learner behind the walls, and would compare every row with each.
        return lambda row: row.c.learner_id.in_(seats).is_(True)
    row_ = alias(GradeRow)
    graded = select(row_.c.learner_id).where(
        row_.c.school_id == SCHOOL,
        row_.c.academic_year == year_of(WINDOW),
        row_.c.window_id == WINDOW,
        courses(whose)(row_),
    )
    return lambda row: row.c.learner_id.in_(graded).is_(True)


def _looked_at(whose: Whose, course: Any) -> ColumnElement[Any]:
    """Whether a result in the course makes its learner one of those who are looked at."""
    if whose is not Whose.YEAR_GROUP:
        return number(1) == number(1)
    return course.c.year_group == bindparam("yearGroup", type_=Text(), required=False)


def stored_state() -> ColumnElement[Any]:
    """Names the rows of measure_table: they are never changed."""
    row = alias(MeasureTableRow)
    listed = func.string_agg(row.c.digest, aggregate_order_by(inline(","), row.c.digest))
    return select(
        func.encode(func.sha256(func.convert_to(func.coalesce(listed, inline("")), inline("UTF8"))), inline("hex"))
    ).scalar_subquery()


async def stored_tables(connection: PoolConnection, asking: Asking) -> list[tuple[str, int, str, str]]:
    """Name, version, digest and content of each, oldest version first. Raises psycopg.Error."""
    rows = await asking.rows(connection, "measure tables", _tables)
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _tables() -> Select[*tuple[Any, ...]]:
    row = alias(MeasureTableRow)
    return select(row.c.name, row.c.version, row.c.digest, row.c.content).order_by(row.c.version, row.c.name)
