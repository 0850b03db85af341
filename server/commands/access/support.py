"""Support access: asked for by a person of the vendor, decided by the school, for hours, ended at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from server.commands.access.gate import reaches, require, require_staff
from server.commands.access.notice_kinds import NoticeKind
from server.commands.access.notices import DECIDERS, post_notices
from server.commands.access.outcome import AccessOutcome, refused
from server.commands.access.people import holders
from server.commands.access.profiles import raise_profiles
from server.commands.access.texts import misleading_refused, reason_refused
from server.commands.access.traces import leave_traces
from server.commands.actor import Actor
from server.commands.keys import new_key
from server.commands.statements import execute, fetch
from server.commands.storable import storable
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden
from server.policies.permit import Permit
from server.policies.vocabulary import Capacity

WRITE: Final = ("client_grant", "write")
MOST_HOURS: Final = 8
LONGEST_NAME: Final = 100

_ASK = """\
INSERT INTO usher.support_request (school_id, request_id, requester_id, capacity, name, reason, hours, requested_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, 'OPERATOR', $4::text, $5::text, $6::int, $7::timestamptz)"""
# One request of a person at a time.
_OPEN = """\
SELECT 1 FROM usher.support_request AS r
WHERE r.school_id = $1::uuid AND r.requester_id = $2::uuid
    AND NOT EXISTS (SELECT 1 FROM usher.support_decision AS d
        WHERE d.school_id = $1::uuid AND d.request_id = r.request_id)"""
_LOCK = """\
SELECT 1 FROM usher.access_profile AS p
WHERE p.school_id = $1::uuid AND p.person_id = $2::uuid AND p.capacity = 'OPERATOR' FOR UPDATE"""
_FIND = """\
SELECT r.requester_id, r.hours, d.decision, d.ends_at, e.ended_at FROM usher.support_request AS r
LEFT JOIN usher.support_decision AS d ON d.school_id = $1::uuid AND d.request_id = r.request_id
LEFT JOIN usher.support_end AS e ON e.school_id = $1::uuid AND e.request_id = r.request_id
WHERE r.school_id = $1::uuid AND r.request_id = $2::uuid"""
_DECIDE = """\
INSERT INTO usher.support_decision (school_id, request_id, requester_id, decision, decided_by, decided_at, reason,
    starts_at, ends_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::text, $5::uuid, $6::timestamptz, $7::text, $8::timestamptz, $9::timestamptz)"""
_END = """\
INSERT INTO usher.support_end (school_id, request_id, decision, ended_by, ended_at)
VALUES ($1::uuid, $2::uuid, 'APPROVED', $3::uuid, $4::timestamptz)"""
_PERSONS = "Support access is asked for by a person of the vendor, in their own session: no program may."
_FORBIDDEN = (
    "Support access is decided by those who may change grants: ask your head teacher or data protection officer."
)


@dataclass(frozen=True, slots=True)
class RequestSupportAccess:
    name: str
    reason: str
    hours: int


async def request_support_access(
    command: RequestSupportAccess, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """Ask the school. Raises Forbidden for anybody but a person of the vendor, and for their programs."""
    context, connection = unit.context, unit.connection
    if permit.profile.capacity is not Capacity.OPERATOR or actor.client_id is not None:
        raise Forbidden(_PERSONS)
    require(permit, WRITE, context.person_id, context.person_id, _PERSONS)
    refusal = _refusal(command)
    if refusal is not None:
        return refusal
    await fetch(connection, _LOCK, [context.school_id, context.person_id])
    if await fetch(connection, _OPEN, [context.school_id, context.person_id]):
        return refused("PENDING", "The school has not decided your last request yet: wait for it.")
    key = new_key()
    values = [context.school_id, key, context.person_id, command.name.strip(), command.reason.strip(), command.hours]
    await execute(connection, _ASK, [*values, now])
    await _tell(unit, NoticeKind.SUPPORT_REQUESTED, key, now)
    await _trace(unit, actor, now, "supportRequested", key, context.person_id)
    return AccessOutcome(key)


async def approve_support_access(
    request: UUID, hours: int | None, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """Let the requester in from now on, for the hours asked or fewer. Raises Forbidden."""
    found = await _decidable(request, unit, permit)
    if isinstance(found, AccessOutcome):
        return found
    requester_id, asked = found
    granted = asked if hours is None else hours
    if not 1 <= granted <= asked:
        return refused("HOURS", "Grant at least one hour, and no more than were asked for.", "hours")
    ends_at = now + timedelta(hours=granted)
    await _decide(unit, request, requester_id, "APPROVED", None, now, ends_at)
    touched = await raise_profiles(unit, [requester_id])
    await _tell(unit, NoticeKind.SUPPORT_APPROVED, request, now)
    await post_notices(unit, [requester_id], NoticeKind.SUPPORT_APPROVED, {"request": request}, now)
    await _trace(unit, actor, now, "supportApproved", request, requester_id)
    return AccessOutcome(request, touched=touched, starts_at=now, ends_at=ends_at)


async def refuse_support_access(
    request: UUID, reason: str, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """Raises Forbidden."""
    found = await _decidable(request, unit, permit)
    if isinstance(found, AccessOutcome):
        return found
    refusal = reason_refused(reason)
    if refusal is not None:
        return refusal
    await _decide(unit, request, found[0], "REFUSED", reason.strip(), now, None)
    await post_notices(unit, [found[0]], NoticeKind.SUPPORT_REFUSED, {"request": request}, now)
    await _trace(unit, actor, now, "supportRefused", request, found[0])
    return AccessOutcome(request)


async def end_support_access(
    request: UUID, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """The session is over now; the school may, and who asked for it. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    if permit.plan(*WRITE).nothing:
        raise Forbidden(_FORBIDDEN)
    found = await _locked(request, unit)
    requester_id, _, decision, ends_at, ended_at = found or (None, 0, None, None, None)
    if requester_id is None or not reaches(permit, WRITE, context.person_id, requester_id):
        return refused("NOT_FOUND", "There is no such request.", "request")
    if decision != "APPROVED" or ended_at is not None or ends_at is None or ends_at <= now:
        return refused("ENDED", "There is no session of this request that could be ended.", "request")
    await execute(connection, _END, [context.school_id, request, context.person_id, now])
    touched = await raise_profiles(unit, [requester_id])
    await _tell(unit, NoticeKind.SUPPORT_ENDED, request, now)
    await _trace(unit, actor, now, "supportEnded", request, requester_id)
    return AccessOutcome(request, touched=touched, ends_at=now)


