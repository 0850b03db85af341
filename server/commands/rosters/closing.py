"""closeRecords: who and what leaves, by a source's word; more than a twentieth of a kind waits for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from server.commands.access.notice_kinds import NoticeKind
from server.commands.access.notices import post_notices
from server.commands.access.people import holders
from server.commands.access.profiles import raise_profiles
from server.commands.actor import Actor
from server.commands.idempotency import Repeated, check_key, take_key
from server.commands.keys import first_key, new_key
from server.commands.rosters.batch import Batch, BatchOutcome, Entry, Outcome, RowResult, check_batch, sound
from server.commands.rosters.closings import ClosingKind, Closings, Leaving
from server.commands.rosters.faults import BAD_VALUE, OUT_OF_RANGE
from server.commands.rosters.matching import refer, refuse_reference
from server.commands.rosters.naming import claim_system
from server.commands.rosters.rights import Rights
from server.commands.rosters.store import lock_roster
from server.commands.rosters.upserting import leave_traces, refused
from server.commands.rosters.work import Work
from server.commands.statements import execute, fetch
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit

SHARE: Final = 20
"""One in so many of a kind may leave in a day by programs alone."""
DECIDERS: Final = ("data_manager", "head")
"""Who is told that a closing waits."""
_DAY: Final = timedelta(days=1)
_LATEST: Final = timedelta(days=400)

_KEEP = """\
INSERT INTO usher.roster_closing (school_id, closing_id, kind, requested_by, requested_at, waits, closed, records)
VALUES ($1::uuid, $2::uuid, $3::text, $4::uuid, $5::timestamptz, $6::boolean, $7::int, $8::jsonb)"""
_RECENT = """\
SELECT coalesce(sum(c.closed), 0) FROM usher.roster_closing AS c
WHERE c.school_id = $1::uuid AND c.kind = $2::text AND NOT c.waits AND c.requested_at > $3::timestamptz"""


async def close_records(
    batch: Batch, kind: ClosingKind, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> BatchOutcome:
    """End records on the days that the rows name. Raises Forbidden, BadUserInput, IdempotencyConflict."""
    check_batch(batch)
    check_key(batch.idempotency_key)
    context, connection = unit.context, unit.connection
    rights = Rights(permit, context, now.date())
    rights.require([kind.element], "Closings")
    taken = await take_key(batch, unit, now)
    if isinstance(taken, Repeated):
        return BatchOutcome.repeated(batch, taken.outcome)
    await lock_roster(connection, context.school_id)
    await claim_system(connection, context.school_id, batch.system, rights.program, now, keep=taken is not None)
    work = Work(connection, context.school_id, batch, rights, frozenset(), now)
    closings = Closings(connection, context.school_id, kind)
    entries = [Entry(place, row["id"], row, {}, {}, []) for place, row in enumerate(batch.rows)]
    leaving = await _find(work, closings, entries)
    errors = tuple(error for entry in entries for error in entry.errors)
    if refused(batch, entries):
        return BatchOutcome(tuple(entry.result for entry in entries if entry.refused), errors)
    waits = rights.program is not None and await _too_many(closings, len(leaving), now)
    results = tuple(_result(entry, leaving, waits) for entry in entries)
    if taken is None:
        return BatchOutcome(results, errors)
    closing = await _close(work, closings, leaving, waits, unit, actor) if leaving else None
    touched = await raise_profiles(unit, work.raised) if work.raised else frozenset[UUID]()
    outcome = BatchOutcome(results, errors, written=True, touched=touched, closing=closing if waits else None)
    await taken.keep(outcome.stored())
    return outcome


async def _find(work: Work, closings: Closings, entries: Sequence[Entry]) -> dict[int, Leaving]:
    """By position, what would end; rows that are not for the caller, or name nothing, are refused."""
    of, other = closings.kind.ends
    for entry in entries:
        if (entry.given.get("of") is not None) != (other is not None):
            message = "of is given where a link or a teacher leaves, and there alone: the id of its other end."
            entry.refuse(BAD_VALUE, message, "of")
        elif entry.given["on"] > work.today + _LATEST or entry.given["on"] < date(2000, 1, 1):
            entry.refuse(OUT_OF_RANGE, "on is a day of this century, at most 400 days from now: correct it.", "on")
    keys = await _named(work, sound(entries), "id", of)
    others = await _named(work, sound(entries), "of", other) if other is not None else {}
    await _refuse(work, closings, sound(entries), keys, others)
    rows = {e.position: Leaving(keys[e.position], others.get(e.position), e.given["on"]) for e in sound(entries)}
    places = list(rows)
    lasting = await closings.lasting([rows[place] for place in places])
    for entry in sound(entries):
        entry.record = keys[entry.position]
    return {place: rows[place] for number, place in enumerate(places) if number in lasting}


async def _named(work: Work, entries: Sequence[Entry], name: str, kind: Any) -> dict[int, UUID]:
    named = [(entry, str(entry.given[name]), (name,)) for entry in entries]
    found = await refer(work, kind, named)
    return {e.position: key for (e, _, _), key in zip(named, found, strict=True) if key is not None}


async def _refuse(
    work: Work, closings: Closings, entries: Sequence[Entry], keys: Mapping[int, UUID], others: Mapping[int, UUID]
) -> None:
    kind, element = closings.kind, closings.kind.element
    learners = await _learners(work, kind, keys, others)
    writable = (await work.rights.passing(work.connection, (element,), "write", set(learners.values())))[element]
    kept = await closings.officers(list(keys.values()), work.today) if work.rights.program else set[UUID]()
    for entry in entries:
        learner = learners.get(entry.position)
        barred = learner is not None and learner not in writable
        if barred or (learner is None and not work.rights.ordinary(element, "write")):
            refuse_reference(entry, ("id",))
        elif keys[entry.position] in kept:
            entry.contradict()


async def _learners(
    work: Work, kind: ClosingKind, keys: Mapping[int, UUID], others: Mapping[int, UUID]
) -> dict[int, UUID]:
    """Whose record it is, where it is a learner's."""
    if kind is ClosingKind.LEARNER:
        return dict(keys)
    if kind is ClosingKind.GUARDIAN_LINK:
        return dict(others)
    if kind is not ClosingKind.ENROLMENT:
        return {}
    rows = dict(await work.rows_of("enrolment", "enrolment_id", "learner_id", enrolment_id=sorted(set(keys.values()))))
    # A place that is hidden is as one that is not there: it belongs to nobody whom the caller may write.
    return {place: rows.get(key, key) for place, key in keys.items()}


