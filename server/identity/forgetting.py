"""What identity needs no more is deleted: for how long each is kept after its use, and why, stands here.

Rows that somebody is changing are left for the next day. Deleting may be cut off anywhere and done again, by two at once too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from psycopg import sql

from server.database.messages import commit, send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.identity.people.attempts import FORGOTTEN
from server.identity.people.browsers import REMEMBERED
from server.identity.people.sessions import LONGEST
from server.migrations.walls import UPDATED

EXPIRED: Final = timedelta(days=1)
"""What expired is worth nothing from that moment: a day for clocks that are wrong, and to look at what went wrong. A code
that comes again within it ends what was given for it."""
ENDED: Final = timedelta(days=30)
"""Sessions and what apps were given: whoever finds their account misused asks what was, and when, within weeks."""
AT_ONCE: Final = 2000
"""How many rows one transaction deletes."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Rows of `table` where `past` holds, of which $1 is the moment `kept` ago."""

    table: LiteralString
    past: LiteralString
    kept: timedelta


_OVER: Final = "x.expires_at < $1::timestamptz"
ALL: Final = (
    Forgotten("authorization_code", _OVER, EXPIRED),
    Forgotten("dpop_proof", _OVER, EXPIRED),
    Forgotten("joining", _OVER, EXPIRED),
    Forgotten("mailed_link", _OVER, EXPIRED),
    Forgotten("oauth_assertion", _OVER, EXPIRED),
    Forgotten("passkey_challenge", _OVER, EXPIRED),
    Forgotten("pushed_request", _OVER, EXPIRED),
    Forgotten("school_sign_in", _OVER, EXPIRED),
    Forgotten("vendor_token", _OVER, EXPIRED),
    # Of an authenticator app that nobody went on to set up.
    Forgotten("one_time_secret", "x.confirmed_at IS NULL AND x.made_at < $1::timestamptz", EXPIRED),
    Forgotten("sign_in_attempt", "x.last_at < $1::timestamptz", FORGOTTEN),
    Forgotten("known_browser", "x.seen_at < $1::timestamptz", REMEMBERED),
    # A set that another replaced went with it.
    Forgotten("recovery_code", "x.used_at < $1::timestamptz", ENDED),
    # Over by then, whether or not somebody ended it.
    Forgotten("browser_session", "x.begun_at < $1::timestamptz", LONGEST + ENDED),
    # Used ones stay while the family goes on: brought again, they end it.
    Forgotten(
        "refresh_token",
        "EXISTS (SELECT 1 FROM usher.token_family AS f WHERE f.family_id = x.family_id "
        "AND least(f.ended_at, f.expires_at) < $1::timestamptz)",
        EXPIRED,
    ),
    Forgotten(
        "token_family",
        "least(x.ended_at, x.expires_at) < $1::timestamptz "
        "AND NOT EXISTS (SELECT 1 FROM usher.refresh_token AS r WHERE r.family_id = x.family_id) "
        "AND NOT EXISTS (SELECT 1 FROM usher.authorization_code AS c WHERE c.family_id = x.family_id)",
        ENDED,
    ),
)
"""In the order in which they refer to one another."""

_DELETE: LiteralString = """
DELETE FROM usher.{table} AS d WHERE d.ctid = ANY(ARRAY(
  SELECT x.ctid FROM usher.{table} AS x WHERE {past} LIMIT $2::int {lock}))
"""
# Whoever changes such a row may hold two of them: waiting for the first with the second in hand, both would wait for ever.
_LOCK: LiteralString = "FOR UPDATE SKIP LOCKED"
_OPEN: LiteralString = "BEGIN; SET LOCAL app.school_id = {school}"
_DELETE_ENDED: LiteralString = """
DELETE FROM usher.ended_token AS d WHERE d.school_id = $1::uuid AND d.token_id = ANY(ARRAY(
  SELECT x.token_id FROM usher.ended_token AS x WHERE x.school_id = $1::uuid AND x.expires_at < $2::timestamptz
  LIMIT $3::int))
"""


async def forget(pool: Pool, now: datetime, at_once: int = AT_ONCE) -> int:
    """How many rows of no school were deleted. Raises Unavailable and DatabaseDefect."""
    return sum([await _forget(pool, one, now - one.kept, at_once) for one in ALL])


async def forget_ended_tokens(pool: Pool, school_id: UUID, now: datetime, at_once: int = AT_ONCE) -> int:
    """How many of the school's were deleted, of tokens that would have expired by now. Raises as `forget`."""
    opening = sql.SQL(_OPEN).format(school=sql.Literal(str(school_id))).as_bytes(None)

    async def some(connection: PoolConnection) -> int:
        await send(connection, opening)
        await connection.reader.execute(_DELETE_ENDED.encode(), [school_id, now - EXPIRED, at_once])
        deleted = connection.reader.rowcount
        await commit(connection)
        return deleted

    total = 0
    while found := await repeatable(pool, some):
        total += found
    return total


async def _forget(pool: Pool, one: Forgotten, moment: datetime, at_once: int) -> int:
    lock = sql.SQL(_LOCK) if one.table in UPDATED else sql.SQL("")
    statement = sql.SQL(_DELETE).format(table=sql.Identifier(one.table), past=sql.SQL(one.past), lock=lock)
    text = statement.as_bytes(None)

    async def some(connection: PoolConnection) -> int:
        await connection.reader.execute(text, [moment, at_once])
        return connection.reader.rowcount

    total = 0
    while found := await repeatable(pool, some):
        total += found
    return total
