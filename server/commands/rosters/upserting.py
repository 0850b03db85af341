"""upsertLearners and the like: one transaction that finds, checks and writes what a source system sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.access.profiles import raise_profiles
from server.commands.actor import Actor
from server.commands.idempotency import Repeated, check_key, take_key
from server.commands.keys import new_key
from server.commands.marks import Mode
from server.commands.outbox import Event, writes_events
from server.commands.rosters.batch import Batch, BatchOutcome, Entry, Outcome, check_batch, sound
from server.commands.rosters.masters import TIES, foreign_fields
from server.commands.rosters.naming import claim_system, keep_names, records_named
from server.commands.rosters.reading import read_rows
from server.commands.rosters.rights import Rights
from server.commands.rosters.store import lock_roster
from server.commands.rosters.work import Work, Writer
from server.compliance.audit import write_audit
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit

EVENT: Final = "rosterWritten"
_MOST_IN_AN_EVENT: Final = 500


async def upsert(
    writer: Writer, batch: Batch, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> BatchOutcome:
    """Write what differs. Raises Forbidden, BadUserInput for a batch or key out of bounds, IdempotencyConflict."""
    check_batch(batch)
    check_key(batch.idempotency_key)
    context, connection, shape = unit.context, unit.connection, writer.shape
    rights = Rights(permit, context, now.date())
    rights.require(shape.elements | ties_of(writer), f"{shape.kind.value.capitalize()} records")
    taken = await take_key(batch, unit, now)
    if isinstance(taken, Repeated):
        return BatchOutcome.repeated(batch, taken.outcome)
    await lock_roster(connection, context.school_id)
    await claim_system(connection, context.school_id, batch.system, rights.program, now, keep=taken is not None)
    foreign = await foreign_fields(connection, context.school_id, shape.kind, rights.program, now.date())
    work = Work(connection, context.school_id, batch, rights, foreign, now)
    entries = await asyncio.to_thread(read_rows, batch, shape, now.date(), foreign, rights.barred(shape))
    named = await records_named(connection, context.school_id, shape.kind, batch.system, (e.source_id for e in entries))
    for entry in entries:
        entry.record = named.get(entry.source_id)
    await writer.find(work, entries)
    errors = tuple(error for entry in entries for error in entry.errors)
    if refused(batch, entries):
        return BatchOutcome(tuple(entry.result for entry in entries if entry.refused), errors)
    if taken is None:
        return BatchOutcome(tuple(entry.result for entry in entries), errors)
    await _write(writer, work, sound(entries), unit, actor)
    touched = await raise_profiles(unit, work.raised) if work.raised else frozenset[UUID]()
    outcome = BatchOutcome(tuple(entry.result for entry in entries), errors, written=True, touched=touched)
    await taken.keep(outcome.stored())
    return outcome


def ties_of(writer: Writer) -> frozenset[str]:
    kind = writer.shape.kind
    return frozenset({TIES[kind][1]}) if kind in TIES else frozenset()


def refused(batch: Batch, entries: Sequence[Entry]) -> bool:
    """Whether nothing of the batch is written."""
    bad = sum(entry.refused for entry in entries)
    return bad == len(entries) or (batch.mode is Mode.ATOMIC and bad > 0)


async def _write(writer: Writer, work: Work, entries: Sequence[Entry], unit: UnitOfWork, actor: Actor) -> None:
    for entry in entries:
        entry.record = entry.record or new_key()
    await writer.write(work, entries)
    names = {entry.source_id: entry.record for entry in entries if entry.record and (entry.fresh or entry.joined)}
    await keep_names(work.connection, work.school_id, writer.shape.kind, work.batch.system, names, work.now)
    work.records = [e.record for e in entries if e.record and (e.fresh or e.joined or e.changed)]
    await leave_traces(work, unit, actor, {one.value: _count(entries, one) for one in Outcome})


def _count(entries: Sequence[Entry], outcome: Outcome) -> int:
    return sum(entry.outcome is outcome for entry in entries)


async def leave_traces(work: Work, unit: UnitOfWork, actor: Actor, counts: dict[str, int]) -> None:
    """The audit row names elements and learners; events name the records, so many in each."""
    batch = work.batch
    elements = {element: sorted(map(str, learners)) for element, learners in sorted(work.written.items())}
    told = {name: count for name, count in counts.items() if count}
    details: dict[str, object] = {"change": batch.name, "system": batch.system, "counts": told}
    record = actor.record(work.school_id, new_key(), work.now, "write", elements, details)
    await write_audit(work.connection, record)
    keys = [str(one) for one in work.records]
    parts = [keys[start : start + _MOST_IN_AN_EVENT] for start in range(0, len(keys), _MOST_IN_AN_EVENT)]
    events = [Event(EVENT, {"kind": batch.kind.value, "records": part}) for part in parts]
    unit.before_commit(writes_events(work.school_id, events, work.now))
