"""The jobs of a rule book's life."""

from __future__ import annotations

from datetime import datetime

from server.commands.jobs.job import Desk
from server.commands.policy.due import publish_due
from server.commands.policy.overdue import announce_overdue


async def publish_scheduled(desk: Desk, now: datetime) -> int:
    return len(await publish_due(desk.pool, now))


async def announce_unconfirmed(desk: Desk, now: datetime) -> int:
    return len(await announce_overdue(desk.pool, now))
