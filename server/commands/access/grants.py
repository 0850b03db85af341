"""grantClient and endClientGrant: what a school lets a vendor's program do, in whose words, for what and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from server.commands.access.gate import require, require_staff
from server.commands.access.notice_kinds import NoticeKind
from server.commands.access.notices import DECIDERS, post_notices
from server.commands.access.outcome import AccessOutcome, first_refusal, refused
from server.commands.access.people import has_account, holders, lock_people
from server.commands.access.profiles import raise_profiles
from server.commands.access.programs import add_program, find_program, is_registered
from server.commands.access.purges import begin_purges
from server.commands.access.texts import reason_refused, words_refused
from server.commands.access.traces import leave_traces
from server.commands.actor import Actor
from server.commands.keys import new_key
from server.commands.statements import execute, fetch
from server.database.pool import PoolConnection
from server.database.unit_of_work import UnitOfWork
from server.migrations.grant_walls import MOST_DAYS
from server.policies.permit import Permit
from server.policies.vocabulary import CLIENT_SCOPES, expanded

WRITE: Final = ("client_grant", "write")
LONGEST: Final = timedelta(days=MOST_DAYS)
SPECIAL: Final = "special-write"

_LASTING = """\
SELECT DISTINCT g.scope FROM usher.client_grant AS g
WHERE g.school_id = $1::uuid AND g.person_id = $2::uuid AND g.scope = ANY($3::text[])
    AND (g.valid_to IS NULL OR g.valid_to >= $4::date)
ORDER BY g.scope"""
_GRANT = """\
INSERT INTO usher.client_grant (school_id, grant_id, person_id, scope, purpose, declared_by, valid_from, valid_to,
    client_id, declaration, reason, declared_at)
SELECT $1::uuid, n.grant_id, $2::uuid, n.scope, $3::text, $4::uuid, $5::date, $6::date, $7::text, $8::text,
    CASE WHEN n.scope = $9::text THEN $10::text END, $11::timestamptz
FROM unnest($12::uuid[], $13::text[]) AS n(grant_id, scope)"""
_IN_FORCE = """\
SELECT g.grant_id, g.scope FROM usher.client_grant AS g
WHERE g.school_id = $1::uuid AND g.person_id = $2::uuid AND ($3::text[] IS NULL OR g.scope = ANY($3::text[]))
    AND g.ended_at IS NULL AND (g.valid_to IS NULL OR g.valid_to > $4::date)
ORDER BY g.grant_id"""
_EVER = "SELECT 1 FROM usher.client_grant AS g WHERE g.school_id = $1::uuid AND g.person_id = $2::uuid LIMIT 1"
_END = """\
UPDATE usher.client_grant AS g SET valid_to = $3::date, ended_at = $4::timestamptz, ended_by = $5::uuid, ending = $6::text
WHERE g.school_id = $1::uuid AND g.grant_id = ANY($2::uuid[])"""
_FORBIDDEN = (
    "Grants to programs are decided by those who may change grants: ask your head teacher or data protection officer."
)


@dataclass(frozen=True, slots=True)
class GrantClient:
    """`until` is the first day no longer; `reason` is demanded for `special-write` alone."""

    client: str
    scopes: Sequence[str]
    purpose: str
    until: date
    declaration: str
    reason: str | None = None


async def grant_client(
    command: GrantClient, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """One row a scope, from today on. Returns the program as a person of the school. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    require_staff(permit, _FORBIDDEN)
    require(permit, WRITE, context.person_id, None, _FORBIDDEN)
    refusal = _refusal(command, now.date())
    if refusal is None and not await is_registered(connection, command.client):
        refusal = refused("NOT_FOUND", "No program of that id is registered here: ask its vendor for the id.", "client")
    if refusal is not None:
        return refusal
    # Of two first grants the second finds the program.
    await lock_people(connection, context.school_id)
    program = await find_program(connection, context.school_id, command.client)
    if program is None:
        program = await add_program(connection, context.school_id, command.client, now)
    elif refusal := await _unusable(connection, context.school_id, program, command, now.date()):
        return refusal
    await _write(command, unit, program, now)
    ids = {"program": program, "client": command.client, "scopes": " ".join(sorted(expanded(command.scopes)))}
    return await _done(unit, actor, now, NoticeKind.CLIENT_GRANTED, program, ids)


