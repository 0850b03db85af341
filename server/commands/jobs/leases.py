"""Which process runs a job: the one that takes its lease. Times are the callers'; a lease outlives no process for long.

A row a job, and no session's lock: it holds behind a connection pooler, it is there after PostgreSQL has started anew,
and a process that was killed needn't give it back.
"""

from __future__ import annotations

from datetime import UTC, datetime

from server.commands.jobs.job import Job
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable

_MOMENT = "SELECT clock_timestamp()"
_TAKE = """\
INSERT INTO usher.job AS j (name, started_at) VALUES ($1::text, $2::timestamptz)
ON CONFLICT (name) DO UPDATE SET started_at = excluded.started_at
WHERE (j.finished_at IS NULL OR j.finished_at < $3::timestamptz)
  AND (j.started_at <= $4::timestamptz OR j.finished_at >= j.started_at)
RETURNING name"""
# Only the holder ends its lease: one that was too slow has lost it to somebody else.
_END = "UPDATE usher.job SET finished_at = $3::timestamptz WHERE name = $1::text AND started_at = $2::timestamptz"
_GIVE_BACK = """\
UPDATE usher.job SET started_at = $3::timestamptz WHERE name = $1::text AND started_at = $2::timestamptz"""


async def moment(pool: Pool) -> datetime:
    """Now, by the database's clock. Raises Unavailable."""

    async def work(connection: PoolConnection) -> datetime:
        await connection.reader.execute(_MOMENT.encode(), [])
        [(now,)] = await connection.reader.fetchall()
        await connection.commit()
        return now.astimezone(UTC)

    return await repeatable(pool, work)


async def take(pool: Pool, job: Job, now: datetime) -> bool:
    """Whether the job is due and this process now runs it. Raises Unavailable."""

    async def work(connection: PoolConnection) -> bool:
        values = [job.name, now, job.due_since(now), now - job.lease]
        await connection.reader.execute(_TAKE.encode(), values)
        taken = bool(await connection.reader.fetchall())
        await connection.commit()
        return taken

    return await repeatable(pool, work)


async def end(pool: Pool, job: Job, taken: datetime) -> None:
    """The job was done; it is due again after its time. `taken` is when the lease was."""
    await _set(pool, _END, job, taken, taken)


async def give_back(pool: Pool, job: Job, taken: datetime, retry: datetime) -> None:
    """The job failed: it may be tried again at `retry`."""
    await _set(pool, _GIVE_BACK, job, taken, retry - job.lease)


async def _set(pool: Pool, statement: str, job: Job, taken: datetime, value: datetime) -> None:
    async def work(connection: PoolConnection) -> None:
        await connection.reader.execute(statement.encode(), [job.name, taken, value])
        await connection.commit()

    await repeatable(pool, work)
