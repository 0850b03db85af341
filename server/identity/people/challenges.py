"""What a passkey is asked to sign: random, kept as a digest, answered once within five minutes (WebAuthn, 13.4.3)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final, Literal, LiteralString
from uuid import UUID

from server.database.blocking_pool import BlockingConnection as Connection
from server.identity.people.digests import digest_of

LIFETIME: Final = timedelta(minutes=5)
_BYTES: Final = 32

Purpose = Literal["register", "authenticate"]

_KEEP: LiteralString = (
    "INSERT INTO usher.passkey_challenge (challenge_digest, account_id, purpose, expires_at) VALUES (%s, %s, %s, %s)"
)
_ANSWER: LiteralString = (
    "DELETE FROM usher.passkey_challenge WHERE challenge_digest = %s AND purpose = %s "
    "AND account_id IS NOT DISTINCT FROM %s AND expires_at > %s"
)
# By one at a time, so that nobody waits for another's forgetting.
_FORGET: LiteralString = "DELETE FROM usher.passkey_challenge WHERE expires_at < %s AND pg_try_advisory_xact_lock(%s)"
_FORGETTING: Final = 2026112224


def new_challenge(connection: Connection, purpose: Purpose, account_id: UUID | None, now: datetime) -> bytes:
    """For the account; for whoever answers, without one."""
    challenge = secrets.token_bytes(_BYTES)
    connection.execute(_FORGET, [now, _FORGETTING])
    connection.execute(_KEEP, [digest_of(challenge.hex()), account_id, purpose, now + LIFETIME])
    return challenge


def answered(
    connection: Connection, challenge: bytes, purpose: Purpose, account_id: UUID | None, now: datetime
) -> bool:
    """Whether it was asked of that account, for that, lately, and is answered for the first time."""
    return connection.execute(_ANSWER, [digest_of(challenge.hex()), purpose, account_id, now]).rowcount == 1
