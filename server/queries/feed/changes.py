"""What a feed holds after a place, and the cursors that name places."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.database.pool import PoolConnection

MOST: Final = 500
USUAL: Final = 100

_HEAD = """\
SELECT f.last_sequence, f.forgotten_to FROM usher.change_feed AS f
WHERE f.school_id = $1::uuid AND f.person_id = $2::uuid"""
# What closed before a reader began is nothing that the reader was ever told of.
_AFTER = """\
SELECT r.sequence, r.noun, r.row_id, r.digest IS NULL, r.changed_at FROM usher.feed_row AS r
WHERE r.school_id = $1::uuid AND r.person_id = $2::uuid AND r.sequence > $3::bigint
    AND (r.digest IS NOT NULL OR r.sequence > $4::bigint)
ORDER BY r.sequence LIMIT $5::integer"""
_OWNERS = """\
SELECT DISTINCT l.learner_id FROM usher.guardian_link AS l
WHERE l.school_id = $1::uuid AND l.link_id = ANY($2::uuid[])"""


@dataclass(frozen=True, slots=True)
class Place:
    """Behind the change numbered `told`. `began`: the newest change when the reader began with everything."""

    told: int
    began: int

    def packed(self) -> bytes:
        return struct.pack(">QQ", self.told, self.began)

    @classmethod
    def unpacked(cls, text: bytes) -> Place:
        """Raises struct.error."""
        return cls(*struct.unpack(">QQ", text))


@dataclass(frozen=True, slots=True)
class Change:
    sequence: int
    noun: str
    row_id: UUID
    closed: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """`changes` is None where what lies between can't be told any more."""

    changes: Sequence[Change] | None
    place: Place
    more: bool = False


async def page(connection: PoolConnection, school_id: UUID, person_id: UUID, since: Place | None, most: int) -> Page:
    """At most so many changes, each row once, the oldest first."""
    cursor = connection.reader
    await cursor.execute(_HEAD.encode(), [school_id, person_id])
    [(last, forgotten)] = await cursor.fetchall()
    place = since or Place(0, last)
    if place.told > last or forgotten > max(place.told, place.began):
        return Page(None, place)
    await cursor.execute(_AFTER.encode(), [school_id, person_id, place.told, place.began, most + 1])
    found = [Change(*row) for row in await cursor.fetchall()]
    shown = found[:most]
    more = len(found) > most
    # Behind everything: what was left out is behind the reader, too.
    told = shown[-1].sequence if more else last
    return Page(shown, Place(told, place.began), more)


async def learners_of(connection: PoolConnection, school_id: UUID, links: Sequence[UUID]) -> list[UUID]:
    """Whose guardians' links these are."""
    cursor = connection.reader
    await cursor.execute(_OWNERS.encode(), [school_id, list(links)])
    return [key for (key,) in await cursor.fetchall()]
