"""What there is new for a program at a school, since its webhook was told last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import sql

from server.commands.feed.reckoning import Follower, reckon_feed
from server.commands.statements import execute, fetch
from server.database.context import Context
from server.database.failures import GuardFailed
from server.database.messages import commit, send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.errors import PolicyUnavailable, Unauthenticated
from server.policies.ceiling import Ceiling
from server.queries.feed.sight import sight_profile
from server.queries.rule_books import load_planner
from server.queries.standing import load_standing

CHANGES: Final = "changes"
PURGES: Final = "purges"
_OPEN: Final = """\
BEGIN;
SET LOCAL app.school_id = {school};
SET LOCAL app.person = {person};
SET LOCAL app.capacity = 'CLIENT'"""
_TOLD: Final = "SELECT n.told FROM usher.client_news AS n WHERE n.school_id = $1::uuid AND n.program_id = $2::uuid"
_PURGE: Final = """\
SELECT p.purge_id FROM usher.client_purge AS p WHERE p.school_id = $1::uuid AND p.program_id = $2::uuid
ORDER BY p.begun_at DESC, p.purge_id DESC LIMIT 1"""
_KEEP: Final = """\
INSERT INTO usher.client_news AS n (school_id, program_id, told, told_at)
VALUES ($1::uuid, $2::uuid, $3::text, $4::timestamptz)
ON CONFLICT (school_id, program_id) DO UPDATE SET told = excluded.told, told_at = excluded.told_at
WHERE n.school_id = excluded.school_id"""


@dataclass(frozen=True, slots=True)
class News:
    """`text` names the newest change and purge; `kinds` are those of which something is new."""

    school_id: UUID
    program: UUID
    text: str
    kinds: tuple[str, ...]


async def news_of(pool: Pool, school_id: UUID, program: UUID, ceiling: Ceiling, now: datetime) -> News | None:
    """None where there is none. Raises Unavailable and LimitExceeded."""
    told, purge = await _known(pool, school_id, program)
    change_before, _, purge_before = told.partition("|")
    change = await _newest_change(pool, school_id, program, ceiling, now) or change_before
    moved = {CHANGES: change != change_before, PURGES: purge != purge_before}
    kinds = tuple(kind for kind, is_new in moved.items() if is_new)
    return News(school_id, program, f"{change}|{purge}", kinds) if kinds else None


async def keep_told(pool: Pool, news: News, now: datetime) -> None:
    async def work(connection: PoolConnection) -> None:
        await send(connection, _opening(news.school_id, news.program))
        await execute(connection, _KEEP, [news.school_id, news.program, news.text, now])
        await commit(connection)

    await repeatable(pool, work)


async def _known(pool: Pool, school_id: UUID, program: UUID) -> tuple[str, str]:
    """What was told last, and the newest purge."""

    async def work(connection: PoolConnection) -> tuple[str, str]:
        await send(connection, _opening(school_id, program))
        found: list[list[tuple[Any, ...]]] = [
            await fetch(connection, statement, [school_id, program]) for statement in (_TOLD, _PURGE)
        ]
        told, purge = (str(rows[0][0]) if rows else "" for rows in found)
        return told, purge

    return await repeatable(pool, work)


async def _newest_change(pool: Pool, school_id: UUID, program: UUID, ceiling: Ceiling, now: datetime) -> str | None:
    """Its number; None for a program that may ask for nothing now, or whose standing changes at this moment."""
    try:
        standing = await load_standing(pool, school_id, program, "CLIENT", now)
        planner = await load_planner(pool, school_id, standing.policy_version, ceiling, {})
        if "grant" not in standing.profile.facts:
            return None
        context = Context(school_id, program, "CLIENT", standing.policy_version, standing.profile_version)
        follower = Follower(context, planner, sight_profile(planner, standing.profile, now))
        return str(await reckon_feed(pool, follower, now))
    except (Unauthenticated, PolicyUnavailable, GuardFailed):
        return None


def _opening(school_id: UUID, program: UUID) -> bytes:
    named = {"school": sql.Literal(str(school_id)), "person": sql.Literal(str(program))}
    return sql.SQL(_OPEN).format(**named).as_bytes(None)
