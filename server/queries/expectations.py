"""What forecasts rest on: a learner's courses as a plan passes them, with papers, marks, estimates, targets, confirmations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, true

from server.database.pool import PoolConnection
from server.grading.forecasts import Method
from server.grading.outlook import Outlook, outlook
from server.grading.papers import Contents
from server.grading.sittings import Sitting, sat_in_units
from server.policies.permit import Permit
from server.policies.plan import Plan
from server.queries.binds import SCHOOL
from server.queries.graded_by import graded_by
from server.queries.looked_at import followed, window_looked_at
from server.queries.noun import alias
from server.queries.passing import passes
from server.queries.reach.statements import Compiled, compiled, fetched
from server.queries.sittings import UpTo, sittings
from server.tables import (
    BoundarySetRow,
    CourseRow,
    LearnerRow,
    SpecificationRow,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A learner, as the viewer may know of them on a day; one window, or the newest begun in which there are marks.

    `course`: also where the learner has left it; otherwise the courses of today.
    """

    school_id: UUID
    viewer: UUID
    today: date
    learner: UUID
    course: UUID | None = None
    window: UUID | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """One course of the learner in one window. `grade`, `mark`, `target` say whether the viewer may read them there."""

    course_id: UUID
    name: str
    academic_year: int
    window_id: UUID
    window: str
    specification_id: UUID
    specification: str
    boundary_set_id: UUID
    series: str
    shift: int
    contents: Contents
    grade: bool
    mark: bool
    target: bool


@dataclass(frozen=True, slots=True)
class TeacherEstimate:
    """The newest of a component, or of the whole course where `component` is empty."""

    component: str
    version: int
    score: Decimal | None
    value: str | None
    reason: str | None
    recorded_at: datetime


@dataclass(slots=True)
class Brought:
    """What the learner brought: windows oldest first, and what teachers expect."""

    sittings: Sequence[Sitting]
    estimates: list[TeacherEstimate] = field(default_factory=list[TeacherEstimate])

    def outlook(self, course: Course, methods: Sequence[Method] = tuple(Method)) -> Outlook | None:
        """None where there is nothing to reckon from."""
        scores = {one.component: one.score for one in self.estimates if one.score is not None}
        return outlook(course.contents, self.sittings, scores, methods, course.shift)


@dataclass(frozen=True, slots=True)
class Target:
    value: str
    points: Decimal | None
    third: int
    method: str | None
    set_on: date


@dataclass(frozen=True, slots=True)
class Confirmation:
    """`name` is that of who confirmed it."""

    key: UUID
    course_id: UUID
    window_id: UUID
    method: str
    method_version: int
    value: str
    low: str | None
    high: str | None
    points: Decimal | None
    note: str | None
    confirmed_by: UUID
    confirmed_at: datetime
    name: str


_FORECAST = ("forecast", "read")
READ = (("name", "read"), _FORECAST, ("grade", "read"), ("mark", "read"), ("target", "read"))
"""What the permit of `courses` must hold."""

_ESTIMATES: LiteralString = """\
SELECT DISTINCT ON (given.place, e.component_code) given.place, e.component_code, e.version, e.score, e.value, e.reason,
    e.recorded_at
FROM unnest($3::uuid[], $4::int[]) WITH ORDINALITY AS given(course_id, academic_year, place)
JOIN usher.teacher_estimate AS e
    ON e.school_id = $1::uuid AND e.learner_id = $2::uuid AND e.course_id = given.course_id
    AND e.academic_year = given.academic_year
ORDER BY given.place, e.component_code, e.version DESC"""
_TARGETS: LiteralString = """\
SELECT t.course_id, t.value, t.points, t.third, t.method, t.set_on
FROM unnest($3::uuid[], $4::int[]) AS given(course_id, academic_year)
JOIN usher.target AS t
    ON t.school_id = $1::uuid AND t.academic_year = given.academic_year AND t.learner_id = $2::uuid
    AND t.course_id = given.course_id"""
_CONFIRMATIONS: LiteralString = """\
SELECT c.confirmation_id, c.course_id, c.window_id, c.method, c.method_version, c.value, c.low, c.high, c.points, c.note,
    c.confirmed_by, c.confirmed_at, concat_ws(' ', s.title, s.given_name, s.family_name)
FROM unnest($3::uuid[], $4::uuid[]) AS given(course_id, window_id)
JOIN usher.forecast_confirmation AS c
    ON c.school_id = $1::uuid AND c.learner_id = $2::uuid AND c.course_id = given.course_id
    AND c.window_id = given.window_id
LEFT JOIN usher.staff AS s ON s.school_id = $1::uuid AND s.staff_id = c.confirmed_by
ORDER BY c.confirmed_at DESC, c.confirmation_id DESC LIMIT 1000"""


