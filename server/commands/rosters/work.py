"""One call while it is worked on: what writers of each kind share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from server.commands.bulk import Row
from server.commands.rosters.batch import Batch, Entry
from server.commands.rosters.rights import Rights
from server.commands.rosters.shapes import Shape
from server.commands.rosters.store import add, change, rows_of
from server.database.pool import PoolConnection

Stored = dict[UUID, dict[str, Any]]
"""Rows by key, each by column."""


@dataclass(slots=True)
class Work:
    """`written`: learners by element, for the audit; `raised`: people whose standing changed; `records`: what changed."""

    connection: PoolConnection
    school_id: UUID
    batch: Batch
    rights: Rights
    foreign: frozenset[str]
    now: datetime
    written: dict[str, set[UUID]] = field(default_factory=dict[str, set[UUID]])
    raised: set[UUID] = field(default_factory=set[UUID])
    records: list[UUID] = field(default_factory=list[UUID])

    @property
    def today(self) -> date:
        return self.now.date()

    def wrote(self, element: str, learners: Iterable[UUID] = ()) -> None:
        self.written.setdefault(element, set()).update(learners)

    async def add(self, table: str, rows: Sequence[Row]) -> None:
        await add(self.connection, table, self.school_id, rows)

    async def change(self, table: str, key: Sequence[str], rows: Sequence[Row]) -> None:
        await change(self.connection, table, self.school_id, key, rows)

    async def rows_of(self, table: str, *columns: str, **where: Sequence[Any]) -> list[tuple[Any, ...]]:
        return await rows_of(self.connection, table, self.school_id, *columns, **where)

    async def rows_for_anybody(self, table: str, *columns: str, **where: Sequence[Any]) -> list[tuple[Any, ...]]:
        """As rows_of, of people too who are left out of the program's data: their numbers are taken, and their
        guardians somebody's, all the same."""
        if self.rights.program is None:
            return await self.rows_of(table, *columns, **where)
        await self.connection.execute("SET LOCAL app.capacity = 'STAFF'")
        found = await self.rows_of(table, *columns, **where)
        await self.connection.execute("SET LOCAL app.capacity = 'CLIENT'")
        return found

    async def stored(self, table: str, key: str, columns: Sequence[str], keys: Iterable[UUID]) -> Stored:
        rows = await self.rows_of(table, key, *columns, **{key: sorted(set(keys))})
        return {row[0]: dict(zip(columns, row[1:], strict=True)) for row in rows}

    async def new_people(self, people: Mapping[UUID, date], capacity: str) -> None:
        """Persons with the right to act from a day on, which opens nothing by itself."""
        await self.add("person", [{"person_id": one, "created_at": self.now} for one in people])
        await self.may_act(people, capacity)

    async def may_act(self, people: Mapping[UUID, date], capacity: str) -> None:
        rows: list[dict[str, Any]] = [
            {"person_id": one, "capacity": capacity, "profile_version": 1, "valid_from": begins, "valid_to": None}
            for one, begins in people.items()
        ]
        await self.add("access_profile", rows)


class Writer(Protocol):
    """How records of one kind are found, checked and written."""

    @property
    def shape(self) -> Shape: ...

    async def find(self, work: Work, entries: Sequence[Entry]) -> None:
        """Name the record of each entry, refuse what can't be, and say what would change."""
        ...

    async def write(self, work: Work, entries: Sequence[Entry]) -> None:
        """Write the entries, none of which is refused."""
        ...
