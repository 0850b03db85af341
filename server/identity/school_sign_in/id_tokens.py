"""ID tokens, believed in nothing before all of it was looked at (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from server.identity.school_sign_in.providers import Provider

ALGORITHMS: Final = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
_LONGEST: Final = 16 * 1024
_LONGEST_SUBJECT: Final = 255
_SKEW: Final = 60
_OLDEST: Final = 15 * 60


class TokenRefused(Exception):
    """`reason` is a word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Subject:
    """Who signed in at the provider; `factor`: it says that two were shown, and the school registered that this counts."""

    subject: str
    factor: bool


def key_id(token: object) -> object:
    """What the header names, believed in nothing. Raises TokenRefused."""
    if not isinstance(token, str) or len(token) > _LONGEST or not token.isascii():
        raise TokenRefused("no token")
    try:
        return jws.extract_compact(token.encode()).protected.get("kid")
    except (JoseError, ValueError, TypeError, RecursionError):
        raise TokenRefused("no token") from None


def verified(token: str, keys: KeySet, provider: Provider, nonce: str, now: datetime) -> Subject:
    """Raises TokenRefused."""
    try:
        claims: Mapping[str, Any] = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise TokenRefused("signature") from None
    _of_this_sign_in(claims, provider, nonce, now.timestamp())
    if provider.tenant_claim is not None and claims.get(provider.tenant_claim) != provider.tenant:
        raise TokenRefused("tenant")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not _storable(subject):
        raise TokenRefused("sub")
    return Subject(subject, _two_factors(claims, provider.factor))


def _of_this_sign_in(claims: Mapping[str, Any], provider: Provider, nonce: str, now: float) -> None:
    if claims.get("iss") != provider.issuer:
        raise TokenRefused("iss")
    audience, party = claims.get("aud"), claims.get("azp")
    several = cast("list[object]", audience) if isinstance(audience, list) else [audience]
    if provider.client_id not in several or (party is None and len(several) > 1):
        raise TokenRefused("aud")
    if party is not None and party != provider.client_id:
        raise TokenRefused("azp")
    expires, issued, begins = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in (expires, issued, begins)):
        raise TokenRefused("times")
    moments = cast("tuple[float, float, float]", (expires, issued, begins))
    if moments[0] <= now - _SKEW or not now - _OLDEST <= moments[1] <= now + _SKEW or moments[2] > now + _SKEW:
        raise TokenRefused("times")
    told = claims.get("nonce")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode("utf-8", "replace"), nonce.encode()):
        raise TokenRefused("nonce")


def _two_factors(claims: Mapping[str, Any], word: str | None) -> bool:
    if word is None:
        return False
    methods = claims.get("amr")
    shown = cast("list[object]", methods) if isinstance(methods, list) else []
    return word in shown or claims.get("acr") == word


def _storable(text: str) -> bool:
    return text.isprintable() and text.isascii()
