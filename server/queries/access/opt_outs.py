"""Who is left out of which program's data, as rows to be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.database.pool import PoolConnection

_OPT_OUTS: Final = """\
SELECT o.opt_out_id, o.program_id, o.learner_id, o.asked_by, o.reason, o.recorded_by, o.recorded_at, o.ended_at, o.ended_by,
    o.ending
FROM usher.client_opt_out AS o
WHERE o.school_id = $1::uuid AND ($2::uuid IS NULL OR o.program_id = $2::uuid)
    AND ($3::uuid IS NULL OR o.learner_id = $3::uuid)
ORDER BY o.recorded_at DESC, o.opt_out_id DESC LIMIT 1000"""


@dataclass(frozen=True, slots=True)
class ClientOptOut:
    key: UUID
    program: UUID
    learner: UUID
    asked_by: str
    reason: str
    recorded_by: UUID
    recorded_at: datetime
    ended_at: datetime | None
    ended_by: UUID | None
    ending: str | None


async def client_opt_outs(
    connection: PoolConnection, school_id: UUID, program: UUID | None, learner: UUID | None
) -> list[ClientOptOut]:
    """Newest first; of one program, of one learner."""
    cursor = connection.reader
    await cursor.execute(_OPT_OUTS.encode(), [school_id, program, learner])
    return [ClientOptOut(*row) for row in await cursor.fetchall()]
