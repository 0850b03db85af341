"""Webhooks are called until they take what they are told, with growing waits, for a day; then nobody calls any more.

What was told is stored after it was taken: a process that dies in between calls once more, with the same id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from joserfc.jwk import ECKey

from server.commands.feed.news import News, keep_told, news_of
from server.commands.statements import execute, fetch
from server.database.messages import commit, send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.identity.webhooks.calls import call
from server.identity.webhooks.messages import HEADER, body, message_id, signature
from server.policies.shipped import shipped_ceiling

GIVEN_UP: Final = timedelta(days=1)
SHORTEST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(hours=3)

_DUE: Final = """\
SELECT w.client_id, w.url, w.loopback, w.attempts, w.failing_since FROM usher.client_webhook AS w
JOIN usher.oauth_client AS c ON c.client_id = w.client_id
WHERE w.disabled_at IS NULL AND c.ended_at IS NULL AND (w.next_at IS NULL OR w.next_at <= $1::timestamptz)
ORDER BY w.client_id"""
_SCHOOLS: Final = """\
SELECT i.school_id, i.person_id FROM usher.login_identity AS i
WHERE i.identity = $1::text AND i.capacity = 'CLIENT' ORDER BY i.school_id"""
_TAKEN: Final = """\
UPDATE usher.client_webhook AS w SET attempts = 0, failing_since = NULL, next_at = NULL
WHERE w.client_id = $1::text AND w.attempts > 0"""
_FAILED: Final = """\
UPDATE usher.client_webhook AS w SET attempts = $2::integer, failing_since = $3::timestamptz, next_at = $4::timestamptz,
    disabled_at = $5::timestamptz
WHERE w.client_id = $1::text AND w.disabled_at IS NULL"""


@dataclass(frozen=True, slots=True)
class Hook:
    client_id: str
    url: str
    loopback: bool
    attempts: int
    failing_since: datetime | None

    def retry(self) -> timedelta:
        """How long the next try waits: a minute, two, four, up to three hours."""
        return min(LONGEST, SHORTEST * 2 ** min(self.attempts, 10))


async def tell_all(pool: Pool, key: Callable[[], ECKey], now: datetime) -> int:
    """How many calls were taken. Raises the first fault, once every webhook has had its turn."""
    faults: list[Exception] = []
    taken = 0
    for hook in await _due(pool, now):
        try:
            taken += await _tell(pool, hook, key(), now)
        except Exception as fault:  # one program's fault keeps no other waiting
            faults.append(fault)
    if faults:
        raise faults[0]
    return taken


async def _tell(pool: Pool, hook: Hook, key: ECKey, now: datetime) -> int:
    """Of one program, school by school, until a call isn't taken."""
    taken = 0
    for school_id, program in await _schools(pool, hook.client_id):
        news = await news_of(pool, school_id, program, shipped_ceiling(), now)
        if news is None:
            continue
        if not await _call(hook, news, key, now):
            await _failed(pool, hook, now)
            return taken
        await keep_told(pool, news, now)
        taken += 1
    if taken:
        await _write(pool, _TAKEN, [hook.client_id])
    return taken


async def _call(hook: Hook, news: News, key: ECKey, now: datetime) -> bool:
    content = body(message_id(hook.client_id, news.school_id, news.text), news.school_id, news.kinds, now)
    return await call(hook.url, content, {HEADER: signature(content, hook.url, key)}, loopback=hook.loopback)


async def _failed(pool: Pool, hook: Hook, now: datetime) -> None:
    since = hook.failing_since or now
    disabled = now if now - since >= GIVEN_UP else None
    await _write(pool, _FAILED, [hook.client_id, hook.attempts + 1, since, now + hook.retry(), disabled])
    if disabled is not None:
        structlog.get_logger().warning("webhook disabled", client=hook.client_id, failing_since=since.isoformat())


async def _due(pool: Pool, now: datetime) -> list[Hook]:
    async def work(connection: PoolConnection) -> list[Hook]:
        await send(connection, b"BEGIN")
        return [Hook(*row) for row in await fetch(connection, _DUE, [now])]

    return await repeatable(pool, work)


async def _schools(pool: Pool, client_id: str) -> list[tuple[UUID, UUID]]:
    async def work(connection: PoolConnection) -> list[tuple[UUID, UUID]]:
        await send(connection, b"BEGIN")
        return [(row[0], row[1]) for row in await fetch(connection, _SCHOOLS, [client_id])]

    return await repeatable(pool, work)


async def _write(pool: Pool, statement: str, values: list[object]) -> None:
    async def work(connection: PoolConnection) -> None:
        await send(connection, b"BEGIN")
        await execute(connection, statement, values)
        await commit(connection)

    await repeatable(pool, work)
