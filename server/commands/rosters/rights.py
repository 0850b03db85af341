"""What the caller may write and read of which records, by the plans of the elements."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from server.commands.rosters.shapes import Shape
from server.commands.statements import Compiled, compiled, fetch
from server.database.context import Context
from server.database.pool import PoolConnection
from server.errors import Forbidden
from server.policies.permit import Coordinate, Permit
from server.policies.plan import Plan
from server.policies.vocabulary import Capacity, relations
from server.queries.binds import SCHOOL
from server.queries.noun import alias
from server.queries.passing import passes
from server.tables import LearnerRow

_ORDINARY: Final = relations()


def coordinates(elements: Iterable[str]) -> frozenset[Coordinate]:
    """Of a mutation that writes these elements, and tells what it may of them."""
    return frozenset((element, action) for element in elements for action in ("write", "read"))


@dataclass(frozen=True, slots=True)
class Rights:
    permit: Permit
    context: Context
    today: date

    @property
    def program(self) -> UUID | None:
        """The program that asks; None for a person of the school."""
        return self.context.person_id if self.permit.profile.capacity is Capacity.CLIENT else None

    def require(self, elements: Iterable[str], what: str) -> None:
        """Raises Forbidden unless one of these elements may be written, by a program or by one of the staff."""
        known = self.permit.profile.capacity in (Capacity.CLIENT, Capacity.STAFF)
        if not known or all(self.permit.plan(element, "write").nothing for element in elements):
            raise Forbidden(f"{what} are written by programs that the school granted it, and by its data managers.")

    def barred(self, shape: Shape) -> frozenset[str]:
        """Fields of elements of which nothing may be written."""
        return frozenset(one.name for one in shape.fields if self.permit.plan(one.element, "write").nothing)

    def ordinary(self, element: str, action: str) -> bool:
        """Of a row of the school that nobody has a part in: a new learner, a class, one of the staff."""
        return self.permit.plan(element, action).visible(_ORDINARY)

    async def passing(
        self, connection: PoolConnection, elements: Collection[str], action: str, learners: Collection[UUID]
    ) -> dict[str, frozenset[UUID]]:
        """Of which of the learners each element may be read or written."""
        found: dict[Plan, frozenset[UUID]] = {}
        by_element: dict[str, frozenset[UUID]] = {}
        for element in elements:
            plan = self.permit.plan(element, action)
            if plan not in found:
                found[plan] = await self._passing(connection, plan, learners)
            by_element[element] = found[plan]
        return by_element

    async def _passing(self, connection: PoolConnection, plan: Plan, learners: Collection[UUID]) -> frozenset[UUID]:
        if plan.nothing or not learners:
            return frozenset()
        if plan.everything:
            return frozenset(learners)
        statement = _statement(plan)
        given = {"school": self.context.school_id, "viewer": self.context.person_id, "today": self.today}
        rows = await fetch(connection, statement.text, statement.values({**given, "learners": list(learners)}))
        return frozenset(row[0] for row in rows)


@lru_cache(maxsize=256)
def _statement(plan: Plan) -> Compiled:
    given = (
        func.unnest(bindparam("learners", type_=ARRAY(Uuid())))
        .table_valued(column("learner", Uuid()), name="given")
        .render_derived()
    )
    learner: Any = alias(LearnerRow)
    return compiled(
        select(learner.c.learner_id)
        .select_from(given.join(learner, and_(learner.c.school_id == SCHOOL, learner.c.learner_id == given.c.learner)))
        .where(passes(plan, "learner", learner, learner.c.learner_id).is_(True))
    )
