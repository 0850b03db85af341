"""Documents that were answered though they are not registered, counted for the operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable

MOST: Final = 1000
"""How many documents of one client are told apart: the rest is answered, and not reported."""

# In one order, so that workers don't wait for one another in a circle.
_ADD: Final = """\
INSERT INTO usher.document_report AS r (client_id, digest, first_at, last_at, times)
SELECT u.client_id, u.digest, u.first_at, u.last_at, u.times
FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::bigint[])
  AS u (client_id, digest, first_at, last_at, times)
JOIN usher.oauth_client AS c ON c.client_id = u.client_id
WHERE EXISTS (SELECT 1 FROM usher.document_report AS k WHERE k.client_id = u.client_id AND k.digest = u.digest)
  OR (SELECT count(*) FROM usher.document_report AS k WHERE k.client_id = u.client_id) < %s
ORDER BY u.client_id, u.digest
ON CONFLICT (client_id, digest) DO UPDATE
SET last_at = greatest(r.last_at, excluded.last_at), times = r.times + excluded.times"""


@dataclass(frozen=True, slots=True)
class Sightings:
    """`times` that a document was answered, from `first_at` to `last_at`."""

    first_at: datetime
    last_at: datetime
    times: int

    def again(self, now: datetime) -> Sightings:
        return Sightings(self.first_at, now, self.times + 1)


async def add_reports(pool: Pool, seen: Mapping[tuple[str, str], Sightings]) -> None:
    """By client and digest. Raises Unavailable and DatabaseDefect."""
    clients, digests = [client for client, _ in seen], [digest for _, digest in seen]
    firsts, lasts = [one.first_at for one in seen.values()], [one.last_at for one in seen.values()]
    values = [clients, digests, firsts, lasts, [one.times for one in seen.values()], MOST]

    async def work(connection: PoolConnection) -> None:
        await connection.execute(_ADD.encode(), values, prepare=False)

    await repeatable(pool, work)
