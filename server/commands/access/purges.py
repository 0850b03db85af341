"""A scope that ended is followed by a purge: the program deletes what it read by it, and says so in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from server.commands.keys import new_key
from server.commands.statements import execute, fetch
from server.database.pool import PoolConnection

WITHIN: Final = timedelta(days=30)

# Older ends than the time to purge in are of before purges were followed.
_ENDED: Final = """\
WITH ended AS (
    SELECT g.person_id, g.scope, max(g.valid_to) AS ended_on FROM usher.client_grant AS g
    WHERE g.school_id = $1::uuid AND ($2::uuid IS NULL OR g.person_id = $2::uuid) AND g.scope LIKE '%.readonly'
    GROUP BY g.person_id, g.scope HAVING bool_and(g.valid_to IS NOT NULL AND g.valid_to <= $3::date)
)
SELECT e.person_id, e.scope, e.ended_on FROM ended AS e
WHERE e.ended_on > $4::date AND NOT EXISTS (
    SELECT 1 FROM usher.client_purge AS p
    WHERE p.school_id = $1::uuid AND p.program_id = e.person_id AND p.scope = e.scope AND p.ended_on = e.ended_on)
ORDER BY e.person_id, e.scope"""
_BEGIN: Final = """\
INSERT INTO usher.client_purge (school_id, purge_id, program_id, scope, ended_on, due_on, begun_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::text, $5::date, $6::date, $7::timestamptz)
ON CONFLICT (school_id, program_id, scope, ended_on) DO NOTHING"""


async def begin_purges(connection: PoolConnection, school_id: UUID, program: UUID | None, now: datetime) -> int:
    """Of scopes that opened something to reading and that nothing grants any more; how many."""
    today = now.date()
    found = await fetch(connection, _ENDED, [school_id, program, today, today - WITHIN])
    for person, scope, ended_on in found:
        await execute(connection, _BEGIN, [school_id, new_key(), person, scope, ended_on, today + WITHIN, now])
    return len(found)
