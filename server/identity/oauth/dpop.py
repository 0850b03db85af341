"""Proofs that whoever brings a token has the key that it is bound to (RFC 9449).

A proof is for one request: its method, its address, its token and its moment; the same proof is believed once. Nonces are
not asked for: a proof lives for two minutes.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, LiteralString, cast
from urllib.parse import urlsplit

from joserfc import jws, jwt
from joserfc.errors import JoseError

from server.database.blocking_pool import BlockingConnection as Connection
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.errors import BadUserInput
from server.identity.oauth.assertions import ALGORITHMS
from server.identity.oauth.public_keys import public_key

HEADER: Final = b"dpop"
_TYPE: Final = "dpop+jwt"
_LONGEST: Final = 4096
_LONGEST_JTI: Final = 200
_LIFE: Final = 120
_SKEW: Final = 30
_KNOWN: Final = frozenset({"typ", "alg", "jwk", "kid"})

# As many as come go: whoever shows a proof leaves nothing behind. One transaction at a time forgets, so that none waits.
USE: LiteralString = """
WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(7309449) AS mine),
gone AS (DELETE FROM usher.dpop_proof WHERE (SELECT t.mine FROM turn AS t) AND (jkt, jti) IN (
  SELECT p.jkt, p.jti FROM usher.dpop_proof AS p WHERE p.expires_at < %s ORDER BY p.expires_at LIMIT 10))
INSERT INTO usher.dpop_proof (jkt, jti, expires_at) VALUES (%s, %s, %s) ON CONFLICT (jkt, jti) DO NOTHING
"""
"""Of one row where the proof was not shown before."""


class _Headers(jws.JWSRegistry):
    """With room for a key of RSA, which joserfc has not."""

    max_header_length = 2048


class BadProof(Exception):
    """In one and the same sentence, whatever is wrong."""

    sentence: Final = "The DPoP proof is not valid for this request: make a new one for each."


@dataclass(frozen=True, slots=True)
class Proof:
    """`jkt` is the RFC 7638 thumbprint of the key that made it."""

    jkt: str
    jti: str
    expires_at: datetime


def read_proof(text: str, method: str, url: str, now: datetime, token: str | None = None) -> Proof:
    """Of a request by that method to that address, with that access token if with one. Raises BadProof.

    Whether it was shown before is for `use_proof` to say.
    """
    try:
        header, claims = _verified(text)
        _check(claims, method, url, now, token)
        key, _ = public_key(header["jwk"])
        jti, issued = claims["jti"], claims["iat"]
    except (JoseError, BadUserInput, ValueError, TypeError, KeyError, RecursionError):
        raise BadProof from None
    return Proof(key.thumbprint(), jti, datetime.fromtimestamp(issued + _LIFE + _SKEW, UTC))


def use_proof(connection: Connection, proof: Proof, now: datetime) -> None:
    """Raises BadProof for one that was shown before."""
    if connection.execute(USE, [now, proof.jkt, proof.jti, proof.expires_at]).rowcount != 1:
        raise BadProof


async def use_proof_of_request(pool: Pool, proof: Proof, now: datetime) -> None:
    """The same in the event loop. Raises BadProof and Unavailable."""

    async def work(connection: PoolConnection) -> int:
        return (await connection.execute(USE, [now, proof.jkt, proof.jti, proof.expires_at])).rowcount

    if await repeatable(pool, work) != 1:
        raise BadProof


def _verified(text: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims of what the key in its own header signed."""
    if len(text) > _LONGEST or not text.isascii():
        raise ValueError
    registry = _Headers(algorithms=ALGORITHMS)
    header: dict[str, Any] = jws.extract_compact(text.encode("ascii"), registry=registry).protected
    jwk = header["jwk"]
    if header["typ"] != _TYPE or not header.keys() <= _KNOWN or not isinstance(jwk, dict):
        raise ValueError
    key, _ = public_key(cast("dict[str, Any]", jwk))
    return header, jwt.decode(text, key, registry=registry).claims


def _check(claims: Mapping[str, Any], method: str, url: str, now: datetime, token: str | None) -> None:
    jti, issued = claims["jti"], claims["iat"]
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI or "\x00" in jti:
        raise ValueError
    if type(issued) is not int or not -_SKEW <= now.timestamp() - issued <= _LIFE:
        raise ValueError
    if claims["htm"] != method or _plain(claims["htu"]) != _plain(url):
        raise ValueError
    if token is not None and claims["ath"] != _digest(token):
        raise ValueError


def _plain(url: object) -> tuple[str, str, str]:
    """What two addresses are compared by (RFC 9449, section 4.3): no query, no fragment, names in lower case."""
    if not isinstance(url, str):
        raise TypeError
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return parts.scheme, f"{parts.hostname}{port}", parts.path or "/"


def _digest(token: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(token.encode("ascii")).digest()).rstrip(b"=").decode()
