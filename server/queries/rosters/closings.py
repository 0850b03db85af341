"""Closings that source systems asked for, and what people decided about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from server.database.pool import PoolConnection

_CLOSINGS = """\
SELECT c.closing_id, c.kind, c.requested_by, c.requested_at, c.waits, c.records, d.decision, d.decided_by, d.decided_at, d.reason
FROM usher.roster_closing AS c
LEFT JOIN usher.roster_closing_decision AS d ON d.school_id = $1::uuid AND d.closing_id = c.closing_id
WHERE c.school_id = $1::uuid AND ($2::uuid IS NULL OR c.requested_by = $2::uuid)
    AND (NOT $3::boolean OR (c.waits AND d.closing_id IS NULL))
ORDER BY c.closing_id DESC LIMIT 200"""


@dataclass(frozen=True, slots=True)
class RosterClosing:
    """`records` are [key, key of the other end or None, day]; the last four are None where nobody decided."""

    key: UUID
    kind: str
    requested_by: UUID
    requested_at: datetime
    waits: bool
    records: list[Any]
    decision: str | None
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str | None


async def roster_closings(
    connection: PoolConnection, school_id: UUID, program: UUID | None, waiting: bool
) -> list[RosterClosing]:
    """Newest first; one program's where it is given, and those alone that wait with `waiting`."""
    cursor = connection.reader
    await cursor.execute(_CLOSINGS.encode(), [school_id, program, waiting])
    return [RosterClosing(*row) for row in await cursor.fetchall()]
