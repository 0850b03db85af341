"""Guardians as a source system sends them, and their links to learners, which only an invitation verifies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from server.commands.keys import new_key
from server.commands.rosters.batch import Entry, sound
from server.commands.rosters.masters import LEARNERS
from server.commands.rosters.matching import join_by_mis_id, merged, refuse_missing, refuse_reference
from server.commands.rosters.reading import refuse_doubles
from server.commands.rosters.shapes import RELATIONSHIP, SHAPES, RecordKind, Shape
from server.commands.rosters.ties import Tie, TieShape, read_ties
from server.commands.rosters.versions import version_of
from server.commands.rosters.work import Stored, Work
from server.register.sort_key import sort_key

_OWN: Final = ("mis_id", "title", "given_name", "family_name", "email", "phone", "address")
_KEPT: Final = (*_OWN, "sort_key")
_LINK: Final = "parent_link"
LINKS: Final = TieShape(LEARNERS, "learner", RecordKind.LEARNER, RELATIONSHIP, _LINK)
Link = tuple[UUID, UUID]


class Guardians:
    """Of one call."""

    shape: Shape = SHAPES[RecordKind.GUARDIAN]

    def __init__(self) -> None:
        self._stored: Stored = {}
        self._new: dict[int, dict[str, Any]] = {}
        self._ties: list[Tie] = []
        self._links: dict[Link, tuple[UUID, str]] = {}

    async def find(self, work: Work, entries: Sequence[Entry]) -> None:
        refuse_doubles(entries, (entry.hints.get("mis_id") for entry in entries), "misId")
        await join_by_mis_id(work, sound(entries), self.shape)
        known = {entry.record for entry in sound(entries) if entry.record is not None}
        self._stored = await work.stored("guardian", "guardian_id", _KEPT, known)
        await self._find_links(work, known)
        self._ties = await read_ties(work, sound(entries), LINKS)
        await self._refuse(work, sound(entries))
        for entry in sound(entries):
            self._compare(entry)

    async def _find_links(self, work: Work, known: set[UUID]) -> None:
        """Those that count today, also with learners who are left out of the program's data: a guardian of theirs alone
        is as closed to it as they are."""
        columns = ("guardian_id", "learner_id", "link_id", "relationship", "valid_from", "valid_to")
        rows = await work.rows_for_anybody("guardian_link", *columns, guardian_id=sorted(known))
        self._links = {
            (guardian, learner): (link, word)
            for guardian, learner, link, word, begins, ends in sorted(rows, key=lambda row: row[4])
            if begins <= work.today and (ends is None or ends > work.today)
        }

    async def _refuse(self, work: Work, entries: Sequence[Entry]) -> None:
        """A guardian is for whom one of the guardian's learners is; one without learners is nobody's yet."""
        learners = {learner for _, learner in self._links} | {tie.other for tie in self._ties}
        elements = self.shape.elements | {_LINK}
        writable = await work.rights.passing(work.connection, elements, "write", learners)
        readable = await work.rights.passing(work.connection, elements, "read", learners)
        for tie in self._ties:
            if tie.other not in writable[_LINK]:
                refuse_reference(tie.entry, (LEARNERS, tie.place, "learner"))
        for entry in entries:
            if entry.refused:
                continue
            own = {learner for guardian, learner in self._links if guardian == entry.record}
            told = {self.shape.element_of[column] for column in entry.values}
            may = {e for e in elements if (own & readable[e] if own else work.rights.ordinary(e, "read"))}
            entry.fresh = entry.record is None
            if own and any(not own & writable[one] for one in told or {"guardian_name"}):
                entry.contradict()
            elif entry.joined and entry.record is not None and "guardian_name" in may:
                name = entry.hints.get("family_name")
                if name not in (None, self._stored[entry.record]["family_name"]):
                    entry.contradict()
            linked = {tie.other for tie in self._ties if tie.entry is entry}
            entry.telling = told <= may and linked <= readable[_LINK]
            entry.readable = frozenset(may)

    def _compare(self, entry: Entry) -> None:
        if entry.fresh:
            refuse_missing(entry, self.shape)
        if entry.refused:
            return
        before = self._stored.get(entry.record) if entry.record else None
        row = merged(entry, before, _KEPT)
        row["sort_key"] = sort_key(row["family_name"], row["given_name"])
        self._new[entry.position] = row
        entry.changed = row != before or any(self._differs(tie) for tie in self._ties if tie.entry is entry)
        if entry.telling:
            entry.version = version_of(self.shape, row, entry.readable)

    def _differs(self, tie: Tie) -> bool:
        record = tie.entry.record
        return record is None or self._links.get((record, tie.other), (None, None))[1] != tie.word

    async def write(self, work: Work, entries: Sequence[Entry]) -> None:
        rows = {entry.record: self._new[entry.position] for entry in entries if entry.record is not None}
        fresh = [entry.record for entry in entries if entry.fresh and entry.record is not None]
        await work.new_people(dict.fromkeys(fresh, work.today), "PARENT")
        await work.add("guardian", [{"guardian_id": one, **rows[one]} for one in fresh])
        other = [i for i, row in rows.items() if i in self._stored and row != self._stored[i]]
        await work.change("guardian", ("guardian_id",), [{"guardian_id": i, **rows[i]} for i in other])
        changed = [tie for tie in self._ties if not tie.entry.refused and self._differs(tie)]
        await self._write_links(work, changed)
        linked = {learner for guardian, learner in self._links if guardian in rows} | {tie.other for tie in changed}
        for entry in entries:
            for column in entry.values if entry.fresh or entry.changed else ():
                work.wrote(self.shape.element_of[column], linked)
        work.raised.update(tie.entry.record for tie in changed if tie.entry.record and not tie.entry.fresh)

    async def _write_links(self, work: Work, ties: Sequence[Tie]) -> None:
        """A new link counts for nothing until somebody verifies it; the word of one that is there changes nothing else."""
        added: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for tie in ties:
            assert tie.entry.record is not None
            found = self._links.get((tie.entry.record, tie.other))
            if found is not None:
                changed.append({"link_id": found[0], "relationship": tie.word})
                continue
            row = {"link_id": new_key(), "guardian_id": tie.entry.record, "learner_id": tie.other}
            dates = {"valid_from": work.today, "valid_to": None, "verified_at": None}
            added.append({**row, "relationship": tie.word, **dates, "source": work.batch.system})
        await work.add("guardian_link", added)
        await work.change("guardian_link", ("link_id",), changed)
        if ties:
            work.wrote(_LINK, {tie.other for tie in ties})
