"""Registered programs, as authlib asks for them (RFC 6749, section 2)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, LiteralString

from authlib.oauth2.rfc6749 import ClientMixin
from psycopg.types.json import Jsonb

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput
from server.identity.oauth.public_keys import public_key
from server.identity.oauth.redirects import callbacks, is_registered

SECRET: Final = "client_secret_basic"  # noqa: S105 - the name of a method
KEY: Final = "private_key_jwt"
PUBLIC: Final = "none"
METHODS: Final = (SECRET, KEY, PUBLIC)
PROVED: Final = (SECRET, KEY)
"""Of clients that have something to prove themselves by."""
MOST_KEYS: Final = 8
_FORM: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_SECRET_BYTES: Final = 32

_CLIENT: LiteralString = (
    "SELECT client_id, name, method, secret_digest, first_party FROM usher.oauth_client "
    "WHERE client_id = %s AND ended_at IS NULL"
)
_REDIRECTS: LiteralString = "SELECT uri FROM usher.oauth_redirect WHERE client_id = %s ORDER BY uri"
_KEYS: LiteralString = "SELECT kid, jwk FROM usher.oauth_client_key WHERE client_id = %s AND ended_at IS NULL"


@dataclass(frozen=True, slots=True)
class OAuthClient(ClientMixin):
    """`keys` are public JSON Web Keys by `kid`; `redirects`, where its codes may be sent.

    Programs act for themselves and have no `redirects`; with them people sign in.
    """

    client_id: str
    name: str
    method: str
    secret_digest: str | None = field(repr=False)
    first_party: bool
    keys: Mapping[str, Mapping[str, Any]]
    redirects: tuple[str, ...] = ()

    @property
    def is_public(self) -> bool:
        return self.method == PUBLIC

    def get_client_id(self) -> str:
        return self.client_id

    def check_client_secret(self, client_secret: str) -> bool:
        return self.secret_digest is not None and hmac.compare_digest(self.secret_digest, digest(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002 - every endpoint alike
        return method == self.method

    def check_grant_type(self, grant_type: str) -> bool:
        if grant_type == "client_credentials":
            return not self.is_public
        return grant_type in ("authorization_code", "refresh_token") and bool(self.redirects)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return is_registered(self.redirects, redirect_uri)


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """As it is listed; `keys` is how many are in use."""

    client_id: str
    name: str
    method: str
    registered_at: datetime
    ended_at: datetime | None
    keys: int
    first_party: bool
    redirects: Sequence[str]


def digest(secret: str) -> str:
    """SHA-256, which is enough for 32 random bytes: nobody can try them all."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_client(connection: Connection, client_id: object) -> OAuthClient | None:
    """The registered client of that id, unless it was ended."""
    if not isinstance(client_id, str) or _FORM.fullmatch(client_id) is None:
        return None
    row = connection.execute(_CLIENT, [client_id]).fetchone()
    if row is None:
        return None
    redirects = tuple(str(uri) for (uri,) in connection.execute(_REDIRECTS, [client_id]).fetchall())
    return OAuthClient(*row, keys=dict(connection.execute(_KEYS, [client_id]).fetchall()), redirects=redirects)


def register_client(
    connection: Connection,
    client_id: str,
    name: str,
    now: datetime,
    secret: str | None = None,
    *,
    redirects: Iterable[str] = (),
    public: bool = False,
    first_party: bool = False,
) -> None:
    """A client with a secret; without one, a client that proves itself by keys, or if `public` by nothing.

    People sign in with one that has `redirects`: where their codes are sent. Raises BadUserInput.
    """
    found = callbacks(redirects)
    if _FORM.fullmatch(client_id) is None:
        raise BadUserInput("The id is made of a-z, 0-9 and -, at most 63 of them.", ("client_id",))
    if not 1 <= len(name.strip()) <= 100:
        raise BadUserInput("The name has 1 to 100 characters.", ("name",))
    if (public or first_party) and not found:
        raise BadUserInput("Say where the codes of people who sign in are sent: --redirect ADDRESS.", ("redirect",))
    if public and secret is not None:
        raise BadUserInput("A public client has no secret.", ("public",))
    method = PUBLIC if public else KEY if secret is None else SECRET
    row = (client_id, name.strip(), method, None if secret is None else digest(secret), now, first_party)
    statement: LiteralString = (
        "INSERT INTO usher.oauth_client (client_id, name, method, secret_digest, registered_at, first_party) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
    )
    if connection.execute(statement, row).rowcount == 0:
        raise BadUserInput(f"There is a client {client_id!r} already: choose another id.", ("client_id",))
    added: LiteralString = "INSERT INTO usher.oauth_redirect (client_id, uri, added_at) VALUES (%s, %s, %s)"
    for uri in found:
        connection.execute(added, [client_id, uri, now])


def new_secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def add_key(connection: Connection, client: OAuthClient, jwk: Mapping[str, Any], now: datetime) -> str:
    """Believe what this public key signs, too; its `kid`. Raises BadUserInput."""
    if client.method != KEY:
        raise BadUserInput("This client proves itself by a secret: register one that proves itself by keys.", ("key",))
    if len(client.keys) >= MOST_KEYS:
        raise BadUserInput(f"A client has at most {MOST_KEYS} keys: end one first.", ("key",))
    key, kid = public_key(jwk)
    public = {**key.as_dict(private=False), "kid": kid}
    statement: LiteralString = (
        "INSERT INTO usher.oauth_client_key (client_id, kid, jwk, added_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING"
    )
    if connection.execute(statement, [client.client_id, kid, Jsonb(public), now]).rowcount == 0:
        raise BadUserInput("This client has, or had, a key of that kid: give a new key another one.", ("key",))
    return kid


def end_key(connection: Connection, client_id: str, kid: str, now: datetime) -> None:
    """Raises BadUserInput where there is no such key."""
    statement: LiteralString = (
        "UPDATE usher.oauth_client_key SET ended_at = %s WHERE client_id = %s AND kid = %s AND ended_at IS NULL"
    )
    if connection.execute(statement, [now, client_id, kid]).rowcount == 0:
        raise BadUserInput("There is no such key of that client in use.", ("kid",))


def end_client(connection: Connection, client_id: str, now: datetime) -> None:
    """No token is given out to it any more. Raises BadUserInput where there is no such client."""
    statement: LiteralString = "UPDATE usher.oauth_client SET ended_at = %s WHERE client_id = %s AND ended_at IS NULL"
    if connection.execute(statement, [now, client_id]).rowcount == 0:
        raise BadUserInput("There is no such client, or it has been ended.", ("client_id",))


def all_clients(connection: Connection) -> Sequence[RegisteredClient]:
    """In order of their ids, the ended ones too."""
    statement: LiteralString = """
    SELECT c.client_id, c.name, c.method, c.registered_at, c.ended_at,
      (SELECT count(*) FROM usher.oauth_client_key AS k WHERE k.client_id = c.client_id AND k.ended_at IS NULL),
      c.first_party,
      ARRAY(SELECT r.uri FROM usher.oauth_redirect AS r WHERE r.client_id = c.client_id ORDER BY r.uri)
    FROM usher.oauth_client AS c ORDER BY c.client_id
    """
    return [RegisteredClient(*row) for row in connection.execute(statement).fetchall()]
