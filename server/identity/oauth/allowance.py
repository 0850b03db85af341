"""How many tokens a program is given in a minute: at each school, and for the list of its grants."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic
from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString
from uuid import UUID

from authlib.oauth2 import OAuth2Error

from server.identity.oauth.clients import Connection

MOST: Final = 60
WINDOW: Final = timedelta(minutes=1)

# A refusal changes nothing: a program that goes on asking is let in again at the same moment.
_COUNT: LiteralString = """
INSERT INTO usher.token_allowance AS w (school_id, client_id, began_at, given, last_at)
VALUES (%(school)s, %(client)s, %(now)s, 1, %(now)s)
ON CONFLICT (school_id, client_id) DO UPDATE SET last_at = %(now)s,
    began_at = CASE WHEN w.began_at <= %(before)s THEN %(now)s ELSE w.began_at END,
    given = CASE WHEN w.began_at <= %(before)s THEN 1 ELSE w.given + 1 END
WHERE w.school_id = %(school)s AND (w.began_at <= %(before)s OR w.given < %(most)s)
RETURNING w.given
"""
_BEGAN: LiteralString = "SELECT began_at FROM usher.token_allowance WHERE school_id = %s AND client_id = %s"
# One after the other, and without holding up what refers to the client.
_TURN: LiteralString = "SELECT 1 FROM usher.oauth_client WHERE client_id = %s FOR NO KEY UPDATE"
_FORGET: LiteralString = "DELETE FROM usher.vendor_token WHERE client_id = %s AND expires_at < %s"
_GIVEN: LiteralString = "SELECT count(*), min(given_at) FROM usher.vendor_token WHERE client_id = %s AND given_at > %s"
_GIVE: LiteralString = (
    "INSERT INTO usher.vendor_token (token_id, client_id, given_at, expires_at) VALUES (%s, %s, %s, %s)"
)


class TooManyTokens(OAuth2Error):
    """RFC 6585, section 4: nobody else's tokens are held up."""

    error = "temporarily_unavailable"

    def __init__(self, since: datetime, now: datetime) -> None:
        seconds = math.ceil((since + WINDOW - now).total_seconds())
        self.seconds = min(max(seconds, 1), int(WINDOW.total_seconds()))
        super().__init__(f"More than {MOST} tokens a minute: use each for its ten minutes.", status_code=429)

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("Retry-After", str(self.seconds))]


def count_school_token(connection: Connection, client_id: str, school_id: UUID, now: datetime) -> None:
    """Of a transaction that is the program's at that school. Raises TooManyTokens."""
    named: dict[str, Any] = {"school": school_id, "client": client_id, "now": now, "before": now - WINDOW, "most": MOST}
    if connection.execute(_COUNT, named).fetchone() is None:
        (began,) = connection.execute(_BEGAN, [school_id, client_id]).fetchone() or (now,)
        raise TooManyTokens(began, now)


def count_vendor_token(
    connection: Connection, client_id: str, token_id: str, now: datetime, expires_at: datetime
) -> None:
    """Raises TooManyTokens."""
    connection.execute(_TURN, [client_id])
    connection.execute(_FORGET, [client_id, now])
    given, first = connection.execute(_GIVEN, [client_id, now - WINDOW]).fetchone() or (0, None)
    if given >= MOST:
        raise TooManyTokens(first or now, now)
    connection.execute(_GIVE, [token_id, client_id, now, expires_at])
