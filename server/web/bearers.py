"""Whose token a request or a handshake brings: as a bearer, or with a proof by the key that it is bound to (RFC 9449)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Protocol

from starlette.types import Scope

from server.database.pool import Pool
from server.errors import Unauthenticated
from server.identity.issuer import Issuer
from server.identity.oauth.dpop import HEADER, BadProof, read_proof, use_proof_of_request
from server.identity.principal import Principal
from server.web.refusals import CHALLENGE, DPOP_CHALLENGE, Refusal
from server.web.strangers import Strangers

PATH: Final = "/graphql"


class Verifies(Protocol):
    """Raises Unauthenticated."""

    def verify(self, token: str) -> Principal: ...


class Proves(Protocol):
    """Raises BadProof, and Unavailable."""

    async def check(self, proof: str, method: str, token: str, jkt: str) -> None: ...


class Proofs:
    """Of requests to /graphql, each believed once by all workers; `clock` in seconds since 1970."""

    def __init__(self, pool: Pool, issuer: Issuer, clock: Callable[[], float] = time.time) -> None:
        self._pool = pool
        self._url = issuer.at(PATH)
        self._clock = clock

    async def check(self, proof: str, method: str, token: str, jkt: str) -> None:
        now = datetime.fromtimestamp(self._clock(), UTC)
        found = read_proof(proof, method, self._url, now, token)
        if found.jkt != jkt:
            raise BadProof
        await use_proof_of_request(self._pool, found, now)


async def bearer(
    headers: Mapping[bytes, bytes],
    verifier: Verifies,
    scope: Scope,
    proofs: Proves | None = None,
    strangers: Strangers | None = None,
) -> Principal:
    """Raises Refusal (401) where there is no token or no proof, and Unauthenticated for a token that doesn't verify.

    Refusal (429) where `strangers` heard too often from that address.
    """
    try:
        return await _principal(headers, verifier, scope, proofs)
    except (Refusal, Unauthenticated):
        if strangers is not None:
            strangers.failed(_address(scope))
        raise


def believed(headers: Mapping[bytes, bytes], verifier: Verifies) -> None:
    """Once more, what `bearer` believed of a connection that stays. Raises Unauthenticated: its key is believed no more."""
    verifier.verify(_parted(headers)[1])


async def _principal(
    headers: Mapping[bytes, bytes], verifier: Verifies, scope: Scope, proofs: Proves | None
) -> Principal:  # fmt: skip
    scheme, token = _parted(headers)
    bound = scheme == b"dpop"
    if not (bound or scheme == b"bearer") or not token:
        raise Refusal(401, Unauthenticated("Send a bearer token in the Authorization header."), CHALLENGE)
    principal = verifier.verify(token)
    if bound != (principal.jkt is not None):
        # A bound token that was stolen would be worth as much as any, if it were taken without its key.
        raise _unproved("Bring the token as it was given out: its token_type says whether with a DPoP proof.")
    if principal.jkt is not None:
        await _check(headers, scope, proofs, token, principal.jkt)
    return _placed(principal, _address(scope))


def _parted(headers: Mapping[bytes, bytes]) -> tuple[bytes, str]:
    """Scheme, in lower case, and token."""
    scheme, _, rest = headers.get(b"authorization", b"").partition(b" ")
    return scheme.lower(), rest.strip().decode("latin-1")


@lru_cache(maxsize=4096)
def _placed(principal: Principal, address: str | None) -> Principal:
    """One for all requests of a token from an address, so that what is looked up by it is found by identity."""
    return replace(principal, address=address)


async def _check(
    headers: Mapping[bytes, bytes], scope: Scope, proofs: Proves | None, token: str, jkt: str
) -> None:  # fmt: skip
    """A handshake of WebSocket is a GET."""
    proof = headers.get(HEADER, b"").decode("latin-1").strip()
    try:
        if proofs is None:
            raise BadProof
        await proofs.check(proof, scope.get("method", "GET"), token, jkt)
    except BadProof as bad:
        raise _unproved(bad.sentence) from None


def _unproved(sentence: str) -> Refusal:
    return Refusal(401, Unauthenticated(sentence), DPOP_CHALLENGE)


def _address(scope: Scope) -> str | None:
    """Of whoever holds the other end of the connection: headers that a proxy may have written are not believed."""
    peer = scope.get("client")
    return None if peer is None else str(peer[0])
