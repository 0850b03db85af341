"""Links that a letter brings: good for once, for an hour, and kept as digests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, LiteralString
from uuid import UUID

from server.database.blocking_pool import BlockingConnection as Connection
from server.identity.people.digests import digest_of, new_text

LIFETIME: Final = timedelta(hours=1)

Purpose = Literal["password_reset", "confirm_address"]

_KEEP: LiteralString = (
    "INSERT INTO usher.mailed_link (token_digest, account_id, purpose, email, made_at, expires_at) "
    "VALUES (%s, %s, %s, %s, %s, %s)"
)
_FORGET: LiteralString = "DELETE FROM usher.mailed_link WHERE account_id = %s AND expires_at < %s"
_DROP: LiteralString = "DELETE FROM usher.mailed_link WHERE account_id = %s AND purpose = %s"
_DROP_ALL: LiteralString = "DELETE FROM usher.mailed_link WHERE account_id = %s"
_FIND: LiteralString = (
    "SELECT k.account_id, k.email FROM usher.mailed_link AS k JOIN usher.account AS a ON a.account_id = k.account_id "
    "WHERE k.token_digest = %s AND k.purpose = %s AND k.expires_at > %s AND a.ended_at IS NULL"
)
_USE: LiteralString = "DELETE FROM usher.mailed_link WHERE token_digest = %s"


def new_link(
    connection: Connection, account_id: UUID, purpose: Purpose, now: datetime, email: str | None = None
) -> str:
    """The text for the link; `email` is the address that it confirms.

    Links of before stay good: a stranger who asks for a new password must not spoil the owner's letter.
    """
    text = new_text()
    connection.execute(_FORGET, [account_id, now])
    connection.execute(_KEEP, [digest_of(text), account_id, purpose, email, now, now + LIFETIME])
    return text


def find_link(connection: Connection, text: str, purpose: Purpose, now: datetime) -> tuple[UUID, str | None] | None:
    """The account and the address that it confirms; None for one that is used up, or never was."""
    row = connection.execute(_FIND, [digest_of(text), purpose, now]).fetchone()
    return None if row is None else (row[0], row[1])


def use_link(connection: Connection, text: str, purpose: Purpose, now: datetime) -> tuple[UUID, str | None] | None:
    """The same, once: of twenty at once one finds it. Others of the account for the same are good no more."""
    found = find_link(connection, text, purpose, now)
    if found is None or connection.execute(_USE, [digest_of(text)]).rowcount == 0:
        return None
    connection.execute(_DROP, [found[0], purpose])
    return found


def end_links(connection: Connection, account_id: UUID) -> None:
    """All of the account, whoever asked for them and wherever they were sent."""
    connection.execute(_DROP_ALL, [account_id])
