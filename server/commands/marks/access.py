"""Which entries of a batch the caller may write: one statement, the same whatever it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, case, column, desc, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from server.commands.marks.entries import MarkEntry
from server.commands.statements import Compiled, compiled, fetch
from server.database.context import Context
from server.database.pool import PoolConnection
from server.policies.permit import Permit
from server.policies.plan import CLOSED, Plan
from server.queries.binds import SCHOOL, TODAY
from server.queries.noun import alias
from server.queries.passing import passes
from server.tables import AssessmentClassRow, AssessmentRow, EnrolmentRow, LearnerRow

WRITE = ("mark", "write")
READ = ("mark", "read")
_NOTHING = Plan((CLOSED, CLOSED))


@dataclass(frozen=True, slots=True)
class Target:
    """What an entry that may be written is about. `class_id` sat the assessment with the learner in it, or None."""

    academic_year: int
    course_id: UUID
    window_id: UUID
    maximum: Decimal
    step: Decimal
    class_id: UUID | None
    readable: bool


async def targets(
    connection: PoolConnection, entries: Sequence[MarkEntry], context: Context, permit: Permit, today: date
) -> list[Target | None]:
    """The target of each entry, in order; None alike for what is unknown, of another school or out of scope."""
    read = permit.plan(*READ) if READ in permit.coordinates else _NOTHING
    statement = _statement(permit.plan(*WRITE), read)
    values = statement.values(
        {
            "school": context.school_id,
            "viewer": context.person_id,
            "today": today,
            "learners": [entry.learner.key for entry in entries],
            "assessments": [entry.assessment.key for entry in entries],
        }
    )
    rows = await fetch(connection, statement.text, values)
    return [Target(*row[1:]) if row[0] else None for row in rows]


@lru_cache(maxsize=1024)
def _statement(write: Plan, read: Plan) -> Compiled:
    return compiled(_select(write, read))


def _select(write: Plan, read: Plan) -> Any:
    given = _given()
    sat, learner = alias(AssessmentRow), alias(LearnerRow)
    known = and_(sat.c.assessment_id.is_not(None), learner.c.learner_id.is_not(None))
    writable = and_(known, passes(write, "course", sat, learner.c.learner_id)).is_(True)
    readable = passes(read, "course", sat, learner.c.learner_id).is_(True)
    return (
        select(
            writable,
            sat.c.academic_year,
            sat.c.course_id,
            sat.c.window_id,
            sat.c.maximum,
            sat.c.step,
            _class_of(sat, learner),
            readable,
        )
        .select_from(
            given.outerjoin(sat, and_(sat.c.school_id == SCHOOL, sat.c.assessment_id == given.c.assessment)).outerjoin(
                learner, and_(learner.c.school_id == SCHOOL, learner.c.learner_id == given.c.learner)
            )
        )
        .order_by(given.c.place)
    )


def _given() -> Any:
    return (
        func.unnest(bindparam("learners", type_=ARRAY(Uuid())), bindparam("assessments", type_=ARRAY(Uuid())))
        .table_valued(column("learner", Uuid()), column("assessment", Uuid()), with_ordinality="place", name="given")
        .render_derived()
    )


def _class_of(sat: Any, learner: Any) -> Any:
    """The learner's class among those that sat the assessment: on its day, or else the latest up to now."""
    seat, taken = alias(EnrolmentRow), alias(AssessmentClassRow)
    on_the_day = and_(
        seat.c.valid_from <= sat.c.held_on, or_(seat.c.valid_to.is_(None), seat.c.valid_to > sat.c.held_on)
    )
    return (
        select(seat.c.class_id)
        .select_from(seat.join(taken, and_(taken.c.school_id == SCHOOL, taken.c.class_id == seat.c.class_id)))
        .where(
            seat.c.school_id == SCHOOL,
            seat.c.learner_id == learner.c.learner_id,
            seat.c.valid_from <= TODAY,
            taken.c.assessment_id == sat.c.assessment_id,
        )
        .order_by(desc(case((on_the_day, 1), else_=0)), desc(seat.c.valid_from), seat.c.enrolment_id)
        .limit(1)
        .correlate(sat, learner)
        .scalar_subquery()
    )
