"""Invitations, and what was tried with them, as rows to be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, and_, case, cast, func, select

from server.database.pool import PoolConnection
from server.migrations.invitation_walls import MOST_TRIES
from server.policies.plan import Plan
from server.queries.binds import SCHOOL
from server.queries.noun import alias
from server.queries.passing import passes
from server.queries.reach.statements import Compiled, compiled, fetched
from server.tables import (
    GuardianLinkRow,
    InvitationEndRow,
    InvitationRedemptionRow,
    InvitationRow,
    InvitationTryRow,
    StaffRow,
)

_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Invitation:
    """`inviter` is a name. `link_id` and `learner_id` are None where the asker may not read the link."""

    key: UUID
    kind: str
    person_id: UUID
    learner_id: UUID | None
    link_id: UUID | None
    delivery: str
    invited_by: UUID
    inviter: str
    invited_at: datetime
    expires_at: datetime
    opened_at: datetime | None
    redeemed_at: datetime | None
    ended_at: datetime | None
    tries: int

    def status(self, now: datetime) -> str:
        """REDEEMED, ENDED, LOCKED, EXPIRED, OPENED or SENT: the first that is so."""
        stands = {
            "REDEEMED": self.redeemed_at is not None,
            "ENDED": self.ended_at is not None,
            "LOCKED": self.tries >= MOST_TRIES,
            "EXPIRED": self.expires_at <= now,
            "OPENED": self.opened_at is not None,
        }
        return next((word for word, true in stands.items() if true), "SENT")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A wrong date of birth: when, and how the one who gave it called themselves."""

    invitation: UUID
    kind: str
    person_id: UUID
    number: int
    tried_at: datetime
    identity: str | None
    email: str | None


_MISMATCHES: Final = """\
SELECT t.invitation_id, i.kind, i.person_id, t.number, t.tried_at, t.identity, t.email
FROM usher.invitation_try AS t
JOIN usher.invitation AS i ON i.school_id = $1::uuid AND i.invitation_id = t.invitation_id
WHERE t.school_id = $1::uuid
    AND NOT EXISTS (SELECT 1 FROM usher.invitation_end AS e
        WHERE e.school_id = $1::uuid AND e.invitation_id = t.invitation_id)
    AND NOT EXISTS (SELECT 1 FROM usher.invitation_redemption AS r
        WHERE r.school_id = $1::uuid AND r.invitation_id = t.invitation_id)
ORDER BY t.tried_at DESC, t.invitation_id, t.number LIMIT 1000"""


async def invitations(
    connection: PoolConnection, school_id: UUID, viewer: UUID, today: date, link: Plan
) -> list[Invitation]:
    """Newest first; `link` is the plan of reading a guardian's link."""
    given = {"school": school_id, "viewer": viewer, "today": today}
    return [Invitation(*row) async for row in fetched(connection, _statement(link), given)]


async def mismatches(connection: PoolConnection, school_id: UUID) -> list[Mismatch]:
    """Of invitations that somebody has yet to look at: neither ended nor redeemed since. Newest first."""
    cursor = connection.reader
    await cursor.execute(_MISMATCHES.encode(), [school_id])
    return [Mismatch(*row) for row in await cursor.fetchall()]


@lru_cache(maxsize=64)
def _statement(plan: Plan) -> Compiled:
    row: Any = alias(InvitationRow)
    link: Any = alias(GuardianLinkRow)
    staff: Any = alias(StaffRow)
    redeemed: Any = alias(InvitationRedemptionRow)
    ended: Any = alias(InvitationEndRow)
    tried: Any = alias(InvitationTryRow)
    tries = (
        select(cast(func.count(), Integer))
        .select_from(tried)
        .where(tried.c.school_id == SCHOOL, tried.c.invitation_id == row.c.invitation_id)
        .scalar_subquery()
    )
    seen = and_(
        link.c.school_id == SCHOOL,
        link.c.link_id == row.c.link_id,
        passes(plan, "guardian", link, link.c.learner_id).is_(True),
    )
    return compiled(
        select(
            row.c.invitation_id,
            row.c.kind,
            row.c.person_id,
            # A learner is invited as themselves.
            func.coalesce(link.c.learner_id, case((row.c.kind == "LEARNER", row.c.learner_id))),
            link.c.link_id,
            row.c.delivery,
            row.c.invited_by,
            func.concat_ws(" ", staff.c.title, staff.c.given_name, staff.c.family_name),
            row.c.invited_at,
            row.c.expires_at,
            row.c.opened_at,
            redeemed.c.redeemed_at,
            ended.c.ended_at,
            tries,
        )
        .select_from(
            row.outerjoin(link, seen)
            .outerjoin(staff, and_(staff.c.school_id == SCHOOL, staff.c.staff_id == row.c.invited_by))
            .outerjoin(redeemed, and_(redeemed.c.school_id == SCHOOL, redeemed.c.invitation_id == row.c.invitation_id))
            .outerjoin(ended, and_(ended.c.school_id == SCHOOL, ended.c.invitation_id == row.c.invitation_id))
        )
        .where(row.c.school_id == SCHOOL)
        .order_by(row.c.invited_at.desc(), row.c.invitation_id.desc())
        .limit(_MOST)
    )
