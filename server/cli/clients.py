"""usher client: vendors' programs, and what they prove themselves with."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from server.cli.console import OUT, harmless
from server.cli.databases import database
from server.database.pool import owner_connection
from server.errors import BadUserInput
from server.identity.oauth.clients import (
    Connection,
    OAuthClient,
    add_key,
    all_clients,
    end_client,
    end_key,
    find_client,
    new_secret,
    register_client,
)

client = typer.Typer(help="Vendors' programs.", no_args_is_help=True, rich_markup_mode=None)
ClientId = Annotated[str, typer.Argument(metavar="CLIENT", help="The client's id.", show_default=False)]
_LARGEST_KEY = 16 * 1024


@client.command("add")
def add(
    client_id: Annotated[str, typer.Argument(metavar="CLIENT", help="Its id: a-z, 0-9 and -.", show_default=False)],
    name: Annotated[str, typer.Option("--name", help="What schools read.", show_default=False)],
    key: Annotated[Path | None, typer.Option("--key", help="A file with its public key (JSON Web Key).")] = None,
) -> None:
    """Register a program. With --key it proves itself by signatures; without, by a secret, which is printed once."""
    now = datetime.now(UTC)
    secret = new_secret() if key is None else None
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection, connection.transaction():
        register_client(connection, client_id, name, now, secret)
        kid = None if key is None else add_key(connection, _found(connection, client_id), _jwk(key), now)
    OUT.print(f"{client_id} is registered; no school has granted it anything yet.", markup=False)
    told = f"Its key is {kid}." if secret is None else f"Its secret, shown this once: {secret}"
    OUT.print(harmless(told), markup=False)


@client.command("list")
def show() -> None:
    """Print the programs that are, or were, registered."""
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection:
        found = all_clients(connection)
    table = Table("client", "name", "proves itself by", "keys", "registered", "ended")
    for client_id, name, method, registered, ended, keys in found:
        dates = (f"{registered:%Y-%m-%d}", f"{ended:%Y-%m-%d}" if ended else "")
        table.add_row(client_id, harmless(name), method, str(keys), *dates)
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


@client.command("end")
def end(
    client_id: ClientId,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Give a program no more tokens; those that it has are good for ten more minutes at most."""
    if not yes:
        typer.confirm(f"Give {client_id} no more tokens? It can't be undone.", abort=True)
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection, connection.transaction():
        end_client(connection, client_id, datetime.now(UTC))
    OUT.print(f"{client_id} gets no more tokens.", markup=False)


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
