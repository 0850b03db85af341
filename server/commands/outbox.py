"""Events for later readers, numbered without gaps in the order in which a school's transactions commit.

Each writing transaction notifies the workers of its school at COMMIT: a hint, so that readers needn't wait for their next
look at the table, which is the guarantee.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, RawCursor
from psycopg.types.json import Jsonb

from server.commands.statements import execute, fetch
from server.database.pool import PoolConnection
from server.database.unit_of_work import Hook

CHANNEL: Final = "usher_events"
# The row stays locked until COMMIT: whoever comes next gets a higher number, and a rollback gives the numbers back.
_NUMBER = """\
INSERT INTO usher.outbox_head AS h (school_id, last_sequence) VALUES ($1::uuid, $2::bigint)
ON CONFLICT (school_id) DO UPDATE SET last_sequence = h.last_sequence + excluded.last_sequence
    WHERE h.school_id = excluded.school_id
RETURNING last_sequence"""
_INSERT = """\
WITH written AS (
    INSERT INTO usher.outbox_event (school_id, sequence, kind, payload, occurred_at)
    SELECT $1::uuid, $2::bigint + given.place, given.kind, given.payload, $5::timestamptz
    FROM unnest($3::text[], $4::jsonb[]) WITH ORDINALITY AS given(kind, payload, place)
)
SELECT pg_catalog.pg_notify($6::text, $7::text)"""


@dataclass(frozen=True, slots=True)
class Event:
    """`payload` holds ids (as text) and school years only: each reader is authorised anew."""

    kind: str
    payload: dict[str, object]


def writes_events(school_id: UUID, events: Sequence[Event], now: datetime) -> Hook:
    """A hook for `UnitOfWork.before_commit`, so that the school's counter is locked last and for the shortest time."""

    async def hook(connection: PoolConnection) -> None:
        await write_events(connection, school_id, events, now)

    return hook


async def write_events(connection: PoolConnection, school_id: UUID, events: Sequence[Event], now: datetime) -> None:
    """Number and insert the events, and notify of them. Raises psycopg.Error."""
    if not events:
        return
    [[last]] = await fetch(connection, _NUMBER, [school_id, len(events)])
    await execute(connection, _INSERT, _values(school_id, last - len(events), events, now))


def write_events_now(connection: Connection[Any], school_id: UUID, events: Sequence[Event], now: datetime) -> None:
    """The same, for an import's plain connection."""
    if not events:
        return
    cursor = RawCursor(connection)
    [last] = cursor.execute(_NUMBER, [school_id, len(events)]).fetchone() or [0]
    cursor.execute(_INSERT, _values(school_id, last - len(events), events, now))


def _values(school_id: UUID, before: int, events: Sequence[Event], now: datetime) -> list[object]:
    kinds, payloads = [event.kind for event in events], [Jsonb(event.payload) for event in events]
    return [school_id, before, kinds, payloads, now, CHANNEL, str(school_id)]
