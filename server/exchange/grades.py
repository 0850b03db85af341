"""Grades of many learners at once, by the engine's matrices, where their marks have changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, Final, TypeAlias
from uuid import UUID

from psycopg import RawCursor

from server.commands.grade_versions import KEEP_REPLACED, keeps
from server.commands.grades import Seat
from server.commands.keys import new_key
from server.commands.standing_grades import Kept, read_kept_now, standing_now
from server.exchange.merging import Merge
from server.exchange.progress import Progress
from server.exchange.unit_series import UnitSeries
from server.grading.grade_columns import GradeColumns
from server.grading.marks import Mark, MarkState
from server.grading.papers import Paper
from server.grading.sittings import Sitting, grade_many_sittings
from server.queries.graded_by import GradedBy, Held, graded_now

Marks: TypeAlias = dict[str, list[Mark]]


@dataclass(frozen=True, slots=True)
class Window:
    window_id: UUID
    name: str
    ends_on: date

    @property
    def place(self) -> tuple[date, UUID]:
        """Windows come in this order."""
        return self.ends_on, self.window_id


Windows: TypeAlias = Mapping[UUID, Window]


def regrade(merge: Merge, seats: Sequence[Seat], progress: Progress) -> Sequence[Seat]:
    """Grade each seat whose course has a specification; a grade that stays is no new version. Returns all that were.

    Where the course counts units, the learner's later windows follow, as in commands.grades. A result that another one
    replaces is kept in grade_version. The caller holds the locks of the courses.
    """
    rules = graded_now(merge.connection, merge.school_id, {seat.course_id for seat in seats})
    windows = _windows(merge)
    seats = [*seats, *_later(merge, windows, seats, {held.course_id for held, by in rules.items() if by.in_units})]
    groups: dict[tuple[int, UUID, UUID], list[Seat]] = defaultdict(list)
    for seat in seats:
        if (seat.course_id, seat.window_id) in rules:
            groups[seat.academic_year, seat.course_id, seat.window_id].append(seat)
    total = sum(map(len, groups.values()))
    fresh: list[dict[str, Any]] = []
    renewed: list[dict[str, Any]] = []
    split = {
        (year, course_id, window_id): _by_rules(merge, rules[Held(course_id, window_id)], year, group)
        for (year, course_id, window_id), group in groups.items()
    }
    series = UnitSeries(merge, rules.values(), split.values())
    for (year, course_id, window_id), group in groups.items():
        results = [
            (rules_of, seat, result)
            for rules_of, several in split[year, course_id, window_id]
            for seat, result in _grade_group(merge, windows, rules_of, windows[window_id], several, series)
        ]
        stored = _stored(merge, year, course_id, window_id)
        for rules_of, seat, result in results:
            row = _row(merge, rules_of, seat, result)
            before = stored.get(seat.learner_id)
            if before is None:
                fresh.append({**row, "grade_id": new_key(), "version": 1})
            elif before[2:] != tuple(row[column] for column in _STORED[2:]):
                renewed.append({**row, "grade_id": before[0], "version": before[1] + 1})
        progress(description="Computing grades", advance=len(group), total=total)
    merge.insert("grade", fresh)
    if renewed:
        replaced = [(row["academic_year"], row["grade_id"]) for row in renewed]
        RawCursor(merge.connection).execute(KEEP_REPLACED.encode(), keeps(merge.school_id, merge.now, replaced))
    merge.update("grade", ("academic_year", "grade_id"), renewed)
    for seat in seats:
        merge.wrote("grade", seat.learner_id)
    return seats


_SEATS: Final = (
    "SELECT DISTINCT m.academic_year, m.learner_id, m.course_id, a.window_id FROM usher.mark AS m "
    "JOIN usher.assessment AS a ON a.school_id = m.school_id AND a.assessment_id = m.assessment_id "
    "WHERE m.school_id = %s AND a.school_id = %s AND m.course_id = ANY(%s)"
)


def regrade_courses(merge: Merge, progress: Progress) -> None:
    """Grade all of the courses that a roster gave another specification or series."""
    rows = merge.connection.execute(_SEATS, [merge.school_id, merge.school_id, sorted(merge.regraded)])
    seats = sorted(Seat(*row) for row in rows.fetchall()) if merge.regraded else []
    if seats:
        regrade(merge, seats, progress)


_STORED: Final = ("grade_id", "version", *GradeColumns._fields, "specification_id", "boundary_set_id")


def _by_rules(merge: Merge, by: GradedBy, year: int, seats: Sequence[Seat]) -> list[tuple[GradedBy, list[Seat]]]:
    """Seats of one course and window by what they are graded by: a grade that stands is graded as before."""
    own = Kept(by.specification_id, by.boundary_set_id, by.shift)
    course, window = seats[0].course_id, seats[0].window_id
    standing = standing_now(merge.connection, merge.school_id, year, course, window)
    groups: dict[Kept, list[Seat]] = defaultdict(list)
    for seat in seats:
        groups[standing.get(seat.learner_id, own)].append(seat)
    rules = {own: by} | read_kept_now(merge.connection, set(groups) - {own})
    return [(rules[kept], several) for kept, several in groups.items()]


def _stored(merge: Merge, year: int, course_id: UUID, window_id: UUID) -> dict[UUID, tuple[Any, ...]]:
    rows = merge.select(
        "grade", "learner_id", *_STORED, academic_year=[year], course_id=[course_id], window_id=[window_id]
    )
    return {row[0]: row[1:] for row in rows}


def _row(merge: Merge, by: GradedBy, seat: Seat, result: GradeColumns) -> dict[str, Any]:
    return {
        "academic_year": seat.academic_year,
        "learner_id": seat.learner_id,
        "course_id": seat.course_id,
        "window_id": seat.window_id,
        **result._asdict(),
        "flags": list(result.flags),
        "specification_id": by.specification_id,
        "boundary_set_id": by.boundary_set_id,
        "computed_at": merge.now,
    }


def _later(merge: Merge, windows: Windows, seats: Sequence[Seat], in_units: set[UUID]) -> list[Seat]:
    """Seats of the same learners and courses in later windows, without those given."""
    known = {seat for seat in seats if seat.course_id in in_units}
    if not known:
        return []
    first: dict[tuple[UUID, UUID], tuple[date, UUID]] = {}
    for seat in known:
        place = (seat.learner_id, seat.course_id)
        at = windows[seat.window_id].place
        first[place] = min(first.get(place, at), at)
    rows = merge.connection.execute(_SEATS, [merge.school_id, merge.school_id, sorted(in_units)]).fetchall()
    return sorted(
        seat
        for seat in (Seat(*row) for row in rows)
        if seat not in known
        and (seat.learner_id, seat.course_id) in first
        and windows[seat.window_id].place > first[seat.learner_id, seat.course_id]
    )


def _windows(merge: Merge) -> Windows:
    rows = merge.select("assessment_window", "window_id", "name", "ends_on")
    return {row[0]: Window(*row) for row in rows}


def _grade_group(
    merge: Merge, windows: Windows, by: GradedBy, own: Window, seats: Sequence[Seat], series: UnitSeries
) -> list[tuple[Seat, GradeColumns]]:
    """Learners of one course and window, with what they sat up to it where the course counts units."""
    year, course_id = seats[0].academic_year, seats[0].course_id
    papers: dict[UUID, dict[UUID, Paper]] = {}
    for window_id, *row in merge.select(
        "assessment", "window_id", "assessment_id", "component_code", "maximum", "step", course_id=[course_id]
    ):
        if window_id == own.window_id or (by.in_units and windows[window_id].place < own.place):
            papers.setdefault(window_id, {})[row[0]] = Paper(*row[1:])
    learners = {seat.learner_id for seat in seats}
    under = series.of(year, course_id, papers.keys() - {own.window_id})
    sat: dict[UUID, list[Sitting]] = {learner: [] for learner in learners}
    for each in sorted(papers, key=lambda key: windows[key].place):
        marks, whole = _marks(merge, year, papers[each], learners), frozenset(papers[each].values())
        for learner in learners:
            sat[learner].append(Sitting(whole, marks.get(learner, {}), windows[each].name, under.get((learner, each))))
    grades = grade_many_sittings(by.contents, [sat[seat.learner_id] for seat in seats], by.shift)
    return [(seat, grade) for seat, grade in zip(seats, grades, strict=True) if grade is not None]


def _marks(merge: Merge, year: int, papers: Mapping[UUID, Paper], learners: set[UUID]) -> dict[UUID, Marks]:
    """By learner: all attempts at each component, oldest first."""
    rows = merge.select(
        "mark", "attempt", "learner_id", "assessment_id", "state", "score",
        academic_year=[year], assessment_id=list(papers),
    )  # fmt: skip
    found: dict[UUID, Marks] = defaultdict(dict)
    for _, learner_id, assessment_id, state, score in sorted(rows, key=itemgetter(0)):
        if learner_id in learners:
            mark = Mark(MarkState(state), int(score * 100) if score is not None else 0)
            found[learner_id].setdefault(papers[assessment_id].component, []).append(mark)
    return found
