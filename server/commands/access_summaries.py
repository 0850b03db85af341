"""What families are told of the audit: reckoned from it, released by an officer, withdrawn by an officer.

Left out, so that a summary neither shows nor hints at them: operations of safeguarding leads, operations for the purpose
of safeguarding or on its records, all that was done under break glass, and every day on which the learner was protected.
A learner of whom nothing else was done has the summary of a learner of whom nothing was done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.outbox import Event, writes_events
from server.commands.statements import execute, fetch
from server.compliance.audit import write_audit
from server.database.pool import PoolConnection
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden
from server.policies.permit import Permit
from server.policies.vocabulary import ROLE_PHRASES, ROLES

WRITE: Final = ("access_summary", "write")
MONTHS: Final = 12
"""How far back a release reaches; each night the last two months are reckoned anew."""

# A large school's year takes longer than an answer to a person.
_PATIENCE: Final = "SET LOCAL statement_timeout = '25s'"
_FORGET: Final = """\
UPDATE usher.access_summary SET times = 0, computed_at = $3::timestamptz
WHERE school_id = $1::uuid AND month >= $2::date AND times > 0"""
_RECKON: Final = """\
INSERT INTO usher.access_summary AS s (school_id, learner_id, month, who, times, computed_at)
SELECT $1::uuid, named.learner_id, date_trunc('month', a.occurred_at AT TIME ZONE 'UTC')::date, told.who, count(*),
    $3::timestamptz
FROM usher.audit_operation AS a
CROSS JOIN LATERAL (
    SELECT DISTINCT (id #>> '{}')::uuid AS learner_id FROM jsonb_path_query(a.elements,
        '$.*[*] ? (@ like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")') AS id) AS named
CROSS JOIN LATERAL (
    SELECT coalesce((SELECT r.phrase FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS r(role, phrase, place)
        WHERE r.role = ANY(a.roles) ORDER BY r.place LIMIT 1), 'others') AS who) AS told
JOIN usher.learner AS l ON l.school_id = $1::uuid AND l.learner_id = named.learner_id
WHERE a.school_id = $1::uuid AND a.occurred_at >= $2::date AND a.kind IN ('read', 'export')
  AND a.capacity IN ('STAFF', 'CLIENT', 'OPERATOR')
  AND NOT 'dsl' = ANY(a.roles) AND NOT 'break_glass' = ANY(a.facts)
  AND NOT jsonb_exists(a.elements, 'safeguarding') AND a.purpose IS DISTINCT FROM 'safeguarding'
  AND NOT EXISTS (SELECT 1 FROM usher.learner_flag AS f
    WHERE f.school_id = $1::uuid AND f.learner_id = named.learner_id AND f.kind = 'PROTECTED'
      AND f.valid_from <= a.occurred_at::date AND (f.valid_to IS NULL OR f.valid_to > a.occurred_at::date))
GROUP BY 1, 2, 3, 4
ON CONFLICT (school_id, learner_id, month, who) DO UPDATE
SET times = excluded.times, computed_at = excluded.computed_at WHERE s.school_id = excluded.school_id"""
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
    await reckon(unit.connection, school_id, months_before(now.date(), MONTHS), now)
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


async def reckon(connection: PoolConnection, school_id: UUID, since: date, now: datetime) -> None:
    """All summaries from the month that begins on `since`, in a transaction that may read the audit."""
    await execute(connection, _PATIENCE, [])
    await execute(connection, _FORGET, [school_id, since, now])
    phrases = {role: ROLE_PHRASES[role] for role in ROLES}
    await execute(connection, _RECKON, [school_id, since, now, list(phrases), list(phrases.values())])


async def is_released(connection: PoolConnection, school_id: UUID) -> bool:
    return bool(await fetch(connection, _RELEASED, [school_id]))


def months_before(day: date, count: int) -> date:
    """The first day of the month that many months ago."""
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


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
