"""optOutOfClient and endClientOptOut: a learner is left out of what one program reads and writes, or no longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.access.gate import require, require_staff
from server.commands.access.outcome import AccessOutcome, first_refusal, refused
from server.commands.access.people import lock_people
from server.commands.access.profiles import raise_profiles
from server.commands.access.texts import reason_refused
from server.commands.access.traces import leave_traces
from server.commands.actor import Actor
from server.commands.keys import new_key
from server.commands.statements import execute, fetch
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit

WRITE: Final = ("client_grant", "write")
ASKERS: Final = ("GUARDIAN", "LEARNER", "SCHOOL")
OPTED_OUT: Final = "clientOptedOut"
OPT_OUT_ENDED: Final = "clientOptOutEnded"

_PROGRAM: Final = """\
SELECT 1 FROM usher.access_profile AS p
WHERE p.school_id = $1::uuid AND p.person_id = $2::uuid AND p.capacity = 'CLIENT'"""
_LEARNER: Final = "SELECT 1 FROM usher.learner AS l WHERE l.school_id = $1::uuid AND l.learner_id = $2::uuid"
_LIVE: Final = """\
SELECT 1 FROM usher.client_opt_out AS o
WHERE o.school_id = $1::uuid AND o.program_id = $2::uuid AND o.learner_id = $3::uuid AND o.ended_at IS NULL"""
_ADD: Final = """\
INSERT INTO usher.client_opt_out (school_id, opt_out_id, program_id, learner_id, asked_by, reason, recorded_by, recorded_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::text, $6::text, $7::uuid, $8::timestamptz)"""
_FOUND: Final = """\
SELECT o.program_id, o.learner_id, o.ended_at FROM usher.client_opt_out AS o
WHERE o.school_id = $1::uuid AND o.opt_out_id = $2::uuid"""
_END: Final = """\
UPDATE usher.client_opt_out AS o SET ended_at = $3::timestamptz, ended_by = $4::uuid, ending = $5::text
WHERE o.school_id = $1::uuid AND o.opt_out_id = $2::uuid"""
_FORBIDDEN: Final = (
    "Who is left out of a program's data is decided by those who may change grants: ask your head teacher or data "
    "protection officer."
)


@dataclass(frozen=True, slots=True)
class OptOut:
    """`asked_by` is one of ASKERS."""

    program: UUID
    learner: UUID
    asked_by: str
    reason: str


async def opt_out_of_client(
    command: OptOut, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """From the program's next request on the learner isn't there for it. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    _require(permit, context.person_id)
    asked = None
    if command.asked_by not in ASKERS:
        asked = refused("UNKNOWN_ASKER", f"Say who asked for it: {', '.join(ASKERS)}.", "askedBy")
    refusal = first_refusal((asked, reason_refused(command.reason)))
    if refusal is not None:
        return refusal
    await lock_people(connection, context.school_id)
    school_id = context.school_id
    if not await fetch(connection, _PROGRAM, [school_id, command.program]):
        return refused("NOT_FOUND", "There is no such program at the school.", "program")
    if not await fetch(connection, _LEARNER, [school_id, command.learner]):
        return refused("NOT_FOUND", "There is no such learner at the school.", "learner")
    if await fetch(connection, _LIVE, [school_id, command.program, command.learner]):
        return refused("ALREADY_HELD", "The learner is left out of this program's data already.", "learner")
    key = new_key()
    said = [command.asked_by, command.reason.strip(), context.person_id, now]
    await execute(connection, _ADD, [school_id, key, command.program, command.learner, *said])
    return await _done(unit, actor, now, OPTED_OUT, key, command.program, command.learner)


async def end_client_opt_out(
    key: UUID, reason: str, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """The program may know of the learner again. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    _require(permit, context.person_id)
    refusal = reason_refused(reason)
    if refusal is not None:
        return refusal
    await lock_people(connection, context.school_id)
    found = await fetch(connection, _FOUND, [context.school_id, key])
    if not found:
        return refused("NOT_FOUND", "There is no such record.", "optOut")
    [(program, learner, ended_at)] = found
    if ended_at is not None:
        return refused("ENDED", "It has ended already.", "optOut")
    await execute(connection, _END, [context.school_id, key, now, context.person_id, reason.strip()])
    return await _done(unit, actor, now, OPT_OUT_ENDED, key, program, learner)


def _require(permit: Permit, caller: UUID) -> None:
    require_staff(permit, _FORBIDDEN)
    require(permit, WRITE, caller, None, _FORBIDDEN)


async def _done(
    unit: UnitOfWork, actor: Actor, now: datetime, kind: str, key: UUID, program: UUID, learner: UUID
) -> AccessOutcome:
    touched = await raise_profiles(unit, [program])
    ids = {"optOut": key, "program": program, "learner": learner}
    await leave_traces(unit, actor, now, kind, "client_grant", ids, [learner])
    return AccessOutcome(key, touched=touched)
