"""Classes as a source system sends them, with their courses and who teaches them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from server.commands.keys import new_key
from server.commands.rosters.batch import Entry, sound
from server.commands.rosters.faults import REQUIRED
from server.commands.rosters.masters import TEACHERS
from server.commands.rosters.matching import join, merged, refuse_missing, refuse_second_names
from server.commands.rosters.shapes import SHAPES, TEACHER_KIND, RecordKind, Shape
from server.commands.rosters.ties import Tie, TieShape, read_ties
from server.commands.rosters.versions import version_of
from server.commands.rosters.work import Stored, Work

_STRUCTURE: Final = "school_structure"
_KEPT: Final = ("academic_year", "name", "course_id")
_OF_COURSE: Final = ("subject", "department", "year_group")
TEACHING: Final = TieShape(TEACHERS, "staff", RecordKind.STAFF, TEACHER_KIND, _STRUCTURE)
Named = tuple[int, str]


class Classes:
    """Of one call. A class keeps its year and its course: what was marked and graded in it hangs on them."""

    shape: Shape = SHAPES[RecordKind.CLASS]

    def __init__(self) -> None:
        self._stored: Stored = {}
        self._names: dict[Named, UUID] = {}
        self._courses: dict[Named, UUID] = {}
        self._titles: dict[UUID, str] = {}
        self._made: dict[Named, dict[str, Any]] = {}
        self._new: dict[int, dict[str, Any]] = {}
        self._ties: list[Tie] = []
        self._taught: set[tuple[UUID, UUID, str]] = set()

    async def find(self, work: Work, entries: Sequence[Entry]) -> None:
        await self._load(work, sound(entries))
        for entry in sound(entries):
            found = self._names.get((entry.hints.get("academic_year", 0), entry.hints.get("name", "")))
            if entry.record is None and found is not None:
                join(entry, {found})
        await refuse_second_names(work, sound(entries), self.shape.kind)
        self._ties = await read_ties(work, sound(entries), TEACHING)
        await self._load_teaching(work)
        taken: dict[Named, int] = {}
        for entry in sound(entries):
            self._compare(work, entry, taken)

    async def _load(self, work: Work, entries: Sequence[Entry]) -> None:
        """The classes and courses of the years that are named, and of the classes that are known."""
        known = {entry.record for entry in entries if entry.record is not None}
        self._stored = await work.stored("class", "class_id", _KEPT, known)
        years = {entry.hints["academic_year"] for entry in entries if "academic_year" in entry.hints}
        years |= {row["academic_year"] for row in self._stored.values()}
        rows = await work.rows_of("class", "class_id", *_KEPT, academic_year=sorted(years))
        self._stored |= {row[0]: dict(zip(_KEPT, row[1:], strict=True)) for row in rows}
        self._names = {(year, name): key for key, year, name, _ in rows}
        found = await work.rows_of("course", "course_id", "academic_year", "name", academic_year=sorted(years))
        self._courses = {(year, name): key for key, year, name in found}
        self._titles = {key: name for key, _, name in found}

    async def _load_teaching(self, work: Work) -> None:
        classes = sorted({tie.entry.record for tie in self._ties if tie.entry.record is not None})
        columns = ("class_id", "staff_id", "kind", "valid_from", "valid_to")
        rows = await work.rows_of("teaching_assignment", *columns, class_id=classes)
        self._taught = {row[:3] for row in rows if row[4] is None or row[4] > work.today}

    def _compare(self, work: Work, entry: Entry, taken: dict[Named, int]) -> None:
        entry.fresh = entry.record is None
        if entry.fresh:
            refuse_missing(entry, self.shape)
        before = self._stored.get(entry.record) if entry.record else None
        row = merged(entry, before, ("academic_year", "name"))
        if entry.refused:
            return
        if before is not None and row["academic_year"] != before["academic_year"]:
            entry.contradict()
            return
        named = (row["academic_year"], row["name"])
        if (
            self._names.get(named, entry.record) != entry.record
            or taken.setdefault(named, entry.position) != entry.position
        ):
            entry.contradict()
            return
        self._with_course(work, entry, row, before)

    def _with_course(self, work: Work, entry: Entry, row: dict[str, Any], before: dict[str, Any] | None) -> None:
        title = entry.values.get("course")
        if title is not None:
            named = (row["academic_year"], title)
            if named not in self._courses:
                self._make_course(entry, named)
            if entry.refused:
                return
            row["course_id"] = self._courses[named]
            self._titles[row["course_id"]] = title
            if before is not None and row["course_id"] != before["course_id"]:
                entry.contradict()
                return
        readable = work.rights.ordinary(_STRUCTURE, "read")
        self._new[entry.position] = row
        entry.changed = row != before or any(self._is_new(tie) for tie in self._ties if tie.entry is entry)
        entry.telling = readable
        if readable:
            entry.readable = frozenset({_STRUCTURE})
            entry.version = version_of(self.shape, {**row, "course": self._titles[row["course_id"]]}, entry.readable)

    def _make_course(self, entry: Entry, named: Named) -> None:
        """Without a specification: its scale is set by people."""
        for column in _OF_COURSE:
            if entry.values.get(column) is None:
                field = next(one for one in self.shape.fields if one.column.name == column)
                message = f"{field.column.heading} is missing: a course that is new here needs it."
                entry.refuse(REQUIRED, message, field.name)
        if not entry.refused:
            self._courses[named] = new_key()
            about = {column: entry.values[column] for column in _OF_COURSE}
            ruled = {"specification_id": None, "boundary_set_id": None}
            key = {"course_id": self._courses[named], "academic_year": named[0], "name": named[1]}
            self._made[named] = {**key, **about, **ruled}

    def _is_new(self, tie: Tie) -> bool:
        return tie.entry.record is None or (tie.entry.record, tie.other, tie.word) not in self._taught

    async def write(self, work: Work, entries: Sequence[Entry]) -> None:
        used = {self._new[entry.position]["course_id"] for entry in entries}
        await work.add("course", [row for row in self._made.values() if row["course_id"] in used])
        fresh = [{"class_id": e.record, **self._new[e.position]} for e in entries if e.fresh]
        await work.add("class", fresh)
        rows = [
            {"class_id": e.record, "name": self._new[e.position]["name"]}
            for e in entries
            if e.record is not None and not e.fresh and self._new[e.position] != self._stored[e.record]
        ]
        await work.change("class", ("class_id",), rows)
        await self._write_teaching(work)
        if any(entry.changed for entry in entries):
            work.wrote(_STRUCTURE)

    async def _write_teaching(self, work: Work) -> None:
        rows = [
            {
                "teaching_assignment_id": new_key(),
                "staff_id": tie.other,
                "class_id": tie.entry.record,
                "course_id": self._new[tie.entry.position]["course_id"],
                "kind": tie.word,
                "source": work.batch.system,
                "valid_from": work.today,
                "valid_to": None,
            }
            for tie in self._ties
            if not tie.entry.refused and self._is_new(tie)
        ]
        await work.add("teaching_assignment", rows)
        work.raised.update(tie.other for tie in self._ties if not tie.entry.refused and self._is_new(tie))