def _refusal(command: RequestSupportAccess) -> AccessOutcome | None:
    if not command.name.strip() or not storable(command.name, LONGEST_NAME):
        return refused("NAME_MISSING", f"Say who you are, in 1 to {LONGEST_NAME} characters.", "name")
    if bad := misleading_refused(command.name, "name"):
        return bad
    if not 1 <= command.hours <= MOST_HOURS:
        return refused("HOURS", f"Ask for 1 to {MOST_HOURS} hours.", "hours")
    return reason_refused(command.reason)


async def _decidable(request: UUID, unit: UnitOfWork, permit: Permit) -> tuple[UUID, int] | AccessOutcome:
    """Requester and hours of a request that the caller may decide, and nobody has yet."""
    context = unit.context
    require_staff(permit, _FORBIDDEN)
    require(permit, WRITE, context.person_id, None, _FORBIDDEN)
    found = await _locked(request, unit)
    if found is None:
        return refused("NOT_FOUND", "There is no such request.", "request")
    if found[0] == context.person_id:
        return refused("SELF_APPROVAL", "Nobody decides their own request.", "request")
    if found[2] is not None:
        return refused("DECIDED", "The request is decided: a further session needs a new one.", "request")
    return found[0], found[1]


async def _locked(request: UUID, unit: UnitOfWork) -> tuple[Any, ...] | None:
    """As `_FIND` says, looked at again once the requester is locked: of two decisions the second sees the first."""
    school_id = unit.context.school_id
    rows = await fetch(unit.connection, _FIND, [school_id, request])
    if not rows:
        return None
    await fetch(unit.connection, _LOCK, [school_id, rows[0][0]])
    return (await fetch(unit.connection, _FIND, [school_id, request]))[0]


async def _decide(
    unit: UnitOfWork,
    request: UUID,
    requester_id: UUID,
    decision: str,
    reason: str | None,
    now: datetime,
    ends_at: datetime | None,
) -> None:
    context = unit.context
    values = [context.school_id, request, requester_id, decision, context.person_id, now, reason]
    await execute(unit.connection, _DECIDE, [*values, now if ends_at else None, ends_at])


async def _tell(unit: UnitOfWork, kind: NoticeKind, request: UUID, now: datetime) -> None:
    told = await holders(unit.connection, unit.context.school_id, DECIDERS, now.date())
    await post_notices(unit, told, kind, {"request": request}, now)


async def _trace(unit: UnitOfWork, actor: Actor, now: datetime, kind: str, request: UUID, requester_id: UUID) -> None:
    await leave_traces(unit, actor, now, kind, "client_grant", {"request": request, "person": requester_id})
