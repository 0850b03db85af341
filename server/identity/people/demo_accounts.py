"""Accounts of a demo: one password for all of them that everybody knows, and one secret for codes. In demos alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from pyotp.totp import TOTP

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput, Forbidden
from server.identity.people.accounts import find_account, make_account
from server.identity.people.names import folded
from server.identity.people.one_time_codes import confirm_secret, keep_secret
from server.identity.people.passwords import set_password
from server.identity.people.premises import Premises

PASSWORD: Final = "look around the demo"  # noqa: S105 - everybody knows it
SECRET: Final = "USHERDEMOUSHERDEMOUSHERDEMOUSHER"  # noqa: S105 - everybody knows it
_DOMAIN: Final = "demo.example"  # reserved for such (RFC 2606): no letter to it reaches anybody

_IS_DEMO: LiteralString = "SELECT 1 FROM usher.installation WHERE name = 'demo' AND value = 'true'"
_LACKING: LiteralString = (
    "SELECT DISTINCT i.identity FROM usher.login_identity AS i WHERE i.capacity <> 'CLIENT' "
    "AND NOT EXISTS (SELECT 1 FROM usher.account AS a WHERE a.identity = lower(i.identity)) ORDER BY i.identity"
)
_WITH_CODES: LiteralString = (
    "SELECT a.identity FROM usher.account AS a JOIN usher.one_time_secret AS o ON o.account_id = a.account_id "
    "WHERE o.confirmed_at IS NOT NULL AND a.ended_at IS NULL"
)
_ALL: LiteralString = "SELECT identity FROM usher.account WHERE ended_at IS NULL"


@dataclass(frozen=True, slots=True)
class DemoAccounts:
    """By folded names; who has an app that gives codes shows one after the password."""

    all: frozenset[str]
    with_codes: frozenset[str]


def lacking_accounts(connection: Connection) -> list[str]:
    """Sign-in identities of the demo's people who have no account yet. Raises Forbidden where there are real people."""
    _refuse_unless_demo(connection)
    return [row[0] for row in connection.execute(_LACKING).fetchall()]


def open_accounts(
    connection: Connection,
    premises: Premises,
    identities: Iterable[str],
    demanded: frozenset[str],
    now: datetime,
    made: Callable[[], None] = lambda: None,
) -> None:
    """An account with the known password for each, and the known secret for those of `demanded`.

    `made` is called after each. Raises Forbidden where there are real people.
    """
    _refuse_unless_demo(connection)
    for identity in identities:
        account = make_account(connection, identity, f"{folded(identity)}@{_DOMAIN}", now, of_hats=True)
        set_password(connection, account.account_id, PASSWORD, now)
        if identity in demanded:
            secret_id = keep_secret(connection, premises, account.account_id, SECRET, now)
            confirm_secret(connection, account.account_id, secret_id, now)
        made()


def demo_people(connection: Connection) -> DemoAccounts:
    """Raises Forbidden where there are real people."""
    _refuse_unless_demo(connection)
    every, coded = (frozenset(row[0] for row in connection.execute(one).fetchall()) for one in (_ALL, _WITH_CODES))
    return DemoAccounts(every, coded)


def demo_code(connection: Connection, identity: str, now: datetime) -> str:
    """The code of now of a demo account that shows one. Raises Forbidden where there are real people, BadUserInput."""
    people, account = demo_people(connection), find_account(connection, identity)
    if account is None:
        raise BadUserInput(f"There is no demo account named {identity!r}.", ("account",))
    if account.identity not in people.with_codes:
        raise BadUserInput("This demo account shows no code: the password is enough.", ("account",))
    return TOTP(SECRET).at(now)


def _refuse_unless_demo(connection: Connection) -> None:
    if connection.execute(_IS_DEMO).fetchone() is None:
        raise Forbidden("Known passwords and codes are for demo databases, and this one isn't.")
