"""Stored marks that the caller may write, found by their ids, and locked with what was said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Uuid, and_, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from server.commands.marks.access import WRITE, Target
from server.commands.statements import Compiled, columns, compiled, fetch
from server.commands.yearly_key import YearlyKey
from server.database.context import Context
from server.database.pool import PoolConnection
from server.policies.permit import Permit
from server.policies.plan import Plan
from server.queries.binds import SCHOOL
from server.queries.noun import alias
from server.queries.passing import passes
from server.tables import AssessmentRow, MarkRow


@dataclass(frozen=True, slots=True)
class HeldMark:
    """Whose mark in what."""

    learner_id: UUID
    assessment_id: UUID
    attempt: int
    target: Target


@dataclass(frozen=True, slots=True)
class Standing:
    """A locked mark: `moderated` by whomsoever, `by_me` by the caller, both of its current version."""

    version: int
    state: str
    score: Decimal | None
    recorded_by: UUID
    moderated: bool
    by_me: bool


_LOCK: Final = """\
SELECT given.position, m.version, m.state, m.score, m.recorded_by,
    EXISTS (SELECT 1 FROM usher.mark_moderation AS o
        WHERE o.school_id = $1::uuid AND o.academic_year = m.academic_year AND o.mark_id = m.mark_id
            AND o.version = m.version AND o.moderated_by <> m.recorded_by),
    EXISTS (SELECT 1 FROM usher.mark_moderation AS o
        WHERE o.school_id = $1::uuid AND o.academic_year = m.academic_year AND o.mark_id = m.mark_id
            AND o.version = m.version AND o.moderated_by = $5::uuid)
FROM unnest($2::int[], $3::int[], $4::uuid[]) AS given(position, academic_year, mark_id)
JOIN usher.mark AS m
    ON m.school_id = $1::uuid AND m.academic_year = given.academic_year AND m.mark_id = given.mark_id
ORDER BY m.academic_year, m.mark_id FOR NO KEY UPDATE OF m"""


async def held_marks(
    connection: PoolConnection, keys: Sequence[YearlyKey], context: Context, permit: Permit, today: date
) -> list[HeldMark | None]:
    """In order; None alike for what is unknown, of another school or out of scope."""
    statement = _statement(permit.plan(*WRITE))
    years, marks = columns(keys, 2)
    values = statement.values(
        {
            "school": context.school_id,
            "viewer": context.person_id,
            "today": today,
            "years": years,
            "marks": marks,
        }
    )
    rows = await fetch(connection, statement.text, values)
    return [HeldMark(row[1], row[2], row[3], Target(*row[4:], readable=True)) if row[0] else None for row in rows]


async def lock_held(
    connection: PoolConnection, context: Context, wanted: Mapping[int, YearlyKey]
) -> dict[int, Standing]:
    """In key order, by position. The caller holds the courses."""
    rows = [[position, key.year, key.key] for position, key in wanted.items()]
    found = await fetch(connection, _LOCK, [context.school_id, *columns(rows, 3), context.person_id])
    return {row[0]: Standing(*row[1:]) for row in found}


@lru_cache(maxsize=1024)
def _statement(write: Plan) -> Compiled:
    return compiled(_select(write))


def _select(write: Plan) -> Any:
    given: Any = (
        func.unnest(bindparam("years", type_=ARRAY(Integer())), bindparam("marks", type_=ARRAY(Uuid())))
        .table_valued(column("year", Integer()), column("mark", Uuid()), with_ordinality="place", name="given")
        .render_derived()
    )
    mark, sat = alias(MarkRow), alias(AssessmentRow)
    writable = and_(mark.c.mark_id.is_not(None), passes(write, "course", mark, mark.c.learner_id)).is_(True)
    return (
        select(writable, mark.c.learner_id, mark.c.assessment_id, mark.c.attempt, *target_columns(sat, mark))
        .select_from(
            given.outerjoin(
                mark,
                and_(mark.c.school_id == SCHOOL, mark.c.academic_year == given.c.year, mark.c.mark_id == given.c.mark),
            ).outerjoin(sat, and_(sat.c.school_id == SCHOOL, sat.c.assessment_id == mark.c.assessment_id))
        )
        .order_by(given.c.place)
    )


def target_columns(sat: Any, mark: Any) -> tuple[Any, ...]:
    """What makes a Target of a stored mark, but for `readable`."""
    return (
        mark.c.academic_year, mark.c.course_id, sat.c.window_id, sat.c.maximum, sat.c.step, mark.c.class_id,
    )  # fmt: skip
