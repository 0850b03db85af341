"""Short-lived tokens for the demo accounts, in a demo database only."""

from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg

from server.errors import BadUserInput, Forbidden, Unavailable
from server.identity.tokens import TokenIssuer

LIFETIME: Final = 15 * 60
_IS_DEMO: LiteralString = "SELECT value = 'true' FROM usher.installation WHERE name = 'demo'"
_ACCOUNTS: LiteralString = (
    "SELECT identity, school_id, person_id, capacity, school_name FROM usher.login_identity "
    "ORDER BY school_name, identity, capacity"
)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One row of login_identity: an account name with its person, school and capacity."""

    name: str
    school_id: UUID
    person_id: UUID
    capacity: str
    school_name: str


def demo_accounts(app_url: str) -> list[DemoAccount]:
    """All accounts of a demo database. Raises Forbidden where there are real ones, and Unavailable."""
    try:
        with psycopg.connect(app_url, connect_timeout=5) as connection:
            _require_demo(connection)
            return [DemoAccount(*row) for row in connection.execute(_ACCOUNTS).fetchall()]
    except psycopg.errors.UndefinedTable:
        raise Unavailable("The database has no tables yet. Run `usher run` or `usher migrate` first.") from None
    except psycopg.OperationalError:
        raise Unavailable("The database doesn't answer. Start it with `usher run`.") from None


def demo_token(app_url: str, name: str, issuer: TokenIssuer) -> str:
    """A bearer token for the account, good for 15 minutes. Raises BadUserInput, Forbidden, Unavailable."""
    accounts = demo_accounts(app_url)
    found = next((account for account in accounts if account.name == name), None)
    if found is None:
        names = ", ".join(dict.fromkeys(account.name for account in accounts))
        raise BadUserInput(f"There is no demo account of that name. Take one of: {names}.")
    client = found.name if found.capacity == "CLIENT" else None
    return issuer.issue(found.school_id, found.person_id, found.capacity, LIFETIME, client)


def _require_demo(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    row = connection.execute(_IS_DEMO).fetchone()
    if row is None or row[0] is not True:
        raise Forbidden("Tokens are given out here only in a demo database, and this one isn't.")
