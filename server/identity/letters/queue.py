"""A letter is queued in its cause's transaction: it goes if that commits, and never if it doesn't."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID, uuid4

from server.database.blocking_pool import BlockingConnection
from server.database.work_queue import defer
from server.errors import Unavailable
from server.identity.letters.letter import Letter, write
from server.identity.letters.sealing import seal

LETTERS: Final = "letters"
SEND: Final = "send_letter"
KEY: LiteralString = "SELECT jwk FROM usher.letter_key ORDER BY made_at DESC, kid LIMIT 1"
QUEUE: LiteralString = (
    "INSERT INTO usher.letter (letter_id, kind, recipient_digest, sealed, queued_at, attempts) "
    "VALUES (%s, %s, %s, %s, %s, 0)"
)


def queue_letter(connection: BlockingConnection, letter: Letter, now: datetime) -> UUID:
    """The letter's id, by which its row is found. Raises Unavailable before the first `usher run` or `usher jobs`."""
    row = queued(connection.execute(KEY).fetchone(), letter, now)
    connection.execute(QUEUE, row)
    defer(connection, LETTERS, SEND, letter_id=str(row[0]))
    return row[0]


def queued(
    found: tuple[Mapping[str, Any]] | tuple[Any, ...] | None, letter: Letter, now: datetime
) -> tuple[UUID, str, str, str, datetime]:
    """The row of QUEUE; `found` is that of KEY."""
    if found is None:
        raise Unavailable(
            "No letter can be queued before `usher run` or `usher jobs` has made the key that seals letters."
        )
    letter_id = uuid4()
    written = write(letter)
    return letter_id, letter.kind, recipient_digest(letter_id, written.to), seal(found[0], written), now


def recipient_digest(letter_id: UUID, address: str) -> str:
    """Tells whether a letter went to an address that one knows; of two letters, not whether they went to the same one."""
    return hashlib.sha256(f"{letter_id} {address}".encode()).hexdigest()
