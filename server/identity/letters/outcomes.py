"""What became of letters, as operators ask, and letters that were given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from server.database.blocking_pool import BlockingConnection
from server.database.work_queue import defer
from server.errors import BadUserInput
from server.identity.letters.queue import LETTERS, SEND, recipient_digest

_ROWS: LiteralString = (
    "SELECT letter_id, kind, queued_at, attempts, outcome, ended_at, fault, recipient_digest FROM usher.letter "
    "WHERE %s OR outcome IS DISTINCT FROM 'SENT' ORDER BY queued_at, letter_id"
)
_COUNTS: LiteralString = (
    "SELECT coalesce(outcome, 'WAITING'), count(*) FROM usher.letter GROUP BY outcome ORDER BY outcome NULLS FIRST"
)
_GIVEN_UP: LiteralString = (
    "SELECT letter_id FROM usher.letter WHERE outcome = 'GIVEN_UP' AND sealed IS NOT NULL ORDER BY queued_at FOR UPDATE"
)
_AGAIN: LiteralString = (
    "UPDATE usher.letter SET outcome = NULL, ended_at = NULL, attempts = 0 WHERE letter_id = ANY(%s)"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`outcome` is SENT, GIVEN_UP or, of a letter that waits, None; `fault` what went wrong last."""

    letter_id: UUID
    kind: str
    queued_at: datetime
    attempts: int
    outcome: str | None
    ended_at: datetime | None
    fault: str | None


def counts(connection: BlockingConnection) -> dict[str, int]:
    """How many letters of the last month wait, were sent, and were given up."""
    return {str(outcome): int(count) for outcome, count in connection.execute(_COUNTS).fetchall()}


def outcomes(connection: BlockingConnection, address: str | None = None) -> Sequence[Outcome]:
    """Of letters that wait or were given up; with an address, of all letters to it in the last month."""
    rows = connection.execute(_ROWS, [address is not None]).fetchall()
    return [Outcome(*row) for *row, digest in rows if address is None or digest == recipient_digest(row[0], address)]


def try_again(connection: BlockingConnection, letter_ids: Sequence[UUID] | None) -> int:
    """Queue letters that were given up anew, those or all. Raises BadUserInput for one that isn't there to be tried."""
    found = [letter_id for (letter_id,) in connection.execute(_GIVEN_UP).fetchall()]
    wanted = found if letter_ids is None else list(letter_ids)
    if not set(wanted) <= set(found):
        raise BadUserInput("There is no such letter that was given up in the last seven days.", ("LETTER",))
    connection.execute(_AGAIN, [wanted])
    for letter_id in wanted:
        defer(connection, LETTERS, SEND, letter_id=str(letter_id))
    return len(wanted)
