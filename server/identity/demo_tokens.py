"""Short-lived tokens for the demo accounts, in a demo database only."""

from typing import Final

from server.errors import BadUserInput, Forbidden
from server.identity.accounts import Account, Directory
from server.identity.tokens import TokenIssuer

LIFETIME: Final = 15 * 60


def demo_accounts(app_url: str) -> list[Account]:
    """All accounts of a demo database. Raises Forbidden where there are real ones, and Unavailable."""
    directory = Directory(app_url)
    if directory.fact("demo") != "true":
        raise Forbidden("Tokens are given out here only in a demo database, and this one isn't.")
    return directory.all()


def require_demo(app_url: str) -> None:
    """Raises Forbidden where there are real accounts, and Unavailable."""
    if Directory(app_url).fact("demo") != "true":
        raise Forbidden("A webhook on this machine is for demo databases, and this one isn't.")


def demo_token(app_url: str, name: str, issuer: TokenIssuer) -> str:
    """A bearer token for the account, good for 15 minutes, as of somebody who signed in with two factors.

    Raises BadUserInput, Forbidden, Unavailable.
    """
    accounts = demo_accounts(app_url)
    found = next((account for account in accounts if account.name == name), None)
    if found is None:
        names = ", ".join(dict.fromkeys(account.name for account in accounts))
        raise BadUserInput(f"There is no demo account of that name. Take one of: {names}.", ("account",))
    client = found.name if found.capacity == "CLIENT" else None
    return issuer.issue(found.school_id, found.person_id, found.capacity, LIFETIME, client, factor=client is None)
