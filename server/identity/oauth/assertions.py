"""Programs that prove themselves by a signature: private_key_jwt (RFC 7523, sections 2.2 and 3)."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic, reportGeneralTypeIssues=false, reportCallIssue=false, reportAttributeAccessIssue=false
from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, LiteralString

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, import_key

from server.identity.issuer import Issuer
from server.identity.oauth.clients import KEY, Connection, OAuthClient

ALGORITHMS: Final = ["ES256", "EdDSA", "Ed25519", "PS256", "RS256"]
LONGEST_LIFE: Final = 5 * 60
_LONGEST_JTI: Final = 200
_FORGET: LiteralString = "DELETE FROM usher.oauth_assertion WHERE client_id = %s AND expires_at < %s"
_USE: LiteralString = (
    "INSERT INTO usher.oauth_assertion (client_id, jti, expires_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
)


class PrivateKeyJwt(JWTBearerClientAssertion):
    """Each assertion is believed once, and for five minutes at most."""

    CLIENT_AUTH_METHOD = KEY

    def __init__(self, connection: Connection, issuer: Issuer, now: datetime) -> None:
        super().__init__(leeway=30)
        self._connection = connection
        self._issuer = issuer
        self._now = now

    def get_audiences(self) -> list[str]:
        return [self._issuer.url, self._issuer.at("/oauth/token")]

    def resolve_client_public_key(self, client: OAuthClient) -> KeySet:
        if not client.keys:
            raise InvalidClientError(description="The client has no key in use.")
        return KeySet([import_key(dict(jwk)) for jwk in client.keys.values()])

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> Mapping[str, Any]:
        """As authlib does it, with a list of algorithms: without one a token says itself how it is to be believed."""
        try:
            token = jwt.decode(assertion, resolve_key, algorithms=ALGORITHMS)
            self.verify_claims(token.claims)
        except (JoseError, ValueError, TypeError, KeyError):
            raise InvalidClientError(description="The client assertion is not valid here.") from None
        return token.claims

    def validate_jti(self, claims: Mapping[str, Any], jti: object) -> bool:
        expires, now = claims["exp"], self._now.timestamp()
        if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI or "\x00" in jti:
            return False
        if type(expires) is not int or expires > now + LONGEST_LIFE + self.leeway:
            return False
        self._connection.execute(_FORGET, [claims["sub"], self._now])
        # A little longer than it is believed, leeway included.
        row = (claims["sub"], jti, datetime.fromtimestamp(expires + 2 * self.leeway, UTC))
        return self._connection.execute(_USE, row).rowcount == 1
