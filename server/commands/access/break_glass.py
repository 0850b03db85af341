"""breakGlass and endBreakGlass: in an emergency, for two hours, with a reason, and the officers know at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from server.commands.access.gate import reaches, require_staff
from server.commands.access.notice_kinds import NoticeKind
from server.commands.access.notices import OFFICERS, post_notices
from server.commands.access.outcome import AccessOutcome, refused
from server.commands.access.people import holders
from server.commands.access.profiles import raise_profiles
from server.commands.access.texts import reason_refused
from server.commands.access.traces import leave_traces
from server.commands.actor import Actor
from server.commands.keys import new_key
from server.commands.statements import execute, fetch
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden
from server.policies.permit import Permit

LASTS: Final = timedelta(hours=2)
READ_AUDIT: Final = ("audit", "read")

_BREAK = """\
INSERT INTO usher.break_glass (school_id, glass_id, person_id, capacity, reason, started_at, ends_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, 'STAFF', $4::text, $5::timestamptz, $6::timestamptz)"""
_BROKEN = """\
SELECT g.glass_id FROM usher.break_glass AS g
LEFT JOIN usher.break_glass_end AS e ON e.school_id = $1::uuid AND e.glass_id = g.glass_id
WHERE g.school_id = $1::uuid AND g.person_id = $2::uuid AND g.ends_at > $3::timestamptz AND e.glass_id IS NULL"""
_FIND = """\
SELECT g.person_id, g.ends_at, e.ended_at FROM usher.break_glass AS g
LEFT JOIN usher.break_glass_end AS e ON e.school_id = $1::uuid AND e.glass_id = g.glass_id
WHERE g.school_id = $1::uuid AND g.glass_id = $2::uuid"""
_END = """\
INSERT INTO usher.break_glass_end (school_id, glass_id, ended_by, ended_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::timestamptz)
ON CONFLICT (school_id, glass_id) DO NOTHING"""
_STAFF = "The glass is broken by a member of staff: act in that capacity."


async def break_glass(reason: str, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> AccessOutcome:
    """Who may is for the planner to say, before this. Raises Forbidden in any capacity but STAFF, and for programs."""
    require_staff(permit, _STAFF)
    if actor.client_id is not None:
        raise Forbidden(_STAFF)
    context, connection = unit.context, unit.connection
    refusal = reason_refused(reason)
    if refusal is not None:
        return refusal
    touched = await raise_profiles(unit, [context.person_id])
    if await fetch(connection, _BROKEN, [context.school_id, context.person_id, now]):
        return refused("ALREADY_BROKEN", "You broke the glass already: it ends by itself.")
    key, ends_at = new_key(), now + LASTS
    await execute(connection, _BREAK, [context.school_id, key, context.person_id, reason.strip(), now, ends_at])
    ids = {"glass": key, "person": context.person_id}
    told = await holders(connection, context.school_id, OFFICERS, now.date())
    await post_notices(unit, told, NoticeKind.BREAK_GLASS, ids, now)
    await leave_traces(unit, actor, now, "glassBroken", "audit", ids)
    return AccessOutcome(key, touched=touched, starts_at=now, ends_at=ends_at)


async def end_break_glass(glass: UUID, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> AccessOutcome:
    """Before its time: one's own, or anybody's by who may read the audit. Raises Forbidden outside staff."""
    require_staff(permit, _STAFF)
    context, connection = unit.context, unit.connection
    rows = await fetch(connection, _FIND, [context.school_id, glass])
    owner, ends_at, ended_at = rows[0] if rows else (None, now, None)
    if owner is None or (owner != context.person_id and not reaches(permit, READ_AUDIT, context.person_id)):
        return refused("NOT_FOUND", "There is no such break-glass session of yours.", "session")
    if ended_at is not None or ends_at <= now:
        return refused("ENDED", "It has ended already.", "session")
    touched = await raise_profiles(unit, [owner])
    await execute(connection, _END, [context.school_id, glass, context.person_id, now])
    ids = {"glass": glass, "person": owner}
    told = await holders(connection, context.school_id, OFFICERS, now.date())
    await post_notices(unit, [one for one in told if one != context.person_id], NoticeKind.BREAK_GLASS_ENDED, ids, now)
    await leave_traces(unit, actor, now, "glassEnded", "audit", ids)
    return AccessOutcome(glass, touched=touched, ends_at=now)
