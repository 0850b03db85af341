"""mergeLearners: two records of one child become one, and nothing of either is lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from server.commands.access.outcome import AccessOutcome, refused
from server.commands.access.profiles import raise_profiles
from server.commands.access.traces import leave_traces
from server.commands.actor import Actor
from server.commands.grades import Seat, recompute
from server.commands.keys import first_key
from server.commands.marks.rows import lock_courses
from server.commands.rosters.closing import SHARE
from server.commands.rosters.closings import ClosingKind, Closings
from server.commands.rosters.naming import former_numbers, own_systems
from server.commands.rosters.rights import Rights
from server.commands.rosters.shapes import RecordKind
from server.commands.rosters.store import add, change, lock_roster, rows_of
from server.commands.statements import execute, fetch
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit

_NOT_FOUND: Final = "There are no two such learners that you may merge."
_CONFLICT: Final = "Both records have a mark for one sitting, and not the same one: correct or moderate it first."

_LOCK = """\
SELECT l.learner_id FROM usher.learner AS l
WHERE l.school_id = $1::uuid AND l.learner_id = ANY($2::uuid[]) ORDER BY l.learner_id FOR UPDATE"""
_MERGED = """\
SELECT 1 FROM usher.learner_merge AS m
WHERE m.school_id = $1::uuid AND (m.merged_id = ANY($2::uuid[]) OR m.kept_id = $3::uuid) LIMIT 1"""
_COURSES = """\
SELECT DISTINCT m.course_id FROM usher.mark AS m WHERE m.school_id = $1::uuid AND m.learner_id = ANY($2::uuid[])"""
_CONFLICTING = """\
SELECT 1 FROM usher.mark AS m
JOIN usher.mark AS k ON k.school_id = $1::uuid AND k.learner_id = $3::uuid AND k.assessment_id = m.assessment_id
    AND k.attempt = m.attempt AND k.academic_year = m.academic_year
WHERE m.school_id = $1::uuid AND m.learner_id = $2::uuid AND (m.state, m.score) IS DISTINCT FROM (k.state, k.score) LIMIT 1"""
_SEATS = """\
SELECT DISTINCT m.academic_year, m.course_id, a.window_id FROM usher.mark AS m
JOIN usher.assessment AS a ON a.school_id = $1::uuid AND a.assessment_id = m.assessment_id
WHERE m.school_id = $1::uuid AND m.learner_id = $2::uuid ORDER BY 1, 2, 3"""
_OFTEN: Final = (
    "This program would merge more than a twentieth of the learners within a day: have a person of the school do it."
)
_RECENT = """\
SELECT count(*) FROM usher.learner_merge AS m
WHERE m.school_id = $1::uuid AND m.merged_by = $2::uuid AND m.merged_at > $3::timestamptz"""
_KEEP = """\
INSERT INTO usher.learner_merge (school_id, merged_id, kept_id, merged_by, merged_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::timestamptz)"""
_TAKE_OVER = "SELECT usher.take_over($1::uuid, $2::uuid)"
_GUARDIANS = """\
SELECT DISTINCT g.guardian_id FROM usher.guardian_link AS g
WHERE g.school_id = $1::uuid AND g.learner_id = ANY($2::uuid[])"""
_OBJECTED = """\
SELECT DISTINCT o.program_id FROM usher.client_opt_out AS o
WHERE o.school_id = $1::uuid AND o.learner_id = $2::uuid AND o.ended_at IS NULL"""
_ENDS: Final = (
    """\
UPDATE usher.enrolment AS t SET valid_to = greatest($3::date, t.valid_from)
WHERE t.school_id = $1::uuid AND t.learner_id = $2::uuid AND t.valid_to IS NULL""",
    """\
UPDATE usher.tutor_membership AS t SET valid_to = greatest($3::date, t.valid_from)
WHERE t.school_id = $1::uuid AND t.learner_id = $2::uuid AND t.valid_to IS NULL""",
    """\
UPDATE usher.guardian_link AS t SET valid_to = greatest($3::date, t.valid_from)
WHERE t.school_id = $1::uuid AND t.learner_id = $2::uuid AND t.valid_to IS NULL""",
    """\
