"""Grades computed anew from the marks as they stand, for learners whose marks have changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from server.commands.grade_versions import KEEP_REPLACED, keeps
from server.commands.keys import new_key
from server.commands.outbox import Event
from server.commands.standing_grades import Kept, read_kept
from server.commands.statements import columns, execute, fetch
from server.commands.unit_series import Brought, with_series
from server.database.pool import PoolConnection
from server.grading.grade_columns import GradeColumns
from server.grading.sittings import grade_sittings
from server.queries.graded_by import GradedBy, Held, graded_in
from server.queries.sittings import UpTo, sittings


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """One learner in one course and window."""

    academic_year: int
    learner_id: UUID
    course_id: UUID
    window_id: UUID


@dataclass(frozen=True, slots=True)
class Series:
    """What a course is graded by."""

    specification_id: UUID
    boundary_set_id: UUID


@dataclass(frozen=True, slots=True)
class GradeOutcome:
    """The grade row of a seat, and whether this changed it. `stands`: on other rules than those of its window now."""

    seat: Seat
    grade_id: UUID
    changed: bool
    stands: bool = False


_Stored: TypeAlias = tuple[UUID, list[Any], bool]
"""Key and values of a stored grade, and whether it stands."""
_SHIFT: Final = GradeColumns._fields.index("shift")

# Whoever has marks in a later window of the course, by the day on which it ends.
_LATER = """\
SELECT DISTINCT m.academic_year, m.learner_id, m.course_id, a.window_id
FROM unnest($2::int[], $3::uuid[], $4::uuid[], $5::uuid[]) AS given(academic_year, learner_id, course_id, window_id)
JOIN usher.assessment_window AS own ON own.school_id = $1::uuid AND own.window_id = given.window_id
JOIN usher.assessment AS a ON a.school_id = $1::uuid AND a.course_id = given.course_id
JOIN usher.assessment_window AS w ON w.school_id = $1::uuid AND w.window_id = a.window_id
    AND (w.ends_on, w.window_id) > (own.ends_on, own.window_id)
JOIN usher.mark AS m ON m.school_id = $1::uuid AND m.academic_year = given.academic_year
    AND m.learner_id = given.learner_id AND m.assessment_id = a.assessment_id
ORDER BY 1, 2, 3, 4"""

# The third column: whether the window is closed for the course, or, where that is asked, a report of the learner is out.
_STORED = """\
SELECT given.place, g.grade_id, coalesce((SELECT w.state FROM usher.window_step AS w
        WHERE w.school_id = $1::uuid AND w.window_id = g.window_id AND w.course_id = g.course_id
        ORDER BY w.step DESC LIMIT 1), 'OPEN') <> 'OPEN' OR ($6::boolean AND EXISTS (SELECT 1 FROM usher.report AS r
        JOIN usher.publication AS p ON p.school_id = $1::uuid AND p.publication_id = r.publication_id
        WHERE r.school_id = $1::uuid AND r.learner_id = g.learner_id AND p.window_id = g.window_id AND p.status = 'LIVE')),
    g.kind, g.status, g.value, g.points, g.fine, g.subject_mark, g.next_grade, g.marks_to_next, g.floor, g.ceiling,
    g.flags, g.engine_version, g.rounding, g.shift, g.confidence, g.specification_id, g.boundary_set_id
FROM unnest($2::int[], $3::uuid[], $4::uuid[], $5::uuid[]) WITH ORDINALITY
    AS given(academic_year, learner_id, course_id, window_id, place)
JOIN usher.grade AS g
    ON g.school_id = $1::uuid AND g.academic_year = given.academic_year AND g.learner_id = given.learner_id
    AND g.course_id = given.course_id AND g.window_id = given.window_id
ORDER BY g.academic_year, g.grade_id FOR NO KEY UPDATE OF g"""

# Flags travel as one text a row: arrays of arrays must be rectangular.
_INSERT = """\
INSERT INTO usher.grade (school_id, computed_at, academic_year, grade_id, learner_id, course_id, window_id, kind,
    status, value, points, fine, subject_mark, next_grade, marks_to_next, floor, ceiling, flags, engine_version,
    rounding, shift, confidence, specification_id, boundary_set_id, version)
