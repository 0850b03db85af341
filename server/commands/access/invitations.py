"""inviteGuardians, inviteLearners and inviteStaff: a batch of invitations, each to one account and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from server.commands.access.apps import is_active
from server.commands.access.gate import reaches, require, require_staff
from server.commands.access.invitation_candidates import SEES, Looked, look
from server.commands.access.invitation_entries import (
    DAYS,
    MOST,
    Candidate,
    Delivery,
    InvitationOutcome,
    Invite,
    Invited,
    Issued,
    Refusal,
)
from server.commands.access.notice_kinds import NoticeKind
from server.commands.access.notices import WATCHERS, post_notices
from server.commands.access.people import holders, lock_people
from server.commands.access.traces import leave_traces
from server.commands.actor import Actor
from server.commands.idempotency import Repeated, check_key, take_key
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.letters import queue_letter
from server.commands.marks.entries import Mode
from server.commands.statements import columns, execute, fetch
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput, Forbidden
from server.identity.invitations.codes import code_digest, confirmation_digest, new_code, new_confirmation
from server.identity.letters.letter import Letter
from server.policies.permit import Permit

WRITE: Final = ("account", "write")
GRANTS: Final = ("client_grant", "write")
"""Beside it for whoever holds a role of DECIDING_ROLES: an account is theirs who redeems it (0112)."""
FORBIDDEN: Final = "People are invited by those who may change accounts: ask your data manager or head teacher."

_INSERT = """\
INSERT INTO usher.invitation (school_id, invitation_id, kind, person_id, learner_id, link_id, delivery,
    confirmation_digest, invited_by, invited_at, expires_at)
SELECT $1::uuid, n.invitation_id, $2::text, n.person_id, n.learner_id, n.link_id, $3::text, n.confirmation, $4::uuid,
    $5::timestamptz, $6::timestamptz
