"""Tokens for programs that act for themselves (RFC 6749, section 4.4), each for one school (RFC 8707)."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic, reportOptionalMemberAccess=false, reportReturnType=false
from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, cast

from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from server.identity.oauth.allowance import count_school_token, count_vendor_token
from server.identity.oauth.clients import PROVED, OAuthClient
from server.identity.oauth.proofs_at_desk import shown_key
from server.identity.oauth.school_access import SchoolAccess, school_access
from server.identity.oauth.server import Desk
from server.identity.oauth.targets import InvalidTargetError
from server.identity.oauth.vendor_tokens import vendor_claims
from server.identity.tokens import token_type
from server.policies.vocabulary import expanded

LIFETIME: Final = 10 * 60
_LONGEST_SCOPE: Final = 500


class ClientCredentials(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = list(PROVED)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The token and its scopes, which are all that the school granted or the part that was asked for."""
        desk = cast("Desk", self.server)
        client = cast("OAuthClient", self.request.client)
        if self.request.payload.data.get("resource") == desk.issuer.vendor:
            return 200, self._vendor_token(desk, client), self.TOKEN_RESPONSE_HEADER
        access = self._access(desk, client)
        scopes = self._scopes(access)
        count_school_token(desk.connection, client.client_id, access.school_id, desk.now)
        jkt = shown_key(desk, self.request)
        token = desk.signer().issue(
            access.school_id, access.person_id, "CLIENT", LIFETIME, client.client_id, scopes=scopes, jkt=jkt
        )
        body = {
            "access_token": token,
            "token_type": token_type(jkt),
            "expires_in": LIFETIME,
            "scope": " ".join(sorted(scopes)),
        }
        return 200, body, self.TOKEN_RESPONSE_HEADER

    def _vendor_token(self, desk: Desk, client: OAuthClient) -> dict[str, Any]:
        """A program's own, which schools granted nothing: by it the program lists its grants."""
        if self.request.payload.scope is not None:
            raise InvalidScopeError("A token for the list of grants has no scopes: leave scope out.")
        token_id = secrets.token_urlsafe(16)
        claims = vendor_claims(client.client_id, token_id, desk.issuer, desk.now, LIFETIME)
        expires = datetime.fromtimestamp(claims["exp"], UTC)
        count_vendor_token(desk.connection, client.client_id, token_id, desk.now, expires)
        return {"access_token": desk.signer().sign(claims), "token_type": "Bearer", "expires_in": LIFETIME}

    def _access(self, desk: Desk, client: OAuthClient) -> SchoolAccess:
        resource = self.request.payload.data.get("resource")
        if not resource:
            example = desk.issuer.at("/schools/ID")
            raise InvalidTargetError(f"Name the school that the token is for: resource={example}.")
        school_id = desk.issuer.school_of(resource)
        access = None if school_id is None else school_access(desk.connection, client.client_id, school_id, desk.now)
        if access is None:
            raise InvalidTargetError("No school of that address has granted this client anything that is in force.")
        return access

    def _scopes(self, access: SchoolAccess) -> frozenset[str]:
        asked = self.request.payload.scope
        if asked is None:
            return access.scopes
        wanted = frozenset(asked.split()) if len(asked) <= _LONGEST_SCOPE else frozenset({""})
        # A name of before the split stands for those of its parts that the school granted.
        wanted = frozenset(one for name in wanted for one in _meant(name, access.scopes))
        if not wanted or not wanted <= access.scopes:
            raise InvalidScopeError(
                "The school has not granted all of these scopes: ask for fewer, or leave scope out."
            )
        return wanted


def _meant(name: str, granted: frozenset[str]) -> frozenset[str]:
    return (expanded([name]) & granted) or frozenset({name})
