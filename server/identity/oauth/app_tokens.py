"""The answer of the token endpoint for a person's app: an access token (RFC 9068), and a refresh token where it is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from server.identity.oauth.families import ACCESS_LIFETIME
from server.identity.oauth.scopes import OFFLINE
from server.identity.oauth.server import Desk
from server.identity.tokens import token_type

LIFETIME: Final = int(ACCESS_LIFETIME.total_seconds())


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token it is: one hat, by one app. `factor`: two factors were shown when they signed in."""

    family_id: UUID
    client_id: str
    school_id: UUID
    person_id: UUID
    capacity: str
    authenticated_at: datetime
    factor: bool


def app_answer(
    desk: Desk, holder: Holder, scopes: frozenset[str], jkt: str | None, refresh_token: str | None
) -> dict[str, Any]:
    """`jkt`: the thumbprint of the key that the access token is bound to (RFC 9449, section 6.1)."""
    more: dict[str, Any] = {"sid": str(holder.family_id), "auth_time": int(holder.authenticated_at.timestamp())}
    token = desk.signer().issue(
        holder.school_id, holder.person_id, holder.capacity, LIFETIME, holder.client_id, scopes=scopes - {OFFLINE},
        more=more, factor=holder.factor, jkt=jkt,
    )  # fmt: skip
    body = {
        "access_token": token,
        "token_type": token_type(jkt),
        "expires_in": LIFETIME,
        "scope": " ".join(sorted(scopes)),
        "resource": desk.issuer.school(holder.school_id),
    }
    return body if refresh_token is None else body | {"refresh_token": refresh_token}
