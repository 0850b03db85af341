"""rekey: a source system names a record anew, and the former name is kept with its dates."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.access.outcome import AccessOutcome, refused
from server.commands.access.traces import leave_traces
from server.commands.actor import Actor
from server.commands.rosters.naming import claim_system, keep_names, records_named
from server.commands.rosters.rights import Rights
from server.commands.rosters.shapes import RecordKind
from server.commands.rosters.store import lock_roster
from server.commands.statements import execute
from server.commands.storable import plain_line, storable
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit

_END = """\
UPDATE usher.external_id AS e SET ended_at = $5::timestamptz
WHERE e.school_id = $1::uuid AND e.kind = $2::text AND e.system = $3::text AND e.source_id = $4::text AND e.ended_at IS NULL"""
_LONGEST: Final = 100
_ELEMENTS: Final = {
    RecordKind.LEARNER: "identifier",
    RecordKind.GUARDIAN: "guardian_name",
    RecordKind.STAFF: "staff_name",
    RecordKind.CLASS: "school_structure",
    RecordKind.ENROLMENT: "groups",
}


async def rekey(
    kind: RecordKind, system: str, old: str, new: str, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """The record that `old` means is meant by `new` from now on. Raises Forbidden, BadUserInput."""
    context, connection = unit.context, unit.connection
    rights = Rights(permit, context, now.date())
    rights.require([_ELEMENTS[kind]], "Ids of source systems")
    if not (new.strip() == new and new and storable(new, _LONGEST) and plain_line(new)):
        return refused("BAD_VALUE", f"An id is 1 to {_LONGEST} characters on one line: give the source's own.", "to")
    await lock_roster(connection, context.school_id)
    await claim_system(connection, context.school_id, system, rights.program, now, keep=False)
    named = await records_named(connection, context.school_id, kind, system, (old, new))
    if old not in named or not await _may(rights, unit, kind, named[old]):
        return refused("NOT_FOUND", "The system names no record so that is for you.", "from")
    if new in named:
        return refused(
            "CONFLICT", "The system names a record so already: merge the two, if they are of one learner.", "to"
        )
    await execute(connection, _END, [context.school_id, kind.value, system, old, now])
    await keep_names(connection, context.school_id, kind, system, {new: named[old]}, now)
    ids: dict[str, UUID | str] = {"kind": kind.value, "system": system, "record": named[old]}
    learners = [named[old]] if kind is RecordKind.LEARNER else []
    await leave_traces(unit, actor, now, "rekeyed", "identifier", ids, learners)
    return AccessOutcome(named[old])


async def _may(rights: Rights, unit: UnitOfWork, kind: RecordKind, record: UUID) -> bool:
    if kind is not RecordKind.LEARNER:
        return rights.ordinary(_ELEMENTS[kind], "write")
    return record in (await rights.passing(unit.connection, ("identifier",), "write", [record]))["identifier"]
