"""usher account: people's accounts, for whoever runs the installation. A password is never an argument."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

import typer
from rich.table import Column, Table

from server.cli.console import OUT, harmless
from server.cli.databases import database
from server.database.blocking_pool import BlockingConnection as Connection
from server.database.pool import owner_connection
from server.errors import BadUserInput
from server.identity.issuer import Issuer
from server.identity.people.accounts import Account, end_account, find_account, make_account
from server.identity.people.demo_accounts import demo_code
from server.identity.people.factors import factors_of
from server.identity.people.hats import hats
from server.identity.people.listing import listed_accounts
from server.identity.people.operating import let_try_again, remove_factors, set_new_password
from server.identity.people.premises import Premises
from server.identity.people.sessions import Session, end_all_sessions, end_session, sessions_of
from server.settings import load_settings

account = typer.Typer(help="People's accounts.", no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The name to sign in with.", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]
_MOST: Final = 500


@account.command("add")
def add(
    name: Name,
    email: Annotated[str | None, typer.Option("--email", help="Where its letters go.", show_default=False)] = None,
) -> None:
    """Make an account without a password. It puts on whatever hats schools gave to that name: make sure whose it is."""
    with _connection() as connection:
        made = make_account(connection, name, email, datetime.now(UTC), of_hats=True)
        worn = len(hats(connection, made.identity))
    OUT.print(harmless(f"{made.identity} is an account; it may act in {worn} capacities."), markup=False)
    OUT.print(harmless(f"Give it a password: usher account password {made.identity}"), markup=False)


@account.command("list")
def show_all(
    beginning: Annotated[str, typer.Argument(help="How the names begin; all without it.")] = "",
) -> None:
    """Print the accounts that are, or were, at most 500."""
    with _connection() as connection:
        found = listed_accounts(connection, beginning, _MOST + 1)
    table = Table(_whole("account"), _whole("letters to"), "proves itself by", "made", "ended")
    for one in found[:_MOST]:
        dates = (f"{one.made_at:%Y-%m-%d}", f"{one.ended_at:%Y-%m-%d}" if one.ended_at else "")
        table.add_row(harmless(one.identity), harmless(one.email or ""), one.proofs, *dates)
    OUT.print(table, markup=False)
    if len(found) > _MOST:
        OUT.print(f"There are more than {_MOST}: say how the names begin.", markup=False)


@account.command("show")
def show(name: Name) -> None:
    """Print what is known of an account: where it may act, its factors and its sessions."""
    with _connection() as connection:
        found = _found(connection, name)
        worn, factors = hats(connection, found.identity), factors_of(connection, found.account_id)
        on = sessions_of(connection, found.account_id, datetime.now(UTC))
    lines = [f"{found.identity}, letters to {found.email or 'nowhere'}"]
    lines += [f"It ended on {found.ended_at:%Y-%m-%d}."] if found.ended_at else []
    lines += [f"{hat.school_name}: {hat.capacity.lower()}" for hat in worn] or ["It may act nowhere."]
    lines += ["An authenticator app gives its codes."] if factors.app else []
    lines += [f"Passkey {key.name}, made {key.made_at:%Y-%m-%d}" for key in factors.passkeys]
    lines += [f"{factors.codes_left} recovery codes are left."] if factors.any else ["It has no second factor."]
    lines += [f"{len(on)} sessions are on."]
    for line in lines:
        OUT.print(harmless(line), markup=False)


@account.command("password")
def password(name: Name) -> None:
    """Set a password, read from the terminal or from standard input, and end the account's sessions."""
    new = _read_password()
    with _connection() as connection:
        found = _found(connection, name)
        set_new_password(connection, _premises(), found, new, datetime.now(UTC))
    OUT.print(harmless(f"{found.identity} has a new password, and is signed out everywhere."), markup=False)


