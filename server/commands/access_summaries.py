"""What families are told of the audit: released by an officer, withdrawn by an officer. What it is: see summary_counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.outbox import Event, writes_events
from server.commands.statements import execute, fetch
from server.commands.summary_counts import reckon
from server.compliance.audit import write_audit
from server.database.pool import PoolConnection
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden
from server.policies.permit import Permit

WRITE: Final = ("access_summary", "write")
_RELEASE: Final = """\
INSERT INTO usher.access_summary_release (school_id, release_id, released_at, released_by)
VALUES ($1::uuid, $2::uuid, $3::timestamptz, $4::uuid)
ON CONFLICT (school_id) WHERE withdrawn_at IS NULL DO NOTHING"""
_WITHDRAW: Final = """\
UPDATE usher.access_summary_release SET withdrawn_at = $2::timestamptz, withdrawn_by = $3::uuid
WHERE school_id = $1::uuid AND withdrawn_at IS NULL"""
_RELEASED: Final = """\
SELECT 1 FROM usher.access_summary_release WHERE school_id = $1::uuid AND withdrawn_at IS NULL"""


@dataclass(frozen=True, slots=True)
class ReleaseOutcome:
    """`released` is how it stands afterwards."""

    released: bool
    errors: tuple[InputError, ...] = ()


async def release_access_summary(unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> ReleaseOutcome:
    """Let families read their summaries, which are reckoned first. Raises Forbidden."""
    _require(permit)
    school_id = unit.context.school_id
    values = [school_id, new_key(), now, unit.context.person_id]
    if await execute(unit.connection, _RELEASE, values) == 0:
        return ReleaseOutcome(True, (_refused("ALREADY_RELEASED", "The summary is released already."),))
    await reckon(unit.connection, school_id, now)
    await _leave(unit, actor, now, "accessSummaryReleased")
    return ReleaseOutcome(True)


async def withdraw_access_summary(unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> ReleaseOutcome:
    """From now on no family reads one. Raises Forbidden."""
    _require(permit)
    values = [unit.context.school_id, now, unit.context.person_id]
    if await execute(unit.connection, _WITHDRAW, values) == 0:
        return ReleaseOutcome(False, (_refused("NOT_RELEASED", "No summary is released."),))
    await _leave(unit, actor, now, "accessSummaryWithdrawn")
    return ReleaseOutcome(False)


async def is_released(connection: PoolConnection, school_id: UUID) -> bool:
    return bool(await fetch(connection, _RELEASED, [school_id]))


def _require(permit: Permit) -> None:
    if permit.plan(*WRITE).nothing:
        raise Forbidden("The summary of who looked is released by the data protection officer.")


def _refused(code: str, message: str, path: Iterable[str] = ("input",)) -> InputError:
    return InputError(code, message, tuple(path))


async def _leave(unit: UnitOfWork, actor: Actor, now: datetime, kind: str) -> None:
    school_id = unit.context.school_id
    record = actor.record(school_id, new_key(), now, "write", {"access_summary": []}, {"change": kind})
    await write_audit(unit.connection, record)
    unit.before_commit(writes_events(school_id, [Event(kind, {})], now))
