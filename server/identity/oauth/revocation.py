"""Ending a token before its time (RFC 7009)."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic
from __future__ import annotations

from typing import Any, ClassVar, cast

from authlib.oauth2.rfc7009 import RevocationEndpoint

from server.identity.oauth.bearer_tokens import BearerToken, end_token
from server.identity.oauth.clients import METHODS
from server.identity.oauth.families import end_families
from server.identity.oauth.refresh_tokens import RefreshToken
from server.identity.oauth.server import Desk
from server.identity.oauth.vendor_tokens import VendorToken, end_vendor_token

Token = BearerToken | RefreshToken | VendorToken


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS: ClassVar = list(METHODS)

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:  # noqa: ARG002
        return cast("Desk", self.server).find_token(token_string)

    def revoke_token(self, token: Token, request: Any) -> None:  # noqa: ARG002
        desk = cast("Desk", self.server)
        if isinstance(token, VendorToken):
            end_vendor_token(desk.connection, token, desk.now)
        elif isinstance(token, RefreshToken):
            end_families(desk.connection, desk.now, family_id=token.family_id, ending="REVOKED")
        else:
            end_token(desk.connection, token, desk.now)