@account.command("end")
def end(name: Name, yes: Yes = False) -> None:
    """End an account, its sessions and its apps' tokens at once. Its name is never given to anybody again."""
    _confirm(f"End {name} for good?", yes)
    with _connection() as connection:
        found = _found(connection, name)
        end_account(connection, found.account_id, datetime.now(UTC))
    OUT.print(harmless(f"{found.identity} has ended."), markup=False)


@account.command("sessions")
def sessions(
    name: Name,
    ended: Annotated[str | None, typer.Option("--end", help="The id of a session to end, or `all`.")] = None,
    yes: Yes = False,
) -> None:
    """Print the sessions of an account that are on, or end one or all of them, with what they let apps do."""
    now = datetime.now(UTC)
    with _connection() as connection:
        found = _found(connection, name)
        on = sessions_of(connection, found.account_id, now)
        if ended is None:
            OUT.print(_sessions(on), markup=False)
            return
        _confirm(f"End {'all sessions' if ended == 'all' else 'the session'} of {name}?", yes)
        if ended == "all":
            end_all_sessions(connection, found.account_id, now)
        else:
            end_session(connection, _chosen(on, ended), now)
    OUT.print(harmless(f"{found.identity} is signed out {'everywhere' if ended == 'all' else 'there'}."), markup=False)


@account.command("unlock")
def unlock(name: Name) -> None:
    """Let an account be tried again at once after too many wrong passwords or codes, from wherever."""
    with _connection() as connection:
        found = _found(connection, name)
        let_try_again(connection, found)
    OUT.print(harmless(f"{found.identity} may be tried again from new browsers."), markup=False)


@account.command("factors")
def factors(
    name: Name,
    remove: Annotated[bool, typer.Option("--remove", help="Remove them: app, passkeys and recovery codes.")] = False,
    yes: Yes = False,
) -> None:
    """Remove the second factors of somebody who lost them all, after you have made sure who is asking."""
    if not remove:
        raise BadUserInput("Say --remove; `usher account show` prints them.", ("--remove",))
    _confirm(f"Remove all second factors of {name}? Whoever has the password can then set up new ones.", yes)
    with _connection() as connection:
        found = _found(connection, name)
        remove_factors(connection, _premises(), found, datetime.now(UTC))
    OUT.print(harmless(f"{found.identity} has no second factor, and is signed out everywhere."), markup=False)


@account.command("code")
def code(name: Name) -> None:
    """Print the code of now for a demo account that shows one. Demo databases only."""
    with _connection() as connection:
        OUT.print(demo_code(connection, name, datetime.now(UTC)), markup=False)


@contextmanager
def _connection() -> Generator[Connection]:
    """In a transaction that commits unless the block raises."""
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection, connection.transaction():
        yield connection


def _premises() -> Premises:
    settings = load_settings()
    return Premises.of(Issuer(settings.issuer), settings.keys)


def _found(connection: Connection, name: str) -> Account:
    found = find_account(connection, name)
    if found is None:
        raise BadUserInput(f"There is no account {name!r}.", ("ACCOUNT",))
    return found


def _chosen(on: list[Session], text: str) -> UUID:
    found = next((one.session_id for one in on if str(one.session_id) == text), None)
    if found is None:
        raise BadUserInput("This account has no such session: `usher account sessions` prints them.", ("--end",))
    return found


def _sessions(on: list[Session]) -> Table:
    table = Table(_whole("session"), "begun", "last seen", "second factor", "browser")
    for one in on:
        times = (f"{one.begun_at:%Y-%m-%d %H:%M}", f"{one.seen_at:%Y-%m-%d %H:%M}")
        table.add_row(str(one.session_id), *times, "yes" if one.factor_at else "no", harmless(one.agent))
    return table


def _whole(heading: str) -> Column:
    """What is typed again is never cut short."""
    return Column(heading, overflow="fold")


def _read_password() -> str:
    """Twice where somebody types it unseen, once from a pipe."""
    if sys.stdin.isatty():
        return str(typer.prompt("New password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline(4096).rstrip("\r\n")


def _confirm(question: str, yes: bool) -> None:
    if not yes:
        typer.confirm(harmless(question), abort=True)
