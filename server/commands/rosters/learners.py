"""Learners as a source system sends them: found by its id or by UPN, written with their names, contacts and accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from server.commands.keys import new_key
from server.commands.rosters.batch import Entry, sound
from server.commands.rosters.dated_names import NAMES, NameChanges
from server.commands.rosters.layout import SPECIAL
from server.commands.rosters.matching import join, merged, refuse_missing, refuse_second_names
from server.commands.rosters.naming import former_holders, former_numbers
from server.commands.rosters.reading import refuse_doubles
from server.commands.rosters.shapes import SHAPES, RecordKind, Shape
from server.commands.rosters.versions import version_of
from server.commands.rosters.work import Stored, Work
from server.commands.statements import fetch
from server.register.sort_key import sort_key

_OWN: Final = (
    "upn", "mis_id", *NAMES, "date_of_birth", "gender", "year_group", "key_stage_2", "first_language", "admitted_on",
)  # fmt: skip
_KEPT: Final = (*_OWN, "sort_key", "left_on", "version")
_CONTACT: Final = ("address", "email", "phone")
_TAKEN: Final = "SELECT t FROM usher.taken_numbers($1::text[], $2::text[]) AS t"


class Learners:
    """Of one call."""

    shape: Shape = SHAPES[RecordKind.LEARNER]

    def __init__(self) -> None:
        self._stored: Stored = {}
        self._contacts: Stored = {}
        self._new: dict[int, dict[str, Any]] = {}

    async def find(self, work: Work, entries: Sequence[Entry]) -> None:
        refuse_doubles(entries, (entry.hints.get("upn") for entry in entries), "upn")
        refuse_doubles(entries, (entry.values.get("mis_id") for entry in entries), "misId")
        holders = await self._match(work, sound(entries))
        known = {entry.record for entry in sound(entries) if entry.record is not None}
        self._stored = await work.stored("learner", "learner_id", _KEPT, known)
        self._contacts = await work.stored("learner_contact", "learner_id", _CONTACT, known)
        await self._refuse(work, sound(entries), known)
        for entry in sound(entries):
            self._compare(entry, holders)

    async def _match(self, work: Work, entries: Sequence[Entry]) -> dict[str, dict[str, UUID]]:
        """Join ids that are new here to the learner of their UPN; who holds which UPN and MIS id."""
        given = {name: {e.hints[name] for e in entries if e.hints.get(name)} for name in ("upn", "mis_id")}
        upns = dict(await work.rows_for_anybody("learner", "upn", "learner_id", upn=sorted(given["upn"])))
        mis_ids = dict(await work.rows_for_anybody("learner", "mis_id", "learner_id", mis_id=sorted(given["mis_id"])))
        former = await former_holders(work.connection, work.school_id, given["upn"])
        taken = await fetch(work.connection, _TAKEN, [sorted(given["upn"]), sorted(given["mis_id"])])
        hidden = {row[0] for row in taken} - {f"upn {one}" for one in upns} - {f"mis_id {one}" for one in mis_ids}
        for entry in entries:
            upn = entry.hints.get("upn")
            if hidden & {f"{name} {entry.hints.get(name)}" for name in given}:
                # Of somebody who was left out of the program's data.
                entry.contradict()
                continue
            if entry.record is None and upn is not None:
                join(entry, former.get(upn, set[UUID]()) | ({upns[upn]} if upn in upns else set[UUID]()))
        await refuse_second_names(work, sound(entries), self.shape.kind)
        return {"upn": upns, "mis_id": mis_ids}

    async def _refuse(self, work: Work, entries: Sequence[Entry], known: set[UUID]) -> None:
        """What may not be written of the learner, and what says other than what the caller may read."""
        elements = self.shape.elements
        writable = await work.rights.passing(work.connection, elements, "write", known)
        readable = await work.rights.passing(work.connection, elements, "read", known)
        for entry in entries:
            told = {self.shape.element_of[column] for column in entry.values}
            if entry.record is None:
                entry.fresh = True
                may = {one for one in elements if work.rights.ordinary(one, "read")}
            else:
                may = {one for one in elements if entry.record in readable[one]}
                gone = entry.record not in self._stored
                if gone or any(entry.record not in writable[one] for one in told or {"identifier"}):
                    entry.contradict()
                    continue
                born, said = self._stored[entry.record]["date_of_birth"], entry.hints.get("date_of_birth")
                if entry.joined and said not in (None, born) and "date_of_birth" in may:
                    entry.contradict()
            entry.telling = told <= may
            entry.readable = frozenset(may)

    def _compare(self, entry: Entry, holders: dict[str, dict[str, UUID]]) -> None:
        if entry.refused:
            return
        for name, of in holders.items():
            if of.get(entry.values.get(name, ""), entry.record) != entry.record:
                entry.contradict()
                return
        if entry.fresh:
            refuse_missing(entry, self.shape)
        if not entry.refused:
            self._new[entry.position] = self._row(entry)
            self._version(entry)

    def _row(self, entry: Entry) -> dict[str, Any]:
        before = self._stored.get(entry.record) if entry.record else None
        row = merged(entry, before or {"version": 0}, _KEPT)
        row["sort_key"] = sort_key(row["family_name"], row["given_name"])
        if row["left_on"] is not None and entry.values.get("admitted_on", row["left_on"]) > row["left_on"]:
            row["left_on"] = None
        if row != before:
            row["version"] += 1
        contact = self._contacts.get(entry.record) if entry.record else None
        entry.changed = row != before or any(
            entry.values[column] != (contact or {}).get(column) for column in _CONTACT if column in entry.values
        )
        return row

    def _version(self, entry: Entry) -> None:
        contact = self._contacts.get(entry.record, {}) if entry.record else {}
        given = {column: entry.values[column] for column in _CONTACT if column in entry.values}
        if entry.telling:
            whole = {**self._new[entry.position], **dict.fromkeys(_CONTACT), **contact, **given}
            entry.version = version_of(self.shape, whole, entry.readable)

    async def write(self, work: Work, entries: Sequence[Entry]) -> None:
        rows = {entry.record: self._new[entry.position] for entry in entries if entry.record is not None}
        fresh = [entry.record for entry in entries if entry.fresh and entry.record is not None]
        await work.new_people({one: rows[one]["admitted_on"] for one in fresh}, "LEARNER")
        await work.add("learner", [{"learner_id": one, **rows[one]} for one in fresh])
        changed = {i: row for i, row in rows.items() if i in self._stored and row != self._stored[i]}
        await self._keep_numbers(work, changed)
        await work.change("learner", ("learner_id",), [{"learner_id": i, **row} for i, row in changed.items()])
        await self._let_back(work, changed)
        await self._names(work, rows, changed)
        await self._write_contacts(work, entries)
        await self._write_special(work, entries)
        for entry in entries:
            if entry.record is not None and (entry.fresh or entry.changed or entry.joined):
                self._log(work, entry, entry.record)

    def _log(self, work: Work, entry: Entry, learner: UUID) -> None:
        work.wrote("identifier", (learner,))
        for column in entry.values:
            work.wrote(self.shape.element_of[column], (learner,))

    async def _keep_numbers(self, work: Work, changed: dict[UUID, dict[str, Any]]) -> None:
        replaced = [(i, self._stored[i]["upn"]) for i, row in changed.items() if row["upn"] != self._stored[i]["upn"]]
        await work.add("external_id", former_numbers([one for one in replaced if one[1] is not None], work.now))

    async def _let_back(self, work: Work, changed: dict[UUID, dict[str, Any]]) -> None:
        back = [i for i, row in changed.items() if row["left_on"] is None and self._stored[i]["left_on"] is not None]
        ends = [{"person_id": one, "capacity": "LEARNER", "valid_to": None} for one in back]
        await work.change("access_profile", ("person_id", "capacity"), ends)
        work.raised.update(back)

    async def _names(self, work: Work, rows: dict[UUID, dict[str, Any]], changed: dict[UUID, dict[str, Any]]) -> None:
        other = [i for i, row in changed.items() if any(row[one] != self._stored[i][one] for one in NAMES)]
        held = await work.rows_of("learner_name", "learner_id", "valid_from", "valid_to", learner_id=other)
        since = {learner: begins for learner, begins, ends in held if ends is None}
        names = NameChanges()
        for learner in other:
            names.another(learner, rows[learner], since.get(learner), work.today)
        for learner, row in rows.items():
            if learner not in self._stored:
                names.first(learner, row, row["admitted_on"])
        await work.change("learner_name", ("learner_id", "valid_from"), names.ends)
        await work.change("learner_name", ("learner_id", "valid_from"), names.again)
        await work.add("learner_name", names.begins)

    async def _write_contacts(self, work: Work, entries: Iterable[Entry]) -> None:
        added: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for entry in entries:
            given = {column: entry.values[column] for column in _CONTACT if column in entry.values}
            before = self._contacts.get(entry.record) if entry.record else None
            row = {"learner_id": entry.record, **{name: (before or {}).get(name) for name in _CONTACT}, **given}
            if before is None and any(given.values()):
                added.append(row)
            elif before is not None and given and row != {"learner_id": entry.record, **before}:
                changed.append(row)
        await work.add("learner_contact", added)
        await work.change("learner_contact", ("learner_id",), changed)

    async def _write_special(self, work: Work, entries: Iterable[Entry]) -> None:
        """A plain INSERT: the wall hides from programs whether the value was there already (decision 0042)."""
        rows: list[dict[str, Any]] = [
            {
                "special_id": new_key(),
                "learner_id": entry.record,
                "element": element,
                "value": entry.values[element],
                "recorded_at": work.now,
                "recorded_by": work.rights.context.person_id,
                "source": work.batch.system,
            }
            for entry in entries
            for element in SPECIAL
            if entry.values.get(element) is not None
        ]
        await work.add("learner_special", rows)
        for row in rows:
            work.wrote(row["element"], (row["learner_id"],))
