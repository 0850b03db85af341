"""approveClosing and refuseClosing: a person of the school decides what may leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from server.commands.access.gate import reaches, require_staff
from server.commands.access.outcome import AccessOutcome, refused
from server.commands.access.profiles import raise_profiles
from server.commands.access.texts import reason_refused
from server.commands.access.traces import leave_traces
from server.commands.actor import Actor
from server.commands.rosters.closings import Closed, ClosingKind, Closings, Leaving
from server.commands.rosters.store import lock_roster
from server.commands.statements import execute, fetch
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden
from server.policies.permit import Coordinate, Permit

DECIDES: Final[tuple[Coordinate, ...]] = (("identifier", "write"), ("client_grant", "write"))
"""One of these: whoever keeps the roster, or decides about programs."""
_FORBIDDEN: Final = (
    "Closings are decided by those who keep the roster, or decide about programs: ask your data manager or head."
)
_WAITING = """\
SELECT c.kind, c.records FROM usher.roster_closing AS c
WHERE c.school_id = $1::uuid AND c.closing_id = $2::uuid AND c.waits"""
_DECIDED = "SELECT 1 FROM usher.roster_closing_decision AS d WHERE d.school_id = $1::uuid AND d.closing_id = $2::uuid"
_DECIDE = """\
INSERT INTO usher.roster_closing_decision (school_id, closing_id, decision, decided_by, decided_at, reason)
VALUES ($1::uuid, $2::uuid, $3::text, $4::uuid, $5::timestamptz, $6::text)"""


def require_decider(permit: Permit, caller: UUID) -> None:
    """Raises Forbidden."""
    require_staff(permit, _FORBIDDEN)
    if not any(reaches(permit, coordinate, caller) for coordinate in DECIDES):
        raise Forbidden(_FORBIDDEN)


async def decide_closing(
    closing: UUID, approve: bool, reason: str, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """What still lasts ends as was asked; or nothing does. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    require_decider(permit, context.person_id)
    refusal = reason_refused(reason)
    if refusal is not None:
        return refusal
    await lock_roster(connection, context.school_id)
    found = await fetch(connection, _WAITING, [context.school_id, closing])
    if not found:
        return refused("NOT_FOUND", "There is no such closing that waits.", "closing")
    if await fetch(connection, _DECIDED, [context.school_id, closing]):
        return refused("ALREADY_DECIDED", "Somebody has decided about it already.", "closing")
    kind, records = found[0]
    closed = await _closed(unit, ClosingKind(kind), records, now) if approve else Closed()
    word = "APPROVED" if approve else "REFUSED"
    values = [context.school_id, closing, word, context.person_id, now, reason.strip()]
    await execute(connection, _DECIDE, values)
    touched = await raise_profiles(unit, closed.raised) if closed.raised else frozenset[UUID]()
    told = "closingApproved" if approve else "closingRefused"
    ids: dict[str, UUID | str] = {"closing": closing}
    await leave_traces(unit, actor, now, told, ClosingKind(kind).element, ids, sorted(closed.learners))
    return AccessOutcome(closing, touched=touched)


async def _closed(unit: UnitOfWork, kind: ClosingKind, records: Sequence[Any], now: datetime) -> Closed:
    closings = Closings(unit.connection, unit.context.school_id, kind)
    rows = [Leaving.of(one) for one in records]
    officers = await closings.officers([row.key for row in rows], now.date())
    return await closings.close([row for row in rows if row.key not in officers])
