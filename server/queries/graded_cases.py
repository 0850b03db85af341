"""One learner's graded course, as far as plans pass it, with all that a what-if may look at: one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, Boolean, Text, Uuid, and_, any_, bindparam, case, cast, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from server.database.pool import PoolConnection
from server.grading.papers import Contents
from server.grading.rule_family import RuleFamily
from server.grading.what_if import Case
from server.policies.permit import Permit
from server.policies.plan import Plan
from server.queries.binds import SCHOOL
from server.queries.constants import inline, number
from server.queries.graded_by import graded_by
from server.queries.grades import explanation_inputs
from server.queries.looked_at import followed, window_looked_at
from server.queries.noun import Row, alias
from server.queries.passing import passes
from server.queries.reach.statements import Compiled, compiled, fetched
from server.queries.sittings import sets_of_units, sittings_of
from server.queries.values import build, listed
from server.queries.view import Columns
from server.tables import AssessmentWindowRow, BoundarySetRow, CourseRow, GradeRow, LearnerRow, SpecificationRow

READ: Final = (("name", "read"), ("grade", "read"), ("mark", "read"))
"""What must be readable: the learner, the grade, and the marks that explain it, as for Grade.explanation."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`window`: the newest with a grade that the viewer may read where None. `series`: of which boundaries are wanted
    besides those of the grade."""

    school_id: UUID
    viewer: UUID
    today: date
    learner: UUID
    course: UUID
    window: UUID | None
    series: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GradedCase:
    """The stored result, by the names of its row, and what the engine needs to give it again."""

    window_id: UUID
    window: str
    case: Case


async def graded_case(connection: PoolConnection, wanted: Wanted, permit: Permit) -> GradedCase | None:
    """From the stored grade, or where there is none from what the learner brought to a course that they follow.

    None where there is no such course, or the viewer may not know of its grade or its marks, alike.
    """
    given = {
        "school": wanted.school_id,
        "viewer": wanted.viewer,
        "today": wanted.today,
        "learner": wanted.learner,
        "course": wanted.course,
        "window": wanted.window,
        "newest": wanted.window is None,
        "series": list(wanted.series),
    }
    plans = tuple(permit.plan(*coordinate) for coordinate in READ)
    for statement in (_statement(plans), _ungraded(plans)):
        rows = [row async for row in fetched(connection, statement, given)]
        if rows:
            return _case(*rows[0])
    return None


def _case(window_id: UUID, window: str, inputs: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> GradedCase:
    *earlier, own = sittings_of(inputs)
    return GradedCase(
        window_id=window_id,
        window=window,
        case=Case(
            contents=Contents(inputs["specification"], inputs["boundaries"]),
            papers=own.papers,
            marks=own.marks,
            family=RuleFamily(
                tuple(Contents(one["specification"], each) for one in rules for each in one["boundaries"])
            ),
            shift=inputs["shift"],
            earlier=tuple(earlier),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A grade's row as a declaration's SQL sees it."""

    table: Any

    @property
    def c(self) -> Any:
        return Columns(self.table)

    @property
    def parent(self) -> Any:
        raise LookupError("the grade of a what-if has no parent row")

    @property
    def asked(self) -> Any:
        raise LookupError("the grade of a what-if has no arguments")

    def side(self, name: str) -> Any:
        raise LookupError(f"the grade of a what-if has no side join {name}")


class _Told:
    """Columns of a grade's row that there isn't, from where they are to be had."""

    def __init__(self, *, learner: Any, course: Any, window: Any, by: Any) -> None:
        self._of = {
            "learner_id": Columns(learner),
            "course_id": Columns(course),
            "academic_year": Columns(course),
            "window_id": Columns(window),
            **dict.fromkeys(("specification_id", "boundary_set_id", "shift"), Columns(by)),
        }

    def __getattr__(self, name: str) -> Any:
        return self._of[name][name]


@dataclass(frozen=True, slots=True)
class _Seat(_Row):
    """A learner's place in a course and window, as if a grade stood there."""

    @property
    def c(self) -> Any:
        return self.table


