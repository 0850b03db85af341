"""usher client: vendors' programs, apps that people sign in with, and what they prove themselves with."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.table import Table

from server.cli.console import ERRORS, OUT, bars, harmless
from server.cli.databases import database
from server.cli.documents import documents
from server.database.pool import owner_connection
from server.demo.sandbox import first_person, sandbox_world, write_sandbox
from server.errors import BadUserInput
from server.exchange.founding import FirstPerson
from server.exchange.sandboxes import SandboxFiles, load_sandbox
from server.identity.demo_tokens import require_demo
from server.identity.issuer import Issuer
from server.identity.oauth.client_end import end_client_and_tokens
from server.identity.oauth.clients import (
    Connection,
    OAuthClient,
    add_key,
    all_clients,
    end_key,
    find_client,
    new_secret,
    register_client,
)
from server.identity.webhooks.registry import end_webhook, set_webhook, webhook_status

client = typer.Typer(
    help="Vendors' programs, and apps that people sign in with.", no_args_is_help=True, rich_markup_mode=None
)
ClientId = Annotated[str, typer.Argument(metavar="CLIENT", help="The client's id.", show_default=False)]
_LARGEST_KEY = 16 * 1024
client.command("documents")(documents)


@client.command("add")
def add(
    client_id: Annotated[str, typer.Argument(metavar="CLIENT", help="Its id: a-z, 0-9 and -.", show_default=False)],
    name: Annotated[str, typer.Option("--name", help="What schools and people read.", show_default=False)],
    key: Annotated[Path | None, typer.Option("--key", help="A file with its public key (JSON Web Key).")] = None,
    redirect: Annotated[
        list[str] | None, typer.Option("--redirect", help="Where codes of people who sign in are sent; several times.")
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="An app that can keep no secret.")] = False,
    first_party: Annotated[bool, typer.Option("--first-party", help="Your own: people needn't consent.")] = False,
) -> None:
    """Register a program, or with --redirect an app that people sign in with.

    With --key it proves itself by signatures, with --public by nothing; else by a secret, which is printed once.
    """
    if public and key is not None:
        raise BadUserInput("Say --key FILE or --public.", ("--public",))
    now = datetime.now(UTC)
    secret = new_secret() if key is None and not public else None
    kinds: dict[str, Any] = {"redirects": redirect or (), "public": public, "first_party": first_party}
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection, connection.transaction():
        register_client(connection, client_id, name, now, secret, **kinds)
        kid = None if key is None else add_key(connection, _found(connection, client_id), _jwk(key), now)
    told = "people can sign in with it." if redirect else "no school has granted it anything yet."
    OUT.print(f"{client_id} is registered; {told}", markup=False)
    proof = "It proves itself by nothing: it is public." if public else f"Its key is {kid}."
    OUT.print(harmless(proof if secret is None else f"Its secret, shown this once: {secret}"), markup=False)


@client.command("sandbox")
def sandbox(client_id: ClientId) -> None:
    """Make a small school of invented people that this program alone is granted, to try it with. It can't be unmade."""
    today = datetime.now(UTC).date()
    with database(existing=True) as addresses, TemporaryDirectory() as folder:
        with ERRORS.status("Inventing a school"):
            files = _sandbox_files(client_id, Path(folder), today)
        with bars() as progress:
            school_id = load_sandbox(addresses.app, client_id, files, today, progress)
    OUT.print(
        f"{files.name} is {Issuer.api_id(school_id)}: {client_id} has all scopes of it, and no end.", markup=False
    )


def _sandbox_files(client_id: str, folder: Path, today: date) -> SandboxFiles:
    world = sandbox_world(f"Sandbox of {client_id}", today)
    mis_id, given, family, roles, since = first_person(world)
    first = FirstPerson(mis_id, given, family, tuple(roles))
    plan = world.plan
    return SandboxFiles(plan.name, plan.urn, plan.laestab, world.year, first, since, *write_sandbox(world, folder))


@client.command("list")
def show() -> None:
    """Print the programs and apps that are, or were, registered."""
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection:
        found = all_clients(connection)
    table = Table()
    table.add_column("client", min_width=max((len(one.client_id) for one in found), default=0))
    for heading in ("name", "proves itself by", "keys", "codes are sent to", "registered", "ended"):
        table.add_column(heading, overflow="fold")
    for one in found:
        sent = [*one.redirects, *(["(first party)"] if one.first_party else [])]
        dates = (f"{one.registered_at:%Y-%m-%d}", f"{one.ended_at:%Y-%m-%d}" if one.ended_at else "")
        table.add_row(
            one.client_id, harmless(one.name), one.method, str(one.keys), "\n".join(map(harmless, sent)), *dates
        )
    OUT.print(table, markup=False)


@client.command("key")
def key(
    client_id: ClientId,
    added: Annotated[Path | None, typer.Option("--add", help="A file with one more public key.")] = None,
    ended: Annotated[str | None, typer.Option("--end", help="The kid of a key to believe no more.")] = None,
) -> None:
    """Add or end a key of a program that proves itself by signatures."""
    if (added is None) == (ended is None):
        raise BadUserInput("Say --add FILE or --end KID.", ("--add",))
    now = datetime.now(UTC)
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection, connection.transaction():
        if added is not None:
            kid = add_key(connection, _found(connection, client_id), _jwk(added), now)
            OUT.print(harmless(f"{client_id} may sign with {kid}, too."), markup=False)
        if ended is not None:
            end_key(connection, client_id, ended, now)
            OUT.print(harmless(f"{ended} is believed no more."), markup=False)


@client.command("webhook")
def webhook(
    client_id: ClientId,
    url: Annotated[str | None, typer.Option("--url", help="Where it is told that there is news: https.")] = None,
    ended: Annotated[bool, typer.Option("--end", help="Call it no more.")] = False,
    loopback: Annotated[bool, typer.Option("--loopback", help="A program on this machine; in a demo alone.")] = False,
) -> None:
    """Set or end the address at which a program is told that there is news, or print how it stands."""
    now = datetime.now(UTC)
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection, connection.transaction():
        if url is not None:
            if loopback:
                require_demo(addresses.app)
            set_webhook(connection, client_id, url, now, loopback=loopback)
        elif ended:
            end_webhook(connection, client_id, now)
        found = webhook_status(connection, client_id)
    OUT.print(harmless(f"{found['status']} {found['url']}" if found else f"{client_id} has no webhook."), markup=False)


@client.command("end")
def end(
    client_id: ClientId,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Give a program no more tokens; those that it has, its own and those of people, end at once."""
    if not yes:
        typer.confirm(f"Give {client_id} no more tokens, and end those that it has? It can't be undone.", abort=True)
    now = datetime.now(UTC)
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection, connection.transaction():
        end_client_and_tokens(connection, client_id, now)
    OUT.print(f"{client_id} gets no more tokens, and those that it has are good no more.", markup=False)


def _found(connection: Connection, client_id: str) -> OAuthClient:
    found = find_client(connection, client_id)
    if found is None:
        raise BadUserInput(f"There is no client {client_id!r}, or it was ended.", ("CLIENT",))
    return found


def _jwk(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _LARGEST_KEY:
        raise BadUserInput("The file is too large for a key.", ("--key",))
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadUserInput("The file holds no JSON Web Key: one JSON object.", ("--key",))
    return found  # pyright: ignore[reportUnknownVariableType]
