"""Brings stored rows to what a file says: adds what is new, changes what differs, leaves the rest alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from server.commands.keys import new_key
from server.commands.rosters.faults import UNKNOWN_REFERENCE
from server.exchange import bulk
from server.exchange.bulk import Connection
from server.exchange.context import ImportContext
from server.exchange.problems import Problems
from server.exchange.records import Record
from server.register.elements import ELEMENTS
from server.tables import metadata


@dataclass(slots=True)
class Counts:
    """`ended` are dated rows that the file no longer has and that were given an end."""

    added: int = 0
    changed: int = 0
    ended: int = 0


@dataclass(slots=True)
class Merge:
    """One import while it runs. `ids` finds a row by its key in the file: table -> key -> id."""

    connection: Connection
    context: ImportContext
    today: date
    now: datetime
    problems: Problems
    ids: dict[str, dict[Any, UUID]] = field(default_factory=dict[str, dict[Any, UUID]])
    counts: dict[str, Counts] = field(default_factory=dict[str, Counts])
    raised: set[tuple[UUID, str]] = field(default_factory=set[tuple[UUID, str]])
    fresh: set[tuple[UUID, str]] = field(default_factory=set[tuple[UUID, str]])
    # Courses whose specification or boundaries changed.
    regraded: set[UUID] = field(default_factory=set[UUID])
    written: dict[str, set[UUID]] = field(default_factory=dict[str, set[UUID]])

    @property
    def school_id(self) -> UUID:
        return self.context.school_id

    def find(self, table: str, key: Any, record: Record, heading: str) -> UUID | None:
        """The id of a row that another row names; a fault of the naming row when there is none."""
        found = self.ids.get(table, {}).get(key)
        if found is None:
            message = f"{heading} names nothing in this school, or a row that was refused: correct it, or add the row."
            self.problems.add(UNKNOWN_REFERENCE, message, record.sheet, record.row, heading)
        return found

    def count(self, table: str) -> Counts:
        return self.counts.setdefault(table, Counts())

    def wrote(self, element: str, learner_id: UUID) -> None:
        """For the audit row: this element of this learner was written."""
        self.written.setdefault(element, set()).add(learner_id)

    def insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._log(table, rows)
            self.count(table).added += bulk.insert(self.connection, table, self.school_id, rows)

    def update(self, table: str, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._log(table, rows)
            self.count(table).changed += bulk.update(self.connection, table, self.school_id, key, rows)

    def _log(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows that name their learner say by their columns which elements were written."""
        if "learner_id" in rows[0]:
            learners = {row["learner_id"] for row in rows}
            for element in elements_in(table, tuple(rows[0])):
                self.written.setdefault(element, set()).update(learners)

    def select(self, table: str, *columns: str, **where: Sequence[Any]) -> list[tuple[Any, ...]]:
        return bulk.select(self.connection, table, self.school_id, columns, where)

    def load(self, table: str, id_column: str, *key: str) -> None:
        """Learn the ids of the rows that are stored already."""
        rows = self.select(table, id_column, *key)
        self.ids[table] = {(row[1] if len(key) == 1 else tuple(row[1:])): row[0] for row in rows}

    def entities(
        self, table: str, id_column: str, key: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
    ) -> set[UUID]:
        """Add or change rows that have a key of their own in the file. Returns the ids of those written."""
        if not rows:
            return set()
        columns = tuple(rows[0])
        known = self.ids.setdefault(table, {})
        stored = {row[0]: row[1:] for row in self.select(table, id_column, *columns)}
        added: list[Mapping[str, Any]] = []
        changed: list[Mapping[str, Any]] = []
        for row in rows:
            name = row[key[0]] if len(key) == 1 else tuple(row[column] for column in key)
            if name not in known:
                known[name] = new_key()
            found = {id_column: known[name], **row}
            if known[name] not in stored:
                added.append(found)
            elif stored[known[name]] != tuple(row.values()):
                changed.append(found)
        self.insert(table, added)
        self.update(table, (id_column,), changed)
        return {row[id_column] for row in (*added, *changed)}


@cache
def elements_in(table: str, columns: tuple[str, ...]) -> frozenset[str]:
    """The register's elements that these columns hold; a special-category row names its own."""
    declared = (metadata.tables[f"usher.{table}"].c[column].info["element"] for column in columns)
    return frozenset(element for element in declared if element in ELEMENTS)


def dated(
    merge: Merge,
    table: str,
    id_column: str,
    identity: tuple[str, ...],
    rows: Sequence[Mapping[str, Any]],
    *,
    source: str,
    complete: bool,
    extra: tuple[str, ...] = (),
    within: Mapping[str, Sequence[Any]] | None = None,
) -> list[Mapping[str, Any]]:
    """Bring dated rows of one source to the file's: one row per identity and valid_from.

    Open rows that the file no longer has end today when `complete`; rows of other sources are never touched. Columns
    in `extra` are kept up to date; `within` narrows which stored rows are looked at. Returns the rows that were added,
    changed or ended.
    """
    columns = (*identity, "valid_from", "valid_to", *extra)
    size = len(identity)
    stored = {
        row[1 : size + 2]: row for row in merge.select(table, id_column, *columns, source=[source], **(within or {}))
    }
    added: list[Mapping[str, Any]] = []
    changed: list[Mapping[str, Any]] = []
    kept: set[tuple[Any, ...]] = set()
    for row in rows:
        key = tuple(row[column] for column in (*identity, "valid_from"))
        found = stored.get(key)
        kept.add(key)
        if found is None:
            added.append({id_column: new_key(), **row, "source": source})
        elif tuple(row[column] for column in ("valid_to", *extra)) != found[size + 2 :]:
            changed.append({id_column: found[0], **{column: row[column] for column in columns}})
    gone = [row for key, row in stored.items() if complete and key not in kept and row[size + 2] is None]
    ended = [
        {id_column: row[0], **dict(zip(identity, row[1:], strict=False)), "valid_to": max(merge.today, row[size + 1])}
        for row in gone
    ]
    merge.insert(table, added)
    merge.update(table, (id_column,), [{k: row[k] for k in (id_column, "valid_to", *extra)} for row in changed])
    if ended:
        ends = [{id_column: row[id_column], "valid_to": row["valid_to"]} for row in ended]
        merge.count(table).ended += bulk.update(merge.connection, table, merge.school_id, (id_column,), ends)
    return [*added, *changed, *ended]
