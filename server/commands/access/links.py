"""restrictGuardianLink, liftGuardianLinkRestriction and endGuardianLink: what a guardian may know of a learner, less."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from server.commands.access.gate import require_staff
from server.commands.access.outcome import AccessOutcome, refused
from server.commands.access.texts import evidence_refused
from server.commands.access.traces import changed
from server.commands.actor import Actor
from server.commands.keys import new_key
from server.commands.statements import Compiled, compiled, execute, fetch
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden
from server.policies.permit import Permit
from server.policies.plan import Plan
from server.queries.binds import SCHOOL
from server.queries.noun import alias
from server.queries.passing import passes
from server.tables import GuardianLinkRow

WRITE: Final = ("parent_link", "write")
KINDS: Final = ("COURT_ORDER", "PROTECTION", "LEARNER_CHOICE")

_FORBIDDEN = "Links of guardians are changed by those who may: ask your safeguarding lead or data manager."
_UNKNOWN = ("NOT_FOUND", "There is no such link among those that you may change.")

# One writer of a guardian's links at a time.
_LOCK = "SELECT 1 FROM usher.guardian AS g WHERE g.school_id = $1::uuid AND g.guardian_id = $2::uuid FOR NO KEY UPDATE"
_STANDING = """\
SELECT r.restriction_id FROM usher.link_restriction AS r
WHERE r.school_id = $1::uuid AND r.guardian_id = $2::uuid AND r.learner_id = $3::uuid
    AND NOT EXISTS (SELECT 1 FROM usher.link_restriction_end AS e
        WHERE e.school_id = $1::uuid AND e.restriction_id = r.restriction_id)
ORDER BY r.restriction_id"""
_RESTRICT = """\
INSERT INTO usher.link_restriction (school_id, restriction_id, guardian_id, learner_id, kind, evidence, decided_by,
    restricted_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::text, $6::text, $7::uuid, $8::timestamptz)"""
_LIFT = """\
INSERT INTO usher.link_restriction_end (school_id, restriction_id, evidence, ended_by, ended_at)
SELECT $1::uuid, given.restriction_id, $3::text, $4::uuid, $5::timestamptz
FROM unnest($2::uuid[]) AS given(restriction_id)"""
_END = """\
UPDATE usher.guardian_link AS l SET valid_to = greatest($3::date, l.valid_from)
WHERE l.school_id = $1::uuid AND l.link_id = $2::uuid AND (l.valid_to IS NULL OR l.valid_to > $3::date)"""


@dataclass(frozen=True, slots=True)
class RestrictGuardianLink:
    link: UUID
    kind: str
    evidence: str


async def restrict_guardian_link(
    command: RestrictGuardianLink, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """From now on no link of this guardian to this learner gives anything. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    found = await _found(command.link, unit, permit)
    if isinstance(found, AccessOutcome):
        return found
    if command.kind not in KINDS:
        return refused("UNKNOWN_KIND", f"Take one of {', '.join(KINDS)}.", "kind")
    refusal = evidence_refused(command.evidence)
    if refusal is not None:
        return refusal
    guardian_id, learner_id = found
    if await fetch(connection, _STANDING, [context.school_id, guardian_id, learner_id]):
        return refused("ALREADY_RESTRICTED", "The link is restricted already.", "link")
    key = new_key()
    values = [context.school_id, key, guardian_id, learner_id, command.kind, command.evidence.strip()]
    await execute(connection, _RESTRICT, [*values, context.person_id, now])
    return await _changed(unit, actor, now, "linkRestricted", key, guardian_id, learner_id)


async def lift_guardian_link_restriction(
    link: UUID, evidence: str, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """The link gives again what it gave. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    found = await _found(link, unit, permit)
    if isinstance(found, AccessOutcome):
        return found
    refusal = evidence_refused(evidence)
    if refusal is not None:
        return refusal
    guardian_id, learner_id = found
    standing = [row[0] for row in await fetch(connection, _STANDING, [context.school_id, guardian_id, learner_id])]
    if not standing:
        return refused("NOT_RESTRICTED", "The link is not restricted.", "link")
    await execute(connection, _LIFT, [context.school_id, standing, evidence.strip(), context.person_id, now])
    return await _changed(unit, actor, now, "linkRestrictionLifted", standing[0], guardian_id, learner_id)


async def end_guardian_link(link: UUID, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> AccessOutcome:
    """From today on the link counts no longer. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    found = await _found(link, unit, permit)
    if isinstance(found, AccessOutcome):
        return found
    if not await execute(connection, _END, [context.school_id, link, now.date()]):
        return refused("ENDED", "The link has ended already.", "link")
    guardian_id, learner_id = found
    return await _changed(unit, actor, now, "linkEnded", link, guardian_id, learner_id)


async def _found(link: UUID, unit: UnitOfWork, permit: Permit) -> tuple[UUID, UUID] | AccessOutcome:
    """Guardian and learner of a link that the plan passes, with the guardian locked."""
    require_staff(permit, _FORBIDDEN)
    plan = permit.plan(*WRITE)
    if plan.nothing:
        raise Forbidden(_FORBIDDEN)
    context, connection = unit.context, unit.connection
    statement = _statement(plan)
    given = {"school": context.school_id, "viewer": context.person_id, "link": link}
    rows = await fetch(connection, statement.text, statement.values(given))
    if not rows:
        return refused(*_UNKNOWN, "link")
    guardian_id, learner_id = rows[0]
    if guardian_id == context.person_id:
        return refused("SELF_ASSIGNMENT", "Nobody changes their own link: ask somebody else who may.", "link")
    await fetch(connection, _LOCK, [context.school_id, guardian_id])
    return guardian_id, learner_id


@lru_cache(maxsize=64)
def _statement(plan: Plan) -> Compiled:
    link: Any = alias(GuardianLinkRow)
    return compiled(
        select(link.c.guardian_id, link.c.learner_id).where(
            link.c.school_id == SCHOOL,
            link.c.link_id == bindparam("link", type_=Uuid()),
            passes(plan, "guardian", link, link.c.learner_id).is_(True),
        )
    )


async def _changed(
    unit: UnitOfWork, actor: Actor, now: datetime, kind: str, key: UUID, guardian_id: UUID, learner_id: UUID
) -> AccessOutcome:
    ids = {"link": key, "guardian": guardian_id, "learner": learner_id}
    return await changed(unit, actor, now, kind, "parent_link", ids, guardian_id, [learner_id])
