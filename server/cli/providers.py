"""usher account provider: by which accounts of its own a school signs in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from server.cli.console import OUT, harmless
from server.cli.databases import database
from server.database.pool import owner_connection
from server.errors import BadUserInput
from server.identity.issuer import Issuer
from server.identity.people.premises import Premises
from server.identity.school_sign_in.providers import (
    all_providers,
    end_provider,
    redirect_uri,
    register_provider,
    school_named,
)
from server.settings import load_settings

_LARGEST_SECRET = 4096


def provider(
    school: Annotated[str | None, typer.Argument(metavar="SCHOOL", help="Its name, or its id (sch_...).")] = None,
    issuer: Annotated[str | None, typer.Option("--issuer", help="The provider's issuer, as it names itself.")] = None,
    client: Annotated[str | None, typer.Option("--client", help="The id that the provider gave this server.")] = None,
    secret_file: Annotated[
        Path | None, typer.Option("--secret-file", help="A file with the secret; asked for where left out.")
    ] = None,
    tenant: Annotated[
        str | None, typer.Option("--tenant", help="hd=DOMAIN (Google) or tid=ID (Microsoft): the school's own.")
    ] = None,
    factor: Annotated[
        str | None, typer.Option("--factor", help="What amr or acr say of whoever showed two factors, such as mfa.")
    ] = None,
    ended: Annotated[str | None, typer.Option("--end", help="The id of a provider that nobody signs in by.")] = None,
) -> None:
    """Let a school's people sign in by their accounts there (OpenID Connect), or, without options, list who does."""
    if ended is not None:
        _end(ended)
    elif issuer is None and client is None and secret_file is None and tenant is None and factor is None:
        _show(school)
    elif school is None or issuer is None or client is None:
        raise BadUserInput("Give SCHOOL, --issuer and --client.", ("SCHOOL",))
    else:
        _add(school, issuer, client, _secret(secret_file), _tenant(tenant), factor)


def _add(
    school: str, issuer: str, client: str, secret: str, tenant: tuple[str, str] | None, factor: str | None
) -> None:
    settings = load_settings()
    premises = Premises.of(Issuer(settings.issuer), settings.keys)
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection, connection.transaction():
        named = school_named(connection, school)
        made = register_provider(
            connection, premises, named, datetime.now(UTC),
            issuer=issuer, client_id=client, secret=secret, tenant=tenant, factor=factor,
        )  # fmt: skip
    OUT.print(harmless(f"{made.school_name} signs in by {made.host}: {made.provider_id}"), markup=False)
    OUT.print(f"Register this address there: {redirect_uri(premises.issuer, made.provider_id)}", markup=False)


def _end(text: str) -> None:
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection, connection.transaction():
        try:
            key = UUID(text)
        except ValueError:
            raise BadUserInput("The id looks like 1b4e28ba-2fa1-4d2e-883f-0016d3cca427.", ("--end",)) from None
        end_provider(connection, key, datetime.now(UTC))
    OUT.print("Nobody signs in by it any more.", markup=False)


def _show(school: str | None) -> None:
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection:
        wanted = None if school is None else school_named(connection, school)[0]
        found = [one for one in all_providers(connection) if wanted in (None, one.school_id)]
    for one in found:
        tenant = f"{one.tenant_claim}={one.tenant}" if one.tenant_claim else "no tenant"
        line = f"{one.provider_id}  {one.school_name}  {one.issuer}  {one.client_id}  {tenant}"
        OUT.print(harmless(f"{line}  two factors: {one.factor}" if one.factor else line), markup=False)


def _secret(path: Path | None) -> str:
    """Never on the command line, where others read it."""
    if path is None:
        return str(typer.prompt("Secret", hide_input=True)).strip()
    if path.stat().st_size > _LARGEST_SECRET:
        raise BadUserInput("The file is too large for a secret.", ("--secret-file",))
    try:
        return path.read_bytes().decode("ascii").strip()
    except UnicodeDecodeError:
        raise BadUserInput("The file holds no secret.", ("--secret-file",)) from None


def _tenant(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    claim, _, value = text.partition("=")
    if not value:
        raise BadUserInput("--tenant is hd=DOMAIN or tid=ID.", ("--tenant",))
    return claim, value
