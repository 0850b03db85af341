"""One request to the authorization server: authlib's, in one transaction."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError

from server.identity.issuer import Issuer
from server.identity.oauth.assertions import PrivateKeyJwt
from server.identity.oauth.bearer_tokens import BearerToken, find_token
from server.identity.oauth.clients import KEY, Connection, OAuthClient, find_client
from server.identity.oauth.refresh_tokens import RefreshToken, find_refresh_token
from server.identity.oauth.requests import Form, FormRequest
from server.identity.oauth.vendor_tokens import VendorToken, find_vendor_token
from server.identity.principal import Principal
from server.identity.tokens import TokenIssuer, VerifyingKeys

_UNPROVED: Final = "The client could not be authenticated: send what it was registered with."


@dataclass(frozen=True, slots=True)
class OAuthAnswer:
    status: int
    body: dict[str, Any]
    headers: tuple[tuple[str, str], ...] = ()


class Desk(AuthorizationServer):
    """`connection` is in a transaction, which whoever made this commits."""

    def __init__(
        self,
        connection: Connection,
        issuer: Issuer,
        now: datetime,
        signer: Callable[[], TokenIssuer],
        verify: Callable[[str], Principal],
        keys: VerifyingKeys,
        grants: Iterable[type] = (),
        endpoints: Iterable[type] = (),
    ) -> None:
        super().__init__()
        self.connection = connection
        self.issuer = issuer
        self.now = now
        self.signer = signer
        self.verify = verify
        self.keys = keys
        self.register_client_auth_method(KEY, PrivateKeyJwt(connection, issuer, now))
        for grant in grants:
            self.register_grant(grant)
        for endpoint in endpoints:
            self.register_endpoint(endpoint)

    def find_token(self, text: str) -> BearerToken | RefreshToken | VendorToken | None:
        """A token of a school's, one for the list of grants, or a refresh token; None for what is no token any more."""
        if "." not in text:
            return find_refresh_token(self.connection, text)
        found = find_token(self.connection, self.verify, text)
        return found or find_vendor_token(self.connection, self.keys, self.issuer, self.now, text)

    def token(self, form: Form) -> OAuthAnswer:
        return cast("OAuthAnswer", self.create_token_response(FormRequest(self.issuer.at("/oauth/token"), form)))

    def at_endpoint(self, name: str, path: str, form: Form) -> OAuthAnswer:
        return cast("OAuthAnswer", self.create_endpoint_response(name, FormRequest(self.issuer.at(path), form)))

    def query_client(self, client_id: object) -> OAuthClient | None:
        return find_client(self.connection, client_id)

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> OAuthAnswer:
        found: dict[str, Any] = dict(body) if isinstance(body, (dict, list)) else {}
        return OAuthAnswer(status, found, tuple(headers))

    def handle_error_response(self, request: FormRequest, error: OAuth2Error) -> OAuthAnswer:
        """Whoever can't be authenticated reads the same sentence, whether there is such a client or not."""
        if isinstance(error, InvalidClientError):
            error = InvalidClientError(_UNPROVED, status_code=error.status_code)
        return cast("OAuthAnswer", super().handle_error_response(request, error))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """authlib tells what it does; nobody listens."""
