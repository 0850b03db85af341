"""Tokens by which a program lists its grants, and nothing else: of no school, without a person, for `ISSUER/vendor`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

from server.errors import Unauthenticated
from server.identity.issuer import Issuer
from server.identity.oauth.clients import Connection, OAuthClient
from server.identity.tokens import VerifyingKeys, read_claims

_FIND: LiteralString = "SELECT ended_at IS NOT NULL FROM usher.vendor_token WHERE token_id = %s AND client_id = %s"
_END: LiteralString = (
    "UPDATE usher.vendor_token SET ended_at = %s WHERE token_id = %s AND client_id = %s AND ended_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class VendorToken:
    """`expires_at` is in seconds since 1970."""

    client_id: str
    token_id: str
    expires_at: int
    ended: bool

    def check_client(self, client: OAuthClient) -> bool:
        return self.client_id == client.client_id

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return self.ended


def vendor_claims(client_id: str, token_id: str, issuer: Issuer, now: datetime, lifetime: int) -> dict[str, Any]:
    """RFC 9068, without the claims by which a token names a school: as one of a school's it is never read."""
    issued = int(now.timestamp())
    named = {"iss": issuer.url, "aud": issuer.vendor, "sub": client_id, "client_id": client_id}
    return named | {"jti": token_id, "iat": issued, "exp": issued + lifetime}


def find_vendor_token(
    connection: Connection, keys: VerifyingKeys, issuer: Issuer, now: datetime, text: str
) -> VendorToken | None:
    """None for what is no such token of ours, or is one no more because it expired."""
    try:
        claims = read_claims(text, keys)
    except Unauthenticated:
        return None
    if not _is_ours(claims, issuer, now):
        return None
    row = connection.execute(_FIND, [claims["jti"], claims["sub"]]).fetchone()
    return None if row is None else VendorToken(claims["sub"], claims["jti"], claims["exp"], bool(row[0]))


def end_vendor_token(connection: Connection, token: VendorToken, now: datetime) -> None:
    connection.execute(_END, [now.astimezone(UTC), token.token_id, token.client_id])


def _is_ours(claims: Mapping[str, Any], issuer: Issuer, now: datetime) -> bool:
    texts = all(isinstance(claims.get(name), str) for name in ("sub", "jti"))
    named = (claims.get("iss"), claims.get("aud")) == (issuer.url, issuer.vendor)
    return texts and named and type(claims.get("exp")) is int and claims["exp"] > now.timestamp()
