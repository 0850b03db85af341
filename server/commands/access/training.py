"""recordTraining and endTraining: certificates, which open special-category data while they are in date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from server.commands.access.gate import require
from server.commands.access.outcome import AccessOutcome, first_refusal, refused
from server.commands.access.people import is_staff
from server.commands.access.texts import evidence_refused
from server.commands.access.traces import changed
from server.commands.actor import Actor
from server.commands.keys import new_key
from server.commands.statements import execute, fetch
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.policies.vocabulary import COURSES

WRITE: Final = ("training_record", "write")
LONGEST_YEARS: Final = 5

_INSERT = """\
INSERT INTO usher.training_certificate (school_id, certificate_id, person_id, course, completed_on, expires_on, evidence)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::text, $5::date, $6::date, $7::text)"""
_FIND = """\
SELECT c.person_id, c.completed_on, c.expires_on FROM usher.training_certificate AS c
WHERE c.school_id = $1::uuid AND c.certificate_id = $2::uuid FOR UPDATE"""
_END = """\
UPDATE usher.training_certificate AS c SET expires_on = $3::date
WHERE c.school_id = $1::uuid AND c.certificate_id = $2::uuid"""
_FORBIDDEN = (
    "Certificates are recorded by those who may change training records: ask your data protection officer or head."
)


@dataclass(frozen=True, slots=True)
class RecordTraining:
    person: UUID
    course: str
    completed_on: date
    expires_on: date
    evidence: str


async def record_training(
    command: RecordTraining, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """Add a certificate of a member of staff; those of before stay. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    require(permit, WRITE, context.person_id, command.person, _FORBIDDEN)
    refusal = _self_refused(command.person, context.person_id, "person") or _refusal(command, now.date())
    if refusal is None and not await is_staff(connection, context.school_id, command.person):
        refusal = refused("NOT_FOUND", "There is no such member of staff.", "person")
    if refusal is not None:
        return refusal
    key = new_key()
    values = [context.school_id, key, command.person, command.course, command.completed_on, command.expires_on]
    await execute(connection, _INSERT, [*values, command.evidence.strip()])
    ids = {"certificate": key, "person": command.person}
    return await changed(unit, actor, now, "trainingRecorded", "training_record", ids, command.person)


async def end_training(
    certificate: UUID, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """A certificate that counts no longer, from today on. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    require(permit, WRITE, context.person_id, None, _FORBIDDEN)
    rows = await fetch(connection, _FIND, [context.school_id, certificate])
    if not rows:
        return refused("NOT_FOUND", "There is no such certificate.", "certificate")
    person_id, completed_on, expires_on = rows[0]
    if own := _self_refused(person_id, context.person_id, "certificate"):
        return own
    if expires_on <= now.date():
        return refused("ENDED", "The certificate has expired already.", "certificate")
    await execute(connection, _END, [context.school_id, certificate, max(now.date(), completed_on)])
    ids = {"certificate": certificate, "person": person_id}
    return await changed(unit, actor, now, "trainingEnded", "training_record", ids, person_id)


def _self_refused(person: UUID, caller: UUID, place: str) -> AccessOutcome | None:
    """Whoever could certify themselves could break the glass alone and read special categories."""
    if person != caller:
        return None
    return refused("SELF_ASSIGNMENT", "Nobody changes their own certificates: ask somebody else who may.", place)


def _refusal(command: RecordTraining, today: date) -> AccessOutcome | None:
    known = ", ".join(sorted(COURSES))
    lasts = command.expires_on.year - command.completed_on.year
    return first_refusal(
        (
            None
            if command.course in COURSES
            else refused("UNKNOWN_COURSE", f"There is no such course: take one of {known}.", "course"),
            refused("DATES", "A course is completed today or before.", "completedOn")
            if command.completed_on > today
            else None,
            refused("DATES", f"A certificate ends after its course, within {LONGEST_YEARS} years.", "expiresOn")
            if command.expires_on <= command.completed_on or lasts > LONGEST_YEARS
            else None,
            evidence_refused(command.evidence),
        )
    )
