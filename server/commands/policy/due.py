"""publish_due: what was scheduled comes into force when its hour has come, or lapses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import sql

from server.commands.actor import Actor
from server.commands.policy.decision import end_submission
from server.commands.policy.in_name_of import InNameOf, schools
from server.commands.policy.publication import PublishPolicy, publish_policy
from server.commands.policy.stuck import tell_stuck
from server.commands.policy.versions import locked_head
from server.database.failures import GuardFailed
from server.database.messages import send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.database.school_by_school import school_by_school
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden, PolicyUnavailable, Unavailable
from server.policies.ceiling import Ceiling
from server.policies.permit import Permit
from server.policies.shipped import shipped_ceiling
from server.queries.policy_history import submission

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
_NOT_ALLOWED: Final = "Who scheduled it may no longer publish rules."


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
    scheduled it may no longer publish. A school whose rules can't be planned now is left for the next run, as is one
    whose rules change at this moment. Any other fault stops nothing else that is due: those who look after the rules
    are told of it once, which may fail as well, it is tried again by each run, and the first fault is raised after all
    have had their turn.
    """

    above = ceiling or shipped_ceiling()

    async def work(school_id: UUID) -> list[Due]:
        found: list[Due] = []
        faults: list[Exception] = []
        for submission_id, who in await _due(pool, school_id, now):
            try:
                done = await _published(pool, submission_id, who, now, above)
            except (PolicyUnavailable, GuardFailed):
                continue
            except Unavailable:
                raise
            except Exception as fault:
                faults.append(fault)
                try:
                    await tell_stuck(pool, submission_id, who, fault, now, above)
                except GuardFailed:
                    pass
                except Exception as another:
                    faults.append(another)
                continue
            if done is not None:
                found.append(done)
        if faults:
            raise faults[0]
        return found

    by_school = await school_by_school(await schools(pool), work)
    return [done for found in by_school.values() for done in found]


async def _due(pool: Pool, school_id: UUID, now: datetime) -> list[tuple[UUID, InNameOf]]:
    school = sql.Literal(str(school_id))
    opening = sql.SQL(_OPEN).format(school=school).as_bytes(None)
    statement = sql.SQL(_DUE).format(school=school, now=sql.Literal(now))

    async def work(connection: PoolConnection) -> list[tuple[UUID, InNameOf]]:
        await send(connection, opening)
        cursor = await connection.execute(statement, prepare=False)
        return [(submission_id, InNameOf(school_id, *who)) for submission_id, *who in await cursor.fetchall()]

    return await repeatable(pool, work)


async def _published(pool: Pool, submission_id: UUID, who: InNameOf, now: datetime, ceiling: Ceiling) -> Due | None:
    """None where another run was faster. Raises GuardFailed where something changed meanwhile."""
    permit = await who.permit(pool, now, ceiling)
    actor = who.actor(permit.profile if permit else None, ceiling)
    async with UnitOfWork(pool, who.context) as unit:
        await locked_head(unit)  # also where it lapses without having been looked at
        version, reason = await _publish(PublishPolicy(submission_id), unit, permit, actor, now)
        if version is not None:
            await unit.commit(recheck=False)
            return Due(who.school_id, submission_id, version)
        found = await submission(unit.connection, who.school_id, submission_id)
        if found is None or found.version is not None:
            return None
        if not await end_submission(found, "LAPSED", reason, unit, actor, now):
            return None
        await unit.commit()
        return Due(who.school_id, submission_id, None, reason)


async def _publish(
    command: PublishPolicy, unit: UnitOfWork, permit: Permit | None, actor: Actor, now: datetime
) -> tuple[int | None, str | None]:
    try:
        outcome = await publish_policy(command, unit, permit, actor, now) if permit else None
    except Forbidden:
        outcome = None
    if outcome is None:
        return None, _NOT_ALLOWED
    return outcome.version, outcome.errors[0].message if outcome.errors else None
