"""Sign-ins between the redirect to a provider and its answer: each is of one browser, and good for once.

The browser's cookie is the secret: `nonce` and PKCE's verifier are made of it, so that nothing is stored which could
redeem a code, and an answer is worth nothing in another browser (login CSRF, a stolen callback).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from server.database.blocking_pool import BlockingConnection as Connection
from server.identity.people.digests import digest_of, new_text

LASTS: Final = timedelta(minutes=10)
_LONGEST_STATE: Final = 128
_FORGET: LiteralString = "DELETE FROM usher.school_sign_in WHERE expires_at <= %s"
_BEGIN: LiteralString = (
    "INSERT INTO usher.school_sign_in (state_digest, cookie_digest, provider_id, account_id, next, expires_at) "
    "VALUES (%s, %s, %s, %s, %s, %s)"
)
_TAKE: LiteralString = (
    "DELETE FROM usher.school_sign_in WHERE state_digest = %s AND cookie_digest = %s AND provider_id = %s "
    "AND expires_at > %s RETURNING account_id, next"
)


@dataclass(frozen=True, slots=True)
class Proofs:
    """What the provider is told and must repeat, and what redeems its code."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    @classmethod
    def of(cls, cookie: str, state: str) -> Proofs:
        return cls(state, _made(cookie, "nonce", state), _made(cookie, "verifier", state))


@dataclass(frozen=True, slots=True)
class Returned:
    """What a sign-in was begun for; `account_id`: whose account is to be linked, where somebody was signed in."""

    account_id: UUID | None
    next: str
    proofs: Proofs


def begin(
    connection: Connection, provider_id: UUID, cookie: str, next_path: str, account_id: UUID | None, now: datetime
) -> Proofs:
    connection.execute(_FORGET, [now])
    state = new_text()
    row = [digest_of(state), digest_of(cookie), provider_id, account_id, next_path, now + LASTS]
    connection.execute(_BEGIN, row)
    return Proofs.of(cookie, state)


def take(connection: Connection, provider_id: UUID, cookie: str, state: str, now: datetime) -> Returned | None:
    """None for a state of another browser or provider, that was taken before, or is old: alike."""
    if len(state) > _LONGEST_STATE:
        return None
    row = connection.execute(_TAKE, [digest_of(state), digest_of(cookie), provider_id, now]).fetchone()
    return None if row is None else Returned(row[0], row[1], Proofs.of(cookie, state))


def _made(cookie: str, what: str, state: str) -> str:
    """43 characters of base64url (RFC 7636, section 4.1)."""
    made = hmac.new(cookie.encode(), f"school sign-in {what} {state}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
