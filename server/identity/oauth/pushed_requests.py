"""Authorization requests that an app sends itself, before the person's browser comes (RFC 9126)."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic
from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, LiteralString, cast

from authlib.consts import default_json_headers
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError, TokenEndpoint, UnauthorizedClientError
from psycopg.types.json import Jsonb

from server.identity.issuer import Issuer
from server.identity.oauth.authorization import (
    AppRequest,
    Fields,
    Unsendable,
    asking_of,
    check_request,
    read_request,
)
from server.identity.oauth.clients import METHODS, Connection, OAuthClient, digest
from server.identity.oauth.proofs_at_desk import shown_key
from server.identity.oauth.server import Desk

PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
LIFETIME: Final = timedelta(minutes=10)
"""Time enough to sign in, with a second factor and a password that had to be found first."""
MOST: Final = 10_000
"""Of one client at once."""
_PROOFS: Final = frozenset({"client_assertion", "client_assertion_type", "client_secret", "client_id"})

_FORGET: LiteralString = "DELETE FROM usher.pushed_request WHERE client_id = %s AND expires_at < %s"
_COUNT: LiteralString = "SELECT count(*) FROM usher.pushed_request WHERE client_id = %s"
_PUSH: LiteralString = (
    "INSERT INTO usher.pushed_request (request_digest, client_id, parameters, expires_at) VALUES (%s, %s, %s, %s)"
)
_FIND: LiteralString = (
    "SELECT parameters FROM usher.pushed_request WHERE request_digest = %s AND client_id = %s AND expires_at > %s"
)


class TooManyRequestsError(OAuth2Error):
    """RFC 9126, section 2.3."""

    error = "temporarily_unavailable"


class PushedRequests(TokenEndpoint):
    ENDPOINT_NAME = "pushed_authorization_request"
    CLIENT_AUTH_METHODS: ClassVar = list(METHODS)

    def create_endpoint_response(self, request: Any) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        client = cast("OAuthClient", self.authenticate_endpoint_client(request))
        desk = cast("Desk", self.server)
        if not client.redirects:
            raise UnauthorizedClientError("People can not sign in with this client: it has no address for codes.")
        if request.form.get("client_id", client.client_id) != client.client_id:
            raise InvalidRequestError("client_id is another client.")
        parameters = {name: value for name, value in request.form.items() if name not in _PROOFS}
        self._check(desk, client, parameters)
        jkt = shown_key(desk, request)
        if jkt is not None and parameters.setdefault("dpop_jkt", jkt) != jkt:
            raise InvalidRequestError("dpop_jkt is another key than that of the DPoP proof.")
        body = {"request_uri": _push(desk, client, parameters), "expires_in": int(LIFETIME.total_seconds())}
        return 201, body, default_json_headers

    @staticmethod
    def _check(desk: Desk, client: OAuthClient, parameters: Mapping[str, str]) -> None:
        fields = {name: [value] for name, value in parameters.items()}
        try:
            check_request(asking_of(client, desk.issuer, fields), fields)
        except Unsendable as unsendable:
            raise InvalidRequestError(unsendable.sentence) from None


def read_any_request(connection: Connection, issuer: Issuer, fields: Fields, now: datetime) -> AppRequest:
    """The request itself, or the pushed one that it names. Raises Unsendable and SentBack."""
    uris = fields.get("request_uri", ())
    if not uris:
        return read_request(connection, issuer, fields)
    clients = fields.get("client_id", ())
    if len(uris) != 1 or len(clients) != 1 or not uris[0].startswith(PREFIX) or "\x00" in clients[0]:
        raise Unsendable("The app's request can't be found: it must push it here first.")
    key = digest(uris[0].removeprefix(PREFIX))
    row = connection.execute(_FIND, [key, clients[0], now]).fetchone()
    if row is None:
        raise Unsendable("The app's request is not good any more: go back to the app, and begin again.")
    stored: dict[str, str] = row[0]
    found = {"client_id": [clients[0]], **{name: [value] for name, value in stored.items()}}
    return read_request(connection, issuer, found).of(key)


def _push(desk: Desk, client: OAuthClient, parameters: Mapping[str, str]) -> str:
    text = secrets.token_urlsafe(32)
    desk.connection.execute(_FORGET, [client.client_id, desk.now])
    (there,) = desk.connection.execute(_COUNT, [client.client_id]).fetchone() or (0,)
    if there >= MOST:
        raise TooManyRequestsError("Too many requests of this client wait: try again later.", status_code=503)
    row = [digest(text), client.client_id, Jsonb(dict(parameters)), desk.now + LIFETIME]
    desk.connection.execute(_PUSH, row)
    return PREFIX + text