@lru_cache(maxsize=256)
def _statement(plans: tuple[Plan, Plan, Plan]) -> Compiled:
    learner, *values = plans
    grade, window = alias(GradeRow, "graded"), alias(AssessmentWindowRow)
    owner = grade.c.learner_id
    return compiled(
        select(window.c.window_id, window.c.name, explanation_inputs(_Row(grade)), _rules(_Row(grade)))
        .select_from(grade.join(window, and_(window.c.school_id == SCHOOL, window.c.window_id == grade.c.window_id)))
        .where(
            grade.c.school_id == SCHOOL,
            owner == bindparam("learner", type_=Uuid(), required=False),
            grade.c.course_id == bindparam("course", type_=Uuid(), required=False),
            or_(
                bindparam("newest", type_=Boolean(), required=False).is_(True),
                grade.c.window_id == bindparam("window", type_=Uuid(), required=False),
            ),
            passes(learner, "learner", grade, owner).is_(True),
            *(passes(plan, "course", grade, owner).is_(True) for plan in values),
        )
        # A computed result before what else may stand in the row's place.
        .order_by(
            window.c.ends_on.desc(),
            window.c.window_id,
            case((grade.c.kind == inline("CURRENT"), number(0)), else_=number(1)),
        )
        .limit(number(1))
    )


@lru_cache(maxsize=256)
def _ungraded(plans: tuple[Plan, Plan, Plan]) -> Compiled:
    """The same where no grade is stored: by what the course is graded by in the window, with marks or without."""
    name, *values = plans
    course, learner = alias(CourseRow, "sat_course"), alias(LearnerRow, "sat_learner")
    window = window_looked_at(course, learner)
    by = graded_by(course, window.c.window_id, window)
    seat = _Seat(_Told(learner=learner, course=course, window=window, by=by))
    return compiled(
        select(window.c.window_id, window.c.name, explanation_inputs(seat), _rules(seat))
        .select_from(course.join(learner, learner.c.school_id == SCHOOL).join(window, true()).join(by, true()))
        .where(
            course.c.school_id == SCHOOL,
            course.c.course_id == bindparam("course", type_=Uuid(), required=False),
            learner.c.learner_id == bindparam("learner", type_=Uuid(), required=False),
            followed(course, learner),
            passes(name, "learner", learner, learner.c.learner_id).is_(True),
            *(passes(plan, "course", course, learner.c.learner_id).is_(True) for plan in values),
        )
    )


def _rules(row: Row) -> Any:
    """[{specification, boundaries: [content]}]: all versions and tiers of the qualification, newest first, with their
    boundaries of the grade's own series, of those of earlier windows that count in it, and of those named."""
    grade, own, own_set = row.c, alias(SpecificationRow), alias(BoundarySetRow)
    earlier = alias(BoundarySetRow)
    of_units = select(earlier.c.series).where(earlier.c.boundary_set_id == any_(sets_of_units(row)))
    each, held = alias(SpecificationRow), alias(BoundarySetRow)
    series = cast(held.c.content, JSON)["series"].as_string()
    boundaries = (
        select(listed(held.c.content, held.c.version, descending=True))
        .where(
            held.c.specification_id == each.c.specification_id,
            or_(
                series == cast(own_set.c.content, JSON)["series"].as_string(),
                series == any_(bindparam("series", type_=ARRAY(Text), required=False)),
                series == any_(func.array(of_units.scalar_subquery())),
            ),
        )
        .correlate(each, own_set)
        .scalar_subquery()
    )
    return (
        select(
            listed(
                build([("specification", each.c.content), ("boundaries", boundaries)]), each.c.version, descending=True
            )
        )
        .select_from(own)
        .join(own_set, own_set.c.boundary_set_id == grade.boundary_set_id)
        .join(
            each,
            and_(
                each.c.board == own.c.board,
                each.c.qualification == own.c.qualification,
                cast(each.c.content, JSON)["code"].as_string() == cast(own.c.content, JSON)["code"].as_string(),
            ),
        )
        .where(own.c.specification_id == grade.specification_id)
        .scalar_subquery()
    )
