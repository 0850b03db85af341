"""A school as plain rows, made from a word and a date: no database, no randomness."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from server.migrations.years import academic_year
from server.tables.row import SCHEMA, Row

Values = dict[str, Any]


@dataclass(slots=True)
class World:
    """One school. `rows` keeps the order in which foreign keys allow inserting; `ids` maps handles to ids."""

    seed: str
    today: date
    school_id: UUID
    ids: dict[str, UUID] = field(default_factory=dict[str, UUID])
    rows: dict[type[Row], list[Values]] = field(default_factory=dict[type[Row], list[Values]])
    _made: int = 0

    @property
    def year(self) -> int:
        return academic_year(self.today)

    def new_id(self) -> UUID:
        """A UUIDv7 that grows with each call and is no other world's."""
        self._made += 1
        return _uuid7(self.seed, self._made)

    def name(self, handle: str) -> UUID:
        """The id of a handle, made at its first mention."""
        if handle not in self.ids:
            self.ids[handle] = self.new_id()
        return self.ids[handle]

    def add(self, table: type[Row], **values: Any) -> Values:
        """One row; a school's table gets its school_id. Nothing else is filled in."""
        if table.metadata.tables[qualified(table)].info["tenant"]:
            values = {"school_id": self.school_id, **values}
        self.rows.setdefault(table, []).append(values)
        return values

    def days(self, count: int) -> date:
        """The day that many days from today."""
        return self.today + timedelta(days=count)

    @property
    def morning(self) -> datetime:
        return datetime.combine(self.today, time(8), UTC)


def qualified(table: type[Row]) -> str:
    return f"{SCHEMA}.{vars(table)['__tablename__']}"


def _uuid7(seed: str, count: int) -> UUID:
    """Version 7 layout: a millisecond that grows with `count`, then bits of the seed's hash."""
    noise = int.from_bytes(hashlib.sha256(f"{seed}/{count}".encode()).digest()[:10], "big")
    moment = (0x0190_0000_0000 + count) << 80
    return UUID(int=(moment | noise) & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)


def school_id_of(seed: str) -> UUID:
    return _uuid7(seed, 0)
