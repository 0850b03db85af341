"""Reckons a program's feed: what it may read now, compared with what it was shown, becomes the changes that it is told.

Nothing else does, so that a feed holds no trace of what the program may not read: neither rows nor numbers nor moments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from server.commands.statements import execute, fetch
from server.database.context import Context
from server.database.pool import Pool, PoolConnection
from server.database.reads import LogMap
from server.database.reads import fetch as fetch_answer
from server.database.unit_of_work import UnitOfWork
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.queries.cursors import Cursors
from server.queries.feed.sight import KINDS, Sight, digests, sight
from server.queries.run import Run

KEPT: Final = timedelta(days=30)
"""For how long closings are told."""
# Raised with each change of what a sight holds: feeds then tell what differs.
_FORM: Final = 1

# Of one kind; a whole school with the marks of years takes some seconds.
_PATIENCE = "SET LOCAL statement_timeout = '1min'"
_BEGIN = """\
INSERT INTO usher.change_feed (school_id, person_id, last_sequence, forgotten_to, mark, reckoned_at)
VALUES ($1::uuid, $2::uuid, 0, 0, '', $3::timestamptz) ON CONFLICT (school_id, person_id) DO NOTHING"""
_FEED = """\
SELECT f.last_sequence, f.mark FROM usher.change_feed AS f WHERE f.school_id = $1::uuid AND f.person_id = $2::uuid"""
_HEAD = "SELECT h.last_sequence FROM usher.outbox_head AS h WHERE h.school_id = $1::uuid"
_COMPARE = """\
WITH seen AS (
    SELECT g.noun, g.row_id, g.digest FROM unnest($3::text[], $4::uuid[], $5::text[]) AS g(noun, row_id, digest)
), known AS (
    SELECT r.noun, r.row_id, r.digest FROM usher.feed_row AS r WHERE r.school_id = $1::uuid AND r.person_id = $2::uuid
), moved AS (
    SELECT coalesce(s.noun, k.noun) AS noun, coalesce(s.row_id, k.row_id) AS row_id, s.digest
    FROM seen AS s FULL JOIN known AS k ON k.noun = s.noun AND k.row_id = s.row_id
    WHERE s.digest IS DISTINCT FROM k.digest
)
INSERT INTO usher.feed_row AS r (school_id, person_id, noun, row_id, sequence, digest, changed_at)
SELECT $1::uuid, $2::uuid, m.noun, m.row_id,
    $6::bigint + row_number() OVER (ORDER BY array_position($7::text[], m.noun), m.row_id), m.digest, $8::timestamptz
FROM moved AS m
ON CONFLICT (school_id, person_id, noun, row_id) DO UPDATE
SET sequence = excluded.sequence, digest = excluded.digest, changed_at = excluded.changed_at
WHERE r.school_id = excluded.school_id"""
_FORGET = """\
WITH gone AS (
    DELETE FROM usher.feed_row AS r
    WHERE r.school_id = $1::uuid AND r.person_id = $2::uuid AND r.digest IS NULL AND r.changed_at < $3::timestamptz
    RETURNING r.sequence
)
SELECT coalesce(max(g.sequence), 0) FROM gone AS g"""
_END = """\
UPDATE usher.change_feed AS f SET last_sequence = $3::bigint, forgotten_to = greatest(f.forgotten_to, $4::bigint),
    mark = $5::text, reckoned_at = $6::timestamptz
WHERE f.school_id = $1::uuid AND f.person_id = $2::uuid"""


@dataclass(frozen=True, slots=True)
class Follower:
    """A program at a school: the versions are those that `planner` and `profile` were loaded at."""

    context: Context
    planner: Planner
    profile: Profile


async def reckon_feed(pool: Pool, follower: Follower, now: datetime) -> int:
    """The number of the newest change. Raises GuardFailed, Unavailable, LimitExceeded.

    Where nothing happened at the school since the last time, this is two small reads.
    """
    context = follower.context
    who = [context.school_id, context.person_id]
    async with UnitOfWork(pool, context) as unit:
        connection = unit.connection
        found = await fetch(connection, _FEED, who)
        if found and found[0][1] == await _mark(connection, follower, now):
            return int(found[0][0])
        if not found:
            await execute(connection, _BEGIN, [*who, now])
        # One at a time: whoever comes next compares with what was told just now.
        [[last, known]] = await fetch(connection, f"{_FEED} FOR UPDATE", who)
        # Before the rows are read: what comes meanwhile is seen now or next time.
        await execute(connection, _PATIENCE, [])
        mark = await _mark(connection, follower, now)
        if known == mark:
            return int(last)
        seen = await _seen(connection, pool, follower, now)
        last += await _compare(connection, context, seen, last, now)
        [[forgotten]] = await fetch(connection, _FORGET, [*who, now - KEPT])
        await execute(connection, _END, [*who, last, forgotten, mark, now])
        await unit.commit()
    return int(last)


async def _mark(connection: PoolConnection, follower: Follower, now: datetime) -> str:
    """What a program's sight depends on: whatever was written, the rules, its standing, the day."""
    context = follower.context
    found = await fetch(connection, _HEAD, [context.school_id])
    last = found[0][0] if found else 0
    hours = "hours" in follower.profile.facts
    return f"{_FORM}|{last}|{context.policy_version}|{context.profile_version}|{now.date()}|{hours}"


async def _seen(
    connection: PoolConnection, pool: Pool, follower: Follower, now: datetime
) -> dict[str, dict[UUID, str]]:
    """The digest of each row by kind and key."""
    run = _run(follower.context, now)
    found: dict[str, dict[UUID, str]] = {}
    for kind in KINDS:
        one = sight(follower.planner, follower.profile, kind)
        found[kind] = await _digests(connection, pool, one, run)
    return found


async def _digests(connection: PoolConnection, pool: Pool, one: Sight, run: Run) -> dict[UUID, str]:
    compiled = one.compiled
    answer = await fetch_answer(connection, compiled.statement, compiled.parameters(run), pool.prepare, _nobody_reads)
    return digests(one, answer.json)


async def _nobody_reads(_: PoolConnection, __: LogMap) -> None:
    """No value leaves the server here: what the program is told is logged where it is told."""


async def _compare(
    connection: PoolConnection, context: Context, seen: Mapping[str, Mapping[UUID, str]], last: int, now: datetime
) -> int:
    """How many changes there are."""
    rows = [(kind, key, digest) for kind, by_key in seen.items() for key, digest in by_key.items()]
    columns: list[list[Any]] = [[row[place] for row in rows] for place in range(3)]
    return await execute(connection, _COMPARE, [context.school_id, context.person_id, *columns, last, list(KINDS), now])


def _run(context: Context, now: datetime) -> Run:
    return Run(
        school=context.school_id,
        viewer=context.person_id,
        capacity=context.capacity,
        today=now.date(),
        variables={},
        roles="[]",
        capabilities="[]",
        cursors=Cursors(bytes(32)),
    )
