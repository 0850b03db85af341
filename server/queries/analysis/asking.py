"""Who asks an analysis, of what, and the one statement that answers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Uuid, and_, bindparam, func, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import LateralFromClause

from server.database.pool import PoolConnection
from server.queries.analysis.sight import Sight
from server.queries.binds import SCHOOL, current
from server.queries.constants import inline, number
from server.queries.noun import alias
from server.queries.reach.statements import Compiled, compiled, fetched
from server.tables import ClassRow, EnrolmentRow

CLASS: Final = bindparam("class", type_=Uuid(), required=False)
COURSE: Final = bindparam("course", type_=Uuid(), required=False)
MOST_STATEMENTS: Final = 2000
STATEMENTS: OrderedDict[Hashable, Compiled] = OrderedDict()
MOST_LEARNERS: Final = 1000
"""How many learners an answer lists by name."""


@dataclass(frozen=True, slots=True)
class Asking:
    """`given` are the values of the statement's own parameters, by their names."""

    school_id: UUID
    person_id: UUID
    today: date
    sight: Sight
    given: dict[str, Any] = field(default_factory=dict[str, Any])

    async def rows(
        self, connection: PoolConnection, name: Hashable, make: Callable[[], Select[*tuple[Any, ...]]]
    ) -> list[tuple[Any, ...]]:
        """The answer of the statement of that name, made once for everybody with these plans. Raises psycopg.Error."""
        key = (name, self.sight.key)
        statement = STATEMENTS.get(key)
        if statement is None:
            statement = STATEMENTS[key] = compiled(make())
            if len(STATEMENTS) > MOST_STATEMENTS:
                STATEMENTS.popitem(last=False)
        values = {"school": self.school_id, "viewer": self.person_id, "today": self.today, **self.given}
        return [row async for row in fetched(connection, statement, values)]


def class_of(sight: Sight, course_id: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """What the class CLASS reveals, where it is one of the course's and is there for the asker."""
    row = alias(ClassRow)
    return select(row.c.class_id, row.c.reveals).where(
        row.c.school_id == SCHOOL, row.c.class_id == CLASS, row.c.course_id == course_id, sight.of_class(row)
    )


def seated(sight: Sight, learner: Any) -> ColumnElement[Any]:
    """The learner is in the class CLASS today, and the asker may know."""
    seat = alias(EnrolmentRow)
    seats = select(seat.c.learner_id).where(seat.c.school_id == SCHOOL, seat.c.class_id == CLASS, *current(seat))
    return and_(learner.c.learner_id.in_(seats).is_(True), sight.of_learner(("groups",), learner))


def probed(one: Select[*tuple[Any, ...]]) -> LateralFromClause:
    """At most one row for each of many, found by its key.

    Behind the walls PostgreSQL expects one row of any table: as a join it would compare each row with each. OFFSET keeps
    it from making a join of this.
    """
    return one.offset(number(0)).lateral()


def called(learner: Any) -> ColumnElement[Any]:
    """The name that the learner goes by."""
    first = func.coalesce(learner.c.preferred_name, learner.c.given_name)
    return first.op("||")(inline(" ")).op("||")(learner.c.family_name)
