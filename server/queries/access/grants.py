"""What the school granted to programs, as rows to be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from server.database.pool import PoolConnection
from server.queries.access.rows import Whose

_GRANTS = """\
SELECT g.grant_id, g.person_id, g.client_id, c.name, g.scope, g.purpose, g.declaration, g.reason, g.declared_by,
    concat_ws(' ', s.title, s.given_name, s.family_name), g.valid_from, g.valid_to, g.ended_at, g.ended_by, g.ending,
    t.last_at, p.due_on, p.acknowledged_at
FROM usher.client_grant AS g
LEFT JOIN usher.staff AS s ON s.school_id = $1::uuid AND s.staff_id = g.declared_by
LEFT JOIN usher.oauth_client AS c ON c.client_id = g.client_id
LEFT JOIN usher.token_allowance AS t ON t.school_id = $1::uuid AND t.client_id = g.client_id
LEFT JOIN usher.client_purge AS p ON p.school_id = $1::uuid AND p.program_id = g.person_id AND p.scope = g.scope
    AND p.ended_on = g.valid_to
WHERE g.school_id = $1::uuid AND ((g.person_id <> $2::uuid AND $3::boolean) OR (g.person_id = $2::uuid AND $4::boolean))
    AND ($5::uuid IS NULL OR g.person_id = $5::uuid)
ORDER BY g.valid_from DESC, g.grant_id DESC LIMIT 1000"""


@dataclass(frozen=True, slots=True)
class ClientGrant:
    """`declarer` is a name; `client` and `client_name` are None of what an import brought."""

    key: UUID
    program: UUID
    client: str | None
    client_name: str | None
    scope: str
    purpose: str
    declaration: str | None
    reason: str | None
    declared_by: UUID
    declarer: str
    valid_from: date
    valid_to: date | None
    ended_at: datetime | None
    ended_by: UUID | None
    ending: str | None
    last_token_at: datetime | None
    purge_due_on: date | None
    purged_at: datetime | None

    def in_force(self, today: date) -> bool:
        return self.valid_from <= today and (self.valid_to is None or today < self.valid_to)


async def client_grants(connection: PoolConnection, whose: Whose) -> list[ClientGrant]:
    """Newest first; of one program where `whose` names it."""
    cursor = connection.reader
    await cursor.execute(_GRANTS.encode(), whose.values)
    return [ClientGrant(*row) for row in await cursor.fetchall()]
