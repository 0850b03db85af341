"""An app of a test: registered, sent to by a person's browser, and asking for tokens as any OAuth client would."""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

import httpx
import psycopg
from joserfc import jwt
from joserfc.jwk import ECKey

from server.identity.oauth.clients import new_secret, register_client
from server.identity.oauth.documents import Mode, set_mode
from server.identity.people.sessions import find_session, pass_factor
from tests.e2e.accounts import Holder
from tests.e2e.pages import Person, Shown, read

CALLBACK: Final = "https://app.example/callback"
EVERYTHING: Final = "read write offline_access"


@dataclass(frozen=True)
class Asked:
    """One authorization request: what was sent, and what only the app knows."""

    path: str
    state: str
    verifier: str
    redirect_uri: str


@dataclass
class App:
    """`redirects` as registered; the first is asked for. A `secret` makes it one that proves itself."""

    http: httpx.Client
    client_id: str
    redirects: Sequence[str] = (CALLBACK,)
    secret: str | None = None
    issuer: str = ""
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))

    def __post_init__(self) -> None:
        self.issuer = self.http.get("/.well-known/oauth-authorization-server").json()["issuer"]

    def resource(self, school_id: UUID) -> str:
        return f"{self.issuer}/schools/{school_id}"

    def asks(self, **changed: str | None) -> Asked:
        """A request, with these fields changed, or left out where None."""
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(12)
        fields: dict[str, str | None] = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": self.redirects[0], "state": state,
            "scope": EVERYTHING, "code_challenge": challenge(verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        fields |= changed
        sent = {name: value for name, value in fields.items() if value is not None}
        return Asked(f"/oauth/authorize?{urlencode(sent)}", state, verifier, sent.get("redirect_uri", ""))

    def posted(self, path: str, *, proof: str | None = None, **fields: str) -> httpx.Response:
        """A form as this client sends it: with its secret, or with its id where it has none."""
        headers = {} if proof is None else {"DPoP": proof}
        if self.secret is not None:
            return self.http.post(path, data=fields, headers=headers, auth=(self.client_id, self.secret))
        return self.http.post(path, data={"client_id": self.client_id} | fields, headers=headers)

    def redeemed(self, asked: Asked, code: str, *, proof: str | None = None, **changed: str) -> httpx.Response:
        fields = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": asked.redirect_uri,
            "code_verifier": asked.verifier,
        } | changed  # fmt: skip
        return self.posted("/oauth/token", proof=proof, **fields)

    def refreshed(self, token: str, *, proof: str | None = None, **fields: str) -> httpx.Response:
        return self.posted("/oauth/token", proof=proof, grant_type="refresh_token", refresh_token=token, **fields)

    def tokens(self, person: Person, **changed: str | None) -> dict[str, Any]:
        """What the token endpoint answers after the person let the app; who wears one hat."""
        asked = self.asks(**changed)
        answer = self.redeemed(asked, code_of(allowed(person, asked.path)))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def proof(self, path: str = "/oauth/token", method: str = "POST", token: str | None = None, **changed: Any) -> str:
        """A DPoP proof for one request (RFC 9449)."""
        claims: dict[str, Any] = {"jti": secrets.token_hex(8), "htm": method, "htu": self.issuer + path}
        claims |= {"iat": int(time.time())} | ({} if token is None else {"ath": challenge(token)})
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": self.key.as_dict(private=False)}
        header |= changed.pop("header", {})
        kept = {name: value for name, value in (claims | changed).items() if value is not ...}
        return jwt.encode(header, kept, self.key, algorithms=["ES256"])

    def ask(self, token: str, document: str, *, scheme: str = "Bearer", proof: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"{scheme} {token}"} | ({} if proof is None else {"DPoP": proof})
        return self.http.post("/graphql", json={"query": document}, headers=headers)


def challenge(text: str) -> str:
    """SHA-256 in base64url: of a verifier, and of a token in a proof."""
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def registered_app(
    app_url: str,
    http: httpx.Client,
    *,
    redirects: Sequence[str] = (CALLBACK,),
    public: bool = True,
    first_party: bool = False,
) -> App:
    client_id = f"app-{secrets.token_hex(6)}"
    secret = None if public else new_secret()
    with psycopg.connect(app_url) as connection:
        register_client(
            connection, client_id, "A good app", datetime.now(UTC), secret, redirects=redirects, public=public,
            first_party=first_party,
        )  # fmt: skip
        set_mode(connection, client_id, Mode.OPEN)
    return App(http, client_id, redirects, secret)


def signed_in(http: httpx.Client, who: Holder) -> Person:
    """A browser in which they signed in."""
    person = Person(http)
    who.sign_in(person)
    return person


def with_factor(app_url: str, person: Person) -> Person:
    """The same browser once a second factor was shown in it."""
    now = datetime.now(UTC)
    with psycopg.connect(app_url) as connection:
        session = find_session(connection, person.cookies["__Host-usher"], now)
        assert session is not None
        person.cookies["__Host-usher"] = pass_factor(connection, session.session_id, now)
    return person


def allowed(person: Person, path: str, hat: str | None = None, decision: str = "yes") -> dict[str, str]:
    """What the app hears when the person opens its request and answers it; `hat`: a word of the one to choose."""
    response = person.ask("GET", path)
    if response.status_code == 200:
        page = read(path, response)
        form = page.form(having="Go on" if "Go on" in page.text else "Let it")
        chosen = {} if hat is None else {"hat": hat_of(page, hat)}
        response = person.ask("POST", path, {**form.fields, **chosen, "decision": decision})
    return heard(response)


def hat_of(page: Shown, word: str) -> str:
    """The value of the choice whose label has that word."""
    ids = {label.get("for") for label in page.root.all("label") if word in label.text}
    return next(one.get("value") for one in page.root.all("input") if one.get("id") in ids)


def heard(response: httpx.Response) -> dict[str, str]:
    """What a redirect to an app says."""
    assert response.status_code == 303, response.text
    parts = urlsplit(response.headers["location"])
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs) | {"": f"{parts.scheme}://{parts.netloc}{parts.path}"}


def code_of(answer: dict[str, str]) -> str:
    assert "code" in answer, answer
    return answer["code"]
