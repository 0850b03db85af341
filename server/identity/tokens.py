"""Access tokens in the form of RFC 9068: ES256, short-lived, naming person, school and capacity, never roles."""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol, cast
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from server.errors import Unauthenticated
from server.identity.issuer import Issuer
from server.identity.principal import Principal

# What `usher token` names: a command doesn't know the address that the server is reached at.
ISSUER: Final = "urn:usher:installation"
AUDIENCE: Final = "urn:usher:graphql"
CAPACITIES: Final = frozenset({"STAFF", "PARENT", "LEARNER", "CLIENT", "OPERATOR"})
MAXIMUM_LIFETIME: Final = 3600
TWO_FACTORS: Final = "mfa"
"""RFC 8176's word for it, in the claim `amr`."""
_ALGORITHMS: Final = ["ES256"]
_TYPE: Final = "at+jwt"
_LONGEST: Final = 2048
_CLOCK_SKEW: Final = 30

Clock = Callable[[], float]


class VerifyingKeys(Protocol):
    """Keys by `kid`; `look` is a number that changes when one of them is believed no more."""

    def verifying(self, kid: object) -> ECKey | None: ...
    def look(self) -> int: ...


class TokenIssuer:
    """Signs tokens with the installation's private key, in the name of `issuer`, or of the installation itself."""

    def __init__(self, key: ECKey, clock: Clock = time.time, issuer: Issuer | None = None) -> None:
        self._key = key
        self._clock = clock
        self._issuer = issuer

    def issue(
        self,
        school_id: UUID,
        person_id: UUID,
        capacity: str,
        lifetime: int,
        client_id: str | None = None,
        scopes: Iterable[str] | None = None,
        more: Mapping[str, Any] | None = None,
        *,
        factor: bool = False,
        jkt: str | None = None,
    ) -> str:
        """A compact JWS that is good for `lifetime` seconds (1 to 3600). Raises ValueError.

        `scopes` narrow what a program may do to these of the scopes that the school granted it, or what an app may do for
        a person; `more`: further claims; `factor`: the person showed two factors; `jkt`: the thumbprint of the key that
        the token is bound to (RFC 9449).
        """
        if not 0 < lifetime <= MAXIMUM_LIFETIME or capacity not in CAPACITIES:
            raise ValueError("a token needs a known capacity and a lifetime of at most an hour")
        now = int(self._clock())
        claims: dict[str, Any] = {
            "iss": ISSUER if self._issuer is None else self._issuer.url,
            "aud": AUDIENCE if self._issuer is None else self._issuer.school(school_id),
            "sub": str(person_id),
            "school": str(school_id),
            "capacity": capacity,
            "client_id": client_id,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + lifetime,
        }
        if scopes is not None:
            claims["scope"] = " ".join(sorted(scopes))
        if factor:
            claims["amr"] = [TWO_FACTORS]
        if jkt is not None:
            claims["cnf"] = {"jkt": jkt}
        return self.sign({**claims, **(more or {})})

    def sign(self, claims: Mapping[str, Any]) -> str:
        header = {"alg": "ES256", "typ": _TYPE, "kid": self._key.kid}
        return jwt.encode(header, dict(claims), self._key, algorithms=_ALGORITHMS)


def token_type(jkt: str | None) -> str:
    """How a token is brought: one that is bound to a key, with a proof by it (RFC 9449, section 7.1)."""
    return "Bearer" if jkt is None else "DPoP"


class TokenVerifier:
    """Verifies tokens of the installation and of `issuer`; remembers up to `size` of them, by digest, until they expire."""

    def __init__(
        self, keys: VerifyingKeys, clock: Clock = time.time, size: int = 4096, issuer: Issuer | None = None
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._size = size
        self._issuer = issuer
        self._verified: OrderedDict[bytes, Principal] = OrderedDict()
        self._missed = 0
        self._looked = keys.look()

    def verify(self, token: str) -> Principal:
        """Raises Unauthenticated in one and the same sentence, whatever is wrong."""
        if len(token) > _LONGEST or not token.isascii():
            raise _refusal()
        self._forget_other_keys()
        digest = hashlib.sha256(token.encode("ascii")).digest()
        known = self._verified.get(digest)
        if known is not None:
            return self._still_valid(digest, known)
        self._missed += 1
        principal = self._decode(token)
        self._verified[digest] = principal
        if len(self._verified) > self._size:
            self._verified.popitem(last=False)
        return principal

    def remembered(self) -> tuple[int, int]:
        """How many tokens, and how often one was not among them."""
        return len(self._verified), self._missed

    def _forget_other_keys(self) -> None:
        looked = self._keys.look()
        if looked != self._looked:
            self._looked = looked
            self._verified.clear()

    def _still_valid(self, digest: bytes, principal: Principal) -> Principal:
        if principal.expires_at <= self._clock():
            self._verified.pop(digest, None)
            raise _refusal()
        self._verified.move_to_end(digest)
        return principal

    def _decode(self, token: str) -> Principal:
        try:
            return _principal(read_claims(token, self._keys), self._clock(), self._issuer)
        except (ValueError, TypeError, KeyError):
            raise _refusal() from None


def read_claims(token: str, keys: VerifyingKeys) -> Mapping[str, Any]:
    """Of a token that one of the keys signed, whoever it is for, expired or not. Raises Unauthenticated."""
    if len(token) > _LONGEST or not token.isascii():
        raise _refusal()
    try:
        key = keys.verifying(jws.extract_compact(token.encode("ascii")).protected.get("kid"))
        if key is None:
            raise _refusal()
        decoded = jwt.decode(token, key, algorithms=_ALGORITHMS)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise _refusal() from None
    if decoded.header.get("typ") != _TYPE:
        raise _refusal()
    return decoded.claims


def _principal(claims: Mapping[str, Any], now: float, issuer: Issuer | None) -> Principal:
    """Raises ValueError, TypeError or KeyError unless every claim is there, of its type and in force."""
    issued, expires = _integer(claims["iat"]), _integer(claims["exp"])
    if expires <= now or issued > now + _CLOCK_SKEW or expires - issued > MAXIMUM_LIFETIME:
        raise ValueError
    school_id = UUID(_text(claims["school"]))
    named = [(ISSUER, AUDIENCE)] if issuer is None else [(ISSUER, AUDIENCE), (issuer.url, issuer.school(school_id))]
    if (claims["iss"], claims["aud"]) not in named or claims["capacity"] not in CAPACITIES:
        raise ValueError
    client, scope, family = claims["client_id"], claims.get("scope"), claims.get("sid")
    return Principal(
        school_id=school_id,
        person_id=UUID(_text(claims["sub"])),
        capacity=_text(claims["capacity"]),
        client_id=None if client is None else _text(client),
        token_id=_text(claims["jti"]),
        expires_at=expires,
        scopes=None if scope is None else frozenset(_text(scope).split()),
        family_id=None if family is None else _text(family),
        factor=TWO_FACTORS in _texts(claims.get("amr", [])),
        jkt=None if "cnf" not in claims else _text(claims["cnf"]["jkt"]),
    )


def _integer(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise TypeError
    return [_text(one) for one in cast("list[object]", value)]


def _refusal() -> Unauthenticated:
    return Unauthenticated("The bearer token is not valid here. Ask for a new one.")
