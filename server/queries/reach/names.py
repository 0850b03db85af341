"""What people and learners are called, as far as the officer who asks may read it: by their own plans, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, bindparam, func, select

from server.database.pool import PoolConnection
from server.policies.permit import Coordinate, Permit
from server.queries.ask import LEARNER_EXISTS
from server.queries.binds import SCHOOL
from server.queries.constants import inline
from server.queries.noun import alias
from server.queries.passing import passes
from server.queries.reach.statements import compiled, fetched
from server.tables import GuardianLinkRow, GuardianRow, LearnerRow, StaffRow

NAMES: Final[frozenset[Coordinate]] = frozenset(
    {(LEARNER_EXISTS, "read"), ("staff_name", "read"), ("guardian_name", "read")}
)
"""What the permit must have been asked for."""

_IDS: Final = bindparam("ids", type_=ARRAY(Uuid()), required=False)


@dataclass(frozen=True, slots=True)
class Names:
    """`learners` and `people` (staff, guardians and learners with accounts) by id: only those who may be named."""

    learners: Mapping[UUID, str] = field(default_factory=dict[UUID, str])
    people: Mapping[UUID, str] = field(default_factory=dict[UUID, str])


async def names_of(
    connection: PoolConnection,
    school_id: UUID,
    day: date,
    viewer: UUID,
    permit: Permit,
    learners: Iterable[UUID] = (),
    people: Iterable[UUID] = (),
) -> Names:
    """Raises psycopg.Error, and LookupError for a permit without NAMES."""
    given: dict[str, object] = {"school": school_id, "today": day, "viewer": viewer}
    asked = list(dict.fromkeys(people))
    called: dict[UUID, str] = {}
    for statement in (_learners(permit), _guardians(permit), _staff(permit)) if asked else ():
        called |= await _named(connection, statement, {**given, "ids": asked})
    wanted = list(dict.fromkeys(learners))
    known = await _named(connection, _learners(permit), {**given, "ids": wanted}) if wanted else {}
    return Names(known, called)


async def _named(
    connection: PoolConnection, statement: Select[*tuple[Any, ...]] | None, given: Mapping[str, object]
) -> dict[UUID, str]:
    if statement is None:
        return {}
    return {key: name async for key, name in fetched(connection, compiled(statement), given)}


def _learners(permit: Permit) -> Select[*tuple[Any, ...]] | None:
    plan = permit.plan(LEARNER_EXISTS, "read")
    row = alias(LearnerRow)
    first = func.coalesce(row.c.preferred_name, row.c.given_name)
    found = _called(row.c.learner_id, first, row, (row.c.school_id == SCHOOL,))
    return None if plan.nothing else found.where(passes(plan, "learner", row, row.c.learner_id))


def _staff(permit: Permit) -> Select[*tuple[Any, ...]] | None:
    plan = permit.plan("staff_name", "read")
    row = alias(StaffRow)
    found = _called(row.c.staff_id, row.c.given_name, row, (row.c.school_id == SCHOOL,))
    return None if plan.nothing else found.where(passes(plan, "staff", row, None))


def _guardians(permit: Permit) -> Select[*tuple[Any, ...]] | None:
    """By a link to a learner who is there for the officer."""
    plan, learner = permit.plan("guardian_name", "read"), permit.plan(LEARNER_EXISTS, "read")
    row, link = alias(GuardianRow), alias(GuardianLinkRow)
    linked = (
        select(link.c.link_id)
        .where(
            link.c.school_id == SCHOOL,
            link.c.guardian_id == row.c.guardian_id,
            passes(plan, "guardian", link, link.c.learner_id),
            passes(learner, "learner", link, link.c.learner_id),
        )
        .exists()
    )
    found = _called(row.c.guardian_id, row.c.given_name, row, (row.c.school_id == SCHOOL, linked))
    return None if plan.nothing or learner.nothing else found


def _called(key: Any, first: Any, row: Any, conditions: Collection[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    name = first.op("||")(inline(" ")).op("||")(row.c.family_name)
    return select(key, name).where(key == any_(_IDS), *conditions)
