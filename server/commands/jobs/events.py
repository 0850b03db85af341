"""Old events: each day those are deleted that nobody can go on from."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.commands.jobs.job import Desk
from server.commands.old_events import forget_events_before
from server.commands.policy.in_name_of import schools
from server.database.school_by_school import school_by_school


async def forget_events(desk: Desk, now: datetime) -> int:
    """How many, of all schools. Raises the first fault, once every school has had its turn."""

    async def work(school_id: UUID) -> int:
        return await forget_events_before(desk.pool, school_id, now - desk.events_kept)

    return sum((await school_by_school(await schools(desk.pool), work)).values())
