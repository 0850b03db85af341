"""assignTeaching and endTeaching: who stands in front of a class besides the timetable, for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from server.commands.access.gate import require
from server.commands.access.outcome import AccessOutcome, refused
from server.commands.access.people import is_staff
from server.commands.access.texts import span_refused
from server.commands.access.traces import changed
from server.commands.actor import Actor
from server.commands.keys import new_key
from server.commands.statements import execute, fetch
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit

WRITE: Final = ("role_assignment", "write")
KINDS: Final = {"TEACHER": "manual", "COVER": "cover", "ASSISTANT": "manual"}
"""Each with the source of its rows, which no roster ends."""

_COURSE = "SELECT c.course_id FROM usher.class AS c WHERE c.school_id = $1::uuid AND c.class_id = $2::uuid"
_INSERT = """\
INSERT INTO usher.teaching_assignment (school_id, teaching_assignment_id, staff_id, class_id, course_id, kind, source,
    valid_from, valid_to)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::text, $7::text, $8::date, $9::date)"""
_FIND = """\
SELECT t.staff_id, t.valid_from, t.valid_to FROM usher.teaching_assignment AS t
WHERE t.school_id = $1::uuid AND t.teaching_assignment_id = $2::uuid FOR UPDATE"""
_END = """\
UPDATE usher.teaching_assignment AS t SET valid_to = $3::date
WHERE t.school_id = $1::uuid AND t.teaching_assignment_id = $2::uuid"""
_FORBIDDEN = "Classes are assigned by those who may change assignments: ask your head teacher or data manager."


@dataclass(frozen=True, slots=True)
class AssignTeaching:
    """`ends` is the first day no longer; what is made by hand always has one."""

    staff: UUID
    class_id: UUID
    kind: str
    begins: date
    ends: date


async def assign_teaching(
    command: AssignTeaching, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """Give a class to somebody else for a time. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    require(permit, WRITE, context.person_id, None, _FORBIDDEN)
    refusal = _refusal(command, context.person_id, now.date())
    if refusal is not None:
        return refusal
    if not await is_staff(connection, context.school_id, command.staff):
        return refused("NOT_FOUND", "There is no such member of staff.", "staff")
    rows = await fetch(connection, _COURSE, [context.school_id, command.class_id])
    if not rows:
        return refused("NOT_FOUND", "There is no such class.", "class")
    key = new_key()
    values = [context.school_id, key, command.staff, command.class_id, rows[0][0], command.kind, KINDS[command.kind]]
    await execute(connection, _INSERT, [*values, command.begins, command.ends])
    ids = {"assignment": key, "person": command.staff, "class": command.class_id}
    return await changed(unit, actor, now, "teachingAssigned", "role_assignment", ids, command.staff)


async def end_teaching(
    assignment: UUID, ends: date | None, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """From `ends` on, which is today where it is None. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    require(permit, WRITE, context.person_id, None, _FORBIDDEN)
    rows = await fetch(connection, _FIND, [context.school_id, assignment])
    if not rows:
        return refused("NOT_FOUND", "There is no such assignment.", "assignment")
    staff_id, begins, before = rows[0]
    day = max(ends or now.date(), begins)
    if day < now.date() or (before is not None and before <= day):
        return refused("ENDED", "The assignment has ended by then already, or the day has passed.", "on")
    await execute(connection, _END, [context.school_id, assignment, day])
    ids = {"assignment": assignment, "person": staff_id}
    return await changed(unit, actor, now, "teachingEnded", "role_assignment", ids, staff_id)


def _refusal(command: AssignTeaching, caller: UUID, today: date) -> AccessOutcome | None:
    if command.staff == caller:
        return refused("SELF_ASSIGNMENT", "Nobody gives themselves a class: ask somebody else who may.", "staff")
    if command.kind not in KINDS:
        return refused("UNKNOWN_KIND", f"Take one of {', '.join(KINDS)}.", "kind")
    return span_refused(command.begins, command.ends, today)
