"""Accounts: made, found, given another address for letters, ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from server.database.blocking_pool import BlockingConnection as Connection
from server.database.keys import new_key
from server.errors import BadUserInput
from server.identity.letters.addresses import check_address
from server.identity.people.names import name_of, sought
from server.identity.people.sessions import end_all_sessions

_BY_NAME: LiteralString = "SELECT account_id, identity, email, ended_at FROM usher.account WHERE identity = %s"
_BY_ID: LiteralString = "SELECT account_id, identity, email, ended_at FROM usher.account WHERE account_id = %s"
_ALL: LiteralString = "SELECT account_id, identity, email, ended_at FROM usher.account ORDER BY identity"

_WORN: LiteralString = "SELECT 1 FROM usher.login_identity WHERE identity = %s LIMIT 1"


@dataclass(frozen=True, slots=True)
class Account:
    """`identity` is the name to sign in with; `email`, where letters go, belongs to no account alone."""

    account_id: UUID
    identity: str
    email: str | None
    ended_at: datetime | None


def make_account(
    connection: Connection, identity: str, email: str | None, now: datetime, *, of_hats: bool = False
) -> Account:
    """An account without a password. Raises BadUserInput for a name that was ever taken, or is none.

    `of_hats`: an operator says that it is for whom schools gave hats of that name. Anybody else would put them on by
    choosing the name.
    """
    made = Account(new_key(), name_of(identity), None if email is None else check_address(email), None)
    if not of_hats and connection.execute(_WORN, [made.identity]).fetchone() is not None:
        raise _taken()
    statement: LiteralString = (
        "INSERT INTO usher.account (account_id, identity, email, made_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (identity) DO NOTHING"
    )
    if connection.execute(statement, [made.account_id, made.identity, made.email, now]).rowcount == 0:
        raise _taken()
    return made


def find_account(connection: Connection, identity: str) -> Account | None:
    """That of the name in whichever case, ended or not."""
    name = sought(identity)
    row = None if name is None else connection.execute(_BY_NAME, [name]).fetchone()
    return None if row is None else Account(*row)


def account_of(connection: Connection, account_id: UUID) -> Account | None:
    """Ended or not."""
    row = connection.execute(_BY_ID, [account_id]).fetchone()
    return None if row is None else Account(*row)


def all_accounts(connection: Connection) -> Sequence[Account]:
    """In order of their names."""
    return [Account(*row) for row in connection.execute(_ALL).fetchall()]


def set_email(connection: Connection, account_id: UUID, email: str | None) -> None:
    """Where letters go from now on; whoever asks has shown that it is theirs. Raises BadUserInput."""
    address = None if email is None else check_address(email)
    connection.execute("UPDATE usher.account SET email = %s WHERE account_id = %s", [address, account_id])


def end_account(connection: Connection, account_id: UUID, now: datetime) -> None:
    """Nobody signs in with it again, and whoever is signed in isn't any more. Raises BadUserInput where there is none."""
    statement: LiteralString = "UPDATE usher.account SET ended_at = %s WHERE account_id = %s AND ended_at IS NULL"
    if connection.execute(statement, [now, account_id]).rowcount == 0:
        raise BadUserInput("There is no such account, or it was ended.", ("account",))
    end_all_sessions(connection, account_id, now)


def _taken() -> BadUserInput:
    return BadUserInput("This sign-in name is taken: choose another one.", ("identity",))
