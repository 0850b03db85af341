"""What a token is good for, told to the client that it was given to (RFC 7662)."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic
from __future__ import annotations

from typing import Any, ClassVar, cast

from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from server.identity.oauth.bearer_tokens import BearerToken
from server.identity.oauth.clients import METHODS, OAuthClient
from server.identity.oauth.server import Desk
from server.identity.oauth.vendor_tokens import VendorToken

Token = BearerToken | VendorToken


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS: ClassVar = list(METHODS)

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:  # noqa: ARG002
        return cast("Desk", self.server).find_token(token_string)

    def check_permission(self, token: Token, client: OAuthClient, request: Any) -> bool:  # noqa: ARG002
        return token.check_client(client)

    def introspect_token(self, token: Token) -> dict[str, Any]:
        desk = cast("Desk", self.server)
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
        "token_type": "Bearer",
        "scope": " ".join(sorted(who.scopes or ())),
        "exp": who.expires_at,
        "jti": who.token_id,
    }
