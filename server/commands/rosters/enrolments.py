"""Places of learners in classes, as a source system sends them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from server.commands.rosters.batch import Entry, sound
from server.commands.rosters.matching import join, merged, refer, refuse_missing, refuse_reference, refuse_second_names
from server.commands.rosters.shapes import SHAPES, RecordKind, Shape
from server.commands.rosters.versions import version_of
from server.commands.rosters.work import Stored, Work

_GROUPS: Final = "groups"
_KEPT: Final = ("class_id", "learner_id", "course_id", "academic_year", "valid_from", "valid_to")
Seat = tuple[UUID, UUID]


class Enrolments:
    """Of one call. An enrolment keeps its class and its learner, and one that is closed stays closed."""

    shape: Shape = SHAPES[RecordKind.ENROLMENT]

    def __init__(self) -> None:
        self._stored: Stored = {}
        self._classes: Stored = {}
        self._new: dict[int, dict[str, Any]] = {}
        self._seats: dict[int, dict[str, UUID]] = {}

    async def find(self, work: Work, entries: Sequence[Entry]) -> None:
        for entry in sound(entries):
            if entry.record is None:
                refuse_missing(entry, self.shape)
        await self._refer(work, sound(entries))
        await self._join(work, sound(entries))
        known = {entry.record for entry in sound(entries) if entry.record is not None}
        self._stored = await work.stored("enrolment", "enrolment_id", _KEPT, known)
        classes = {key["class_id"] for key in self._seats.values() if "class_id" in key}
        self._classes = await work.stored("class", "class_id", ("course_id", "academic_year"), classes)
        await self._refuse(work, sound(entries))
        for entry in sound(entries):
            self._compare(entry, work.today)

    async def _refer(self, work: Work, entries: Sequence[Entry]) -> None:
        for kind, column in ((RecordKind.CLASS, "class"), (RecordKind.LEARNER, "learner")):
            named = [(e, e.values[column], (column,)) for e in entries if not e.refused and column in e.values]
            found = await refer(work, kind, named)
            for (entry, _, _), record in zip(named, found, strict=True):
                if record is not None:
                    self._seats.setdefault(entry.position, {})[f"{column}_id"] = record

    async def _join(self, work: Work, entries: Sequence[Entry]) -> None:
        """A place that the learner has today already, whoever said so."""
        new = {e.position: self._seats[e.position] for e in entries if e.record is None}
        classes = sorted({seat["class_id"] for seat in new.values()})
        columns = ("enrolment_id", "class_id", "learner_id", "valid_to")
        rows = await work.rows_of("enrolment", *columns, class_id=classes)
        held: dict[Seat, set[UUID]] = {}
        for key, class_id, learner, ends in rows:
            if ends is None or ends > work.today:
                held.setdefault((class_id, learner), set()).add(key)
        taken: dict[Seat, int] = {}
        for entry in entries:
            if entry.position in new:
                seat = (new[entry.position]["class_id"], new[entry.position]["learner_id"])
                if taken.setdefault(seat, entry.position) != entry.position:
                    entry.contradict()
                else:
                    join(entry, held.get(seat, set[UUID]()))
        await refuse_second_names(work, sound(entries), self.shape.kind)

    async def _refuse(self, work: Work, entries: Sequence[Entry]) -> None:
        learners = {row["learner_id"] for row in self._stored.values()}
        learners |= {key["learner_id"] for key in self._seats.values() if "learner_id" in key}
        writable = (await work.rights.passing(work.connection, (_GROUPS,), "write", learners))[_GROUPS]
        readable = (await work.rights.passing(work.connection, (_GROUPS,), "read", learners))[_GROUPS]
        for entry in entries:
            before = self._stored.get(entry.record) if entry.record else None
            if before is None and entry.record is not None:
                entry.contradict()
                continue
            learner = before["learner_id"] if before else self._seats[entry.position]["learner_id"]
            if learner not in writable:
                refuse_reference(entry, ("learner",)) if before is None else entry.contradict()
            entry.fresh, entry.telling = before is None, learner in readable

    def _compare(self, entry: Entry, today: date) -> None:
        if entry.refused:
            return
        before = self._stored.get(entry.record) if entry.record else None
        seat = self._seats.get(entry.position, {})
        if before is not None and any(before[column] != key for column, key in seat.items()):
            entry.contradict()
            return
        row = merged(entry, before, _KEPT)
        if before is None:
            row |= {**seat, **self._classes[seat["class_id"]], "valid_to": None}
        if before is None or not entry.joined:
            row["valid_from"] = entry.values.get("from", row["valid_from"])
        # A place that began ends by being closed, which may wait for a person, and not by beginning later.
        unbegun = before is not None and before["valid_from"] <= today < row["valid_from"]
        if unbegun or (row["valid_to"] is not None and row["valid_from"] > row["valid_to"]):
            entry.contradict()
            return
        self._new[entry.position] = row
        entry.changed = row != before
        if entry.telling:
            told = {"class": row["class_id"], "learner": row["learner_id"], "from": row["valid_from"]}
            entry.version = version_of(self.shape, told, {_GROUPS})

    async def write(self, work: Work, entries: Sequence[Entry]) -> None:
        fresh = [
            {"enrolment_id": e.record, **self._new[e.position], "source": work.batch.system} for e in entries if e.fresh
        ]
        await work.add("enrolment", fresh)
        changed = [
            {"enrolment_id": e.record, "valid_from": self._new[e.position]["valid_from"]}
            for e in entries
            if e.changed and not e.fresh
        ]
        await work.change("enrolment", ("enrolment_id",), changed)
        work.wrote(_GROUPS, {self._new[e.position]["learner_id"] for e in entries if e.changed})
