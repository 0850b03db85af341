"""Staff as a source system sends them: names and ways to reach them.

Roles are given by people of the school, who also let somebody back that had left: the roles would come back too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from server.commands.rosters.batch import Entry, sound
from server.commands.rosters.matching import join_by_mis_id, merged, refuse_missing
from server.commands.rosters.reading import refuse_doubles
from server.commands.rosters.shapes import SHAPES, RecordKind, Shape
from server.commands.rosters.versions import version_of
from server.commands.rosters.work import Stored, Work
from server.register.sort_key import sort_key

_OWN: Final = ("mis_id", "title", "given_name", "family_name", "job_title", "email", "phone")
_KEPT: Final = (*_OWN, "sort_key", "left_on")


class Staff:
    """Of one call."""

    shape: Shape = SHAPES[RecordKind.STAFF]

    def __init__(self) -> None:
        self._stored: Stored = {}
        self._new: dict[int, dict[str, Any]] = {}

    async def find(self, work: Work, entries: Sequence[Entry]) -> None:
        refuse_doubles(entries, (entry.hints.get("mis_id") for entry in entries), "misId")
        await join_by_mis_id(work, sound(entries), self.shape)
        known = {entry.record for entry in sound(entries) if entry.record is not None}
        self._stored = await work.stored("staff", "staff_id", _KEPT, known)
        may = frozenset(one for one in self.shape.elements if work.rights.ordinary(one, "read"))
        for entry in sound(entries):
            self._compare(entry, may)

    def _compare(self, entry: Entry, may: frozenset[str]) -> None:
        entry.fresh, entry.readable = entry.record is None, may
        entry.telling = all(self.shape.element_of[column] in may for column in entry.values)
        before = self._stored.get(entry.record) if entry.record else None
        if entry.fresh:
            refuse_missing(entry, self.shape)
        elif entry.joined and before is not None and "staff_name" in may:
            name = entry.hints.get("family_name")
            if name not in (None, before["family_name"]):
                entry.contradict()
        if entry.refused:
            return
        row = merged(entry, before, _KEPT)
        row["sort_key"] = sort_key(row["family_name"], row["given_name"])
        self._new[entry.position] = row
        entry.changed = row != before
        if entry.telling:
            entry.version = version_of(self.shape, row, may)

    async def write(self, work: Work, entries: Sequence[Entry]) -> None:
        fresh = {entry.record: entry for entry in entries if entry.fresh and entry.record is not None}
        begins = {one: entry.values.get("from") or work.today for one, entry in fresh.items()}
        await work.new_people(begins, "STAFF")
        await work.add("staff", [{"staff_id": one, **self._new[entry.position]} for one, entry in fresh.items()])
        changed = {
            e.record: self._new[e.position] for e in entries if e.changed and not e.fresh and e.record is not None
        }
        await work.change("staff", ("staff_id",), [{"staff_id": one, **row} for one, row in changed.items()])
        for entry in entries:
            for column in entry.values if entry.changed else ():
                work.wrote(self.shape.element_of[column])
