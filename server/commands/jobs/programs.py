"""The jobs about vendors' programs: they are called when there is news for them, and watched when they are to purge."""

from __future__ import annotations

from datetime import datetime

from server.commands.feed.overdue import watch_all
from server.commands.feed.telling import tell_all
from server.commands.jobs.job import Desk
from server.identity.keys import token_key


async def tell_programs(desk: Desk, now: datetime) -> int:
    """How many calls of webhooks were taken."""
    return await tell_all(desk.pool, lambda: token_key(desk.home / "keys"), now)


async def watch_purges(desk: Desk, now: datetime) -> int:
    """How many purges began, and of how many programs officers were told."""
    return await watch_all(desk.pool, now)
