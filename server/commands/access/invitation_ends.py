"""endInvitation and reissueInvitation: an invitation counts no longer, or another takes its place."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.commands.access.gate import reaches, require, require_staff
from server.commands.access.invitation_candidates import look
from server.commands.access.invitation_entries import SENTENCES, Delivery, InvitationOutcome, Invited
from server.commands.access.invitations import FORBIDDEN, GRANTS, WRITE, issue, tell_of_officers
from server.commands.access.outcome import AccessOutcome, refused
from server.commands.access.people import lock_people
from server.commands.access.texts import reason_refused
from server.commands.access.traces import leave_traces
from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.commands.statements import execute, fetch
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput
from server.policies.permit import Permit

# Locked: whoever redeems it at this moment is waited for, or waits.
_FIND = """\
SELECT i.kind, coalesce(i.link_id, i.person_id) FROM usher.invitation AS i
WHERE i.school_id = $1::uuid AND i.invitation_id = $2::uuid FOR UPDATE"""
_OVER = """\
SELECT 'REDEEMED' FROM usher.invitation_redemption AS r WHERE r.school_id = $1::uuid AND r.invitation_id = $2::uuid
UNION ALL SELECT 'ENDED' FROM usher.invitation_end AS e WHERE e.school_id = $1::uuid AND e.invitation_id = $2::uuid"""
_END = """\
INSERT INTO usher.invitation_end (school_id, invitation_id, ended_by, ended_at, reason)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::timestamptz, $5::text)"""
_SAID = {"REDEEMED": "It was redeemed.", "ENDED": "It has ended already."}


async def end_invitation(
    invitation: UUID, reason: str, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """Nobody redeems it from now on. Raises Forbidden."""
    found = await _found(invitation, unit, permit)
    if isinstance(found, AccessOutcome):
        return found
    refusal = reason_refused(reason)
    if refusal is not None:
        return refusal
    await _end(invitation, reason.strip(), unit, now)
    await leave_traces(unit, actor, now, "invitationEnded", "account", {"invitation": invitation})
    return AccessOutcome(invitation)


async def reissue_invitation(
    invitation: UUID, delivery: Delivery, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> InvitationOutcome:
    """Another invitation of the same person takes its place, with a code of its own. Raises Forbidden and BadUserInput."""
    await lock_people(unit.connection, unit.context.school_id)
    found = await _found(invitation, unit, permit)
    if isinstance(found, AccessOutcome):
        return InvitationOutcome(errors=found.errors)
    invited, key = found
    if invited is Invited.STAFF and delivery is not Delivery.MAIL:
        raise BadUserInput("input.delivery: staff are invited by MAIL, to their own address.", ("input", "delivery"))
    await _end(invitation, None, unit, now)
    looked = await look(invited, [key], unit, permit, now)
    caller = unit.context.person_id
    refusal = looked.refusal(key, caller, delivery, officers=reaches(permit, GRANTS, caller))
    if refusal is not None:
        return _refused(refusal.value, SENTENCES[refusal], "invitation")
    issued = await issue(invited, [looked.found[key]], delivery, unit, actor, now)
    await tell_of_officers(looked, issued, unit, now)
    return InvitationOutcome(issued, invited=invited)


async def _found(invitation: UUID, unit: UnitOfWork, permit: Permit) -> tuple[Invited, UUID] | AccessOutcome:
    """Who is invited, and the key of their link or of themselves; the row is locked."""
    context, connection = unit.context, unit.connection
    require_staff(permit, FORBIDDEN)
    require(permit, WRITE, context.person_id, None, FORBIDDEN)
    rows = await fetch(connection, _FIND, [context.school_id, invitation])
    if not rows:
        return refused("NOT_FOUND", "There is no such invitation.", "invitation")
    over = await fetch(connection, _OVER, [context.school_id, invitation])
    if over:
        return refused(over[0][0], _SAID[over[0][0]], "invitation")
    return Invited(rows[0][0]), rows[0][1]


async def _end(invitation: UUID, reason: str | None, unit: UnitOfWork, now: datetime) -> None:
    context = unit.context
    await execute(unit.connection, _END, [context.school_id, invitation, context.person_id, now, reason])


def _refused(code: str, sentence: str, place: str) -> InvitationOutcome:
    return InvitationOutcome(errors=(InputError(code, sentence, ("input", place)),))
