"""Passwords: what may be one, and whether it is theirs."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput
from server.identity.people.accounts import Account, account_of
from server.identity.people.first_guesses import is_common
from server.identity.people.hashing import hash_of, matches
from server.identity.people.names import folded, sought

SHORTEST: Final = 12
LONGEST: Final = 128
# A shorter sign-in name stands in too many passwords by accident.
_SHORTEST_WORD: Final = 4
_UNUSABLE: Final = frozenset(("Cc", "Cs"))

_KNOWN: LiteralString = (
    "SELECT account_id, identity, email, ended_at, password_hash FROM usher.account "
    "WHERE identity = %s AND ended_at IS NULL"
)
# Hashing takes a while: who changes the password meanwhile ends all sessions, and none begins by the old one after that.
_STILL: LiteralString = (
    "SELECT 1 FROM usher.account WHERE account_id = %s AND password_hash = %s AND ended_at IS NULL FOR SHARE"
)
_KEEP: LiteralString = "UPDATE usher.account SET password_hash = %s, password_at = %s WHERE account_id = %s"
_RENEW: LiteralString = "UPDATE usher.account SET password_hash = %s WHERE account_id = %s AND password_hash = %s"


def verify_password(password: str, identity: str) -> str:
    """The password in NFC, as it is hashed. Raises BadUserInput for one that can't be, or is too easily guessed.

    NIST SP 800-63B-4, 3.1.1.2: by length and a list of common ones, with no rule of what it is made of.
    """
    found = normal(password)
    if not SHORTEST <= len(found) <= LONGEST:
        raise _refused(f"A password has {SHORTEST} to {LONGEST} characters.")
    if any(unicodedata.category(letter) in _UNUSABLE for letter in found):
        raise _refused("A password holds no control characters.")
    if any(word in folded(found) for word in (identity, identity.split("@")[0]) if len(word) >= _SHORTEST_WORD):
        raise _refused("The password holds the sign-in name: choose another one.")
    if is_common(found):
        raise _refused("This password is one of the first that strangers try: take three or four words of your own.")
    return found


def normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def set_password(connection: Connection, account_id: UUID, password: str, now: datetime) -> None:
    """Raises BadUserInput and Unavailable."""
    account = account_of(connection, account_id)
    if account is None or account.ended_at is not None:
        raise BadUserInput("There is no such account, or it was ended.", ("account",))
    connection.execute(_KEEP, [hash_of(verify_password(password, account.identity)), now, account_id])


def check_password(connection: Connection, identity: str, password: str) -> Account | None:
    """The account, if this is its password; the same work for whoever has none. Raises Unavailable."""
    name = sought(identity)
    row = None if name is None else connection.execute(_KNOWN, [name]).fetchone()
    known: str | None = None if row is None else row[4]
    fits, renewed = matches(_hashable(password), known)
    if not fits or row is None or not connection.execute(_STILL, [row[0], known]).fetchall():
        return None
    if renewed is not None:
        connection.execute(_RENEW, [renewed, row[0], known])
    return Account(*row[:4])


def _hashable(password: str) -> str:
    """What is too long for a password is none; hashing half a megabyte would only take time."""
    if len(password) > LONGEST * 4:
        return ""
    return normal(password).encode("utf-8", "replace").decode()


def _refused(sentence: str) -> BadUserInput:
    return BadUserInput(sentence, ("password",))
