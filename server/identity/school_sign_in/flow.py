"""The two steps of the flow: whither the browser goes, and who comes back with a code. Both block: call them in a thread."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic
from __future__ import annotations

from base64 import b64encode
from collections.abc import Generator
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote

import httpx
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client

from server.identity.issuer import Issuer
from server.identity.people.premises import Premises
from server.identity.school_sign_in.discovery import Discovered, Discovery, ProviderFailed
from server.identity.school_sign_in.id_tokens import Subject, TokenRefused, key_id, verified
from server.identity.school_sign_in.on_the_way import Proofs
from server.identity.school_sign_in.outbound import outbound_client
from server.identity.school_sign_in.providers import Provider, redirect_uri

SCOPE = "openid"


class _Auth(ClientAuth, httpx.Auth):
    """authlib's ways of showing a secret, as HTTPX asks for them."""

    requires_request_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request]:
        url, headers, body = self.prepare(
            request.method, str(request.url), dict(request.headers), request.content.decode()
        )
        headers["content-length"] = str(len(body))
        yield httpx.Request(request.method, url, headers=headers, content=body, extensions=request.extensions)


def _basic(client: Any, _method: str, uri: str, headers: dict[str, str], body: str) -> tuple[str, dict[str, str], str]:
    """As RFC 6749, section 2.3.1, has it, which authlib leaves out: both are encoded before they are joined."""
    joined = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
    headers["authorization"] = f"Basic {b64encode(joined.encode()).decode()}"
    return uri, headers, body


class _Client(OAuth2Client):
    client_auth_class = _Auth


class SchoolFlow:
    """Of one process."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._http = outbound_client(local=premises.issuer.is_local)
        self._discovery = Discovery(self._http)

    @property
    def issuer(self) -> Issuer:
        return self._premises.issuer

    def close(self) -> None:
        self._http.close()

    def discover(self, provider: Provider) -> Discovered:
        """Raises ProviderFailed."""
        return self._discovery.of(provider.issuer)

    def leads_to(self, provider: Provider, proofs: Proofs) -> str:
        """The address of the provider's own page. Raises ProviderFailed."""
        found = self.discover(provider)
        url, _ = self._client(provider, found, secret=None).create_authorization_url(
            found.authorization_endpoint, proofs.state, proofs.verifier, nonce=proofs.nonce
        )
        return cast("str", url)

    def came_back(self, provider: Provider, proofs: Proofs, code: str, named: str | None, now: datetime) -> Subject:
        """`named`: the `iss` of the answer, if it had one (RFC 9207). Raises ProviderFailed and TokenRefused."""
        found = self.discover(provider)
        if named != provider.issuer and (named is not None or found.names_itself):
            raise TokenRefused("mix-up")
        token = self._redeemed(provider, found, proofs, code)
        keys = self._discovery.keys(found, key_id(token))
        return verified(token, keys, provider, proofs.nonce, now)

    def _redeemed(self, provider: Provider, found: Discovered, proofs: Proofs, code: str) -> str:
        client = self._client(provider, found, provider.secret(self._premises))
        try:
            answer: Any = client.fetch_token(
                found.token_endpoint, grant_type="authorization_code", code=code, code_verifier=proofs.verifier
            )
        except OAuth2Error:
            raise TokenRefused("code") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise ProviderFailed("no answer") from None
        except (ValueError, TypeError, KeyError, RecursionError):
            raise ProviderFailed("no token") from None
        return answer.get("id_token") or ""

    def _client(self, provider: Provider, found: Discovered, secret: str | None) -> _Client:
        method: Any = "client_secret_post" if found.by_post else _basic
        return _Client(
            self._http,
            client_id=provider.client_id,
            client_secret=secret,
            token_endpoint_auth_method=method,
            scope=SCOPE,
            redirect_uri=redirect_uri(self.issuer, provider.provider_id),
            code_challenge_method="S256",
        )
