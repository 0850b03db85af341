"""Broken glass: each session once in a letter to the officers, beside the notice that they have at once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.commands.access.notices import OFFICERS
from server.commands.jobs.job import Desk
from server.commands.policy.in_name_of import schools
from server.compliance.glass_by_mail import broken_lately, letter, mailed, noting
from server.compliance.heads_by_mail import officers
from server.database.school_by_school import school_by_school


async def mail_broken_glass(desk: Desk, now: datetime) -> int:
    """How many letters were sent. One that the mail server didn't take is tried again for a day.

    Without an officer's address there is none. Raises Unavailable after all schools have had their turn.
    """

    async def work(school_id: UUID) -> int:
        return await _mail(desk, school_id, now)

    return sum((await school_by_school(await schools(desk.pool), work)).values())


async def _mail(desk: Desk, school_id: UUID, now: datetime) -> int:
    told = mailed(desk.heads, school_id)
    sent = 0
    for broken in await broken_lately(desk.pool, school_id, now):
        if str(broken.glass_id) in told:
            continue
        to = await officers(desk.pool, school_id, now.date(), OFFICERS)
        if not to:
            return sent
        with noting(desk.heads, broken):
            await desk.mailer.send(to, *letter(broken), now)
        sent += 1
    return sent
