"""Restrictions of guardians' links, as far as a plan passes the links of that guardian and learner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Uuid, and_, bindparam, or_, select

from server.database.pool import PoolConnection
from server.policies.plan import Plan
from server.queries.binds import SCHOOL
from server.queries.noun import alias
from server.queries.passing import passes
from server.queries.reach.statements import Compiled, compiled, fetched
from server.tables import LinkRestrictionEndRow, LinkRestrictionRow

_MOST = 1000


@dataclass(frozen=True, slots=True)
class Restriction:
    key: UUID
    guardian_id: UUID
    learner_id: UUID
    kind: str
    evidence: str
    restricted_at: datetime
    lifted_at: datetime | None
    lifting: str | None


async def restrictions(
    connection: PoolConnection,
    school_id: UUID,
    viewer: UUID,
    today: date,
    plans: tuple[Plan, Plan],
    learner: UUID | None,
) -> list[Restriction]:
    """Newest first; `plans` are those of reading the link and of reading the learner's name, which must both pass."""
    given = {"school": school_id, "viewer": viewer, "today": today, "learner": learner, "everybody": learner is None}
    return [Restriction(*row) async for row in fetched(connection, _statement(*plans), given)]


@lru_cache(maxsize=64)
def _statement(link: Plan, name: Plan) -> Compiled:
    kept: Any = alias(LinkRestrictionRow)
    lifted: Any = alias(LinkRestrictionEndRow)
    ended = and_(lifted.c.school_id == SCHOOL, lifted.c.restriction_id == kept.c.restriction_id)
    return compiled(
        select(
            kept.c.restriction_id,
            kept.c.guardian_id,
            kept.c.learner_id,
            kept.c.kind,
            kept.c.evidence,
            kept.c.restricted_at,
            lifted.c.ended_at,
            lifted.c.evidence,
        )
        .select_from(kept.outerjoin(lifted, ended))
        .where(
            kept.c.school_id == SCHOOL,
            passes(link, "guardian", kept, kept.c.learner_id).is_(True),
            passes(name, "learner", kept, kept.c.learner_id).is_(True),
            or_(
                bindparam("everybody", type_=Boolean()).is_(True),
                kept.c.learner_id == bindparam("learner", type_=Uuid()),
            ),
        )
        .order_by(kept.c.restricted_at.desc(), kept.c.restriction_id)
        .limit(_MOST)
    )
