"""The nightly snapshot of what decides who can see whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.commands.jobs.job import Desk
from server.commands.policy.due import schools
from server.database.school_by_school import school_by_school
from server.queries.reach.snapshots import take_snapshot


async def take_snapshots(desk: Desk, now: datetime) -> int:
    """Of every school whose night was not taken yet; one after the other, each in a transaction of its own."""

    async def work(school_id: UUID) -> bool:
        return await take_snapshot(desk.pool, school_id, now)

    return sum((await school_by_school(await schools(desk.pool), work)).values())
