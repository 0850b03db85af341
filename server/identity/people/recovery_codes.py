"""Recovery codes: for whoever lost the second factor. Ten of 120 random bits, each good once, kept as digests."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput
from server.identity.people.accounts import account_of
from server.identity.people.digests import digest_of
from server.identity.people.factors import factors_of
from server.identity.people.premises import Premises
from server.identity.people.sessions import Session, recent
from server.identity.people.tidings import tell

COUNT: Final = 10
_BYTES: Final = 15
_GROUP: Final = 4

_KEEP: LiteralString = "INSERT INTO usher.recovery_code (account_id, code_digest, made_at) VALUES (%s, %s, %s)"
_USE: LiteralString = (
    "UPDATE usher.recovery_code SET used_at = %s WHERE account_id = %s AND code_digest = %s AND used_at IS NULL"
)
_DROP: LiteralString = "DELETE FROM usher.recovery_code WHERE account_id = %s"


def new_recovery_codes(connection: Connection, premises: Premises, session: Session, now: datetime) -> list[str]:
    """Ten, shown this once; those of before are good no more.

    Raises Unauthenticated where the session's last proof is too old, BadUserInput for an account without a factor.
    """
    recent(session, now)
    account = account_of(connection, session.account_id)
    if account is None or not factors_of(connection, session.account_id).any:
        raise BadUserInput("Set up an authenticator app or a passkey first: the codes stand in for it.", ("codes",))
    end_recovery_codes(connection, session.account_id)
    made = [_new_code() for _ in range(COUNT)]
    for code in made:
        connection.execute(_KEEP, [session.account_id, digest_of(_plain(code)), now])
    tell(connection, premises, account, "factor_changed", now, change="New recovery codes were made.")
    return made


def use_recovery_code(connection: Connection, account_id: UUID, code: str, now: datetime) -> bool:
    """Whether it was one, and the first time: of twenty at once one is taken."""
    return connection.execute(_USE, [now, account_id, digest_of(_plain(code))]).rowcount == 1


def end_recovery_codes(connection: Connection, account_id: UUID) -> None:
    connection.execute(_DROP, [account_id])


def _new_code() -> str:
    """Six groups of four, of a-z and 2-7. A digest is enough for what has 112 bits and more (ASVS 5.0, 6.5.2)."""
    text = base64.b32encode(secrets.token_bytes(_BYTES)).decode("ascii").lower()
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def _plain(code: str) -> str:
    """However it was typed."""
    return "".join(letter for letter in code[:100].lower() if letter.isalnum())
