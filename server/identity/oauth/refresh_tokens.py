"""Refresh tokens: each good for one use, which gives the next one of its family (OAuth 2.1, section 4.3.1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from server.identity.oauth.clients import Connection, OAuthClient, digest
from server.identity.oauth.families import IDLE

_GIVE: LiteralString = (
    "INSERT INTO usher.refresh_token (token_digest, family_id, given_at, expires_at) VALUES (%s, %s, %s, %s)"
)
_FORGET: LiteralString = """
DELETE FROM usher.refresh_token WHERE family_id IN (
  SELECT f.family_id FROM usher.token_family AS f WHERE f.account_id = %s AND f.expires_at < %s)
"""
_FOUND: LiteralString = """
SELECT r.token_digest, r.expires_at, r.used_at, f.family_id, f.client_id, f.account_id, f.school_id, f.person_id,
  f.capacity, string_to_array(f.scope, ' '), f.jkt, f.authenticated_at, f.factor, f.expires_at, f.ended_at
FROM usher.refresh_token AS r JOIN usher.token_family AS f ON f.family_id = r.family_id
WHERE r.token_digest = %s
"""
# Of many who bring it at once the first has it, and the others see that it was used; whoever ends the family waits.
TAKE: LiteralString = _FOUND + " FOR UPDATE"
_USE: LiteralString = "UPDATE usher.refresh_token SET used_at = %s WHERE token_digest = %s"
_USED: LiteralString = "UPDATE usher.token_family SET used_at = %s WHERE family_id = %s"


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """With what its family is, which is over at `family_until` however often it is used."""

    key: str
    used: bool
    ended: bool
    expires_at: datetime
    family_until: datetime
    family_id: UUID
    client_id: str
    account_id: UUID
    school_id: UUID
    person_id: UUID
    capacity: str
    scopes: frozenset[str]
    jkt: str | None
    authenticated_at: datetime
    factor: bool

    def check_client(self, client: OAuthClient) -> bool:
        return self.client_id == client.client_id

    def is_expired(self) -> bool:
        """authlib asks without a clock: introspection answers that by `is_good`."""
        return False

    def is_revoked(self) -> bool:
        return self.used or self.ended

    def is_good(self, now: datetime) -> bool:
        return not self.used and not self.ended and now < self.expires_at and now < self.family_until


def give_refresh_token(
    connection: Connection, family_id: UUID, account_id: UUID, now: datetime, until: datetime
) -> str:
    """The token's text, which stands nowhere else; good until `until` at most."""
    text = secrets.token_urlsafe(32)
    connection.execute(_FORGET, [account_id, now])
    connection.execute(_GIVE, [digest(text), family_id, now, min(now + IDLE, until)])
    return text


def find_refresh_token(connection: Connection, text: str) -> RefreshToken | None:
    """To look at it."""
    return _token(connection.execute(_FOUND, [digest(text)]).fetchone())


def take_refresh_token(connection: Connection, text: str) -> RefreshToken | None:
    """To use it: nobody else does meanwhile."""
    return _token(connection.execute(TAKE, [digest(text)]).fetchone())


def use_up(connection: Connection, token: RefreshToken, now: datetime) -> None:
    connection.execute(_USE, [now, token.key])
    connection.execute(_USED, [now, token.family_id])


def _token(row: tuple[Any, ...] | None) -> RefreshToken | None:
    if row is None:
        return None
    key, expires, used, family_id, client_id, account_id, school_id, person_id, capacity, scopes, *rest = row
    jkt, authenticated_at, factor, family_expires, ended = rest
    return RefreshToken(
        key, used is not None, ended is not None, expires, family_expires, family_id, client_id, account_id,
        school_id, person_id, capacity, frozenset(scopes), jkt, authenticated_at, factor,
    )  # fmt: skip
