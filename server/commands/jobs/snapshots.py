"""The nightly snapshot of what decides who can see whom."""

from __future__ import annotations

from datetime import datetime

from server.commands.jobs.job import Desk
from server.commands.policy.due import schools
from server.queries.reach.snapshots import take_snapshot


async def take_snapshots(desk: Desk, now: datetime) -> int:
    """Of every school whose night was not taken yet; one after the other, each in a transaction of its own."""
    taken = 0
    for school_id in await schools(desk.pool):
        taken += await take_snapshot(desk.pool, school_id, now)
    return taken
