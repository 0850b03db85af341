"""What `usher run` says once it serves."""

import os
import shlex
import sys
from typing import Final

from rich.table import Table

from server.cli.console import OUT
from server.database.pool import owner_connection
from server.errors import UsherError
from server.identity.accounts import Account, Directory
from server.identity.demo_tokens import demo_accounts
from server.identity.oauth.demo_clients import APP, APP_REDIRECT, PROGRAM, PROGRAM_SECRET
from server.identity.people.demo_accounts import PASSWORD, SECRET, DemoAccounts, demo_people
from server.identity.people.names import folded
from server.web.graphiql_page import demo_queries

_NO_SCHOOL: Final = (
    "There is no school here yet, and so far only the demo makes schools: stop this and start `usher run --demo`. "
    "`usher import` brings files into a school that is there."
)

_PROGRAMS: Final = (
    f"OAuth clients of the demo: the program {PROGRAM} with the secret {PROGRAM_SECRET} (docs/vendors.md), and the app "
    f"{APP} with codes to {APP_REDIRECT} at any port (docs/apps.md)."
)


def welcome(address: str, app_url: str) -> None:
    """The address; in a demo database the accounts and three queries worth trying, without any school how to get one."""
    OUT.print(f"\nUsher serves {address}/graphql, and GraphiQL at {address}/", markup=False)
    try:
        accounts, people = demo_accounts(app_url), _people(app_url)
    except UsherError:
        accounts, people = [], DemoAccounts(frozenset(), frozenset())
    if _is_without_school(app_url):
        OUT.print(_NO_SCHOOL, markup=False)
    if accounts:
        OUT.print(_table(accounts, people))
        OUT.print(_signing_in(address, people), markup=False)
        OUT.print(
            f"A bearer token for one of them, good for 15 minutes: {_command('token', 'teacher')}\n", markup=False
        )
        OUT.print(f"{_PROGRAMS}\n", markup=False)
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


def _people(app_url: str) -> DemoAccounts:
    with owner_connection(app_url) as connection:
        return demo_people(connection)


def _table(accounts: list[Account], people: DemoAccounts) -> Table:
    table = Table("Account", "Capacity", "School", "Signs in with", title="Demo accounts", title_justify="left")
    for account in accounts:
        name = folded(account.name)
        ways = [*(["password"] if name in people.all else []), *(["code"] if name in people.with_codes else [])]
        table.add_row(account.name, account.capacity.lower(), account.school_name, " and ".join(ways))
    return table


def _signing_in(address: str, people: DemoAccounts) -> str:
    """Where, and with what: known to everybody, and so never of a database with real people."""
    told = f"Sign in at {address}/sign-in as any of them, unless you changed it, with the password: {PASSWORD}\n"
    if people.with_codes:
        told += (
            f"Who shows a code, too, gets it from `{_command('account', 'code', min(people.with_codes))}`, or from an "
            f"authenticator app with the secret: {SECRET}\n"
        )
    return told


def _command(*words: str) -> str:
    """As this command was called, with the folder if it was named."""
    home = os.environ.get("USHER_HOME")
    line = shlex.join([sys.argv[0], *words])
    return line if home is None else f"USHER_HOME={shlex.quote(home)} {line}"
