"""What forecasts rest on: learners' courses as a plan passes them, with papers, marks, estimates, targets, confirmations.

As many statements for a class as for one learner.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, LiteralString
from uuid import UUID

from sqlalchemy import Integer, Uuid, any_, bindparam, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from server.database.pool import PoolConnection
from server.grading.forecasts import Method
from server.grading.outlook import Looked, Outlook, outlooks
from server.grading.papers import Contents
from server.grading.sittings import Sitting, sat_in_units
from server.policies.permit import Permit
from server.policies.plan import Plan
from server.queries.analysis.asking import called
from server.queries.binds import SCHOOL
from server.queries.graded_by import graded_by
from server.queries.looked_at import followed, window_looked_at
from server.queries.noun import alias
from server.queries.passing import passes
from server.queries.reach.statements import Compiled, compiled, fetched
from server.queries.series_contents import rules_of
from server.queries.sittings import UpTo, sittings
from server.tables import (
    BoundarySetRow,
    CourseRow,
    LearnerRow,
    SpecificationRow,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Learners, as the viewer may know of them on a day; one window, or the newest begun in which each has marks.

    `course`: also where the learner has left it; otherwise the courses of today.
    """

    school_id: UUID
    viewer: UUID
    today: date
    learners: Sequence[UUID]
    course: UUID | None = None
    window: UUID | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """One course of a learner in one window. `grade`, `mark`, `target` say whether the viewer may read them there."""

    learner_id: UUID
    learner: str
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

    def looked(self, course: Course) -> Looked:
        scores = {one.component: one.score for one in self.estimates if one.score is not None}
        return Looked(course.contents, self.sittings, scores, course.shift)


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
    shift: int | None
    note: str | None
    confirmed_by: UUID
    confirmed_at: datetime
    name: str


_FORECAST = ("forecast", "read")
READ = (("name", "read"), _FORECAST, ("grade", "read"), ("mark", "read"), ("target", "read"))
"""What the permit of `courses` must hold."""

MOST_CONFIRMATIONS: Final = 100
"""Of a learner in a course, the newest."""
Pair = tuple[UUID, UUID]
"""A learner and a course."""

_ESTIMATES: Final[LiteralString] = """\
SELECT DISTINCT ON (given.place, e.component_code) given.place, e.component_code, e.version, e.score, e.value, e.reason,
    e.recorded_at
FROM unnest($2::uuid[], $3::uuid[], $4::int[]) WITH ORDINALITY AS given(learner_id, course_id, academic_year, place)
JOIN usher.teacher_estimate AS e
    ON e.school_id = $1::uuid AND e.learner_id = given.learner_id AND e.course_id = given.course_id
    AND e.academic_year = given.academic_year
ORDER BY given.place, e.component_code, e.version DESC"""
_TARGETS: Final[LiteralString] = """\
SELECT t.learner_id, t.course_id, t.value, t.points, t.third, t.method, t.set_on
FROM unnest($2::uuid[], $3::uuid[], $4::int[]) AS given(learner_id, course_id, academic_year)
JOIN usher.target AS t
    ON t.school_id = $1::uuid AND t.academic_year = given.academic_year AND t.learner_id = given.learner_id
    AND t.course_id = given.course_id"""
_CONFIRMATIONS: Final[LiteralString] = """\
SELECT given.learner_id, c.confirmation_id, c.course_id, c.window_id, c.method, c.method_version, c.value, c.low, c.high,
    c.points, c.shift, c.note, c.confirmed_by, c.confirmed_at, concat_ws(' ', s.title, s.given_name, s.family_name)
FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) AS given(learner_id, course_id, window_id)
CROSS JOIN LATERAL (
    SELECT own.*
    FROM usher.forecast_confirmation AS own
    WHERE own.school_id = $1::uuid AND own.learner_id = given.learner_id AND own.course_id = given.course_id
        AND own.window_id = given.window_id
    ORDER BY own.confirmed_at DESC, own.confirmation_id DESC LIMIT $5::int
) AS c
LEFT JOIN usher.staff AS s ON s.school_id = $1::uuid AND s.staff_id = c.confirmed_by
ORDER BY c.confirmed_at DESC, c.confirmation_id DESC"""
# Each set of rules once, however many sat by it.
_CONTENTS: Final[LiteralString] = """\
SELECT b.boundary_set_id, s.content, b.content
FROM unnest($1::uuid[], $2::uuid[]) AS given(boundary_set_id, specification_id)
JOIN usher.boundary_set AS b ON b.boundary_set_id = given.boundary_set_id
JOIN usher.specification AS s ON s.specification_id = given.specification_id"""


