"""Events from which no stream goes on any more are deleted, oldest first, so that what is left has no gaps."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import sql

from server.commands.statements import execute, fetch
from server.database.messages import commit, send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.migrations.event_walls import READ_AS_FACTS
from server.migrations.walls import SNAPSHOT_JOB

AT_ONCE: Final = 5000
"""How many rows one transaction deletes."""
_OPEN: Final = "BEGIN; SET LOCAL app.school_id = {school}; SET LOCAL app.capacity = {capacity}"
# Times needn't follow numbers: an old event behind a young one stays, since streams count on numbers without gaps.
_CUT: Final = """\
SELECT coalesce((SELECT e.sequence FROM usher.outbox_event AS e WHERE e.school_id = $1::uuid
  AND e.sequence >= coalesce(h.told_from, 1) AND e.occurred_at >= $2::timestamptz ORDER BY e.sequence LIMIT 1),
  h.last_sequence + 1)
FROM usher.outbox_head AS h WHERE h.school_id = $1::uuid"""
_TOLD_FROM: Final = """\
UPDATE usher.outbox_head AS h SET told_from = $2::bigint
WHERE h.school_id = $1::uuid AND coalesce(h.told_from, 1) < $2::bigint"""
_DELETE: Final = """\
DELETE FROM usher.outbox_event AS e WHERE e.school_id = $1::uuid AND e.sequence = ANY(ARRAY(
  SELECT x.sequence FROM usher.outbox_event AS x WHERE x.school_id = $1::uuid AND x.sequence < $2::bigint
    AND x.kind <> ALL($3::text[]) ORDER BY x.sequence LIMIT $4::int))"""


async def forget_events_before(pool: Pool, school_id: UUID, moment: datetime, at_once: int = AT_ONCE) -> int:
    """How many of the school's were deleted. From then on a stream that asks for one is told to ask anew.

    Safe to run twice at once, and after being cut off. Raises Unavailable and DatabaseDefect.
    """

    async def end(connection: PoolConnection) -> int:
        await _open(connection, school_id)
        found = await fetch(connection, _CUT, [school_id, moment])
        cut: int = found[0][0] if found else 1
        await execute(connection, _TOLD_FROM, [school_id, cut])
        await commit(connection)
        return cut

    async def some(connection: PoolConnection) -> int:
        await _open(connection, school_id)
        count = await execute(connection, _DELETE, [school_id, cut, list(READ_AS_FACTS), at_once])
        await commit(connection)
        return count

    cut = await repeatable(pool, end)
    deleted = 0
    while found := await repeatable(pool, some):
        deleted += found
    return deleted


async def _open(connection: PoolConnection, school_id: UUID) -> None:
    opening = sql.SQL(_OPEN).format(school=sql.Literal(str(school_id)), capacity=sql.Literal(SNAPSHOT_JOB))
    await send(connection, opening.as_bytes(None))
