"""Queued letters are sent, tried again with growing waits for a day, and forgotten after a month.

A letter goes at least once: whoever is killed between the mail server's answer and its note sends it again, under the
same Message-ID.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from joserfc.jwk import ECKey
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager

from server.commands.jobs.job import Desk
from server.database.pool import PoolConnection
from server.database.repeating import repeatable
from server.database.work_queue import QueueConnector, defer_async
from server.errors import Unavailable
from server.identity.letters.keys import PUBLISH, published
from server.identity.letters.queue import LETTERS, SEND
from server.identity.letters.sealing import unseal

WAITS: Final = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15)),
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 8)),
)
"""After each try that failed; after the last of them a letter is given up, a day after it was queued."""
KEPT: Final = timedelta(days=30)
CONTENT_KEPT: Final = timedelta(days=7)
"""What a letter that was given up says is there for so long, for `usher letters retry`."""
_SILENT: Final = timedelta(seconds=90)
_LONGEST: Final = timedelta(minutes=15)

_TAKE: Final = """\
UPDATE usher.letter SET attempts = attempts + 1 WHERE letter_id = $1::uuid AND outcome IS NULL
RETURNING sealed, attempts"""
_END: Final = """\
UPDATE usher.letter SET outcome = $2::text, fault = $3::text, ended_at = $4::timestamptz,
  sealed = CASE WHEN $2::text = 'SENT' THEN NULL ELSE sealed END
WHERE letter_id = $1::uuid AND outcome IS NULL"""
_FAULT: Final = "UPDATE usher.letter SET fault = $2::text WHERE letter_id = $1::uuid AND outcome IS NULL"
_STALLED: Final = """\
SELECT j.id FROM procrastinate.procrastinate_jobs AS j
LEFT JOIN procrastinate.procrastinate_workers AS w ON w.id = j.worker_id
WHERE j.queue_name = 'letters' AND j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < $1::timestamptz OR
  (SELECT max(e.at) FROM procrastinate.procrastinate_events AS e
   WHERE e.job_id = j.id AND e.type = 'started') < $2::timestamptz)"""
_WITHOUT_JOB: Final = """\
SELECT l.letter_id FROM usher.letter AS l
WHERE l.outcome IS NULL AND l.queued_at < $1::timestamptz AND NOT EXISTS (
  SELECT 1 FROM procrastinate.procrastinate_jobs AS j WHERE j.task_name = 'send_letter'
  AND j.status IN ('todo', 'doing') AND j.args ->> 'letter_id' = l.letter_id::text)
FOR UPDATE SKIP LOCKED"""
_FORGET: Final = "DELETE FROM usher.letter WHERE ended_at < $1::timestamptz"
_ERASE: Final = "UPDATE usher.letter SET sealed = NULL WHERE ended_at < $1::timestamptz AND sealed IS NOT NULL"


async def publish_key(desk: Desk, key: ECKey, now: datetime) -> None:
    """From now on letters are sealed to this key, unless it was published before. Raises Unavailable."""

    async def work(connection: PoolConnection) -> None:
        await connection.execute(PUBLISH, published(key, now))

    await repeatable(desk.pool, work)


async def send_letter(desk: Desk, key: ECKey, letter_id: UUID, now: datetime) -> timedelta | None:
    """Try once; how long to wait before the next try, or None where none is left to do.

    Raises Unavailable where the database is lost; what it says of a try that failed stands in the letter's row.
    """
    taken = await _told(desk, _TAKE, [letter_id])
    if not taken:
        return None  # it was sent before, by a job that this one doubles
    sealed, attempts = taken[0]
    assert isinstance(attempts, int)
    if attempts > len(WAITS) + 1:  # whoever tried it was cut off each time
        await _told(desk, _END, [letter_id, "GIVEN_UP", "Each try was cut off.", now])
        return None
    fault, lasting = await _post(desk, key, letter_id, sealed, now)
    if fault is None:
        await _told(desk, _END, [letter_id, "SENT", None, now])
    elif lasting or attempts > len(WAITS):
        await _told(desk, _END, [letter_id, "GIVEN_UP", fault, now])
    else:
        await _told(desk, _FAULT, [letter_id, fault])
        return WAITS[attempts - 1]
    return None


async def _post(desk: Desk, key: ECKey, letter_id: UUID, sealed: str, now: datetime) -> tuple[str | None, bool]:
    """What went wrong, if anything did, and whether it will again."""
    written = unseal(key, sealed)
    if written is None:
        return "It was sealed to a key that isn't in USHER_HOME/keys here.", False
    try:
        if await desk.mailer.post(written.to, written.subject, written.text, letter_id, now):
            return None, False
    except Unavailable as error:
        return error.message, False
    return "The mail server refuses the address for good.", True


async def recover_letters(desk: Desk, now: datetime) -> int:
    """How many letters go on whose sender was killed, or lost the database; those without a job are queued anew."""
    stalled = await _told(desk, _STALLED, [now - _SILENT, now - _LONGEST])
    manager, recovered = JobManager(QueueConnector(desk.pool)), 0
    for (job_id,) in stalled:
        try:
            await manager.retry_job_by_id_async(job_id=job_id, retry_at=now)
        except ConnectorException:  # it came to its end meanwhile
            continue
        recovered += 1
    return recovered + await repeatable(desk.pool, lambda connection: _requeue(connection, now))


async def _requeue(connection: PoolConnection, now: datetime) -> int:
    """Of a job that was lost, as where its tables were restored without ours."""
    async with connection.transaction():
        await connection.reader.execute(_WITHOUT_JOB.encode(), [now - _LONGEST])
        lost = await connection.reader.fetchall()
        for (letter_id,) in lost:
            await defer_async(connection, LETTERS, SEND, letter_id=str(letter_id))
    return len(lost)


async def forget_letters(desk: Desk, now: datetime) -> int:
    """How many rows of letters that ended a month ago were deleted; what those given up said goes after a week."""
    await _told(desk, _ERASE, [now - CONTENT_KEPT])

    async def work(connection: PoolConnection) -> int:
        await connection.reader.execute(_FORGET.encode(), [now - KEPT])
        return connection.reader.rowcount

    return await repeatable(desk.pool, work)


async def _told(desk: Desk, statement: str, values: list[object]) -> list[tuple[Any, ...]]:
    """The rows that a statement answers with, committed by itself."""

    async def work(connection: PoolConnection) -> list[tuple[Any, ...]]:
        cursor = connection.reader
        await cursor.execute(statement.encode(), values)
        return await cursor.fetchall() if cursor.description else []

    return await repeatable(desk.pool, work)
