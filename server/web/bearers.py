"""Whose bearer token a request or a handshake brings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

from starlette.types import Scope

from server.errors import Unauthenticated
from server.identity.principal import Principal
from server.web.refusals import CHALLENGE, Refusal

_BEARER: Final = b"bearer "


class Verifies(Protocol):
    """Raises Unauthenticated."""

    def verify(self, token: str) -> Principal: ...


def bearer(headers: Mapping[bytes, bytes], verifier: Verifies, scope: Scope) -> Principal:
    """Raises Refusal (401) where there is no token, and Unauthenticated for one that doesn't verify."""
    authorization = headers.get(b"authorization", b"")
    if not authorization.lower().startswith(_BEARER):
        raise Refusal(401, Unauthenticated("Send a bearer token in the Authorization header."), CHALLENGE)
    principal = verifier.verify(authorization[len(_BEARER) :].strip().decode("latin-1"))
    return replace(principal, address=_address(scope))


def _address(scope: Scope) -> str | None:
    """Of whoever holds the other end of the connection: headers that a proxy may have written are not believed."""
    peer = scope.get("client")
    return None if peer is None else str(peer[0])
