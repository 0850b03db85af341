"""announce_overdue: whoever may confirm a narrowing is told, once, that nobody did within its day."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import sql

from server.commands.access.notice_kinds import NoticeKind
from server.commands.policy.in_name_of import InNameOf, schools
from server.commands.policy.traces import leave_trace, tell_approvers
from server.commands.statements import fetch
from server.database.failures import GuardFailed
from server.database.messages import send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.database.school_by_school import school_by_school
from server.database.unit_of_work import UnitOfWork
from server.policies.shipped import shipped_ceiling
from server.queries.policy_rows import CONFIRM_WITHIN

UNCONFIRMED: Final = NoticeKind.POLICY_UNCONFIRMED.value
_OVERDUE: Final = """\
SELECT v.version, v.author_id, h.version, a.profile_version
FROM usher.policy_version AS v
JOIN usher.policy_head AS h ON h.school_id = {school}
JOIN usher.access_profile AS a ON a.school_id = {school} AND a.person_id = v.author_id AND a.capacity = 'STAFF'
LEFT JOIN usher.policy_confirmation AS c ON c.school_id = {school} AND c.version = v.version
WHERE v.school_id = {school} AND v.kind = 'NARROWED' AND v.created_at < {since} AND c.version IS NULL
ORDER BY v.version"""
_OPEN: Final = "BEGIN; SET LOCAL app.school_id = {school}"
# The head's lock lets two runs come one after the other.
_LOCK: Final = "SELECT h.version FROM usher.policy_head AS h WHERE h.school_id = $1::uuid FOR UPDATE"
_TOLD: Final = """\
SELECT 1 FROM usher.outbox_event AS e
WHERE e.school_id = $1::uuid AND e.kind = $2::text AND (e.payload->>'version')::int = $3::int LIMIT 1"""


async def announce_overdue(pool: Pool, now: datetime) -> list[tuple[UUID, int]]:
    """School and version of each narrowing that is told of now: a notice to the approvers, an event, an audit row."""

    async def work(school_id: UUID) -> list[tuple[UUID, int]]:
        found: list[tuple[UUID, int]] = []
        for version, author in await _overdue(pool, school_id, now):
            try:
                told = await _tell(pool, version, author, now)
            except GuardFailed:
                continue
            if told:
                found.append((school_id, version))
        return found

    by_school = await school_by_school(await schools(pool), work)
    return [told for found in by_school.values() for told in found]


async def _overdue(pool: Pool, school_id: UUID, now: datetime) -> list[tuple[int, InNameOf]]:
    school = sql.Literal(str(school_id))
    opening = sql.SQL(_OPEN).format(school=school).as_bytes(None)
    statement = sql.SQL(_OVERDUE).format(school=school, since=sql.Literal(now - CONFIRM_WITHIN))

    async def work(connection: PoolConnection) -> list[tuple[int, InNameOf]]:
        await send(connection, opening)
        cursor = await connection.execute(statement, prepare=False)
        return [(version, InNameOf(school_id, *who)) for version, *who in await cursor.fetchall()]

    return await repeatable(pool, work)


async def _tell(pool: Pool, version: int, author: InNameOf, now: datetime) -> bool:
    async with UnitOfWork(pool, author.context) as unit:
        await fetch(unit.connection, _LOCK, [author.school_id])
        if await fetch(unit.connection, _TOLD, [author.school_id, UNCONFIRMED, version]):
            return False
        actor = author.actor(None, shipped_ceiling())
        await leave_trace(unit, actor, now, UNCONFIRMED, {"version": version})
        await tell_approvers(unit, NoticeKind.POLICY_UNCONFIRMED, {"author": author.person_id}, now)
        await unit.commit()
        return True
