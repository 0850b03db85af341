"""What closing does to rows of each kind: they end on a day, and nothing is deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from server.commands.rosters.closing_statements import STATEMENTS, Statements
from server.commands.rosters.shapes import RecordKind
from server.commands.statements import execute, fetch
from server.database.pool import PoolConnection


class ClosingKind(StrEnum):
    """What can leave. Of the last two a row names both ends."""

    LEARNER = "LEARNER"
    STAFF = "STAFF"
    CLASS = "CLASS"
    ENROLMENT = "ENROLMENT"
    GUARDIAN_LINK = "GUARDIAN_LINK"
    TEACHING = "TEACHING"

    @property
    def ends(self) -> tuple[RecordKind, RecordKind | None]:
        """What `id` and `of` are ids of."""
        return _ENDS[self]

    @property
    def element(self) -> str:
        """What one must be able to write to close it."""
        return _ELEMENTS[self]


_ENDS: Final[Mapping[ClosingKind, tuple[RecordKind, RecordKind | None]]] = {
    ClosingKind.LEARNER: (RecordKind.LEARNER, None),
    ClosingKind.STAFF: (RecordKind.STAFF, None),
    ClosingKind.CLASS: (RecordKind.CLASS, None),
    ClosingKind.ENROLMENT: (RecordKind.ENROLMENT, None),
    ClosingKind.GUARDIAN_LINK: (RecordKind.GUARDIAN, RecordKind.LEARNER),
    ClosingKind.TEACHING: (RecordKind.CLASS, RecordKind.STAFF),
}
_ELEMENTS: Final[Mapping[ClosingKind, str]] = {
    ClosingKind.LEARNER: "education",
    ClosingKind.STAFF: "staff_name",
    ClosingKind.CLASS: "school_structure",
    ClosingKind.ENROLMENT: "groups",
    ClosingKind.GUARDIAN_LINK: "parent_link",
    ClosingKind.TEACHING: "school_structure",
}


@dataclass(frozen=True, slots=True)
class Leaving:
    """`other` is the other end of a link; `on` the first day no longer."""

    key: UUID
    other: UUID | None
    on: date

    def stored(self) -> list[str | None]:
        return [str(self.key), None if self.other is None else str(self.other), self.on.isoformat()]

    @classmethod
    def of(cls, stored: Sequence[Any]) -> Leaving:
        key, other, on = stored
        return cls(UUID(key), None if other is None else UUID(other), date.fromisoformat(on))


@dataclass(frozen=True, slots=True)
class Closed:
    """`raised`: people who may do less from now on."""

    learners: frozenset[UUID] = frozenset()
    raised: frozenset[UUID] = frozenset()


_OFFICERS = """\
SELECT DISTINCT r.person_id FROM usher.role_assignment AS r
WHERE r.school_id = $1::uuid AND r.person_id = ANY($2::uuid[]) AND r.role IN ('dpo', 'policy_approver')
    AND (r.valid_to IS NULL OR r.valid_to > $3::date)"""


@dataclass(slots=True)
class Closings:
    """Of one kind at one school."""

    connection: PoolConnection
    school_id: UUID
    kind: ClosingKind
    _said: Statements = field(init=False)

    def __post_init__(self) -> None:
        self._said = STATEMENTS[self.kind.value]

    async def lasting(self, rows: Sequence[Leaving]) -> set[int]:
        """Places of the rows that would end something."""
        found = await fetch(self.connection, self._said.open, self._values(rows))
        return {row[0] - 1 for row in found}

    async def officers(self, keys: Sequence[UUID], today: date) -> set[UUID]:
        """Staff whose leaving is for people: the school would be without somebody who looks after its rules."""
        if self.kind is not ClosingKind.STAFF:
            return set()
        return {row[0] for row in await fetch(self.connection, _OFFICERS, [self.school_id, list(keys), today])}

    async def current(self, today: date, made_before: UUID) -> int:
        """How many there are today that were made before the first key of some moment."""
        [[count]] = await fetch(self.connection, self._said.count, [self.school_id, today, made_before])
        return int(count)

    async def close(self, rows: Sequence[Leaving]) -> Closed:
        """End what lasts longer than the rows say."""
        values = self._values(rows)
        told = [self.school_id, values[1], values[2]]
        learners = await fetch(self.connection, self._said.learners, told)
        raised = await fetch(self.connection, self._said.raised, told)
        for statement in self._said.close:
            await execute(self.connection, statement, values)
        return Closed(frozenset(row[0] for row in learners if row[0]), frozenset(row[0] for row in raised if row[0]))

    def _values(self, rows: Sequence[Leaving]) -> list[Any]:
        columns = [[row.key for row in rows], [row.other for row in rows], [row.on for row in rows]]
        return [self.school_id, *columns]
