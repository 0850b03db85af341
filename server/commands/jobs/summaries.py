"""Each night: the released summaries of who looked, reckoned anew in an officer's name, who alone may read the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import sql

from server.commands.access_summaries import is_released
from server.commands.jobs.job import Desk
from server.commands.summary_counts import reckon
from server.database.messages import send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.database.school_by_school import school_by_school

_SCHOOLS: Final = "SELECT DISTINCT i.school_id FROM usher.login_identity AS i ORDER BY i.school_id"
_OPEN: Final = """\
BEGIN;
SET LOCAL app.school_id = {school};
SET LOCAL app.capacity = 'STAFF'"""
_PATIENCE: Final = "10min"
_OFFICER: Final = """\
SELECT r.person_id FROM usher.role_assignment AS r WHERE r.school_id = $1::uuid AND r.role = 'dpo'
  AND r.valid_from <= $2::date AND (r.valid_to IS NULL OR r.valid_to > $2::date) ORDER BY r.person_id LIMIT 1"""


async def refresh_summaries(desk: Desk, now: datetime) -> int:
    """Of how many schools. A school without an officer keeps what it has."""

    async def all_schools(connection: PoolConnection) -> list[UUID]:
        await connection.reader.execute(_SCHOOLS.encode())
        return [school_id for (school_id,) in await connection.reader.fetchall()]

    async def work(school_id: UUID) -> bool:
        return await _refresh(desk.pool, school_id, now)

    return sum((await school_by_school(await repeatable(desk.pool, all_schools), work)).values())


async def _refresh(pool: Pool, school_id: UUID, now: datetime) -> bool:
    async def work(connection: PoolConnection) -> bool:
        await send(connection, sql.SQL(_OPEN).format(school=sql.Literal(str(school_id))).as_bytes(None))
        if not await is_released(connection, school_id):
            return False
        await connection.reader.execute(_OFFICER.encode(), [school_id, now.date()])
        officer = await connection.reader.fetchone()
        if officer is None:
            return False
        person = sql.SQL("SET LOCAL app.person = {}").format(sql.Literal(str(officer[0])))
        await send(connection, person.as_bytes(None))
        await reckon(connection, school_id, now, _PATIENCE)
        await connection.commit()
        return True

    return await repeatable(pool, work)
