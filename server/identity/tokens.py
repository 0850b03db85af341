"""Access tokens in the form of RFC 9068: ES256, short-lived, naming person, school and capacity, never roles."""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from server.errors import Unauthenticated
from server.identity.principal import Principal

ISSUER: Final = "urn:usher:installation"
AUDIENCE: Final = "urn:usher:graphql"
CAPACITIES: Final = frozenset({"STAFF", "PARENT", "LEARNER", "CLIENT", "OPERATOR"})
MAXIMUM_LIFETIME: Final = 3600
_ALGORITHMS: Final = ["ES256"]
_TYPE: Final = "at+jwt"
_LONGEST: Final = 2048
_CLOCK_SKEW: Final = 30

Clock = Callable[[], float]


class TokenIssuer:
    """Signs tokens with the installation's private key."""

    def __init__(self, key: ECKey, clock: Clock = time.time) -> None:
        self._key = key
        self._clock = clock

    def issue(
        self, school_id: UUID, person_id: UUID, capacity: str, lifetime: int, client_id: str | None = None
    ) -> str:
        """A compact JWS that is good for `lifetime` seconds (1 to 3600). Raises ValueError."""
        if not 0 < lifetime <= MAXIMUM_LIFETIME or capacity not in CAPACITIES:
            raise ValueError("a token needs a known capacity and a lifetime of at most an hour")
        now = int(self._clock())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(person_id),
            "school": str(school_id),
            "capacity": capacity,
            "client_id": client_id,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + lifetime,
        }
        header = {"alg": "ES256", "typ": _TYPE, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=_ALGORITHMS)


class TokenVerifier:
    """Verifies tokens, and remembers up to `size` verified ones, by digest, until they expire."""

    def __init__(self, key: ECKey, clock: Clock = time.time, size: int = 4096) -> None:
        self._key = ECKey.import_key(key.as_dict(private=False))
        self._kid = key.ensure_kid() or key.kid
        self._clock = clock
        self._size = size
        self._verified: OrderedDict[bytes, Principal] = OrderedDict()

    def verify(self, token: str) -> Principal:
        """Raises Unauthenticated in one and the same sentence, whatever is wrong."""
        if len(token) > _LONGEST or not token.isascii():
            raise _refusal()
        digest = hashlib.sha256(token.encode("ascii")).digest()
        known = self._verified.get(digest)
        if known is not None:
            return self._still_valid(digest, known)
        principal = self._decode(token)
        self._verified[digest] = principal
        if len(self._verified) > self._size:
            self._verified.popitem(last=False)
        return principal

    def _still_valid(self, digest: bytes, principal: Principal) -> Principal:
        if principal.expires_at <= self._clock():
            self._verified.pop(digest, None)
            raise _refusal()
        self._verified.move_to_end(digest)
        return principal

    def _decode(self, token: str) -> Principal:
        try:
            decoded = jwt.decode(token, self._key, algorithms=_ALGORITHMS)
            if decoded.header.get("typ") != _TYPE or decoded.header.get("kid") != self._kid:
                raise _refusal()
            return _principal(decoded.claims, self._clock())
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise _refusal() from None


def _principal(claims: Mapping[str, Any], now: float) -> Principal:
    """Raises ValueError, TypeError or KeyError unless every claim is there, of its type and in force."""
    issued, expires = _integer(claims["iat"]), _integer(claims["exp"])
    if claims["iss"] != ISSUER or claims["aud"] != AUDIENCE or claims["capacity"] not in CAPACITIES:
        raise ValueError
    if expires <= now or issued > now + _CLOCK_SKEW or expires - issued > MAXIMUM_LIFETIME:
        raise ValueError
    client = claims["client_id"]
    return Principal(
        school_id=UUID(_text(claims["school"])),
        person_id=UUID(_text(claims["sub"])),
        capacity=_text(claims["capacity"]),
        client_id=None if client is None else _text(client),
        token_id=_text(claims["jti"]),
        expires_at=expires,
    )


def _integer(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _refusal() -> Unauthenticated:
    return Unauthenticated("The bearer token is not valid here. Ask for a new one.")
