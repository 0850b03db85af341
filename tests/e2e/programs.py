"""A vendor's program of a test: registered, granted by worlds, and asking for tokens as any OAuth client would."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import psycopg
from joserfc import jwt
from joserfc.jwk import ECKey

from server import tables
from server.identity.oauth.clients import add_key, find_client, new_secret, register_client
from tests.worlds import World

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Program:
    """`issuer` is what the server's metadata say."""

    http: httpx.Client
    client_id: str
    secret: str | None = None
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    issuer: str = ""

    def __post_init__(self) -> None:
        self.issuer = self.http.get("/.well-known/oauth-authorization-server").json()["issuer"]

    def post(self, path: str, *, basic: tuple[str, str] | None = None, **fields: str) -> httpx.Response:
        return self.http.post(path, data=fields, auth=basic or httpx.USE_CLIENT_DEFAULT)

    def proved(self, path: str, **fields: str) -> httpx.Response:
        """A form with what this program proves itself by."""
        if self.secret is not None:
            return self.post(path, basic=(self.client_id, self.secret), **fields)
        proof = {"client_assertion_type": ASSERTION, "client_assertion": self.assertion()}
        return self.http.post(path, data=proof | fields)

    def assertion(self, **changed: Any) -> str:
        now = int(time.time())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": f"{self.issuer}/oauth/token"}
        claims |= {"iat": now, "exp": now + 60, "jti": secrets.token_hex(8)} | changed
        header = {"alg": "ES256", "kid": self.key.kid}
        return jwt.encode(header, {n: v for n, v in claims.items() if v is not ...}, self.key, algorithms=["ES256"])

    def resource(self, school_id: UUID) -> str:
        return f"{self.issuer}/schools/{school_id}"

    def token(self, school_id: UUID, **fields: str) -> str:
        """An access token for the school."""
        answer = self.proved(
            "/oauth/token", grant_type="client_credentials", resource=self.resource(school_id), **fields
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def ask(self, token: str, document: str) -> httpx.Response:
        return self.http.post("/graphql", json={"query": document}, headers={"Authorization": f"Bearer {token}"})


def registered(app_url: str, http: httpx.Client, *worlds: World, by_key: bool = False) -> Program:
    """A program of its own, which acts at each world as that world's `mis` under its grant."""
    client_id = f"vendor-{secrets.token_hex(6)}"
    secret = None if by_key else new_secret()
    program = Program(http, client_id, secret)
    now = datetime.now(UTC)
    with psycopg.connect(app_url) as connection:
        register_client(connection, client_id, "A vendor", now, secret)
        if by_key:
            client = find_client(connection, client_id)
            assert client is not None
            add_key(connection, client, program.key.as_dict(private=False), now)
        for world in worlds:
            row = (client_id, world.school_id, world.ids["mis"], "CLIENT", "A school")
            columns = ", ".join(("identity", "school_id", "person_id", "capacity", "school_name"))
            connection.execute(f"INSERT INTO usher.login_identity ({columns}) VALUES (%s, %s, %s, %s, %s)", row)
    return program


def scopes_of(world: World) -> set[str]:
    rows = world.rows[tables.ClientGrantRow]
    return {row["scope"] for row in rows if row["person_id"] == world.ids["mis"]}
