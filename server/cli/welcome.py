"""What `usher run` says once it serves."""

import os
import shlex
import sys
from typing import Final

from rich.table import Table

from server.cli.console import OUT
from server.errors import UsherError
from server.identity.accounts import Account, Directory
from server.identity.demo_tokens import demo_accounts
from server.web.graphiql_page import demo_queries

_NO_SCHOOL: Final = (
    "There is no school here yet, and so far only the demo makes schools: stop this and start `usher run --demo`. "
    "`usher import` brings files into a school that is there."
)


def welcome(address: str, app_url: str) -> None:
    """The address; in a demo database the accounts and three queries worth trying, without any school how to get one."""
    OUT.print(f"\nUsher serves {address}/graphql, and GraphiQL at {address}/", markup=False)
    try:
        accounts = demo_accounts(app_url)
    except UsherError:
        accounts = []
    if _is_without_school(app_url):
        OUT.print(_NO_SCHOOL, markup=False)
    if accounts:
        OUT.print(_table(accounts))
        OUT.print(f"A bearer token for one of them, good for 15 minutes: {_token_command()}\n", markup=False)
        OUT.print(
            f"Without USHER_SMTP_URL, letters are shown to this machine at {address}/demo/letters\n", markup=False
        )
        for _, document in demo_queries()[:3]:
            OUT.print(document, markup=False)
    # Again, since the queries are longer than most terminals.
    OUT.print(f"Open {address}/ in a browser. Ctrl-C stops it.", markup=False)


def _is_without_school(app_url: str) -> bool:
    try:
        return not Directory(app_url).all()
    except UsherError:
        return False


def _table(accounts: list[Account]) -> Table:
    table = Table("Account", "Capacity", "School", title="Demo accounts", title_justify="left")
    for account in accounts:
        table.add_row(account.name, account.capacity.lower(), account.school_name)
    return table


def _token_command() -> str:
    """As this command was called, with the folder if it was named."""
    home = os.environ.get("USHER_HOME")
    words = [sys.argv[0], "token", "teacher"]
    return shlex.join(words) if home is None else f"USHER_HOME={shlex.quote(home)} {shlex.join(words)}"
