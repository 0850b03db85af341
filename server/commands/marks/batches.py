"""The marks of a batch that the caller may undo: what the batch made of them, and what stood before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, and_, bindparam, exists, or_, select

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


@dataclass(frozen=True, slots=True)
class BatchMarks:
    """`others`: of the caller's own batch, marks that the caller may not read and change today."""

    marks: tuple[Recorded, ...]
    others: bool


_LOCK: Final = """\
SELECT m.mark_id, m.version
FROM unnest($2::int[], $3::uuid[]) AS given(academic_year, mark_id)
JOIN usher.mark AS m
    ON m.school_id = $1::uuid AND m.academic_year = given.academic_year AND m.mark_id = given.mark_id
ORDER BY m.academic_year, m.mark_id FOR NO KEY UPDATE OF m"""


async def batch_marks(
    connection: PoolConnection, batch: str, most: int, context: Context, permit: Permit, today: date
) -> BatchMarks:
    """At most `most` and one, by key: of the caller's own batch, or of courses whose department the caller leads."""
    statement = _statement(permit.plan(*WRITE), permit.plan(*READ), most)
    given = {"school": context.school_id, "viewer": context.person_id, "today": today, "batch": batch}
    rows = await fetch(connection, statement.text, statement.values(given))
    marks = [_recorded(row) for row in rows if row[0]]
    return BatchMarks(tuple(marks), any(row[3] and not row[0] for row in rows))


async def lock_versions(connection: PoolConnection, school_id: UUID, marks: Sequence[Recorded]) -> Mapping[UUID, int]:
    """Lock the marks, by key; the current version of each. The caller holds the courses."""
    rows = await fetch(connection, _LOCK, [school_id, *columns([mark.key for mark in marks], 2)])
    return {row[0]: row[1] for row in rows}


def _recorded(row: Sequence[Any]) -> Recorded:
    held = HeldMark(row[4], row[5], row[6], Target(*row[7:13], readable=True))
    return Recorded(YearlyKey(row[7], row[1]), held, row[2], row[13], row[14])


@lru_cache(maxsize=1024)
def _statement(write: Plan, read: Plan, most: int) -> Compiled:
    return compiled(_select(write, read, most))


def _select(write: Plan, read: Plan, most: int) -> Any:
    made, mark, before, sat = (alias(row) for row in (MarkVersionRow, MarkRow, MarkVersionRow, AssessmentRow))
    own = made.c.recorded_by == VIEWER
    theirs = and_(
        passes(write, "course", mark, mark.c.learner_id), passes(read, "course", mark, mark.c.learner_id)
    ).is_(True)
    return (
        select(
            theirs, mark.c.mark_id, made.c.version, own, mark.c.learner_id, mark.c.assessment_id, mark.c.attempt,
            *target_columns(sat, mark), before.c.state, before.c.score,
        )
        .select_from(
            made.join(
                mark,
                and_(
                    mark.c.school_id == SCHOOL,
                    mark.c.academic_year == made.c.academic_year,
                    mark.c.mark_id == made.c.mark_id,
                ),
            )
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
            made.c.school_id == SCHOOL,
            made.c.batch == bindparam("batch", type_=Text()),
            or_(own, and_(theirs, _led(mark))),
        )
        .order_by(mark.c.academic_year, mark.c.mark_id)
        .limit(most + 1)
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
