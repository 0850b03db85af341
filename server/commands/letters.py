"""Letters that commands cause, queued in their transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.database.pool import PoolConnection
from server.database.work_queue import defer_async
from server.identity.letters.letter import Letter
from server.identity.letters.queue import KEY, LETTERS, QUEUE, SEND, queued


async def queue_letter(connection: PoolConnection, letter: Letter, now: datetime) -> UUID:
    """The letter's id. Raises Unavailable before the first `usher run` or `usher jobs`."""
    row = queued(await (await connection.execute(KEY)).fetchone(), letter, now)
    await connection.execute(QUEUE, row)
    await defer_async(connection, LETTERS, SEND, letter_id=str(row[0]))
    return row[0]
