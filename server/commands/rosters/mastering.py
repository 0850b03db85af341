"""setFieldMaster: a person of the school says whose word counts for which fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.access.gate import require, require_staff
from server.commands.access.outcome import AccessOutcome, refused
from server.commands.access.traces import leave_traces
from server.commands.actor import Actor
from server.commands.rosters.masters import fields_of
from server.commands.rosters.shapes import SHAPES, RecordKind
from server.commands.rosters.store import lock_roster
from server.commands.statements import execute, fetch
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit

WRITE: Final = ("client_grant", "write")
_FORBIDDEN: Final = (
    "Masters of fields are set by those who may change grants: ask your head or data protection officer."
)
_PROGRAM = """\
SELECT 1 FROM usher.client_grant AS g WHERE g.school_id = $1::uuid AND g.person_id = $2::uuid LIMIT 1"""
_SET = """\
INSERT INTO usher.field_master AS m (school_id, kind, field, program, set_by, set_at)
SELECT $1::uuid, $2::text, n.field, $4::uuid, $5::uuid, $6::timestamptz FROM unnest($3::text[]) AS n(field)
ON CONFLICT (school_id, kind, field) DO UPDATE
    SET program = excluded.program, set_by = excluded.set_by, set_at = excluded.set_at
    WHERE m.school_id = excluded.school_id"""


async def set_field_master(
    kind: RecordKind,
    fields: Sequence[str],
    program: UUID | None,
    unit: UnitOfWork,
    permit: Permit,
    actor: Actor,
    now: datetime,
) -> AccessOutcome:
    """That program alone writes the fields from now on; the school's own people, where none is named. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    require_staff(permit, _FORBIDDEN)
    require(permit, WRITE, context.person_id, None, _FORBIDDEN)
    known = fields_of(SHAPES[kind])
    if not fields or not set(fields) <= set(known):
        return refused("UNKNOWN_FIELD", f"Name one of {', '.join(known)}, or several.", "fields")
    if program is not None and not await fetch(connection, _PROGRAM, [context.school_id, program]):
        return refused("NOT_FOUND", "The school has granted nothing to such a program.", "program")
    await lock_roster(connection, context.school_id)
    values = [context.school_id, kind.value, sorted(set(fields)), program, context.person_id, now]
    await execute(connection, _SET, values)
    ids: dict[str, UUID | str] = {"kind": kind.value, "fields": " ".join(sorted(set(fields))), "program": str(program)}
    await leave_traces(unit, actor, now, "fieldMasterSet", "client_grant", ids)
    return AccessOutcome(program)
