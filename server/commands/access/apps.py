"""activateApp and endApp: whether a school lets parents, or learners, in at all, in whose words and after which assessment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.access.gate import require, require_staff
from server.commands.access.notice_kinds import NoticeKind
from server.commands.access.notices import DECIDERS, post_notices
from server.commands.access.outcome import AccessOutcome, first_refusal, refused
from server.commands.access.people import holders, lock_people
from server.commands.access.texts import evidence_refused, reason_refused, words_refused
from server.commands.access.traces import leave_traces
from server.commands.actor import Actor
from server.commands.keys import new_key
from server.commands.statements import execute, fetch
from server.database.pool import PoolConnection
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit

WRITE: Final = ("client_grant", "write")
APPS: Final = ("PARENT", "LEARNER")
"""Named after the capacity that each lets in."""

_LIVE = """\
SELECT a.activation_id FROM usher.app_activation AS a
WHERE a.school_id = $1::uuid AND a.app = $2::text
    AND NOT EXISTS (SELECT 1 FROM usher.app_activation_end AS e
        WHERE e.school_id = $1::uuid AND e.activation_id = a.activation_id)"""
_ACTIVATE = """\
INSERT INTO usher.app_activation (school_id, activation_id, app, assessment, declaration, decided_by, decided_at)
VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::uuid, $7::timestamptz)"""
_END = """\
INSERT INTO usher.app_activation_end (school_id, activation_id, ended_by, ended_at, reason)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::timestamptz, $5::text)"""
# Whoever acts in that capacity, in key order: see raise_profiles.
_LOCK = """\
SELECT 1 FROM usher.access_profile AS p
WHERE p.school_id = $1::uuid AND p.capacity = $2::text ORDER BY p.person_id FOR UPDATE"""
_RAISE = """\
UPDATE usher.access_profile AS p SET profile_version = p.profile_version + 1
WHERE p.school_id = $1::uuid AND p.capacity = $2::text"""
_FORBIDDEN = (
    "Apps are activated and ended by those who may change grants: ask your head teacher or data protection officer."
)


@dataclass(frozen=True, slots=True)
class ActivateApp:
    """`assessment` says where the school's data protection impact assessment is written."""

    app: str
    assessment: str
    declaration: str


async def is_active(connection: PoolConnection, school_id: UUID, app: str) -> bool:
    return bool(await fetch(connection, _LIVE, [school_id, app]))


async def activate_app(
    command: ActivateApp, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """From now on people of that capacity may be invited, and act. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    _may(unit, permit)
    written = evidence_refused(command.assessment, "assessment")
    refusal = first_refusal((_unknown(command.app), written, words_refused(command.declaration, "declaration")))
    if refusal is not None:
        return refusal
    # Of two decisions the second finds the first.
    await lock_people(connection, context.school_id)
    if await is_active(connection, context.school_id, command.app):
        return refused("ALREADY_ACTIVE", "The app is active already.", "app")
    key = new_key()
    words = [command.assessment.strip(), command.declaration.strip()]
    await execute(connection, _ACTIVATE, [context.school_id, key, command.app, *words, context.person_id, now])
    return await _done(unit, actor, now, NoticeKind.APP_ACTIVATED, key, command.app)


async def end_app(
    app: str, reason: str, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """From now on nobody of that capacity has any standing at the school. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    _may(unit, permit)
    refusal = first_refusal((_unknown(app), reason_refused(reason)))
    if refusal is not None:
        return refusal
    await lock_people(connection, context.school_id)
    rows = await fetch(connection, _LIVE, [context.school_id, app])
    if not rows:
        return refused("NOT_ACTIVE", "The app is not active.", "app")
    for (key,) in rows:
        await execute(connection, _END, [context.school_id, key, context.person_id, now, reason.strip()])
    return await _done(unit, actor, now, NoticeKind.APP_ENDED, rows[0][0], app)


def _may(unit: UnitOfWork, permit: Permit) -> None:
    require_staff(permit, _FORBIDDEN)
    require(permit, WRITE, unit.context.person_id, None, _FORBIDDEN)


def _unknown(app: str) -> AccessOutcome | None:
    return None if app in APPS else refused("UNKNOWN_APP", f"Take one of {', '.join(APPS)}.", "app")


async def _done(unit: UnitOfWork, actor: Actor, now: datetime, kind: NoticeKind, key: UUID, app: str) -> AccessOutcome:
    context, connection = unit.context, unit.connection
    for statement in (_LOCK, _RAISE):
        await execute(connection, statement, [context.school_id, app])
    told = await holders(connection, context.school_id, DECIDERS, now.date())
    await post_notices(unit, told, kind, {"activation": key}, now)
    ids: Mapping[str, UUID | str] = {"activation": key, "app": app}
    await leave_traces(unit, actor, now, kind.value, "client_grant", ids)
    return AccessOutcome(key)
