"""publish_due: what was scheduled comes into force when its hour has come, or lapses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import sql

from server.commands.actor import Actor
from server.commands.policy.decision import end_submission
from server.commands.policy.publication import PublishPolicy, publish_policy
from server.commands.policy.refusals import COORDINATES
from server.database.context import Context
from server.database.failures import GuardFailed
from server.database.messages import send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden, PolicyUnavailable, Unauthenticated
from server.policies.ceiling import Ceiling
from server.policies.permit import Permit
from server.policies.profile import Profile
from server.policies.shipped import shipped_ceiling
from server.queries.policy_history import submission
from server.queries.rule_books import load_planner
from server.queries.standing import load_standing

JOB: Final = "policy-schedule"
_SCHOOLS: Final = "SELECT DISTINCT i.school_id FROM usher.login_identity AS i ORDER BY i.school_id"
_DUE: Final = """\
SELECT p.submission_id, p.scheduled_by, h.version, a.profile_version
FROM usher.policy_schedule AS p
JOIN usher.policy_head AS h ON h.school_id = {school}
JOIN usher.access_profile AS a ON a.school_id = {school} AND a.person_id = p.scheduled_by AND a.capacity = 'STAFF'
LEFT JOIN usher.policy_end AS e ON e.school_id = {school} AND e.submission_id = p.submission_id
LEFT JOIN usher.policy_version AS v ON v.school_id = {school} AND v.submission_id = p.submission_id
WHERE p.school_id = {school} AND p.publish_at <= {now} AND e.submission_id IS NULL AND v.version IS NULL
ORDER BY p.publish_at, p.submission_id"""
_OPEN: Final = "BEGIN; SET LOCAL app.school_id = {school}"


@dataclass(frozen=True, slots=True)
class Due:
    """What came of one: the version in force, or None where it lapsed, with the reason in words."""

    school_id: UUID
    submission_id: UUID
    version: int | None
    reason: str | None = None


async def publish_due(pool: Pool, now: datetime, ceiling: Ceiling | None = None) -> list[Due]:
    """Publish all that is due at every school, in the name of who scheduled it; safe to run twice at once.

    A submission lapses, once and for all, where its base has moved, where it no longer passes the checks, or where who
    scheduled it may no longer publish. A school whose rules can't be planned now is left for the next run.
    """
    found: list[Due] = []
    for school_id in await schools(pool):
        for due in await _due(pool, school_id, now):
            try:
                done = await _published(pool, due, now, ceiling or shipped_ceiling())
            except (PolicyUnavailable, GuardFailed):
                continue
            if done is not None:
                found.append(done)
    return found


async def schools(pool: Pool) -> list[UUID]:
    """All that somebody can sign in to."""

    async def work(connection: PoolConnection) -> list[UUID]:
        await send(connection, b"BEGIN")
        return [row[0] for row in await (await connection.execute(_SCHOOLS)).fetchall()]

    return await repeatable(pool, work)


@dataclass(frozen=True, slots=True)
class _Scheduled:
    """With the versions that now stand for the person who scheduled it."""

    school_id: UUID
    submission_id: UUID
    scheduled_by: UUID
    policy_version: int
    profile_version: int

    @property
    def context(self) -> Context:
        return Context(self.school_id, self.scheduled_by, "STAFF", self.policy_version, self.profile_version)


async def _due(pool: Pool, school_id: UUID, now: datetime) -> list[_Scheduled]:
    school = sql.Literal(str(school_id))
    opening = sql.SQL(_OPEN).format(school=school).as_bytes(None)
    statement = sql.SQL(_DUE).format(school=school, now=sql.Literal(now))

    async def work(connection: PoolConnection) -> list[_Scheduled]:
        await send(connection, opening)
        cursor = await connection.execute(statement, prepare=False)
        return [_Scheduled(school_id, *row) for row in await cursor.fetchall()]

    return await repeatable(pool, work)


async def _published(pool: Pool, due: _Scheduled, now: datetime, ceiling: Ceiling) -> Due | None:
    """None where another run was faster. Raises GuardFailed where something changed meanwhile."""
    permit, profile = await _permit(pool, due, now, ceiling)
    actor = _actor(due, profile, ceiling)
    async with UnitOfWork(pool, due.context) as unit:
        version, reason = await _publish(PublishPolicy(due.submission_id), unit, permit, actor, now)
        if version is not None:
            await unit.commit(recheck=False)
            return Due(due.school_id, due.submission_id, version)
        found = await submission(unit.connection, due.school_id, due.submission_id)
        if found is None or found.version is not None:
            return None
        if not await end_submission(found, "LAPSED", reason, unit, actor, now):
            return None
        await unit.commit()
        return Due(due.school_id, due.submission_id, None, reason)


async def _permit(pool: Pool, due: _Scheduled, now: datetime, ceiling: Ceiling) -> tuple[Permit | None, Profile | None]:
    """None for somebody whose account has ended."""
    try:
        standing = await load_standing(pool, due.school_id, due.scheduled_by, "STAFF", now)
    except Unauthenticated:
        return None, None
    planner = await load_planner(pool, due.school_id, due.policy_version, ceiling, {})
    return planner.permit(standing.profile, COORDINATES), standing.profile


def _actor(due: _Scheduled, profile: Profile | None, ceiling: Ceiling) -> Actor:
    return Actor(
        person_id=due.scheduled_by,
        capacity="STAFF",
        profile_version=due.profile_version,
        policy_version=due.policy_version,
        ceiling_digest=ceiling.digest(),
        document_digest=JOB,
        role_names=tuple(profile.named()) if profile else (),
        facts=tuple(sorted(profile.facts)) if profile else (),
        operation_name=JOB,
        footprint={"write": ["policy"]},
    )


async def _publish(
    command: PublishPolicy, unit: UnitOfWork, permit: Permit | None, actor: Actor, now: datetime
) -> tuple[int | None, str | None]:
    try:
        outcome = await publish_policy(command, unit, permit, actor, now) if permit else None
    except Forbidden:
        outcome = None
    if outcome is None:
        return None, "Who scheduled it may no longer publish rules."
    return outcome.version, outcome.errors[0].message if outcome.errors else None
