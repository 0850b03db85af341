"""Which apps the school activated, and when that ended, as rows to be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.database.pool import PoolConnection

_ACTIVATIONS = """\
SELECT a.activation_id, a.app, a.assessment, a.declaration, a.decided_by,
    concat_ws(' ', s.title, s.given_name, s.family_name), a.decided_at, e.ended_by, e.ended_at, e.reason
FROM usher.app_activation AS a
LEFT JOIN usher.app_activation_end AS e ON e.school_id = $1::uuid AND e.activation_id = a.activation_id
LEFT JOIN usher.staff AS s ON s.school_id = $1::uuid AND s.staff_id = a.decided_by
WHERE a.school_id = $1::uuid
ORDER BY a.decided_at DESC, a.activation_id DESC LIMIT 1000"""


@dataclass(frozen=True, slots=True)
class AppActivation:
    """`decider` is a name; `decided_by` is None of what stood before decisions were recorded."""

    key: UUID
    app: str
    assessment: str
    declaration: str
    decided_by: UUID | None
    decider: str
    decided_at: datetime
    ended_by: UUID | None
    ended_at: datetime | None
    ending: str | None


async def app_activations(connection: PoolConnection, school_id: UUID) -> list[AppActivation]:
    """Newest first."""
    cursor = connection.reader
    await cursor.execute(_ACTIVATIONS.encode(), [school_id])
    return [AppActivation(*row) for row in await cursor.fetchall()]
