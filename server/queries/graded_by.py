"""What a course is graded by in a window: the series and the shift that were set for it, or else the course's series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, RawCursor
from sqlalchemy import Integer, Uuid, and_, any_, bindparam, case, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from server.database.pool import PoolConnection
from server.grading.papers import Contents
from server.grading.sittings import sat_in_units
from server.queries.binds import SCHOOL
from server.queries.constants import number
from server.queries.noun import alias
from server.queries.reach.statements import Compiled, compiled
from server.tables import AssessmentRow, BoundarySetRow, CourseRow, SpecificationRow, WindowGradingRow


class Held(NamedTuple):
    """A course in a window."""

    course_id: UUID
    window_id: UUID


@dataclass(frozen=True, slots=True)
class GradedBy:
    """`shift` in per cent."""

    specification_id: UUID
    boundary_set_id: UUID
    shift: int
    contents: Contents

    @property
    def in_units(self) -> bool:
        """Whether earlier windows count."""
        return sat_in_units(self.contents)


def graded_by(course: Any, window_id: Any, *also: Any) -> Any:
    """A lateral row of specification_id, boundary_set_id and shift, for a row of the course; `also` are the other tables
    that it looks at. None for a course without a specification.

    A series of another specification than the course's counts for nothing; its shift does.
    """
    own, chosen, choice = alias(SpecificationRow), alias(SpecificationRow), alias(WindowGradingRow)
    of_it = and_(
        choice.c.school_id == SCHOOL, choice.c.course_id == course.c.course_id, choice.c.window_id == window_id
    )
    same = and_(chosen.c.specification_id == choice.c.specification_id, chosen.c.code == own.c.code)
    other = chosen.c.specification_id.is_not(None)
    return (
        select(
            func.coalesce(chosen.c.specification_id, own.c.specification_id).label("specification_id"),
            case((other, choice.c.boundary_set_id), else_=course.c.boundary_set_id).label("boundary_set_id"),
            func.coalesce(choice.c.shift, number(0), type_=Integer()).label("shift"),
        )
        .select_from(own.outerjoin(choice, of_it).outerjoin(chosen, same))
        .where(own.c.specification_id == course.c.specification_id, course.c.boundary_set_id.is_not(None))
        .order_by(choice.c.version.desc().nulls_last())
        .limit(number(1))
        .correlate(course, *also)
        .lateral("graded_by")
    )


async def graded_in(connection: PoolConnection, school_id: UUID, courses: Iterable[UUID]) -> Mapping[Held, GradedBy]:
    """Of every window in which such a course has papers; none of a course that isn't graded. Raises psycopg.Error."""
    cursor = connection.reader
    statement, values = _asked(school_id, courses)
    await cursor.execute(statement, values)
    return _read(await cursor.fetchall())


def graded_now(connection: Connection[Any], school_id: UUID, courses: Iterable[UUID]) -> Mapping[Held, GradedBy]:
    """The same, for an import's plain connection."""
    statement, values = _asked(school_id, courses)
    return _read(RawCursor(connection).execute(statement, values).fetchall())


def _asked(school_id: UUID, courses: Iterable[UUID]) -> tuple[bytes, list[object]]:
    statement = _statement()
    given: dict[str, object] = {**statement.constants, "school": school_id, "courses": sorted(set(courses))}
    return statement.text.encode(), [given[name] for name in statement.names]


def _read(rows: Iterable[tuple[Any, ...]]) -> dict[Held, GradedBy]:
    return {Held(row[0], row[1]): GradedBy(row[2], row[3], row[4], Contents(row[5], row[6])) for row in rows}


@lru_cache(maxsize=1)
def _statement() -> Compiled:
    paper, course = alias(AssessmentRow), alias(CourseRow)
    rules, series = alias(SpecificationRow), alias(BoundarySetRow)
    held = (
        select(paper.c.course_id, paper.c.window_id)
        .where(
            paper.c.school_id == SCHOOL,
            paper.c.course_id == any_(bindparam("courses", type_=ARRAY(Uuid()), required=False)),
        )
        .distinct()
        .subquery("held")
    )
    by = graded_by(course, held.c.window_id, held)
    return compiled(
        select(
            held.c.course_id,
            held.c.window_id,
            by.c.specification_id,
            by.c.boundary_set_id,
            by.c.shift,
            rules.c.content,
            series.c.content,
        ).select_from(
            held.join(course, and_(course.c.school_id == SCHOOL, course.c.course_id == held.c.course_id))
            .join(by, true())
            .join(rules, rules.c.specification_id == by.c.specification_id)
            .join(series, series.c.boundary_set_id == by.c.boundary_set_id)
        )
    )
