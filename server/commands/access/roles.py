"""assignRole and endRole: what somebody is at the school, from when until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from server.commands.access.gate import reaches, require
from server.commands.access.notice_kinds import NoticeKind
from server.commands.access.notices import WATCHERS, post_notices
from server.commands.access.officers import last_officer
from server.commands.access.outcome import AccessOutcome, refused
from server.commands.access.people import has_account, holders, lock_people
from server.commands.access.profiles import raise_profiles
from server.commands.access.texts import span_refused
from server.commands.access.traces import leave_traces
from server.commands.actor import Actor
from server.commands.keys import new_key
from server.commands.statements import execute, fetch
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden
from server.policies.permit import Permit
from server.policies.vocabulary import DECIDING_ROLES, ROLES, Capacity

WRITE: Final = ("role_assignment", "write")
# Beside it for DECIDING_ROLES: who keeps the staff list alone would choose who looks over them (0112).
GRANTS: Final = ("client_grant", "write")
# Roles of people who are no staff are their capacity's own: nobody assigns them.
_ASSIGNABLE: Final = frozenset({Capacity.STAFF, Capacity.OPERATOR})

_HELD = """\
SELECT 1 FROM usher.role_assignment AS r
WHERE r.school_id = $1::uuid AND r.person_id = $2::uuid AND r.role = $3::text
    AND (r.valid_to IS NULL OR r.valid_to > $4::date) AND ($5::date IS NULL OR r.valid_from < $5::date)"""
_INSERT = """\
INSERT INTO usher.role_assignment (school_id, role_assignment_id, person_id, role, source, valid_from, valid_to)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::text, 'manual', $5::date, $6::date)"""
_FIND = """\
SELECT r.person_id, r.role, r.valid_from, r.valid_to FROM usher.role_assignment AS r
WHERE r.school_id = $1::uuid AND r.role_assignment_id = $2::uuid"""
_END = """\
UPDATE usher.role_assignment AS r SET valid_to = $3::date
WHERE r.school_id = $1::uuid AND r.role_assignment_id = $2::uuid"""
_FORBIDDEN = "Roles are given and ended by those who may change them: ask your head teacher or data manager."


@dataclass(frozen=True, slots=True)
class AssignRole:
    """`begins` is the first day, `ends` the first day no longer."""

    person: UUID
    role: str
    begins: date
    ends: date | None = None


async def assign_role(
    command: AssignRole, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """Give somebody else a role. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    require(permit, WRITE, context.person_id, None, _FORBIDDEN)
    refusal = _refusal(command, permit, context.person_id, now.date()) or await _unfit(command, unit, now.date())
    if refusal is not None:
        return refusal
    key = new_key()
    values = [context.school_id, key, command.person, command.role, command.begins, command.ends]
    await execute(connection, _INSERT, values)
    ids = {"assignment": key, "person": command.person}
    return await _changed(unit, actor, now, "roleAssigned", key, command.role, ids)


async def end_role(
    assignment: UUID, ends: date | None, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """The role counts no longer from `ends` on, which is today where it is None. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    require(permit, WRITE, context.person_id, None, _FORBIDDEN)
    today = now.date()
    # The people and no row: changes of roles come one after the other, and the wall shows no row that isn't theirs to end.
    await lock_people(connection, context.school_id)
    rows = await fetch(connection, _FIND, [context.school_id, assignment])
    if not rows or ROLES.get(rows[0][1]) not in _ASSIGNABLE:
        return refused("NOT_FOUND", "There is no such role of a member of staff.", "assignment")
    person_id, role, begins, before = rows[0]
    refusal = _officer_refused(role, permit, context.person_id, "assignment")
    if refusal is not None:
        return refusal
    day = max(ends or today, begins)
    if day < today or (before is not None and before <= day):
        return refused("ENDED", "The role has ended by then already, or the day has passed.", "on")
    refusal = await last_officer(connection, context.school_id, role, assignment, today)
    if refusal is not None:
        return refusal
    if not await execute(connection, _END, [context.school_id, assignment, day]):
        raise Forbidden(_FORBIDDEN)
    ids = {"assignment": assignment, "person": person_id}
    return await _changed(unit, actor, now, "roleEnded", assignment, role, ids)


def _refusal(command: AssignRole, permit: Permit, caller: UUID, today: date) -> AccessOutcome | None:
    if command.person == caller:
        return refused("SELF_ASSIGNMENT", "Nobody gives themselves a role: ask somebody else who may.", "person")
    if ROLES.get(command.role) not in _ASSIGNABLE:
        return refused("UNKNOWN_ROLE", "There is no such role of staff: take one of policyWords.", "role")
    return _officer_refused(command.role, permit, caller, "role") or span_refused(command.begins, command.ends, today)


def _officer_refused(role: str, permit: Permit, caller: UUID, place: str) -> AccessOutcome | None:
    if role not in DECIDING_ROLES or reaches(permit, GRANTS, caller):
        return None
    sentence = (
        "This role decides about the access of others: it is given and ended by those who may also change grants. "
        "Ask your head teacher."
    )
    return refused("OFFICER_ROLE", sentence, place)


async def _unfit(command: AssignRole, unit: UnitOfWork, today: date) -> AccessOutcome | None:
    school_id = unit.context.school_id
    # Two who give the same role at once would give it twice.
    await lock_people(unit.connection, school_id)
    if not await has_account(unit.connection, school_id, command.person, ROLES[command.role], today):
        return refused("NOT_FOUND", "There is nobody with an account for that role under this id.", "person")
    held = [school_id, command.person, command.role, command.begins, command.ends]
    if await fetch(unit.connection, _HELD, held):
        return refused("ALREADY_HELD", "The person holds this role in that time: end that one first.", "role")
    return None


async def _changed(
    unit: UnitOfWork, actor: Actor, now: datetime, kind: str, key: UUID, role: str, ids: dict[str, UUID]
) -> AccessOutcome:
    """Officers hear of it when officers change."""
    touched = await raise_profiles(unit, [ids["person"]])
    await leave_traces(unit, actor, now, kind, "role_assignment", {**ids, "role": role})
    if role in DECIDING_ROLES:
        await _tell(unit, ids, now)
    return AccessOutcome(key, touched=touched)


async def _tell(unit: UnitOfWork, ids: dict[str, UUID], now: datetime) -> None:
    """Of all who hold such a role before or after this, only the person concerned may be missing now."""
    now_holding = await holders(unit.connection, unit.context.school_id, WATCHERS, now.date())
    told = {*now_holding, ids["person"]} - {unit.context.person_id}
    await post_notices(unit, sorted(told), NoticeKind.OFFICERS_CHANGED, ids, now)