SELECT $1::uuid, $2::timestamptz, n.academic_year, n.grade_id, n.learner_id, n.course_id, n.window_id, n.kind,
    n.status, n.value, n.points, n.fine, n.subject_mark, n.next_grade, n.marks_to_next, n.floor, n.ceiling,
    string_to_array(n.flags, chr(10)), n.engine_version, n.rounding, n.shift, n.confidence, n.specification_id,
    n.boundary_set_id, 1
FROM unnest($3::int[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[], $9::text[], $10::text[],
    $11::numeric[], $12::numeric[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[],
    $19::text[], $20::text[], $21::int[], $22::text[], $23::uuid[], $24::uuid[])
    AS n(academic_year, grade_id, learner_id, course_id, window_id, kind, status, value, points, fine, subject_mark,
    next_grade, marks_to_next, floor, ceiling, flags, engine_version, rounding, shift, confidence, specification_id,
    boundary_set_id)"""
_UPDATE = """\
UPDATE usher.grade AS g SET computed_at = $2::timestamptz, version = g.version + 1, kind = n.kind, status = n.status,
    value = n.value, points = n.points, fine = n.fine, subject_mark = n.subject_mark, next_grade = n.next_grade,
    marks_to_next = n.marks_to_next, floor = n.floor, ceiling = n.ceiling, flags = string_to_array(n.flags, chr(10)),
    engine_version = n.engine_version, rounding = n.rounding, shift = n.shift, confidence = n.confidence,
    specification_id = n.specification_id, boundary_set_id = n.boundary_set_id
FROM unnest($3::int[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::numeric[], $9::numeric[], $10::text[],
    $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::int[],
    $19::text[], $20::uuid[], $21::uuid[])
    AS n(academic_year, grade_id, kind, status, value, points, fine, subject_mark, next_grade, marks_to_next, floor,
    ceiling, flags, engine_version, rounding, shift, confidence, specification_id, boundary_set_id)
WHERE g.school_id = $1::uuid AND g.academic_year = n.academic_year AND g.grade_id = n.grade_id"""


async def recompute(
    connection: PoolConnection,
    school_id: UUID,
    seats: Sequence[Seat],
    series: Mapping[UUID, Series],
    now: datetime,
    *,
    moved: Collection[Seat] = (),
    published_stand: bool = False,
) -> list[GradeOutcome]:
    """Grade each seat whose course stands in `series`, in the order given; a grade that stays is no new version.

    Each by what was set for its window, or else by its course's series.

    Where the course counts units the learner's later windows follow, locked or not: a lock closes a window's marks, and
    grades are what all marks come to. Each earlier window's attempts are converted by what the learner's grade there is
    of. A grade that stands (standing_grades) is graded by what it was graded by before,
    but for the seats that are `moved`; with `published_stand`, so is one that was published. A result that another one
    replaces is kept in grade_version. The caller holds the locks of the courses. Six statements, seven with units, one
    more where grades stand on other rules and one where those of earlier windows do, or fewer where nothing is to be
    graded or written.
    """
    seats = [seat for seat in seats if seat.course_id in series]
    if not seats:
        return []
    rules = await graded_in(connection, school_id, {seat.course_id for seat in seats})
    in_units = {held.course_id for held, by in rules.items() if by.in_units}
    seats = [*seats, *await _later(connection, school_id, [seat for seat in seats if seat.course_id in in_units])]
    sat = await sittings(
        connection,
        school_id,
        [UpTo(seat.learner_id, seat.course_id, seat.window_id, seat.course_id in in_units) for seat in seats],
    )
    stored = await _stored(connection, school_id, seats, published_stand)
    standing = {
        place: kept for place, seat in enumerate(seats, start=1) if (kept := _kept(seat, stored.get(place), rules))
    }
    standing = {place: kept for place, kept in standing.items() if seats[place - 1] not in moved}
    as_before = await read_kept(connection, set(standing.values()))
    fresh: list[tuple[Seat, UUID, list[object]]] = []
    renewed: list[tuple[Seat, UUID, list[object]]] = []
    outcomes: list[GradeOutcome] = []
    decided = {
        seat: as_before[standing[place]] if place in standing else rules.get(Held(seat.course_id, seat.window_id))
        for place, seat in enumerate(seats, start=1)
    }
    units = await with_series(
        connection,
        [Brought(seat.learner_id, seat.course_id, windows) for seat, windows in zip(seats, sat, strict=True)],
        {(seat.learner_id, seat.course_id, seat.window_id): by for seat, by in decided.items() if by is not None},
        rules.values(),
    )
    for place, seat in enumerate(seats, start=1):
        by = decided[seat]
        found = None if by is None else grade_sittings(by.contents, units[place - 1], by.shift)
        if by is None or found is None:
            continue
        values = [*_values(found), by.specification_id, by.boundary_set_id]
        grade_id, before, _ = stored.get(place, (None, None, False))
        if grade_id is None:
            grade_id = new_key()
            fresh.append((seat, grade_id, values))
        elif before != values:
            renewed.append((seat, grade_id, values))
        outcomes.append(GradeOutcome(seat, grade_id, before != values, place in standing))
    await _write(connection, school_id, now, fresh, renewed)
    return outcomes


def _kept(seat: Seat, stored: _Stored | None, rules: Mapping[Held, GradedBy]) -> Kept | None:
    """What a grade that stands was graded by, where that is other than what its window is graded by now."""
    if stored is None or not stored[2]:
        return None
    specification_id, boundary_set_id = stored[1][-2:]
    kept = Kept(specification_id, boundary_set_id, stored[1][_SHIFT])
    by = rules.get(Held(seat.course_id, seat.window_id))
    return kept if by is None or kept != (by.specification_id, by.boundary_set_id, by.shift) else None


def updated(grade: GradeOutcome) -> Event:
    """What subscribers hear of a grade that was changed."""
    return Event(
        "gradeUpdated",
        {
            "year": grade.seat.academic_year,
            "grade": str(grade.grade_id),
            "learner": str(grade.seat.learner_id),
            "course": str(grade.seat.course_id),
        },
    )


async def _later(connection: PoolConnection, school_id: UUID, seats: Sequence[Seat]) -> list[Seat]:
    """Seats of the same learners and courses in later windows, without those given."""
    if not seats:
        return []
    given = columns([[s.academic_year, s.learner_id, s.course_id, s.window_id] for s in seats], 4)
    known = set(seats)
    return [seat for row in await fetch(connection, _LATER, [school_id, *given]) if (seat := Seat(*row)) not in known]


async def _stored(
    connection: PoolConnection, school_id: UUID, seats: Sequence[Seat], published_stand: bool
) -> dict[int, _Stored]:
    given = columns([[s.academic_year, s.learner_id, s.course_id, s.window_id] for s in seats], 4)
    rows: list[tuple[Any, ...]] = await fetch(connection, _STORED, [school_id, *given, published_stand])
    return {row[0]: (row[1], [*row[3:13], "\n".join(row[13]), *row[14:]], row[2]) for row in rows}


def _values(found: GradeColumns) -> list[object]:
    return [*found[:10], "\n".join(found.flags), *found[11:]]


async def _write(
    connection: PoolConnection,
    school_id: UUID,
    now: datetime,
    fresh: Sequence[tuple[Seat, UUID, list[object]]],
    renewed: Sequence[tuple[Seat, UUID, list[object]]],
) -> None:
    if fresh:
        rows = [[s.academic_year, key, s.learner_id, s.course_id, s.window_id, *values] for s, key, values in fresh]
        await execute(connection, _INSERT, [school_id, now, *columns(rows, 22)])
    if renewed:
        rows = [[s.academic_year, key, *values] for s, key, values in renewed]
        kept = keeps(school_id, now, [(s.academic_year, key) for s, key, _ in renewed])
        await execute(connection, KEEP_REPLACED, kept)
        await execute(connection, _UPDATE, [school_id, now, *columns(rows, 19)])
