"""Each day: scopes that ran out are to be purged, and officers are told, once, of programs that didn't say they had."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import sql

from server.commands.access.notice_kinds import NoticeKind
from server.commands.access.notices import DECIDERS, post_notices
from server.commands.access.people import holders, lock_people
from server.commands.access.purges import begin_purges
from server.commands.policy.in_name_of import schools
from server.commands.statements import execute, fetch
from server.database.context import Context
from server.database.failures import GuardFailed
from server.database.messages import send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.database.school_by_school import school_by_school
from server.database.unit_of_work import UnitOfWork

_OPEN: Final = "BEGIN; SET LOCAL app.school_id = {school}"
_OFFICER: Final = """\
SELECT a.person_id, h.version, a.profile_version
FROM usher.role_assignment AS r
JOIN usher.access_profile AS a ON a.school_id = $1::uuid AND a.person_id = r.person_id AND a.capacity = 'STAFF'
JOIN usher.policy_head AS h ON h.school_id = $1::uuid
WHERE r.school_id = $1::uuid AND r.role = ANY($2::text[]) AND r.valid_from <= $3::date
    AND (r.valid_to IS NULL OR r.valid_to > $3::date)
ORDER BY r.person_id LIMIT 1"""
# Granted again: what is kept is kept by right.
_OVERDUE: Final = """\
SELECT p.purge_id, p.program_id FROM usher.client_purge AS p
WHERE p.school_id = $1::uuid AND p.acknowledged_at IS NULL AND p.overdue_at IS NULL AND p.due_on <= $2::date
    AND NOT EXISTS (
        SELECT 1 FROM usher.client_grant AS g
        WHERE g.school_id = $1::uuid AND g.person_id = p.program_id AND g.scope = p.scope
            AND g.valid_from <= $2::date AND (g.valid_to IS NULL OR g.valid_to > $2::date))
ORDER BY p.purge_id"""
_TOLD: Final = """\
UPDATE usher.client_purge AS p SET overdue_at = $3::timestamptz
WHERE p.school_id = $1::uuid AND p.purge_id = ANY($2::uuid[])"""


async def watch_all(pool: Pool, now: datetime) -> int:
    """How many purges began, and how many programs were told of. Raises the first fault, after all schools."""

    async def work(school_id: UUID) -> int:
        try:
            return await watch_school(pool, school_id, now)
        except GuardFailed:  # the next run looks again
            return 0

    return sum((await school_by_school(await schools(pool), work)).values())


async def watch_school(pool: Pool, school_id: UUID, now: datetime) -> int:
    officer = await _officer(pool, school_id, now)
    if officer is None:
        return 0
    async with UnitOfWork(pool, officer) as unit:
        connection = unit.connection
        await lock_people(connection, school_id)
        begun = await begin_purges(connection, school_id, None, now)
        overdue = await fetch(connection, _OVERDUE, [school_id, now.date()])
        programs = sorted({row[1] for row in overdue})
        told = await holders(connection, school_id, DECIDERS, now.date())
        for program in programs:
            await post_notices(unit, told, NoticeKind.CLIENT_PURGE_OVERDUE, {"program": program}, now)
        await execute(connection, _TOLD, [school_id, [row[0] for row in overdue], now])
        await unit.commit()
    return begun + len(programs)


async def _officer(pool: Pool, school_id: UUID, now: datetime) -> Context | None:
    """In whose name it is done."""

    async def work(connection: PoolConnection) -> Context | None:
        await send(connection, sql.SQL(_OPEN).format(school=sql.Literal(str(school_id))).as_bytes(None))
        found = await fetch(connection, _OFFICER, [school_id, list(DECIDERS), now.date()])
        return None if not found else Context(school_id, found[0][0], "STAFF", found[0][1], found[0][2])

    return await repeatable(pool, work)
