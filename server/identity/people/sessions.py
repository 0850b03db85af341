"""Sessions: an opaque text in a browser's cookie, and a row that can be ended.

Idle for half an hour, or twelve hours old, it is one no more (OWASP ASVS 5.0, 7.3). The text is another one after each
step of signing in, so that what was known before is worth nothing after (7.2.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString
from uuid import UUID

from server.database.blocking_pool import BlockingConnection as Connection
from server.database.keys import new_key
from server.database.storable import misleads
from server.errors import BadUserInput, Unauthenticated
from server.identity.oauth.families import end_families
from server.identity.people.digests import digest_of, new_text
from server.identity.people.mailed_links import end_links

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
UNFINISHED: Final = timedelta(minutes=10)
"""How long the second factor may be shown after the password."""
RECENT: Final = timedelta(minutes=15)
"""How old a session's last proof may be for changing what the account is proved by."""
# How far behind `seen_at` may be: a page's many requests write once.
_SEEN: Final = timedelta(minutes=1)
_LONGEST_AGENT: Final = 200

# `owes`: the account has a second factor, and this session hasn't shown it.
_SESSIONS: LiteralString = """
SELECT s.session_id, s.account_id, a.identity, s.begun_at, s.factor_at, s.seen_at, s.agent,
  s.factor_at IS NULL AND (
    EXISTS (SELECT 1 FROM usher.one_time_secret AS o WHERE o.account_id = s.account_id AND o.confirmed_at IS NOT NULL)
    OR EXISTS (SELECT 1 FROM usher.passkey AS p WHERE p.account_id = s.account_id)) AS owes
FROM usher.browser_session AS s JOIN usher.account AS a ON a.account_id = s.account_id
WHERE s.ended_at IS NULL AND a.ended_at IS NULL AND s.seen_at > %(idle)s AND s.begun_at > %(oldest)s
"""
_BY_COOKIE: LiteralString = _SESSIONS + "AND s.cookie_digest = %(digest)s"
_BY_ACCOUNT: LiteralString = _SESSIONS + "AND s.account_id = %(account)s ORDER BY s.begun_at DESC, s.session_id"


@dataclass(frozen=True, slots=True)
class Session:
    """`factor_at` is when a second factor was shown, if one was; `agent`, what the browser called itself."""

    session_id: UUID
    account_id: UUID
    identity: str
    begun_at: datetime
    factor_at: datetime | None
    expires_at: datetime
    seen_at: datetime
    agent: str


def begin_session(connection: Connection, account_id: UUID, now: datetime, *, factor: bool, agent: str) -> str:
    """The text for the cookie, which stands nowhere else. `factor`: whether a second one was shown already."""
    cookie = new_text()
    statement: LiteralString = (
        "INSERT INTO usher.browser_session (session_id, account_id, cookie_digest, agent, begun_at, seen_at, factor_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)"
    )
    row = [new_key(), account_id, digest_of(cookie), _plain(agent), now, now, now if factor else None]
    connection.execute(statement, row)
    return cookie


def find_session(connection: Connection, cookie: str, now: datetime) -> Session | None:
    """The session of that cookie, if it still is one; its half hour begins anew.

    None for one whose account has a second factor that it hasn't shown: it opens nothing.
    """
    row = connection.execute(_BY_COOKIE, _at(now) | {"digest": digest_of(cookie)}).fetchone()
    if row is None or row[7]:
        return None
    if now - row[5] < _SEEN:
        return _session(row[:7])
    seen: LiteralString = "UPDATE usher.browser_session SET seen_at = %s WHERE session_id = %s AND ended_at IS NULL"
    connection.execute(seen, [now, row[0]])
    return _session((*row[:5], now, row[6]))


def find_unfinished(connection: Connection, cookie: str, now: datetime) -> Session | None:
    """The session of that cookie that has a second factor to show, in the ten minutes after it began."""
    row = connection.execute(_BY_COOKIE, _at(now) | {"digest": digest_of(cookie)}).fetchone()
    if row is None or not row[7] or now - row[3] >= UNFINISHED:
        return None
    return _session(row[:7])


def recent(session: Session, now: datetime) -> None:
    """Raises Unauthenticated unless a password or factor was shown within the last quarter of an hour."""
    if now - max(session.begun_at, session.factor_at or session.begun_at) > RECENT:
        raise Unauthenticated("Sign in again to change how you sign in.")


def pass_factor(connection: Connection, session_id: UUID, now: datetime) -> str:
    """A second factor was shown: the text of the cookie from now on. Raises BadUserInput where the session is over."""
    cookie = new_text()
    statement: LiteralString = (
        "UPDATE usher.browser_session SET factor_at = %s, seen_at = %s, cookie_digest = %s "
        "WHERE session_id = %s AND ended_at IS NULL"
    )
    if connection.execute(statement, [now, now, digest_of(cookie), session_id]).rowcount == 0:
        raise BadUserInput("This session is over: sign in again.", ("session",))
    return cookie


def sessions_of(connection: Connection, account_id: UUID, now: datetime) -> list[Session]:
    """Those that are on, the newest first; none that has a second factor to show yet, which opens nothing."""
    rows = connection.execute(_BY_ACCOUNT, _at(now) | {"account": account_id}).fetchall()
    return [_session(row[:7]) for row in rows if not row[7]]


def end_session(connection: Connection, session_id: UUID, now: datetime) -> None:
    """And what it let apps do. One that has ended stays as it is."""
    statement: LiteralString = (
        "UPDATE usher.browser_session SET ended_at = %s WHERE session_id = %s AND ended_at IS NULL"
    )
    connection.execute(statement, [now, session_id])
    end_families(connection, now, session_id=session_id)


def end_all_sessions(connection: Connection, account_id: UUID, now: datetime, *, but: UUID | None = None) -> list[UUID]:
    """Those of the account and what they let apps do, except for `but`; which ended.

    Links of letters end with them: whoever was in the account may have had one sent to an address of their own.
    """
    end_links(connection, account_id)
    statement: LiteralString = (
        "UPDATE usher.browser_session SET ended_at = %s WHERE account_id = %s AND ended_at IS NULL "
        "AND session_id IS DISTINCT FROM %s RETURNING session_id"
    )
    ended: list[UUID] = [row[0] for row in connection.execute(statement, [now, account_id, but]).fetchall()]
    if but is None:
        end_families(connection, now, account_id=account_id)
    for session_id in ended if but is not None else ():
        end_families(connection, now, session_id=session_id)
    return ended


def _at(now: datetime) -> dict[str, Any]:
    return {"idle": now - IDLE, "oldest": now - LONGEST}


def _session(row: tuple[Any, ...]) -> Session:
    session_id, account_id, identity, begun, factor, seen, agent = row
    return Session(session_id, account_id, identity, begun, factor, min(seen + IDLE, begun + LONGEST), seen, agent)


def _plain(agent: str) -> str:
    """One line of what a stranger may have written."""
    return "".join(letter for letter in agent[:_LONGEST_AGENT] if not misleads(letter))
