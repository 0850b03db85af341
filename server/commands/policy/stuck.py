"""What is due and can't be published: those who look after the rules are told, once."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.access.notice_kinds import NoticeKind
from server.commands.policy.in_name_of import InNameOf
from server.commands.policy.traces import leave_trace, tell_keepers
from server.commands.policy.versions import locked_head
from server.commands.statements import fetch
from server.database.pool import Pool
from server.database.unit_of_work import UnitOfWork
from server.policies.ceiling import Ceiling

STUCK: Final = NoticeKind.POLICY_STUCK.value
_TOLD: Final = """\
SELECT 1 FROM usher.outbox_event AS e
WHERE e.school_id = $1::uuid AND e.kind = $2::text AND e.payload->>'submission' = $3::text LIMIT 1"""


async def tell_stuck(
    pool: Pool, submission_id: UUID, who: InNameOf, fault: Exception, now: datetime, ceiling: Ceiling
) -> None:
    """A notice, an event and an audit row that names the kind of the fault, never its words. Raises GuardFailed."""
    async with UnitOfWork(pool, who.context) as unit:
        await locked_head(unit)
        if await fetch(unit.connection, _TOLD, [who.school_id, STUCK, str(submission_id)]):
            return
        details = {"submission": str(submission_id), "fault": type(fault).__name__}
        await leave_trace(unit, who.actor(None, ceiling), now, STUCK, details)
        ids = {"submission": submission_id}
        await tell_keepers(unit, NoticeKind.POLICY_STUCK, ids, now, who.person_id, themselves=True)
        await unit.commit()
