"""recordEstimates: what teachers expect, each time a new version of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation

from server.commands.actor import Actor
from server.commands.expectations.access import places
from server.commands.expectations.batch import Examined, run_batch
from server.commands.expectations.checks import check_size, estimate_fault, of_estimate, own_faults, table_of
from server.commands.expectations.entries import EstimateEntry, RecordEstimates
from server.commands.expectations.faults import Fault, RowFault
from server.commands.expectations.outcome import BatchOutcome
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

WRITE = ("forecast", "write")
ARGUMENT = "estimates"

_VERSIONS = """\
SELECT given.position, max(e.version)
FROM unnest($2::int[], $3::int[], $4::uuid[], $5::uuid[], $6::text[])
    AS given(position, academic_year, learner_id, course_id, component_code)
JOIN usher.teacher_estimate AS e
    ON e.school_id = $1::uuid AND e.learner_id = given.learner_id AND e.course_id = given.course_id
    AND e.academic_year = given.academic_year AND e.component_code = given.component_code
GROUP BY given.position"""
_INSERT = """\
INSERT INTO usher.teacher_estimate (school_id, recorded_by, recorded_at, estimate_id, academic_year, learner_id, course_id,
    component_code, version, score, value, reason)
SELECT $1::uuid, $2::uuid, $3::timestamptz, n.estimate_id, n.academic_year, n.learner_id, n.course_id, n.component_code,
    n.version, n.score, n.value, n.reason
FROM unnest($4::uuid[], $5::int[], $6::uuid[], $7::uuid[], $8::text[], $9::int[], $10::numeric[], $11::text[],
    $12::text[])
    AS n(estimate_id, academic_year, learner_id, course_id, component_code, version, score, value, reason)"""


@dataclass(frozen=True, slots=True)
class _Write:
    entry: EstimateEntry
    estimate_id: UUID
    academic_year: int
    version: int


async def record_estimates(
    command: RecordEstimates, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> BatchOutcome:
    """Record a batch in `unit`, which the caller commits. The permit needs ("forecast", "write").

    Raises BadUserInput for a batch or key out of bounds, IdempotencyConflict, Unavailable.
    """
    check_size(command, ARGUMENT)
    check_key(command.idempotency_key)

    async def examine() -> Examined[_Write]:
        return await _examine(command, unit, permit, now)

    async def write(batch: Examined[_Write]) -> list[dict[str, Any]]:
        return await _write(batch, unit, actor, now)

    return await run_batch(command, unit, now, examine, write)


async def _examine(command: RecordEstimates, unit: UnitOfWork, permit: Permit, now: datetime) -> Examined[_Write]:
    connection, school_id = unit.connection, unit.context.school_id
    entries = command.entries
    faults = own_faults(entries, lambda one: (one.learner.key, one.course.key, one.component), of_estimate)
    pairs = [(one.learner.key, one.course.key) for one in entries]
    found = await places(connection, pairs, unit.context, permit.plan(*WRITE), now.date())
    years: dict[int, int] = {}
    for position, (entry, place) in enumerate(zip(entries, found, strict=True)):
        table = table_of(place)
        fault = faults.get(position) or (table if isinstance(table, RowFault) else estimate_fault(entry, table))
        if fault is not None:
            faults[position] = fault
        elif place is not None:
            years[position] = place.academic_year
    # One writer of a course at a time: else two would give the same version.
    await lock_courses(connection, school_id, {entries[position].course.key for position in years})
    versions = await _versions(
        connection, school_id, {position: (entries[position], years[position]) for position in years}
    )
    accepted: dict[int, _Write] = {}
    for position, year in years.items():
        entry, version = entries[position], versions.get(position, 0)
        if entry.expected_version not in (None, version):
            faults[position] = RowFault(Fault.VERSION_CONFLICT, "expectedVersion")
        elif version == 0 and entry.score is None and entry.grade is None:
            faults[position] = RowFault(Fault.ESTIMATE_FORM)
        else:
            accepted[position] = _Write(entry, new_key(), year, version + 1)
    return Examined(accepted, faults)


async def _versions(
    connection: PoolConnection, school_id: UUID, wanted: Mapping[int, tuple[EstimateEntry, int]]
) -> dict[int, int]:
    rows = [
        [position, year, entry.learner.key, entry.course.key, entry.component]
        for position, (entry, year) in wanted.items()
    ]
    found: list[tuple[Any, ...]] = await fetch(connection, _VERSIONS, [school_id, *columns(rows, 5)])
    return {row[0]: row[1] for row in found}


async def _write(batch: Examined[_Write], unit: UnitOfWork, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    context, writes = unit.context, list(batch.accepted.values())
    rows = [
        [one.estimate_id, one.academic_year, one.entry.learner.key, one.entry.course.key, one.entry.component,
         one.version, _plain(one.entry.score), one.entry.grade, one.entry.reason]
        for one in writes
    ]  # fmt: skip
    try:
        await execute(unit.connection, _INSERT, [context.school_id, context.person_id, now, *columns(rows, 9)])
    except UniqueViolation:
        raise Unavailable("Others are changing the same rows. Try again.") from None
    learners = [str(one.entry.learner.key) for one in writes]
    details: dict[str, object] = {"estimates": len(writes), "refused": len(batch.faults)}
    record = actor.record(context.school_id, new_key(), now, "write", {"forecast": learners}, details)
    await write_audit(unit.connection, record)
    unit.before_commit(writes_events(context.school_id, [_recorded(one) for one in writes], now))
    return [
        {
            "learner": str(one.entry.learner),
            "course": str(one.entry.course),
            "component": one.entry.component or None,
            "version": one.version,
        }
        for one in writes
    ]


def _plain(score: Decimal | None) -> Decimal | None:
    """41.50 and 41.5 are one mark."""
    return None if score is None else score.normalize()


def _recorded(one: _Write) -> Event:
    return Event(
        "estimateRecorded",
        {
            "year": one.academic_year,
            "estimate": str(one.estimate_id),
            "learner": str(one.entry.learner.key),
            "course": str(one.entry.course.key),
        },
    )