FROM unnest($7::uuid[], $8::uuid[], $9::uuid[], $10::uuid[], $11::text[])
    AS n(invitation_id, person_id, learner_id, link_id, confirmation)"""
_CODES = """\
INSERT INTO usher.invitation_code (code_digest, school_id, invitation_id)
SELECT n.code_digest, $1::uuid, n.invitation_id FROM unnest($2::uuid[], $3::text[]) AS n(invitation_id, code_digest)"""
_SCHOOL = "SELECT s.name FROM usher.school AS s WHERE s.school_id = $1::uuid"


async def invite(command: Invite, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> InvitationOutcome:
    """Raises Forbidden, BadUserInput, IdempotencyConflict and Unavailable."""
    _may(unit, permit)
    if permit.plan(*SEES[command.invited][0]).nothing:
        raise Forbidden(FORBIDDEN)
    _check(command)
    taken = await take_key(command, unit, now)
    if isinstance(taken, Repeated):
        return InvitationOutcome.repeated(taken.outcome)
    outcome = await _invite(command, unit, permit, actor, now)
    if taken is None:
        return outcome
    if not outcome.issued:
        # Nothing was done: the corrected batch may come under the same key.
        await taken.release()
        return outcome
    await taken.keep(outcome.stored())
    return outcome


async def issue(
    invited: Invited, candidates: Sequence[Candidate], delivery: Delivery, unit: UnitOfWork, actor: Actor, now: datetime
) -> tuple[Issued, ...]:
    """Their rows, letters, notices and traces; the codes are told of PAPER alone."""
    paper = delivery is Delivery.PAPER
    expires = now + timedelta(days=DAYS)
    made = [
        Issued(new_key(), one.key, expires, new_code(), new_confirmation() if paper else None) for one in candidates
    ]
    await _store(invited, candidates, made, delivery, unit, now)
    if not paper:
        await _send(invited, candidates, made, unit, actor, now)
    learners = [one.learner_id for one in candidates if one.learner_id is not None]
    ids: Mapping[str, UUID | str] = {
        "kind": invited.value, "delivery": delivery.value, "invitations": " ".join(one.key.hex for one in made)
    }  # fmt: skip
    await leave_traces(unit, actor, now, "invited", "account", ids, learners)
    return tuple(made) if paper else tuple(Issued(one.key, one.of, one.expires_at) for one in made)


async def tell_of_officers(looked: Looked, issued: Sequence[Issued], unit: UnitOfWork, now: datetime) -> None:
    """Those who hear of a change of officers hear that an account was offered to one, too."""
    for one in issued:
        person = looked.found[one.of].person_id
        if person in looked.officers:
            told = await holders(unit.connection, unit.context.school_id, WATCHERS, now.date())
            ids = {"invitation": one.key, "person": person}
            await post_notices(
                unit, sorted({*told, person} - {unit.context.person_id}), NoticeKind.OFFICER_INVITED, ids, now
            )


def _may(unit: UnitOfWork, permit: Permit) -> None:
    require_staff(permit, FORBIDDEN)
    require(permit, WRITE, unit.context.person_id, None, FORBIDDEN)


def _check(command: Invite) -> None:
    check_key(command.idempotency_key)
    path = ("input", command.invited.argument)
    if not command.keys:
        raise BadUserInput(f"input.{command.invited.argument} is empty: name whom you invite.", path)
    if len(command.keys) > MOST:
        raise BadUserInput(f"input.{command.invited.argument} holds too many: invite at most {MOST} at once.", path)
    if command.invited is Invited.STAFF and command.delivery is not Delivery.MAIL:
        raise BadUserInput("input.delivery: staff are invited by MAIL, to their own address.", ("input", "delivery"))


async def _invite(command: Invite, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> InvitationOutcome:
    connection, school_id, invited = unit.connection, unit.context.school_id, command.invited
    # Of two who invite the same people the second finds what the first did.
    await lock_people(connection, school_id)
    if invited is not Invited.STAFF and not await is_active(connection, school_id, invited.value):
        sentence = "The school hasn't activated this app: its head teacher or data protection officer decides."
        return InvitationOutcome(errors=(InputError("NOT_ACTIVE", sentence, ("input",)),))
    looked = await look(invited, command.keys, unit, permit, now)
    refusals = _refusals(command, looked, unit, permit)
    accepted = [looked.found[key] for place, key in enumerate(command.keys) if place not in refusals]
    refused = tuple(sorted(refusals.items()))
    if not accepted or (command.mode is Mode.ATOMIC and refused):
        accepted = []
    if command.dry_run or not accepted:
        return InvitationOutcome(refusals=refused, would_write=len(accepted) if command.dry_run else None)
    issued = await issue(invited, accepted, command.delivery, unit, actor, now)
    await tell_of_officers(looked, issued, unit, now)
    return InvitationOutcome(issued, refused)


def _refusals(command: Invite, looked: Looked, unit: UnitOfWork, permit: Permit) -> dict[int, Refusal]:
    caller, found, seen = unit.context.person_id, dict[int, Refusal](), set[UUID]()
    officers = reaches(permit, GRANTS, caller)
    for place, key in enumerate(command.keys):
        refusal = looked.refusal(key, caller, command.delivery, officers=officers)
        if refusal is None and key in seen:
            refusal = Refusal.DUPLICATE_ENTRY
        if refusal is not None:
            found[place] = refusal
        seen.add(key)
    return found


async def _store(
    invited: Invited,
    candidates: Sequence[Candidate],
    made: Sequence[Issued],
    delivery: Delivery,
    unit: UnitOfWork,
    now: datetime,
) -> None:
    context = unit.context
    rows = [
        (one.key, to.person_id, to.learner_id, to.link_id, confirmation_digest(one.confirmation or ""))
        for to, one in zip(candidates, made, strict=True)
    ]
    values = [context.school_id, invited.value, delivery.value, context.person_id, now, made[0].expires_at]
    await execute(unit.connection, _INSERT, [*values, *columns(rows, 5)])
    digests = [code_digest(one.code or "") for one in made]
    await execute(unit.connection, _CODES, [context.school_id, [one.key for one in made], digests])


async def _send(
    invited: Invited,
    candidates: Sequence[Candidate],
    made: Sequence[Issued],
    unit: UnitOfWork,
    actor: Actor,
    now: datetime,
) -> None:
    [[school]] = await fetch(unit.connection, _SCHOOL, [unit.context.school_id])
    for to, one in zip(candidates, made, strict=True):
        values = {"school": str(school), "code": one.code or "", "link": f"{actor.home}/join"}
        letter = Letter(invited.letter, to.address or "", {**values, "until": one.expires_at})
        await queue_letter(unit.connection, letter, now)
