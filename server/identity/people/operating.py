"""What whoever runs the installation does for somebody else's account. The owner is told of it."""

from __future__ import annotations

from datetime import datetime
from typing import LiteralString

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput
from server.identity.people.accounts import Account
from server.identity.people.attempts import forget_name
from server.identity.people.factors import factors_of
from server.identity.people.passwords import set_password
from server.identity.people.premises import Premises
from server.identity.people.recovery_codes import end_recovery_codes
from server.identity.people.sessions import end_all_sessions
from server.identity.people.sign_in import CODE, PASSWORD
from server.identity.people.tidings import tell

_DROP_APPS: LiteralString = "DELETE FROM usher.one_time_secret WHERE account_id = %s"
_DROP_PASSKEYS: LiteralString = "DELETE FROM usher.passkey WHERE account_id = %s"


def set_new_password(
    connection: Connection, premises: Premises, account: Account, password: str, now: datetime
) -> None:
    """The account is signed out everywhere. Raises BadUserInput and Unavailable."""
    set_password(connection, account.account_id, password, now)
    end_all_sessions(connection, account.account_id, now)
    tell(connection, premises, account, "password_changed", now)


def let_try_again(connection: Connection, account: Account) -> None:
    """Whatever strangers failed at under its name; single addresses and browsers wait a quarter of an hour at most."""
    for kind in (PASSWORD, CODE, "reset"):
        forget_name(connection, kind, account.identity)


def remove_factors(connection: Connection, premises: Premises, account: Account, now: datetime) -> None:
    """The account is signed out everywhere. Raises BadUserInput where there are none."""
    if not factors_of(connection, account.account_id).any:
        raise BadUserInput("This account has no second factor.", ("ACCOUNT",))
    connection.execute(_DROP_APPS, [account.account_id])
    connection.execute(_DROP_PASSKEYS, [account.account_id])
    end_recovery_codes(connection, account.account_id)
    end_all_sessions(connection, account.account_id, now)
    tell(connection, premises, account, "factor_changed", now, change="An operator removed all second factors.")
