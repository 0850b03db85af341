"""A school's provider of sign-in that says what a test wants it to, and somebody who signs in by it."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from uuid import UUID

import psycopg
from joserfc import jwt
from joserfc.jwk import ECKey

from server.identity.issuer import Issuer
from server.identity.people.premises import Premises
from server.identity.school_sign_in.providers import register_provider
from tests.e2e.pages import Person, Shown
from tests.e2e.serving import Server
from tests.worlds import World

SECRET: Final = "c4nary secret/of=a+provider%"
CLIENT: Final = "usher at the school"
DOMAIN: Final = "school.example"
CODE: Final = "c4nary-code-of-the-provider"
SUBJECT: Final = "c4nary-subject"
Claims = dict[str, Any]


@dataclass
class Answered:
    """One answer over HTTP."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


class Provider:
    """`claims` change an ID token's (... takes one away); `metadata` its own description; `answers` whole answers by path."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "first"})
        self.claims: Claims = {}
        self.metadata: Claims = {}
        self.answers: dict[str, Answered] = {}
        self.token: Callable[[Claims], str] = self.signed
        self.nonce = ""
        self.forms: list[dict[str, str]] = []
        self.authorizations: list[str] = []
        self.asked: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                provider._send(self, self.path)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
                provider.asked.append(self.path)
                provider.forms.append(dict(parse_qsl(body)))
                provider.authorizations.append(self.headers.get("authorization", ""))
                provider._send(self, self.path)

            def log_message(self, format: str, *args: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def signed(self, claims: Claims) -> str:
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key, algorithms=["ES256"])

    def id_claims(self) -> Claims:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT.replace(" ", "-"),
            "sub": SUBJECT,
            "hd": DOMAIN,
            "nonce": self.nonce,
        }
        claims |= {"iat": now, "exp": now + 300} | self.claims
        return {name: value for name, value in claims.items() if value is not ...}

    def _send(self, handler: BaseHTTPRequestHandler, path: str) -> None:
        answer = self.answers.get(path) or Answered(json.dumps(self._body(path)).encode())
        handler.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer.body)

    def _body(self, path: str) -> Claims:
        if path == "/.well-known/openid-configuration":
            at = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            return {"issuer": self.issuer, **at} | self.metadata
        if path == "/jwks_uri":
            return {"keys": [self.key.as_dict(private=False)]}
        return {"access_token": "c4nary-access", "token_type": "Bearer", "id_token": self.token(self.id_claims())}


@contextmanager
def school_provider() -> Generator[Provider]:
    made = Provider()
    try:
        yield made
    finally:
        made.close()


def registered(
    app_url: str,
    server: Server,
    world: World,
    issuer: str,
    *,
    tenant: tuple[str, str] | None = ("hd", DOMAIN),
    factor: str | None = None,
) -> UUID:
    """The provider's id; encrypted with the server's own key file."""
    premises = Premises.of(Issuer(server.url), Path(server.home) / "keys")
    with psycopg.connect(app_url) as connection:
        return register_provider(
            connection,
            premises,
            (world.school_id, f"School {world.school_id.hex[-6:]}"),
            datetime.now(UTC),
            issuer=issuer,
            client_id=CLIENT.replace(" ", "-"),
            secret=SECRET.replace(" ", "-"),
            tenant=tenant,
            factor=factor,
        ).provider_id


@dataclass
class Away:
    """Somebody on the provider's page: the address that their browser was led to."""

    url: str

    @property
    def asked(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    def back(self, **changed: str | None) -> str:
        """Our path that the provider's answer leads to; None takes a parameter away."""
        given = {"code": CODE, "state": self.asked["state"]} | changed
        query = urlencode({name: value for name, value in given.items() if value is not None})
        return f"{urlsplit(self.asked['redirect_uri']).path}?{query}"


def away(person: Person, provider_id: UUID, path: str = "/sign-in/school", having: str = "Go on") -> Away:
    """By the form of that page to the provider."""
    page = person.open(path)
    page = person.send(page.form(having=having), school=str(provider_id))
    assert page.heading == "On to your school's sign-in", page.text
    return Away(page.link("Go on to"))


def is_signed_in(person: Person) -> bool:
    response = person.ask("GET", "/account")
    return response.status_code == 200


def shown(person: Person, provider: Provider, there: Away, **changed: str | None) -> Shown:
    """The page after the provider's answer."""
    provider.nonce = there.asked["nonce"]
    return person.open(there.back(**changed))


def basic(header: str) -> str:
    return base64.b64decode(header.removeprefix("Basic ")).decode()
