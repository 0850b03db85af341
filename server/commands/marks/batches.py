"""The marks of a batch that the caller may undo: what the batch made of them, and what stood before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, and_, bindparam, exists, literal_column, not_, or_, select, true, tuple_

from server.commands.marks.access import READ, WRITE, Target
from server.commands.marks.held import HeldMark, target_columns
from server.commands.statements import Compiled, columns, compiled, fetch
from server.commands.yearly_key import YearlyKey
from server.database.context import Context
from server.database.pool import PoolConnection
from server.policies.permit import Permit
from server.policies.plan import Plan
from server.queries.binds import SCHOOL, TODAY, VIEWER
from server.queries.noun import alias
from server.queries.passing import passes
from server.tables import AssessmentRow, CourseRow, DepartmentLeadRow, MarkRow, MarkVersionRow


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch made of a mark: `state` and `score` stood before, None where the batch began the mark."""

    key: YearlyKey
    held: HeldMark
    version: int
    state: str | None
    score: Decimal | None

    @property
    def before(self) -> tuple[int, UUID, int]:
        """The version that stood before, with the mark."""
        return (self.key.year, self.key.key, self.version - 1)


BEGINNING: Final = YearlyKey(0, UUID(int=0))
"""Before every mark."""

_LOCK: Final = """\
SELECT m.mark_id, m.version
FROM unnest($2::int[], $3::uuid[]) AS given(academic_year, mark_id)
JOIN usher.mark AS m
    ON m.school_id = $1::uuid AND m.academic_year = given.academic_year AND m.mark_id = given.mark_id
ORDER BY m.academic_year, m.mark_id FOR NO KEY UPDATE OF m"""


async def batch_marks(
    connection: PoolConnection,
    batch: str,
    after: YearlyKey,
    most: int,
    context: Context,
    permit: Permit,
    today: date,
) -> list[Recorded]:
    """The first `most` beyond `after`, by key: of one's own batch, or of courses whose department one leads."""
    statement = _statement(permit.plan(*WRITE), permit.plan(*READ), most)
    given = {"school": context.school_id, "viewer": context.person_id, "today": today, "batch": batch}
    given |= {"year": after.year, "mark": after.key}
    return [_recorded(row) for row in await fetch(connection, statement.text, statement.values(given))]


async def holds_others(connection: PoolConnection, batch: str, context: Context, permit: Permit, today: date) -> bool:
    """Whether the caller's own batch holds marks that the caller may not read and change today."""
    statement = _others(permit.plan(*WRITE), permit.plan(*READ))
    given = {"school": context.school_id, "viewer": context.person_id, "today": today, "batch": batch}
    return bool(await fetch(connection, statement.text, statement.values(given)))


async def lock_versions(connection: PoolConnection, school_id: UUID, marks: Sequence[Recorded]) -> Mapping[UUID, int]:
    """Lock the marks, by key; the current version of each. The caller holds the courses."""
    rows = await fetch(connection, _LOCK, [school_id, *columns([mark.key for mark in marks], 2)])
    return {row[0]: row[1] for row in rows}


def _recorded(row: Sequence[Any]) -> Recorded:
    held = HeldMark(row[2], row[3], row[4], Target(*row[5:11], readable=True))
    return Recorded(YearlyKey(row[5], row[0]), held, row[1], row[11], row[12])


@lru_cache(maxsize=1024)
def _statement(write: Plan, read: Plan, most: int) -> Compiled:
    return compiled(_select(write, read, most))


@lru_cache(maxsize=1024)
def _others(write: Plan, read: Plan) -> Compiled:
    return compiled(_select_others(write, read))


def _select_others(write: Plan, read: Plan) -> Any:
    made, mark = alias(MarkVersionRow), alias(MarkRow)
    return (
        select(mark.c.mark_id)
        .select_from(made.join(mark, _marked(made, mark)))
        .where(
            made.c.school_id == SCHOOL,
            made.c.batch == bindparam("batch", type_=Text()),
            made.c.recorded_by == VIEWER,
            not_(_theirs(write, read, mark)),
        )
        .limit(1)
    )


def _theirs(write: Plan, read: Plan, mark: Any) -> Any:
    return and_(passes(write, "course", mark, mark.c.learner_id), passes(read, "course", mark, mark.c.learner_id)).is_(
        True
    )


def _marked(made: Any, mark: Any) -> Any:
    return and_(
        mark.c.school_id == SCHOOL,
        mark.c.academic_year == made.c.academic_year,
        mark.c.mark_id == made.c.mark_id,
    )


def _in_order() -> Any:
    """What the batch made beyond the mark, by key. Put in order before anything else is looked at: the rest of a large batch
    would be joined and asked for rights whole, for each page."""
    made = alias(MarkVersionRow)
    return (
        select(made.c.academic_year, made.c.mark_id, made.c.version, made.c.recorded_by)
        .where(
            made.c.school_id == SCHOOL,
            made.c.batch == bindparam("batch", type_=Text()),
            tuple_(made.c.academic_year, made.c.mark_id)
            > tuple_(bindparam("year", type_=Integer()), bindparam("mark", type_=Uuid())),
        )
        .order_by(made.c.academic_year, made.c.mark_id)
        .offset(literal_column("0"))
        .subquery("made")
    )


def _looked_up(made: Any) -> Any:
    """The mark of each version, by key: behind the walls PostgreSQL expects a row of any table, and would sort all marks."""
    mark = alias(MarkRow)
    return select(mark).where(_marked(made, mark)).offset(literal_column("0")).lateral("looked_up")


def _select(write: Plan, read: Plan, most: int) -> Any:
    made, before, sat = _in_order(), alias(MarkVersionRow), alias(AssessmentRow)
    mark = _looked_up(made)
    return (
        select(
            mark.c.mark_id, made.c.version, mark.c.learner_id, mark.c.assessment_id, mark.c.attempt,
            *target_columns(sat, mark), before.c.state, before.c.score,
        )
        .select_from(
            made.join(mark, true())
            .join(sat, and_(sat.c.school_id == SCHOOL, sat.c.assessment_id == mark.c.assessment_id))
            .outerjoin(
                before,
                and_(
                    before.c.school_id == SCHOOL,
                    before.c.academic_year == made.c.academic_year,
                    before.c.mark_id == made.c.mark_id,
                    before.c.version == made.c.version - 1,
                ),
            )
        )
        .where(
            _theirs(write, read, mark),
            or_(made.c.recorded_by == VIEWER, _led(mark)),
        )
        .order_by(made.c.academic_year, made.c.mark_id)
        .limit(most)
    )  # fmt: skip


def _led(mark: Any) -> Any:
    """Whether the caller leads the department of the mark's course today."""
    course, lead = alias(CourseRow), alias(DepartmentLeadRow)
    return exists(
        select(course.c.course_id)
        .select_from(course.join(lead, and_(lead.c.school_id == SCHOOL, lead.c.department == course.c.department)))
        .where(
            course.c.school_id == SCHOOL,
            course.c.course_id == mark.c.course_id,
            lead.c.staff_id == VIEWER,
            lead.c.valid_from <= TODAY,
            or_(lead.c.valid_to.is_(None), lead.c.valid_to > TODAY),
        )
    )
