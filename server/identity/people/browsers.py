"""Browsers that an account was fully signed in with before: wrong guesses from elsewhere don't slow them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from server.database.blocking_pool import BlockingConnection as Connection
from server.identity.people.digests import digest_of, new_text

REMEMBERED: Final = timedelta(days=400)
"""As long as browsers keep a cookie."""
_MOST: Final = 20

_KNOWN: LiteralString = (
    "SELECT 1 FROM usher.known_browser AS b JOIN usher.account AS a ON a.account_id = b.account_id "
    "WHERE a.identity = %s AND b.cookie_digest = %s AND b.seen_at > %s"
)
_OURS: LiteralString = "SELECT 1 FROM usher.known_browser WHERE cookie_digest = %s LIMIT 1"
_ANY: LiteralString = "SELECT 1 FROM usher.known_browser WHERE account_id = %s LIMIT 1"
_REMEMBER: LiteralString = (
    "INSERT INTO usher.known_browser (account_id, cookie_digest, known_at, seen_at) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT (account_id, cookie_digest) DO UPDATE SET seen_at = EXCLUDED.seen_at"
)
_FORGET_OLD: LiteralString = """
DELETE FROM usher.known_browser WHERE account_id = %(account)s AND cookie_digest NOT IN
  (SELECT b.cookie_digest FROM usher.known_browser AS b WHERE b.account_id = %(account)s
   ORDER BY b.seen_at DESC, b.cookie_digest LIMIT %(most)s)
"""


def knows(connection: Connection, identity: str, browser: str | None, now: datetime) -> bool:
    """Whether the account of that name was signed in with the browser before."""
    if browser is None:
        return False
    return connection.execute(_KNOWN, [identity, digest_of(browser), now - REMEMBERED]).fetchone() is not None


def remember(connection: Connection, account_id: UUID, browser: str | None, now: datetime) -> tuple[str, bool]:
    """The text for the browser's cookie, and whether it is a new browser of an account that has others.

    A text that we gave the browser for another account of the same family or desk stays; any other is replaced.
    """
    ours = browser is not None and connection.execute(_OURS, [digest_of(browser)]).fetchone() is not None
    text = browser if browser is not None and ours else new_text()
    others = connection.execute(_ANY, [account_id]).fetchone() is not None
    own: LiteralString = "SELECT 1 FROM usher.known_browser WHERE account_id = %s AND cookie_digest = %s"
    known = ours and connection.execute(own, [account_id, digest_of(text)]).fetchone() is not None
    connection.execute(_REMEMBER, [account_id, digest_of(text), now, now])
    connection.execute(_FORGET_OLD, {"account": account_id, "most": _MOST})
    return text, others and not known


def forget_browsers(connection: Connection, account_id: UUID) -> None:
    """Of the account: whoever had its password may have signed in with one."""
    connection.execute("DELETE FROM usher.known_browser WHERE account_id = %s", [account_id])