UPDATE usher.access_profile AS t SET valid_to = greatest($3::date, t.valid_from)
WHERE t.school_id = $1::uuid AND t.person_id = $2::uuid AND t.capacity = 'LEARNER'
    AND (t.valid_to IS NULL OR t.valid_to > $3::date)""",
)
_NAMES = """\
UPDATE usher.external_id AS e SET record_id = $3::uuid
WHERE e.school_id = $1::uuid AND e.kind = 'LEARNER' AND e.record_id = $2::uuid"""


async def merge_learners(
    kept: UUID, merged: UUID, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AccessOutcome:
    """What `merged` has becomes of `kept`, which is all that lasts. Raises Forbidden."""
    context, connection = unit.context, unit.connection
    rights = Rights(permit, context, now.date())
    rights.require(["identifier"], "Merged learners")
    if kept == merged:
        return refused("NOT_FOUND", _NOT_FOUND, "merge")
    await lock_roster(connection, context.school_id)
    if not await _may(rights, unit, kept, merged):
        return refused("NOT_FOUND", _NOT_FOUND, "merge")
    school_id = context.school_id
    if await fetch(connection, _MERGED, [school_id, [kept, merged], merged]):
        return refused("ALREADY_MERGED", "One of them was merged before: name the record that was kept.", "merge")
    if rights.program is not None and await _too_often(unit, rights.program, now):
        return refused("TOO_MANY", _OFTEN, "merge")
    courses = {row[0] for row in await fetch(connection, _COURSES, [school_id, [kept, merged]])}
    series = await lock_courses(connection, school_id, courses)
    if await fetch(connection, _CONFLICTING, [school_id, merged, kept]):
        return refused("CONFLICTING_MARKS", _CONFLICT, "merge")
    guardians = [row[0] for row in await fetch(connection, _GUARDIANS, [school_id, [kept, merged]])]
    programs = [row[0] for row in await fetch(connection, _OBJECTED, [school_id, merged])]
    seats = [Seat(row[0], kept, row[1], row[2]) for row in await fetch(connection, _SEATS, [school_id, merged])]
    await execute(connection, _KEEP, [school_id, merged, kept, context.person_id, now])
    await execute(connection, _TAKE_OVER, [merged, kept])
    for statement in _ENDS:
        await execute(connection, statement, [school_id, merged, now.date()])
    await _numbers(unit, kept, merged, now)
    await recompute(connection, school_id, seats, series, now)
    touched = await raise_profiles(unit, [kept, merged, *guardians, *programs])
    ids: dict[str, UUID | str] = {"kept": kept, "merged": merged}
    await leave_traces(unit, actor, now, "learnersMerged", "identifier", ids, [kept, merged])
    return AccessOutcome(kept, touched=touched)


async def _too_often(unit: UnitOfWork, program: UUID, now: datetime) -> bool:
    """Nobody takes two records apart again: a program does one a day in any school, and a twentieth in a large one."""
    connection, school_id = unit.connection, unit.context.school_id
    yesterday = now - timedelta(days=1)
    [[recent]] = await fetch(connection, _RECENT, [school_id, program, yesterday])
    current = await Closings(connection, school_id, ClosingKind.LEARNER).current(now.date(), first_key(yesterday))
    return int(recent) >= max(1, current // SHARE)


async def _may(rights: Rights, unit: UnitOfWork, kept: UUID, merged: UUID) -> bool:
    """A person of the school merges whom they may write; a program those alone whom a system of its own names both."""
    connection, school_id = unit.connection, unit.context.school_id
    if len(await fetch(connection, _LOCK, [school_id, sorted([kept, merged])])) < 2:
        return False
    writable = (await rights.passing(connection, ("identifier",), "write", [kept, merged]))["identifier"]
    if len(writable) < 2:
        return False
    if rights.program is None:
        return True
    systems = await own_systems(connection, school_id, rights.program)
    rows = await rows_of(
        connection, "external_id", school_id, "record_id", "ended_at",
        kind=[RecordKind.LEARNER.value], system=systems, record_id=[kept, merged],
    )  # fmt: skip
    return {record for record, ended_at in rows if ended_at is None} == {kept, merged}


async def _numbers(unit: UnitOfWork, kept: UUID, merged: UUID, now: datetime) -> None:
    """UPN and MIS id are the kept record's, where it has none; the other numbers are former ones."""
    connection, school_id = unit.connection, unit.context.school_id
    columns: tuple[str, ...] = ("learner_id", "upn", "mis_id", "left_on", "version")
    rows = await rows_of(connection, "learner", school_id, *columns, learner_id=[kept, merged])
    found: dict[UUID, dict[str, Any]] = {row[0]: dict(zip(columns[1:], row[1:], strict=True)) for row in rows}
    old, new = found[merged], found[kept]
    left = {"upn": None, "mis_id": None, "left_on": min(old["left_on"] or now.date(), now.date())}
    await change(connection, "learner", school_id, ("learner_id",), [_row(merged, left, old)])
    given: dict[str, Any] = {name: new[name] or old[name] for name in ("upn", "mis_id")}
    await change(connection, "learner", school_id, ("learner_id",), [_row(kept, given, new)])
    await execute(connection, _NAMES, [school_id, merged, kept])
    if old["upn"] is not None and new["upn"] is not None:
        await add(connection, "external_id", school_id, former_numbers([(kept, old["upn"])], now))


def _row(learner: UUID, values: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    return {"learner_id": learner, **values, "version": before["version"] + 1}
