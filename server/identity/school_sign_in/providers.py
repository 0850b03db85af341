"""A school's providers of sign-in: registered with what their ID tokens must say, found, ended."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, LiteralString
from urllib.parse import urlsplit
from uuid import UUID

from server.database.blocking_pool import BlockingConnection as Connection
from server.database.keys import new_key
from server.errors import BadUserInput, Unavailable
from server.identity.issuer import Issuer
from server.identity.people.premises import Premises

CLAIMS: Final = ("hd", "tid")
_LONGEST: Final = 255
_PLAIN: Final = re.compile(r"[\x21-\x7e]+")
# Everybody's: without the school's own tenant anybody with an account there would be one of the school's.
_SHARED: Final = ("accounts.google.com", "login.microsoftonline.com", "login.microsoft.com", "sts.windows.net")

_ALL: LiteralString = (
    "SELECT provider_id, school_id, school_name, issuer, client_id, sealed, tenant_claim, tenant, factor "
    "FROM usher.school_provider WHERE ended_at IS NULL ORDER BY school_name, issuer, provider_id"
)
_ONE: LiteralString = (
    "SELECT provider_id, school_id, school_name, issuer, client_id, sealed, tenant_claim, tenant, factor "
    "FROM usher.school_provider WHERE provider_id = %s AND ended_at IS NULL"
)
_NAMED: LiteralString = (
    "SELECT school_id, min(school_name) FROM usher.login_identity "
    "WHERE school_name = %(name)s OR school_id = %(key)s GROUP BY school_id ORDER BY school_id LIMIT 2"
)


@dataclass(frozen=True, slots=True)
class Provider:
    """See SchoolProviderRow."""

    provider_id: UUID
    school_id: UUID
    school_name: str
    issuer: str
    client_id: str
    sealed: str = field(repr=False)
    tenant_claim: str | None
    tenant: str | None
    factor: str | None

    @property
    def host(self) -> str:
        return urlsplit(self.issuer).hostname or ""

    def secret(self, premises: Premises) -> str:
        """Raises Unavailable where it was encrypted by another key."""
        return premises.box.open(self.sealed, _about(self.provider_id)).decode()


def redirect_uri(issuer: Issuer, provider_id: UUID) -> str:
    """Each provider has an address of its own to answer to, so that none can pass for another (RFC 9700, 4.4.2.1)."""
    return issuer.at(f"/sign-in/school/{provider_id}/back")


def register_provider(
    connection: Connection,
    premises: Premises,
    school: tuple[UUID, str],
    now: datetime,
    *,
    issuer: str,
    client_id: str,
    secret: str,
    tenant: tuple[str, str] | None = None,
    factor: str | None = None,
) -> Provider:
    """`school`: id and name; `tenant`: claim and value. Raises BadUserInput."""
    _check_issuer(issuer, premises.issuer)
    _check(client_id, "client_id")
    _check(secret, "secret")
    if factor is not None:
        _check(factor, "factor")
    _check_tenant(issuer, tenant)
    key = new_key()
    sealed = premises.box.seal(secret.encode(), _about(key))
    claim, value = tenant or (None, None)
    made = Provider(key, *school, issuer, client_id, sealed, claim, value, factor)
    statement: LiteralString = (
        "INSERT INTO usher.school_provider (provider_id, school_id, school_name, issuer, client_id, sealed, "
        "tenant_claim, tenant, factor, registered_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    )
    row = [key, *school, issuer, client_id, sealed, claim, value, factor, now]
    connection.execute(statement, row)
    return made


def all_providers(connection: Connection) -> list[Provider]:
    """In order of the schools' names."""
    return [Provider(*row) for row in connection.execute(_ALL).fetchall()]


def find_provider(connection: Connection, provider_id: UUID) -> Provider | None:
    """None for one that ended."""
    row = connection.execute(_ONE, [provider_id]).fetchone()
    return None if row is None else Provider(*row)


def end_provider(connection: Connection, provider_id: UUID, now: datetime) -> None:
    """Nobody signs in by it any more; who is signed in stays. Raises BadUserInput where there is none."""
    statement: LiteralString = (
        "UPDATE usher.school_provider SET ended_at = %s WHERE provider_id = %s AND ended_at IS NULL"
    )
    if connection.execute(statement, [now, provider_id]).rowcount == 0:
        raise BadUserInput("There is no such provider, or it was ended.", ("provider",))


def school_named(connection: Connection, text: str) -> tuple[UUID, str]:
    """Id and name of the school of that name, or id. Raises BadUserInput."""
    try:
        key = UUID(text.removeprefix("sch_"))
    except ValueError:
        key = None
    found = connection.execute(_NAMED, {"name": text, "key": key}).fetchall()
    if len(found) != 1:
        raise BadUserInput("No school, or more than one, is called so: give its id (sch_...).", ("SCHOOL",))
    return found[0][0], found[0][1]


def _about(provider_id: UUID) -> bytes:
    return f"school provider {provider_id}".encode()


def _check_issuer(issuer: str, own: Issuer) -> None:
    """As our own address is checked; on this machine's own addresses only where we are, too."""
    try:
        found = Issuer(issuer.removesuffix("/"))
    except Unavailable:
        raise BadUserInput(
            "The issuer must be an https address, as the provider itself names it.", ("issuer",)
        ) from None
    if found.is_local and not own.is_local:
        raise BadUserInput("The issuer must be reachable from outside.", ("issuer",))


def _check_tenant(issuer: str, tenant: tuple[str, str] | None) -> None:
    if tenant is None:
        if (urlsplit(issuer).hostname or "").endswith(_SHARED):
            raise BadUserInput(
                "This provider serves everybody: give the claim (hd, tid) and value of the school's own tenant.",
                ("tenant",),
            )
        return
    if tenant[0] not in CLAIMS:
        raise BadUserInput("The tenant's claim is hd (Google) or tid (Microsoft).", ("tenant",))
    _check(tenant[1], "tenant")


def _check(text: str, name: str) -> None:
    if len(text) > _LONGEST or _PLAIN.fullmatch(text) is None:
        raise BadUserInput(f"{name} has 1 to {_LONGEST} printable characters of ASCII, and no blank.", (name,))
