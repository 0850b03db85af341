"""Our own access tokens, as revocation and introspection look at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

from server.errors import Unauthenticated
from server.identity.oauth.clients import Connection, OAuthClient
from server.identity.oauth.school_access import act_at
from server.identity.principal import Principal

Verify = Callable[[str], Principal]

_END: LiteralString = (
    "INSERT INTO usher.ended_token (school_id, token_id, person_id, capacity, ended_at, expires_at) "
    "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
_FORGET: LiteralString = "DELETE FROM usher.ended_token WHERE school_id = %s AND person_id = %s AND expires_at < %s"
# Whatever was remembered of the holder is looked at anew, and then it is seen that the token ended.
_RAISE: LiteralString = (
    "UPDATE usher.access_profile SET profile_version = profile_version + 1 "
    "WHERE school_id = %s AND person_id = %s AND capacity = %s"
)
_ENDED: LiteralString = "SELECT 1 FROM usher.ended_token WHERE school_id = %s AND token_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class BearerToken:
    principal: Principal
    ended: bool

    def check_client(self, client: OAuthClient) -> bool:
        return self.principal.client_id == client.client_id

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return self.ended


def find_token(connection: Connection, verify: Verify, text: str) -> BearerToken | None:
    """None for what is no token of ours, or is one no more because it expired."""
    try:
        principal = verify(text)
    except Unauthenticated:
        return None
    act_at(connection, principal.school_id, principal.person_id)
    names = [name for name in principal.endings if name is not None]
    ended = connection.execute(_ENDED, [principal.school_id, names]).fetchone() is not None
    return BearerToken(principal, ended)


def end_token(connection: Connection, token: BearerToken, now: datetime) -> None:
    """From the moment that this commits nobody has any standing by the token, on open streams within two seconds."""
    who = token.principal
    expires = datetime.fromtimestamp(who.expires_at, UTC)
    connection.execute(_FORGET, [who.school_id, who.person_id, now])
    connection.execute(_END, [who.school_id, who.token_id, who.person_id, who.capacity, now, expires])
    connection.execute(_RAISE, [who.school_id, who.person_id, who.capacity])
