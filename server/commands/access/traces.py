"""What a change of access leaves behind: its audit row and its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from server.commands.access.outcome import AccessOutcome
from server.commands.access.profiles import raise_profiles
from server.commands.actor import Actor
from server.commands.keys import new_key
from server.commands.outbox import Event, writes_events
from server.compliance.audit import write_audit
from server.database.unit_of_work import UnitOfWork


async def leave_traces(
    unit: UnitOfWork,
    actor: Actor,
    now: datetime,
    kind: str,
    element: str,
    ids: Mapping[str, UUID | str],
    learners: Sequence[UUID] = (),
) -> None:
    """The audit row names the element, the learners and `ids`; the event `kind` carries `ids`."""
    school_id = unit.context.school_id
    named: dict[str, object] = {name: str(key) for name, key in ids.items()}
    elements = {element: [str(learner_id) for learner_id in learners]}
    record = actor.record(school_id, new_key(), now, "write", elements, {"change": kind, **named})
    await write_audit(unit.connection, record)
    unit.before_commit(writes_events(school_id, [Event(kind, named)], now))


async def changed(
    unit: UnitOfWork,
    actor: Actor,
    now: datetime,
    kind: str,
    element: str,
    ids: Mapping[str, UUID],
    person: UUID,
    learners: Sequence[UUID] = (),
) -> AccessOutcome:
    """Plan for the person anew from now on, and leave the traces. The first of `ids` is the row that was written."""
    touched = await raise_profiles(unit, [person])
    await leave_traces(unit, actor, now, kind, element, ids, learners)
    return AccessOutcome(next(iter(ids.values())), touched=touched)