async def courses(connection: PoolConnection, wanted: Wanted, permit: Permit) -> list[Course]:
    """By name; none where the learner or the course is not for the viewer, alike."""
    plans = tuple(permit.plan(*coordinate) for coordinate in READ)
    given = {
        "school": wanted.school_id,
        "viewer": wanted.viewer,
        "today": wanted.today,
        "learner": wanted.learner,
        "course": wanted.course,
        "window": wanted.window,
        "newest": wanted.window is None,
    }
    rows = [row async for row in fetched(connection, _statement(plans), given)]
    return [_course(*row) for row in rows]


def _course(*row: Any) -> Course:
    *head, specification, boundaries, grade, mark, target = row
    found: list[Any] = [*head, Contents(specification, boundaries), grade, mark, target]
    return Course(*found)


@lru_cache(maxsize=256)
def _statement(plans: tuple[Plan, ...]) -> Compiled:
    name, forecast, *others = plans
    course, learner = alias(CourseRow), alias(LearnerRow)
    rules, series = alias(SpecificationRow), alias(BoundarySetRow)
    window = window_looked_at(course, learner)
    by = graded_by(course, window.c.window_id, window)
    told = [passes(plan, "course", course, learner.c.learner_id).is_(True) for plan in others]
    return compiled(
        select(
            course.c.course_id,
            course.c.name,
            course.c.academic_year,
            window.c.window_id,
            window.c.name,
            rules.c.specification_id,
            rules.c.code,
            series.c.boundary_set_id,
            series.c.series,
            by.c.shift,
            rules.c.content,
            series.c.content,
            *told,
        )
        .select_from(
            course.join(learner, learner.c.school_id == SCHOOL)
            .join(window, true())
            .join(by, true())
            .join(rules, rules.c.specification_id == by.c.specification_id)
            .join(series, series.c.boundary_set_id == by.c.boundary_set_id)
        )
        .where(
            course.c.school_id == SCHOOL,
            learner.c.learner_id == bindparam("learner", type_=Uuid(), required=False),
            followed(course, learner),
            passes(name, "learner", learner, learner.c.learner_id).is_(True),
            passes(forecast, "course", course, learner.c.learner_id).is_(True),
        )
        .order_by(course.c.name, course.c.course_id)
    )


async def brought(connection: PoolConnection, school_id: UUID, learner: UUID, of: Sequence[Course]) -> list[Brought]:
    """What the learner brought to each course, in order."""
    wanted = [UpTo(learner, one.course_id, one.window_id, sat_in_units(one.contents)) for one in of]
    found = [Brought(each) for each in await sittings(connection, school_id, wanted)]
    given = [school_id, learner, [one.course_id for one in of], [one.academic_year for one in of]]
    for place, *estimate in await _fetch(connection, _ESTIMATES, given):
        found[int(place) - 1].estimates.append(TeacherEstimate(*estimate))
    return found


async def targets(
    connection: PoolConnection, school_id: UUID, learner: UUID, of: Sequence[Course]
) -> dict[UUID, Target]:
    """By course; only of those where the viewer may read it."""
    told = [one for one in of if one.target]
    given = [school_id, learner, [one.course_id for one in told], [one.academic_year for one in told]]
    return {row[0]: Target(*row[1:]) for row in await _fetch(connection, _TARGETS, given)}


async def confirmations(
    connection: PoolConnection, school_id: UUID, learner: UUID, of: Sequence[Course]
) -> dict[UUID, list[Confirmation]]:
    """By course, newest first."""
    given = [school_id, learner, [one.course_id for one in of], [one.window_id for one in of]]
    found: dict[UUID, list[Confirmation]] = defaultdict(list)
    for row in await _fetch(connection, _CONFIRMATIONS, given):
        found[row[1]].append(Confirmation(*row))
    return found


async def _fetch(connection: PoolConnection, text: LiteralString, values: Sequence[object]) -> list[tuple[Any, ...]]:
    cursor = connection.reader
    await cursor.execute(text.encode(), values)
    return await cursor.fetchall()