async def _too_many(closings: Closings, leaving: int, now: datetime) -> bool:
    """Whether more than a twentieth leaves, with what programs closed within a day.

    Of what was there a day ago: a program that made up a thousand learners could close fifty others.
    """
    values = [closings.school_id, closings.kind.value, now - _DAY]
    [[recent]] = await fetch(closings.connection, _RECENT, values)
    current = await closings.current(now.date(), first_key(now - _DAY))
    return leaving > 0 and (recent + leaving) * SHARE > current + recent


def _result(entry: Entry, leaving: Mapping[int, Leaving], waits: bool) -> RowResult:
    if entry.refused:
        return entry.result
    outcome = Outcome.UNCHANGED
    if entry.position in leaving:
        outcome = Outcome.WAITING if waits else Outcome.CLOSED
    return RowResult(entry.position, entry.source_id, outcome, entry.record)


async def _close(
    work: Work, closings: Closings, leaving: Mapping[int, Leaving], waits: bool, unit: UnitOfWork, actor: Actor
) -> UUID:
    rows, closing, person = list(leaving.values()), new_key(), work.rights.context.person_id
    if not waits:
        closed = await closings.close(rows)
        work.raised.update(closed.raised)
        work.wrote(closings.kind.element, closed.learners)
        work.records = [row.key for row in rows]
    records = Jsonb([row.stored() for row in rows])
    counted = len(rows) if work.rights.program is not None and not waits else 0
    values = [work.school_id, closing, closings.kind.value, person, work.now, waits, counted, records]
    await execute(work.connection, _KEEP, values)
    await leave_traces(work, unit, actor, {"WAITING" if waits else "CLOSED": len(rows)})
    if waits:
        told = await holders(work.connection, work.school_id, DECIDERS, work.today)
        await post_notices(unit, told, NoticeKind.CLOSING_REQUESTED, {"closing": closing, "program": person}, work.now)
    return closing
