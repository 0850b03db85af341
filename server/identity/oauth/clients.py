"""Registered programs, as authlib asks for them (RFC 6749, section 2)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, LiteralString

from authlib.oauth2.rfc6749 import ClientMixin
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key
from psycopg.types.json import Jsonb

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput

SECRET: Final = "client_secret_basic"  # noqa: S105 - the name of a method
KEY: Final = "private_key_jwt"
METHODS: Final = (SECRET, KEY)
MOST_KEYS: Final = 8
_FORM: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_SECRET_BYTES: Final = 32
_SMALLEST_RSA: Final = 2048
# Of private keys (RFC 7518, section 6): nothing of one is ever stored.
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

_CLIENT: LiteralString = (
    "SELECT client_id, name, method, secret_digest FROM usher.oauth_client WHERE client_id = %s AND ended_at IS NULL"
)
_KEYS: LiteralString = "SELECT kid, jwk FROM usher.oauth_client_key WHERE client_id = %s AND ended_at IS NULL"


@dataclass(frozen=True, slots=True)
class OAuthClient(ClientMixin):
    """`keys` are public JSON Web Keys by `kid`."""

    client_id: str
    name: str
    method: str
    secret_digest: str | None = field(repr=False)
    keys: Mapping[str, Mapping[str, Any]]

    def get_client_id(self) -> str:
        return self.client_id

    def check_client_secret(self, client_secret: str) -> bool:
        return self.secret_digest is not None and hmac.compare_digest(self.secret_digest, digest(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002 - every endpoint alike
        return method == self.method

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


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
    return OAuthClient(*row, keys=dict(connection.execute(_KEYS, [client_id]).fetchall()))


def register_client(
    connection: Connection, client_id: str, name: str, now: datetime, secret: str | None = None
) -> None:
    """A program with a secret, or, without one, a program that proves itself by keys. Raises BadUserInput."""
    if _FORM.fullmatch(client_id) is None:
        raise BadUserInput("The id is made of a-z, 0-9 and -, at most 63 of them.", ("client_id",))
    if not 1 <= len(name.strip()) <= 100:
        raise BadUserInput("The name has 1 to 100 characters.", ("name",))
    row = (client_id, name.strip(), KEY if secret is None else SECRET, None if secret is None else digest(secret), now)
    statement: LiteralString = (
        "INSERT INTO usher.oauth_client (client_id, name, method, secret_digest, registered_at, first_party) "
        "VALUES (%s, %s, %s, %s, %s, false) ON CONFLICT DO NOTHING"
    )
    if connection.execute(statement, row).rowcount == 0:
        raise BadUserInput(f"There is a client {client_id!r} already: choose another id.", ("client_id",))


def new_secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def add_key(connection: Connection, client: OAuthClient, jwk: Mapping[str, Any], now: datetime) -> str:
    """Believe what this public key signs, too; its `kid`. Raises BadUserInput."""
    if client.method != KEY:
        raise BadUserInput("This client proves itself by a secret: register one that proves itself by keys.", ("key",))
    if len(client.keys) >= MOST_KEYS:
        raise BadUserInput(f"A client has at most {MOST_KEYS} keys: end one first.", ("key",))
    kid, public = _public(jwk)
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


def all_clients(connection: Connection) -> Sequence[tuple[str, str, str, datetime, datetime | None, int]]:
    """Id, name, method, when registered, when ended, and how many keys are in use; in order of the ids."""
    statement: LiteralString = (
        "SELECT c.client_id, c.name, c.method, c.registered_at, c.ended_at, count(k.kid) FROM usher.oauth_client AS c "
        "LEFT JOIN usher.oauth_client_key AS k ON k.client_id = c.client_id AND k.ended_at IS NULL "
        "GROUP BY c.client_id ORDER BY c.client_id"
    )
    return [tuple(row) for row in connection.execute(statement).fetchall()]  # pyright: ignore[reportReturnType]


def _public(jwk: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    if _PRIVATE & jwk.keys():
        raise BadUserInput("This is a private key: give the public one, and keep this one to yourself.", ("key",))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a weak key, which is refused below
            key = import_key(dict(jwk))
    except (JoseError, ValueError, TypeError, KeyError):
        raise BadUserInput("This is no JSON Web Key.", ("key",)) from None
    strong = (isinstance(key, ECKey) and key.curve_name == "P-256") or (
        isinstance(key, OKPKey) and key.curve_name == "Ed25519"
    )
    if not strong and not (isinstance(key, RSAKey) and key.raw_value.key_size >= _SMALLEST_RSA):
        raise BadUserInput("A key is of P-256, of Ed25519, or of RSA with 2048 bits or more.", ("key",))
    kid = jwk.get("kid") or key.thumbprint()
    if not isinstance(kid, str) or not kid.isascii() or not kid.isprintable() or len(kid) > 100:
        raise BadUserInput("`kid` is at most 100 printable ASCII characters.", ("key",))
    return kid, {**key.as_dict(private=False), "kid": kid}
