"""The rows of a school that somebody might see, by family, each with the columns that relations look at.

A row is there whether or not a value stands in it: what a person may see never depends on what is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BindParameter, Select, Text, Uuid, bindparam, cast, select, union

from server.database.pool import PoolConnection
from server.queries.binds import SCHOOL
from server.queries.noun import alias
from server.queries.reach.masks import mask_of, positions, whole
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
    """All rows of one school."""

    families: Mapping[str, Rows]
    _owners: dict[str, Sequence[int]] = field(default_factory=dict[str, Sequence[int]])

    @property
    def learners(self) -> Rows:
        return self.families["learner"]

    def learner_ids(self, mask: int) -> list[UUID]:
        return self.learners.ids(mask, OWNER)

    def owners(self, family: str, mask: int) -> int:
        """The learners of these rows."""
        if family == "learner" or not mask:
            return mask
        places = self._places(family)
        return mask_of({places[position] for position in positions(mask)}, self.learners.size)

    def rows_of(self, family: str, learners: int) -> int:
        """The family's rows of these learners."""
        rows = self.families[family]
        if family == "learner":
            return learners
        if learners == self.learners.all:
            return rows.all
        owned, ids, found = rows.where((OWNER,)), self.learners.columns[OWNER], 0
        for position in positions(learners):
            found |= owned.get(ids[position], 0)
        return found

    def reports_with(self, lines: int) -> int:
        """The reports that have one of these lines."""
        told, reports = self.families["report_line"].columns, self.families["report"].where((OWNER, "publication_id"))
        owners, publications, found = told[OWNER], told["publication_id"], 0
        for line in positions(lines):
            found |= reports.get((owners[line], publications[line]), 0)
        return found

    def _places(self, family: str) -> Sequence[int]:
        """Of each row of the family the position of its learner."""
        if family not in self._owners:
            known = {learner: position for position, learner in enumerate(self.learners.columns[OWNER])}
            self._owners[family] = [known[learner] for learner in self.families[family].columns[OWNER]]
        return self._owners[family]


async def school_of(connection: PoolConnection, school_id: UUID, learner_id: UUID | None = None) -> School:
    """All rows; with `learner_id`, of the learners that one alone. Raises psycopg.Error."""
    given = {"school": school_id, "learner": learner_id}
    families: dict[str, Rows] = {}
    for family, columns in COLUMNS.items():
        if not columns:
            families[family] = Rows(family, {}, 1)
            continue
        found = [row async for row in fetched(connection, _statement(family, learner_id is not None), given)]
        values = list(zip(*found, strict=True)) if found else [()] * len(columns)
        families[family] = Rows(family, dict(zip(columns, values, strict=True)), len(found))
    return School(families)


@lru_cache
def _statement(family: str, one: bool) -> Compiled:
    rows, columns = _TABLES[family]
    return compiled(union(*(_of(row, columns, one) for row in rows)).order_by(*columns))


def _of(row: Any, columns: Sequence[str], one: bool) -> Select[*tuple[Any, ...]]:
    held = alias(row)
    chosen = [cast(held.c[column], Text).label(column) for column in columns]
    wanted = [held.c.learner_id == _LEARNER] if one and "learner_id" in columns else []
    return select(*chosen).where(held.c.school_id == SCHOOL, *wanted)


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
