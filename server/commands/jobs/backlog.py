"""What waits: how far the jobs are, whichever process runs them, and letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable

_JOBS: Final = "SELECT j.name, j.finished_at FROM usher.job AS j WHERE j.finished_at IS NOT NULL"
_LETTERS: Final = "SELECT count(*), min(l.queued_at) FROM usher.letter AS l WHERE l.outcome IS NULL"


@dataclass(frozen=True, slots=True)
class Backlog:
    """`done`: the beginning of the last run that came to its end, by job. `oldest`: when that letter was queued."""

    done: dict[str, datetime]
    letters: int
    oldest: datetime | None


async def backlog(pool: Pool) -> Backlog:
    """Raises Unavailable."""

    async def work(connection: PoolConnection) -> Backlog:
        await connection.reader.execute(_JOBS.encode())
        done: dict[str, datetime] = dict(await connection.reader.fetchall())
        await connection.reader.execute(_LETTERS.encode())
        [(count, oldest)] = await connection.reader.fetchall()
        return Backlog(done, count, oldest)

    return await repeatable(pool, work)
