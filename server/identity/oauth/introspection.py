"""What a token is good for, told to the client that it was given to (RFC 7662)."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic
from __future__ import annotations

from typing import Any, ClassVar, cast

from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from server.identity.oauth.bearer_tokens import BearerToken, find_token
from server.identity.oauth.clients import METHODS, OAuthClient
from server.identity.oauth.server import Desk


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS: ClassVar = list(METHODS)

    def query_token(self, token_string: str, token_type_hint: str | None) -> BearerToken | None:  # noqa: ARG002
        desk = cast("Desk", self.server)
        return find_token(desk.connection, desk.verify, token_string)

    def check_permission(self, token: BearerToken, client: OAuthClient, request: Any) -> bool:  # noqa: ARG002
        return token.check_client(client)

    def introspect_token(self, token: BearerToken) -> dict[str, Any]:
        desk, who = cast("Desk", self.server), token.principal
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
