"""What identity needs no more goes each day: over sessions, codes, tokens and links."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.commands.jobs.job import Desk
from server.commands.policy.in_name_of import schools
from server.database.school_by_school import school_by_school
from server.identity.forgetting import forget, forget_ended_tokens


async def forget_sign_ins(desk: Desk, now: datetime) -> int:
    """How many rows. Raises the first fault, once every school has had its turn."""
    gone = await forget(desk.pool, now)

    async def work(school_id: UUID) -> int:
        return await forget_ended_tokens(desk.pool, school_id, now)

    return gone + sum((await school_by_school(await schools(desk.pool), work)).values())
