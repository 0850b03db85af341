"""The same learners' grades twice: in two windows, or in one as it stood on two days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, func, select, true, union_all

from server.database.pool import PoolConnection
from server.queries.analysis.asking import Asking
from server.queries.analysis.scope import Whose, courses, person, there
from server.queries.analysis.sight import Sight
from server.queries.analysis.standing import WINDOW, moment, standing
from server.queries.binds import SCHOOL
from server.queries.constants import inline
from server.queries.noun import alias
from server.tables import AssessmentWindowRow, LearnerRow

OTHER_WINDOW: Final = bindparam("other", type_=Uuid(), required=False)
BEFORE: Final = moment("before")
AFTER: Final = moment("after")


@dataclass(frozen=True, slots=True)
class Sides:
    """Grades by learner and course with their points; None is a result without a grade. `reveals` as in a cohort."""

    reveals: str | None
    before: dict[tuple[UUID, UUID], tuple[str | None, Decimal | None]]
    after: dict[tuple[UUID, UUID], tuple[str | None, Decimal | None]]

    @property
    def learners(self) -> set[UUID]:
        return {learner for learner, _ in (*self.before, *self.after)}


async def sides(connection: PoolConnection, asking: Asking, whose: Whose, *, days: tuple[bool, bool]) -> Sides | None:
    """The window "window" before, "other" after; `days` say which is as it stood at "before", at "after", and not as
    it stands now.

    None where a window, class or course is not there for the asker. Raises psycopg.Error.
    """
    rows = await asking.rows(connection, ("snapshots", whose, days), lambda: _statement(asking.sight, whose, days))
    return _sides(rows) if rows else None


def _sides(rows: Sequence[tuple[Any, ...]]) -> Sides:
    found = Sides(rows[0][0], {}, {})
    for _, side, learner_id, course_id, value, points in rows:
        if side is not None:
            (found.before if side == "before" else found.after)[learner_id, course_id] = (value, points)
    return found


def _statement(sight: Sight, whose: Whose, days: tuple[bool, bool]) -> Select[*tuple[Any, ...]]:
    base = there(whose, sight).subquery("there")
    other = alias(AssessmentWindowRow)
    both = union_all(
        _side(sight, whose, "before", WINDOW, BEFORE if days[0] else None),
        _side(sight, whose, "after", OTHER_WINDOW, AFTER if days[1] else None),
    ).subquery("sides")
    joined = base.join(
        other, and_(other.c.school_id == SCHOOL, other.c.window_id == OTHER_WINDOW, sight.of_structure(other))
    ).outerjoin(both, true())
    return select(func.nullif(base.c.reveals, inline("")), *both.c).select_from(joined)


def _side(
    sight: Sight, whose: Whose, name: str, window: ColumnElement[Any], at: ColumnElement[Any] | None
) -> Select[*tuple[Any, ...]]:
    found = standing(sight, courses(whose), window, at)
    who = person(whose, sight, found, alias(LearnerRow))
    return select(
        inline(name).label("side"), found.c.learner_id, found.c.course_id, found.c.value, found.c.points
    ).select_from(found.join(who, true()))
