"""What a token is good for, told to the client that it was given to (RFC 7662)."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic
from __future__ import annotations

from typing import Any, ClassVar, cast

from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from server.identity.oauth.bearer_tokens import BearerToken
from server.identity.oauth.clients import PROVED, OAuthClient
from server.identity.oauth.refresh_tokens import RefreshToken
from server.identity.oauth.server import Desk
from server.identity.oauth.vendor_tokens import VendorToken
from server.identity.tokens import token_type

Token = BearerToken | RefreshToken | VendorToken


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS: ClassVar = list(PROVED)

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:  # noqa: ARG002
        return cast("Desk", self.server).find_token(token_string)

    def check_permission(self, token: Token, client: OAuthClient, request: Any) -> bool:  # noqa: ARG002
        return token.check_client(client)

    def introspect_token(self, token: Token) -> dict[str, Any]:
        desk = cast("Desk", self.server)
        if isinstance(token, RefreshToken):
            return _of_family(desk, token)
        return _of_vendor(desk, token) if isinstance(token, VendorToken) else _of_school(desk, token)


def _of_vendor(desk: Desk, token: VendorToken) -> dict[str, Any]:
    named = {"iss": desk.issuer.url, "aud": desk.issuer.vendor, "sub": token.client_id, "client_id": token.client_id}
    return {"active": True, **named, "token_type": "Bearer", "exp": token.expires_at, "jti": token.token_id}


def _of_school(desk: Desk, token: BearerToken) -> dict[str, Any]:
    who = token.principal
    return {
        "active": True,
        "iss": desk.issuer.url,
        "aud": desk.issuer.school(who.school_id),
        "sub": str(who.person_id),
        "client_id": who.client_id,
        "token_type": token_type(who.jkt),
        "scope": " ".join(sorted(who.scopes or ())),
        "exp": who.expires_at,
        "jti": who.token_id,
        **_bound(who.jkt),
    }


def _of_family(desk: Desk, token: RefreshToken) -> dict[str, Any]:
    """Of a refresh token: nothing says here how an access token is brought."""
    good = token.is_good(desk.now)
    told = {
        "active": True,
        "iss": desk.issuer.url,
        "aud": desk.issuer.school(token.school_id),
        "sub": str(token.person_id),
        "client_id": token.client_id,
        "scope": " ".join(sorted(token.scopes)),
        "exp": int(min(token.expires_at, token.family_until).timestamp()),
        **_bound(token.jkt),
    }
    return told if good else {"active": False}


def _bound(jkt: str | None) -> dict[str, Any]:
    """RFC 9449, section 6.2."""
    return {} if jkt is None else {"cnf": {"jkt": jkt}}