async def end_client_grant(
    program: UUID, scope: str | None, reason: str, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """What was granted to a program counts no longer, all of it or one scope. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    require_staff(permit, _FORBIDDEN)
    require(permit, WRITE, context.person_id, None, _FORBIDDEN)
    refusal = first_refusal((None if scope is None else _unknown([scope], "scope"), reason_refused(reason)))
    if refusal is not None:
        return refusal
    named = None if scope is None else sorted(expanded([scope]))
    await lock_people(connection, context.school_id)
    if not await fetch(connection, _EVER, [context.school_id, program]):
        return refused("NOT_FOUND", "The school has granted nothing to such a program.", "program")
    rows = await fetch(connection, _IN_FORCE, [context.school_id, program, named, now.date()])
    if not rows:
        return refused("ENDED", "Nothing of that is in force: it has ended already, or was never granted.", "program")
    values = [context.school_id, [row[0] for row in rows], now.date(), now, context.person_id, reason.strip()]
    await execute(connection, _END, values)
    await begin_purges(connection, context.school_id, program, now)
    ids = {"program": program, "scopes": " ".join(sorted({row[1] for row in rows}))}
    return await _done(unit, actor, now, NoticeKind.CLIENT_GRANT_ENDED, program, ids)


def _refusal(command: GrantClient, today: date) -> AccessOutcome | None:
    until = command.until
    dated = None
    if not today < until <= today + LONGEST:
        dated = refused("DATES", f"A grant ends after today, within {LONGEST.days} days.", "until")
    reasoned = None
    if SPECIAL in command.scopes:
        reasoned = reason_refused(command.reason or "")
    elif command.reason is not None:
        reasoned = refused("NO_REASON", f"A reason is given for {SPECIAL} alone: leave it out.", "reason")
    return first_refusal(
        (
            _unknown(command.scopes, "scopes"),
            words_refused(command.purpose, "purpose"),
            dated,
            words_refused(command.declaration, "declaration"),
            reasoned,
        )
    )


def _unknown(scopes: Sequence[str], place: str) -> AccessOutcome | None:
    if scopes and expanded(scopes) <= set(CLIENT_SCOPES):
        return None
    return refused("UNKNOWN_SCOPE", f"Name one of {', '.join(CLIENT_SCOPES)}, or several.", place)


async def _unusable(
    connection: PoolConnection, school_id: UUID, program: UUID, command: GrantClient, today: date
) -> AccessOutcome | None:
    """Where its account ended, or a scope is granted for as long: each row is to add something."""
    if not await has_account(connection, school_id, program, "CLIENT", today):
        return refused("NOT_FOUND", "The program has no account at this school any more.", "client")
    rows = await fetch(connection, _LASTING, [school_id, program, sorted(expanded(command.scopes)), command.until])
    if not rows:
        return None
    named = ", ".join(str(row[0]) for row in rows)
    return refused(
        "ALREADY_HELD", f"Granted for as long already, or longer: {named}. Leave out, or end first.", "scopes"
    )


async def _write(command: GrantClient, unit: UnitOfWork, program: UUID, now: datetime) -> None:
    context, scopes = unit.context, sorted(expanded(command.scopes))
    declared = [command.client, command.declaration.strip(), SPECIAL, (command.reason or "").strip(), now]
    dates = [now.date(), command.until]
    values = [context.school_id, program, command.purpose.strip(), context.person_id, *dates, *declared]
    await execute(unit.connection, _GRANT, [*values, [new_key() for _ in scopes], scopes])


async def _done(
    unit: UnitOfWork, actor: Actor, now: datetime, kind: NoticeKind, program: UUID, ids: Mapping[str, UUID | str]
) -> AccessOutcome:
    touched = await raise_profiles(unit, [program])
    told = await holders(unit.connection, unit.context.school_id, DECIDERS, now.date())
    await post_notices(unit, told, kind, {"program": program}, now)
    await leave_traces(unit, actor, now, kind.value, "client_grant", ids)
    return AccessOutcome(program, touched=touched)
