"""The school's last operations once more, under another rule book: whose answer would be another one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Select, bindparam, select

from server.database.pool import PoolConnection
from server.policies.permit import Coordinate
from server.policies.plan import Plan
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.vocabulary import CONDITIONS, Capacity
from server.queries.binds import SCHOOL
from server.queries.noun import alias
from server.queries.reach.plans import Plans
from server.queries.reach.statements import compiled, fetched
from server.register.elements import ELEMENTS
from server.tables import AuditOperationRow

LAST: Final = 500


class Turn(StrEnum):
    """What becomes of the rows that the operation could reach. OTHER: some are gained and some are lost."""

    GAINED = "GAINED"
    LOST = "LOST"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Operation:
    """`footprint` is what it asked for; `person_id` is None where retention has removed it."""

    audit_id: UUID
    occurred_at: datetime
    person_id: UUID | None
    profile: Profile
    kind: str
    name: str | None
    footprint: tuple[Coordinate, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """An operation that would be answered otherwise, and at which coordinates."""

    operation: Operation
    turns: tuple[tuple[str, str, Turn], ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """`looked_at` operations were replayed, since `since`; `changed` are the newest first."""

    looked_at: int
    since: datetime | None
    changed: tuple[Replayed, ...]


async def replayed(connection: PoolConnection, school_id: UUID, old: Planner, new: Planner, last: int = LAST) -> Replay:
    """The `last` operations, as far as the reader may read the audit. Raises psycopg.Error."""
    given = {"school": school_id, "last": last}
    operations = [_operation(row) async for row in fetched(connection, compiled(_newest()), given)]
    before = Plans(old)
    changed = await asyncio.to_thread(lambda: tuple(_changed(operations, before, Plans(new, before))))
    return Replay(len(operations), operations[-1].occurred_at if operations else None, changed)


def turn(before: Plan, after: Plan) -> Turn | None:
    """How the rows that pass differ; None where none does."""
    if before.gates == after.gates:
        return None
    kept, held = after.covers(before), before.covers(after)
    if kept and held:
        return None
    return Turn.GAINED if kept else Turn.LOST if held else Turn.OTHER


def _newest() -> Select[*tuple[Any, ...]]:
    row = alias(AuditOperationRow)
    return (
        select(
            row.c.audit_id, row.c.occurred_at, row.c.person_id, row.c.capacity, row.c["roles"], row.c.facts, row.c.kind,
            row.c.operation_name, row.c.footprint,
        )
        .where(row.c.school_id == SCHOOL)
        .order_by(row.c.occurred_at.desc(), row.c.audit_id.desc())
        .limit(bindparam("last", type_=Integer(), required=False))
    )  # fmt: skip


def _operation(row: tuple[Any, ...]) -> Operation:
    audit_id, occurred_at, person_id, capacity, roles, facts, kind, name, footprint = row
    # Words that have left the vocabulary since are in no rule either.
    profile = Profile.of(Capacity(capacity), roles, (fact for fact in facts if fact in CONDITIONS))
    return Operation(audit_id, occurred_at, person_id, profile, kind, name, tuple(_coordinates(footprint)))


def _coordinates(footprint: dict[str, Any]) -> Iterator[Coordinate]:
    for action, elements in footprint.items():
        yield from ((element, action) for element in elements if element in ELEMENTS)


def _changed(operations: Iterable[Operation], before: Plans, after: Plans) -> Iterator[Replayed]:
    for operation in operations:
        turns = [
            (element, action, found)
            for element, action in operation.footprint
            if (
                found := turn(
                    before.of(operation.profile, element, action), after.of(operation.profile, element, action)
                )
            )
        ]
        if turns:
            yield Replayed(operation, tuple(turns))
