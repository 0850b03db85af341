"""Everybody who may act at a school now: who, in which capacity, with which roles and facts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.database.pool import PoolConnection
from server.policies.profile import Profile
from server.policies.vocabulary import Capacity
from server.queries.standing import everybody, standing_of

_SLICE: Final = 200


@dataclass(frozen=True, slots=True)
class Person:
    """One account: a person who acts in two capacities is two of these. Equal profiles are one object."""

    person_id: UUID
    profile: Profile

    @property
    def capacity(self) -> Capacity:
        return self.profile.capacity

    @property
    def order(self) -> tuple[int, UUID]:
        """Staff first, then families, programs and operators."""
        return list(Capacity).index(self.capacity), self.person_id


async def people_of(connection: PoolConnection, school_id: UUID, now: datetime) -> tuple[Person, ...]:
    """Accounts that are valid now, in order of person and capacity. Raises psycopg.Error."""
    cursor = await connection.execute(everybody(school_id), prepare=False)
    known: dict[Profile, Profile] = {}
    found: list[Person] = []
    while rows := await cursor.fetchmany(_SLICE):
        for (row,) in rows:
            standing = standing_of(row, now)
            if standing is not None:
                found.append(Person(UUID(row["person"]), known.setdefault(standing.profile, standing.profile)))
        await asyncio.sleep(0)
    return tuple(sorted(found, key=lambda one: (one.person_id, one.capacity)))
