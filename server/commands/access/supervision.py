"""superviseTrainee and endSupervision: without a supervisor by name, a trainee's own rules are closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from server.commands.access.gate import require
from server.commands.access.outcome import AccessOutcome, refused
from server.commands.access.people import has_account, is_staff
from server.commands.access.texts import span_refused
from server.commands.access.traces import changed
from server.commands.actor import Actor
from server.commands.keys import new_key
from server.commands.statements import execute, fetch
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit

WRITE: Final = ("role_assignment", "write")

_INSERT = """\
INSERT INTO usher.supervision (school_id, supervision_id, trainee_id, supervisor_id, source, valid_from, valid_to)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, 'manual', $5::date, $6::date)"""
_FIND = """\
SELECT s.trainee_id, s.valid_from, s.valid_to FROM usher.supervision AS s
WHERE s.school_id = $1::uuid AND s.supervision_id = $2::uuid FOR UPDATE"""
_END = """\
UPDATE usher.supervision AS s SET valid_to = $3::date WHERE s.school_id = $1::uuid AND s.supervision_id = $2::uuid"""
_FORBIDDEN = "Supervisors are named by those who may change assignments: ask your head teacher or data manager."


@dataclass(frozen=True, slots=True)
class SuperviseTrainee:
    trainee: UUID
    supervisor: UUID
    begins: date
    ends: date


async def supervise_trainee(
    command: SuperviseTrainee, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """Name a trainee's supervisor for a time. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    require(permit, WRITE, context.person_id, None, _FORBIDDEN)
    refusal = _refusal(command, context.person_id, now.date())
    if refusal is not None:
        return refusal
    for name, person_id in (("trainee", command.trainee), ("supervisor", command.supervisor)):
        known = await is_staff(connection, context.school_id, person_id)
        if not known or not await has_account(connection, context.school_id, person_id, "STAFF", now.date()):
            return refused("NOT_FOUND", "There is no such member of staff.", name)
    key = new_key()
    values = [context.school_id, key, command.trainee, command.supervisor, command.begins, command.ends]
    await execute(connection, _INSERT, values)
    ids = {"supervision": key, "person": command.trainee, "supervisor": command.supervisor}
    return await changed(unit, actor, now, "supervisionBegun", "role_assignment", ids, command.trainee)


async def end_supervision(
    supervision: UUID, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """From today on. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    require(permit, WRITE, context.person_id, None, _FORBIDDEN)
    rows = await fetch(connection, _FIND, [context.school_id, supervision])
    if not rows:
        return refused("NOT_FOUND", "There is no such supervision.", "supervision")
    trainee_id, begins, before = rows[0]
    day = max(now.date(), begins)
    if before <= day:
        return refused("ENDED", "The supervision has ended already.", "supervision")
    await execute(connection, _END, [context.school_id, supervision, day])
    ids = {"supervision": supervision, "person": trainee_id}
    return await changed(unit, actor, now, "supervisionEnded", "role_assignment", ids, trainee_id)


def _refusal(command: SuperviseTrainee, caller: UUID, today: date) -> AccessOutcome | None:
    if command.trainee == command.supervisor:
        return refused("SELF_ASSIGNMENT", "Nobody supervises themselves.", "supervisor")
    if command.trainee == caller:
        return refused("SELF_ASSIGNMENT", "Nobody names their own supervisor: ask somebody else who may.", "trainee")
    return span_refused(command.begins, command.ends, today)
