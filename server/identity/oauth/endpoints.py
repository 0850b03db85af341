"""The endpoints that programs post forms to, each request in one worker thread and one transaction."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from server.database.blocking_pool import BlockingConnection, BlockingPool
from server.errors import Unauthenticated
from server.identity.issuer import Issuer
from server.identity.oauth.authorization_code import AuthorizationCode
from server.identity.oauth.client_credentials import ClientCredentials
from server.identity.oauth.clients import find_client
from server.identity.oauth.grant_list import list_grants
from server.identity.oauth.introspection import Introspection
from server.identity.oauth.metadata import PUSHED, resource_metadata, server_metadata
from server.identity.oauth.purges import acknowledge_purge
from server.identity.oauth.pushed_requests import PushedRequests
from server.identity.oauth.refresh import Refresh
from server.identity.oauth.requests import Form
from server.identity.oauth.revocation import Revocation
from server.identity.oauth.server import Desk, OAuthAnswer
from server.identity.oauth.vendor_tokens import find_vendor_token
from server.identity.signing_keys import SigningKeys
from server.identity.tokens import TokenIssuer, TokenVerifier

THREADS: Final = 4
Found = TypeVar("Found")


class OAuthEndpoints:
    """Every method blocks for a few milliseconds: call it in a thread. Raises Unavailable."""

    def __init__(
        self,
        app_url: str,
        issuer: Issuer,
        keys: SigningKeys,
        clock: Callable[[], float] = time.time,
        connections: int = THREADS,
    ) -> None:
        # It logs tokens where somebody wants to read all.
        logging.getLogger("authlib").setLevel(logging.WARNING)
        self.issuer = issuer
        self.keys = keys
        self._clock = clock
        self._verifier = TokenVerifier(keys, clock, size=64, issuer=issuer)
        self._pool = BlockingPool(app_url, connections, "usher oauth")

    def open(self) -> None:
        self._pool.open()

    def close(self) -> None:
        self._pool.close()

    def token(self, form: Form) -> OAuthAnswer:
        return self._at_desk(lambda desk: desk.token(form))

    def revocation(self, form: Form) -> OAuthAnswer:
        return self._at_desk(lambda desk: desk.at_endpoint(Revocation.ENDPOINT_NAME, "/oauth/revoke", form))

    def introspection(self, form: Form) -> OAuthAnswer:
        return self._at_desk(lambda desk: desk.at_endpoint(Introspection.ENDPOINT_NAME, "/oauth/introspect", form))

    def pushed_request(self, form: Form) -> OAuthAnswer:
        return self._at_desk(lambda desk: desk.at_endpoint(PushedRequests.ENDPOINT_NAME, PUSHED, form))

    def grants(self, token: str, after: UUID | None) -> Mapping[str, Any]:
        """What the schools granted the program that the token was given to. Raises Unauthenticated and Unavailable."""
        return self.as_vendor(
            token, lambda connection, client_id, now: list_grants(connection, self.issuer, client_id, now, after)
        )

    def acknowledge_purge(self, token: str, school_id: UUID, purge_id: UUID) -> Mapping[str, Any]:
        """The program's word that it deleted what it read. Raises Unauthenticated, BadUserInput and Unavailable."""
        return self.as_vendor(
            token, lambda connection, client_id, now: acknowledge_purge(connection, client_id, school_id, purge_id, now)
        )

    def as_vendor(self, token: str, work: Callable[[BlockingConnection, str, datetime], Found]) -> Found:
        """What `work` makes of a transaction, the client that the token was given to, and the moment.

        Raises Unauthenticated and Unavailable, and what `work` raises.
        """
        now = datetime.fromtimestamp(self._clock(), UTC)
        with self._pool.transaction() as connection:
            found = find_vendor_token(connection, self.keys, self.issuer, now, token)
            if found is None or found.ended or find_client(connection, found.client_id) is None:
                raise Unauthenticated("The bearer token is not valid here. Ask for a new one.")
            return work(connection, found.client_id, now)

    def server_metadata(self) -> Mapping[str, Any]:
        return server_metadata(self.issuer)

    def resource_metadata(self) -> Mapping[str, Any]:
        return resource_metadata(self.issuer)

    def jwks(self) -> Mapping[str, Any]:
        return {"keys": self.keys.published()}

    def _at_desk(self, ask: Callable[[Desk], OAuthAnswer]) -> OAuthAnswer:
        """An assertion that was shown is used up, whatever the answer: so a refusal commits, too."""
        with self._pool.transaction() as connection:
            return ask(self._desk(connection))

    def _desk(self, connection: BlockingConnection) -> Desk:
        now = datetime.fromtimestamp(self._clock(), UTC)
        return Desk(
            connection,
            self.issuer,
            now,
            self._signer,
            self._verifier.verify,
            self.keys,
            grants=[ClientCredentials, AuthorizationCode, Refresh],
            endpoints=[Revocation, Introspection, PushedRequests],
        )

    def _signer(self) -> TokenIssuer:
        return TokenIssuer(self.keys.signing(), self._clock, self.issuer)