async def courses(connection: PoolConnection, wanted: Wanted, permit: Permit, most: int | None = None) -> list[Course]:
    """By learner, in order of names, then by course; none where the learner or the course is not for the viewer, alike.

    Over `most` there are `most` and one more, and they can't be reckoned with.
    """
    plans = tuple(permit.plan(*coordinate) for coordinate in READ)
    given = {
        "school": wanted.school_id,
        "viewer": wanted.viewer,
        "today": wanted.today,
        "learners": list(wanted.learners),
        "course": wanted.course,
        "window": wanted.window,
        "newest": wanted.window is None,
        "most": None if most is None else most + 1,
    }
    rows = [row async for row in fetched(connection, _statement(plans), given)]
    held = {row[_SERIES]: row[_RULES] for row in rows}
    asked = [list(held), list(held.values())]
    contents = {key: Contents(*both) for key, *both in await _fetch(connection, _CONTENTS, asked)} if held else {}
    return [_course(row, contents) for row in rows]


# Where they stand in a row of `_statement`.
_RULES, _SERIES, _SHIFT = 7, 9, 11


def _course(row: Sequence[Any], contents: Mapping[UUID, Contents]) -> Course:
    head, told = row[: _SHIFT + 1], row[_SHIFT + 1 :]
    found: list[Any] = [*head, contents[row[_SERIES]], *told]
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
            learner.c.learner_id,
            called(learner),
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
            learner.c.learner_id == any_(bindparam("learners", type_=ARRAY(Uuid()), required=False)),
            followed(course, learner),
            passes(name, "learner", learner, learner.c.learner_id).is_(True),
            passes(forecast, "course", course, learner.c.learner_id).is_(True),
        )
        .order_by(learner.c.sort_key, learner.c.learner_id, course.c.name, course.c.course_id)
        .limit(bindparam("most", type_=Integer(), required=False))
    )


async def brought(connection: PoolConnection, school_id: UUID, of: Sequence[Course]) -> list[Brought]:
    """What the learners brought to each course, in order."""
    wanted = [UpTo(one.learner_id, one.course_id, one.window_id, sat_in_units(one.contents)) for one in of]
    sat = await sittings(connection, school_id, wanted)
    rules = {one.boundary_set_id: one.contents for one in of}
    rules |= await rules_of(connection, {one.under for each in sat for one in each if one.under} - rules.keys())
    found = [Brought([one.by(rules) for one in each]) for each in sat]
    for place, *estimate in await _fetch(connection, _ESTIMATES, [school_id, *_pairs(of), _years(of)]):
        found[int(place) - 1].estimates.append(TeacherEstimate(*estimate))
    return found


def reckoned(
    of: Sequence[Course], sat: Sequence[Brought], methods: Sequence[Method] = tuple(Method)
) -> list[Outlook | None]:
    """By what was brought to each course, in order; None where there is nothing to reckon from."""
    return outlooks([one.looked(course) for course, one in zip(of, sat, strict=True)], methods)


async def targets(connection: PoolConnection, school_id: UUID, of: Sequence[Course]) -> dict[Pair, Target]:
    """Only of those where the viewer may read it."""
    told = [one for one in of if one.target]
    rows = await _fetch(connection, _TARGETS, [school_id, *_pairs(told), _years(told)])
    return {(row[0], row[1]): Target(*row[2:]) for row in rows}


async def confirmations(
    connection: PoolConnection, school_id: UUID, of: Sequence[Course]
) -> dict[Pair, list[Confirmation]]:
    """Newest first, at most MOST_CONFIRMATIONS of a learner in a course and window."""
    given = [school_id, *_pairs(of), [one.window_id for one in of], MOST_CONFIRMATIONS]
    found: dict[Pair, list[Confirmation]] = defaultdict(list)
    for row in await _fetch(connection, _CONFIRMATIONS, given):
        found[row[0], row[2]].append(Confirmation(*row[1:]))
    return found


def _pairs(of: Sequence[Course]) -> tuple[list[UUID], list[UUID]]:
    return [one.learner_id for one in of], [one.course_id for one in of]


def _years(of: Sequence[Course]) -> list[int]:
    return [one.academic_year for one in of]


async def _fetch(connection: PoolConnection, text: LiteralString, values: Sequence[object]) -> list[tuple[Any, ...]]:
    cursor = connection.reader
    await cursor.execute(text.encode(), values)
    return await cursor.fetchall()
