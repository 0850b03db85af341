"""The rows of a school that somebody might see, by family, each with the columns that relations look at.

A row is there whether or not a value stands in it: what a person may see never depends on what is recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Final
from uuid import UUID

import numpy as np
from sqlalchemy import BindParameter, Select, Text, Uuid, bindparam, cast, select, union

from server.database.pool import PoolConnection
from server.queries.binds import SCHOOL
from server.queries.noun import alias
from server.queries.reach.masks import Places, mask_of, owned_by, owners_of, positions, whole
from server.queries.reach.statements import Compiled, compiled, fetched
from server.queries.scopes import HOME, OWNER
from server.tables import (
    EnrolmentRow,
    GradeRow,
    GuardianLinkRow,
    LearnerRow,
    MarkRow,
    ReportLineRow,
    ReportRow,
    StaffRow,
    TargetRow,
)

# Ids are texts here: a school has tens of thousands of them, which Python's garbage collector would visit as objects.
Value = str | tuple[str, ...]
# The rows of more learners than these are found faster by asking each row for its learner.
_MANY: Final = 100

# The columns of each family's rows; OWNER is the learner's id.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "learner": (OWNER,),
    "course": (OWNER, "course_id"),
    "report": (OWNER, "publication_id"),
    "report_line": (OWNER, "publication_id", "course_id"),
    "guardian": (OWNER, "guardian_id"),
    "staff": ("staff_id",),
    HOME: (),
    "school": (),
}


@dataclass(frozen=True)
class Rows:
    """One family's rows; `columns` are as in COLUMNS, one value a row. `absent` rows only keep others in their places."""

    family: str
    columns: Mapping[str, Sequence[str]]
    size: int
    absent: int = 0
    _indexes: dict[tuple[str, ...], dict[Value, int]] = field(default_factory=dict[tuple[str, ...], dict[Value, int]])

    @cached_property
    def all(self) -> int:
        return whole(self.size) & ~self.absent

    def where(self, columns: tuple[str, ...]) -> Mapping[Value, int]:
        """The rows by their values in these columns: one value alone, several as a tuple."""
        if columns not in self._indexes:
            values = [self.columns[name] for name in columns]
            found: dict[Value, list[int]] = {}
            for position, value in enumerate(values[0] if len(values) == 1 else zip(*values, strict=True)):
                found.setdefault(value, []).append(position)
            self._indexes[columns] = {value: mask_of(places, self.size) for value, places in found.items()}
        return self._indexes[columns]

    def ids(self, mask: int, column: str) -> list[UUID]:
        """The column's values in these rows, each once."""
        told = self.columns[column]
        return [UUID(text) for text in dict.fromkeys(told[position] for position in positions(mask))]


@dataclass(frozen=True)
class School:
    """All rows of one school, of all families or of those that were asked for."""

    families: Mapping[str, Rows]
    _places: dict[str, Places] = field(default_factory=dict[str, Places])

    @property
    def learners(self) -> Rows:
        return self.families["learner"]

    def learner_ids(self, mask: int) -> list[UUID]:
        return self.learners.ids(mask, OWNER)

    def owners(self, family: str, mask: int) -> int:
        """The learners of these rows."""
        if family == "learner" or not mask:
            return mask
        return owners_of(mask, self._owners(family), self.learners.size)

    def rows_of(self, family: str, learners: int) -> int:
        """The family's rows of these learners."""
        rows = self.families[family]
        if family == "learner" or not learners:
            return learners
        if learners == self.learners.all:
            return rows.all
        if learners.bit_count() > _MANY:
            return owned_by(learners, self._owners(family), self.learners.size)
        owned, ids, found = rows.where((OWNER,)), self.learners.columns[OWNER], 0
        for position in positions(learners):
            found |= owned.get(ids[position], 0)
        return found

    def reports_with(self, lines: int) -> int:
        """The reports that have one of these lines."""
        of_lines, of_reports, size = self._issued
        return owned_by(owners_of(lines, of_lines, size), of_reports, size) if lines else 0

    @cached_property
    def _issued(self) -> tuple[Places, Places, int]:
        """Of each line, and of each report, a number for its learner and publication; and how many there are."""
        numbers: dict[tuple[str, str], int] = {}

        def numbered(family: str) -> Places:
            told = self.families[family].columns
            pairs = zip(told[OWNER], told["publication_id"], strict=True)
            return np.array([numbers.setdefault(pair, len(numbers)) for pair in pairs], np.intp)

        return numbered("report_line"), numbered("report"), len(numbers)

    def _owners(self, family: str) -> Places:
        """Of each row of the family the position of its learner."""
        if family not in self._places:
            known = {learner: position for position, learner in enumerate(self.learners.columns[OWNER])}
            places = [known[learner] for learner in self.families[family].columns[OWNER]]
            self._places[family] = np.array(places, np.intp)
        return self._places[family]


async def school_of(
    connection: PoolConnection,
    school_id: UUID,
    learner_id: UUID | None = None,
    families: Collection[str] = COLUMNS.keys(),
) -> School:
    """Of these families all rows; with `learner_id`, of the learners that one alone. Raises psycopg.Error."""
    given = {"school": school_id, "learner": learner_id}
    found: dict[str, Rows] = {}
    for family, columns in COLUMNS.items():
        if not columns:
            found[family] = Rows(family, {}, 1)
        elif family in families:
            rows = [row async for row in fetched(connection, _statement(family, learner_id is not None), given)]
            found[family] = await asyncio.to_thread(_rows, family, columns, rows)
    return School(found)


def _rows(family: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Rows:
    """Sorted here: PostgreSQL, told to sort, would take the union of the tables apart by sorting all their rows."""
    values = list(zip(*sorted(rows), strict=True)) if rows else [()] * len(columns)
    return Rows(family, dict(zip(columns, values, strict=True)), len(rows))


@lru_cache
def _statement(family: str, one: bool) -> Compiled:
    """Texts of ids: only what is left of the union is turned into text."""
    tables, columns = _TABLES[family]
    rows = union(*(_of(row, columns, one) for row in tables)).subquery("held")
    return compiled(select(*(cast(rows.c[column], Text) for column in columns)))


def _of(row: Any, columns: Sequence[str], one: bool) -> Select[*tuple[Any, ...]]:
    held = alias(row)
    wanted = [held.c.learner_id == _LEARNER] if one and "learner_id" in columns else []
    return select(*(held.c[column] for column in columns)).where(held.c.school_id == SCHOOL, *wanted)


_LEARNER: Final[BindParameter[Any]] = bindparam("learner", type_=Uuid(), required=False)
# A learner's courses, of whatever year, are those in which they sat, and in which something was written of them.
_TABLES: Final[Mapping[str, tuple[tuple[Any, ...], tuple[str, ...]]]] = {
    "learner": ((LearnerRow,), ("learner_id",)),
    "course": ((EnrolmentRow, MarkRow, GradeRow, TargetRow), ("learner_id", "course_id")),
    "report": ((ReportRow,), ("learner_id", "publication_id")),
    "report_line": ((ReportLineRow,), ("learner_id", "publication_id", "course_id")),
    "guardian": ((GuardianLinkRow,), ("learner_id", "guardian_id")),
    "staff": ((StaffRow,), ("staff_id",)),
}
