"""setTargets: the grade that a learner aims at in a course, by whom and how it was set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation

from server.commands.actor import Actor
from server.commands.expectations.access import Place, places
from server.commands.expectations.batch import Examined, run_batch
from server.commands.expectations.checks import (
    check_size,
    of_target,
    own_faults,
    points_of,
    points_written,
    table_of,
    third_of,
)
from server.commands.expectations.entries import SetTargets, TargetEntry
from server.commands.expectations.faults import Fault, RowFault
from server.commands.expectations.outcome import BatchOutcome
from server.commands.expectations.target_versions import KEEP_TARGETS, keeps_targets
from server.commands.idempotency import check_key
from server.commands.keys import new_key
from server.commands.marks.rows import lock_courses
from server.commands.outbox import Event, writes_events
from server.commands.statements import columns, execute, fetch
from server.compliance.audit import write_audit
from server.database.pool import PoolConnection
from server.database.unit_of_work import UnitOfWork
from server.errors import Unavailable
from server.policies.permit import Permit

WRITE = ("target", "write")
ARGUMENT = "targets"

_STORED = """\
SELECT given.position, t.target_id
FROM unnest($2::int[], $3::int[], $4::uuid[], $5::uuid[]) AS given(position, academic_year, learner_id, course_id)
JOIN usher.target AS t
    ON t.school_id = $1::uuid AND t.academic_year = given.academic_year AND t.learner_id = given.learner_id
    AND t.course_id = given.course_id
ORDER BY t.academic_year, t.target_id FOR NO KEY UPDATE OF t"""
_INSERT = """\
INSERT INTO usher.target (school_id, set_by, set_on, academic_year, target_id, learner_id, course_id, value, points, third,
    method, version)
SELECT $1::uuid, $2::uuid, $3::date, n.academic_year, n.target_id, n.learner_id, n.course_id, n.value, n.points, n.third,
    n.method, 1
FROM unnest($4::int[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[], $9::numeric[], $10::int[], $11::text[])
    AS n(academic_year, target_id, learner_id, course_id, value, points, third, method)"""
_UPDATE = """\
UPDATE usher.target AS t SET set_by = $2::uuid, set_on = $3::date, version = t.version + 1, value = n.value,
    points = n.points, third = n.third, method = n.method
FROM unnest($4::int[], $5::uuid[], $6::text[], $7::numeric[], $8::int[], $9::text[])
    AS n(academic_year, target_id, value, points, third, method)
WHERE t.school_id = $1::uuid AND t.academic_year = n.academic_year AND t.target_id = n.target_id"""


@dataclass(frozen=True, slots=True)
class _Write:
    """`fresh`: there was none."""

    entry: TargetEntry
    target_id: UUID
    academic_year: int
    points: Fraction | None
    third: int
    fresh: bool


async def set_targets(
    command: SetTargets, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> BatchOutcome:
    """Set a batch in `unit`, which the caller commits. The permit needs ("target", "write").

    Raises BadUserInput for a batch or key out of bounds, IdempotencyConflict, Unavailable.
    """
    check_size(command, ARGUMENT)
    check_key(command.idempotency_key)

    async def examine() -> Examined[_Write]:
        return await _examine(command, unit, permit, now)

    async def write(batch: Examined[_Write]) -> list[dict[str, Any]]:
        return await _write(batch, unit, actor, now)

    return await run_batch(command, unit, now, examine, write)


async def _examine(command: SetTargets, unit: UnitOfWork, permit: Permit, now: datetime) -> Examined[_Write]:
    connection, school_id = unit.connection, unit.context.school_id
    entries = command.entries
    faults = own_faults(entries, lambda one: (one.learner.key, one.course.key), of_target)
    pairs = [(one.learner.key, one.course.key) for one in entries]
    found = await places(connection, pairs, unit.context, permit.plan(*WRITE), now.date())
    good: dict[int, tuple[int, Fraction | None, int]] = {}
    for position, (entry, place) in enumerate(zip(entries, found, strict=True)):
        aimed = _aimed(entry.grade, place)
        if position in faults or isinstance(aimed, RowFault) or place is None:
            faults.setdefault(position, aimed if isinstance(aimed, RowFault) else RowFault(Fault.NOT_FOUND))
        else:
            good[position] = (place.academic_year, *aimed)
    # One writer of a course at a time: else two would add the same target.
    await lock_courses(connection, school_id, {entries[position].course.key for position in good})
    stored = await _stored(
        connection, school_id, {position: (entries[position], good[position][0]) for position in good}
    )
    accepted = {
        position: _Write(
            entries[position], stored.get(position) or new_key(), year, points, third, position not in stored
        )
        for position, (year, points, third) in good.items()
    }
    return Examined(accepted, faults)


def _aimed(grade: str, place: Place | None) -> tuple[Fraction | None, int] | RowFault:
    """Points and third, by the course's specification or its own scale, which has no thirds; or why it can't be aimed at."""
    if place is not None and place.follows and place.scale is not None:
        return (place.scale[grade], 0) if grade in place.scale else RowFault(Fault.UNKNOWN_GRADE, "grade")
    table = table_of(place)
    if isinstance(table, RowFault):
        return table
    plain, third = third_of(grade, table)
    points = points_of(plain, table)
    return RowFault(Fault.UNKNOWN_GRADE, "grade") if points is None else (points, third)


async def _stored(
    connection: PoolConnection, school_id: UUID, wanted: Mapping[int, tuple[TargetEntry, int]]
) -> dict[int, UUID]:
    rows = [[position, year, entry.learner.key, entry.course.key] for position, (entry, year) in wanted.items()]
    found: list[tuple[Any, ...]] = await fetch(connection, _STORED, [school_id, *columns(rows, 4)])
    return {row[0]: row[1] for row in found}


async def _write(batch: Examined[_Write], unit: UnitOfWork, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    context, writes = unit.context, list(batch.accepted.values())
    who = [context.school_id, context.person_id, now.date()]
    fresh = [
        [one.academic_year, one.target_id, one.entry.learner.key, one.entry.course.key, *_values(one)]
        for one in writes
        if one.fresh
    ]
    renewed = [[one.academic_year, one.target_id, *_values(one)] for one in writes if not one.fresh]
    try:
        if fresh:
            await execute(unit.connection, _INSERT, [*who, *columns(fresh, 8)])
    except UniqueViolation:
        # A writer that doesn't lock the course, such as an import, came first.
        raise Unavailable("Others are changing the same rows. Try again.") from None
    if renewed:
        kept = keeps_targets(
            context.school_id, now, [(one.academic_year, one.target_id) for one in writes if not one.fresh]
        )
        await execute(unit.connection, KEEP_TARGETS, kept)
        await execute(unit.connection, _UPDATE, [*who, *columns(renewed, 6)])
    learners = [str(one.entry.learner.key) for one in writes]
    details: dict[str, object] = {"targets": len(writes), "refused": len(batch.faults)}
    record = actor.record(context.school_id, new_key(), now, "write", {"target": learners}, details)
    await write_audit(unit.connection, record)
    unit.before_commit(writes_events(context.school_id, [_set(one) for one in writes], now))
    return [{"year": one.academic_year, "target": one.target_id.hex} for one in writes]


def _values(one: _Write) -> list[object]:
    return [one.entry.grade, None if one.points is None else points_written(one.points), one.third, one.entry.method]


def _set(one: _Write) -> Event:
    return Event(
        "targetSet",
        {
            "year": one.academic_year,
            "target": str(one.target_id),
            "learner": str(one.entry.learner.key),
            "course": str(one.entry.course.key),
        },
    )
