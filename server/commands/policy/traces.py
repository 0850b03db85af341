"""What each act upon a rule book leaves behind: an audit row, events, and a notification to every worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.access.notice_kinds import NoticeKind
from server.commands.access.notices import post_notices
from server.commands.access.people import holders
from server.commands.actor import Actor
from server.commands.keys import new_key
from server.commands.outbox import Event, writes_events
from server.commands.statements import execute
from server.compliance.audit import write_audit
from server.database.pool import PoolConnection
from server.database.unit_of_work import UnitOfWork

APPROVERS: Final = ("policy_approver",)
KEEPERS: Final = ("dpo", "policy_approver")
"""Officers and approvers: who looks after the rules."""
CHANNEL: Final = "usher_policy"
_NOTIFY: Final = "SELECT pg_catalog.pg_notify($1::text, $2::text)"


async def leave_trace(
    unit: UnitOfWork,
    actor: Actor,
    now: datetime,
    act: str,
    details: Mapping[str, object],
    book: Mapping[str, str] | None = None,
) -> None:
    """An audit row about the element policy, and one event of the same name; `details` are ids and counts alone.

    `book` is what proves the rule book spoken of, `digest` and, of a version, `chain`: the audit alone keeps it, so
    that the next seal commits to it.
    """
    school_id = unit.context.school_id
    kept = {"act": act, **details, **(book or {})}
    record = actor.record(school_id, new_key(), now, "write", {"policy": []}, kept)
    await write_audit(unit.connection, record)
    unit.before_commit(writes_events(school_id, [Event(act, dict(details))], now))


async def tell_approvers(unit: UnitOfWork, kind: NoticeKind, ids: Mapping[str, UUID], now: datetime) -> None:
    """A notice to each who may approve, but not to whose transaction it is."""
    found = await holders(unit.connection, unit.context.school_id, APPROVERS, now.date())
    await post_notices(unit, [one for one in found if one != unit.context.person_id], kind, ids, now)


async def tell_keepers(
    unit: UnitOfWork, kind: NoticeKind, ids: Mapping[str, UUID], now: datetime, *also: UUID, themselves: bool = False
) -> None:
    """A notice to each officer and approver and to `also`; to whose transaction it is only with `themselves`."""
    found = await holders(unit.connection, unit.context.school_id, KEEPERS, now.date())
    left_out = set[UUID]() if themselves else {unit.context.person_id}
    await post_notices(unit, sorted({*found, *also} - left_out), kind, ids, now)


async def announce(connection: PoolConnection, school_id: UUID, version: int) -> None:
    """Tell every worker at COMMIT: a hint to make the planner ready, never the guarantee."""
    await execute(connection, _NOTIFY, [CHANNEL, f"{school_id}:{version}"])
