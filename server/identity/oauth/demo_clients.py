"""Clients of a demo: its MIS with a secret that everybody knows, and an app that people sign in with. In demos alone."""

from __future__ import annotations

from datetime import datetime
from typing import Final, LiteralString

from server.errors import Forbidden
from server.identity.installation import is_demo
from server.identity.oauth.clients import Connection, register_client
from server.identity.oauth.documents import Mode, set_mode

PROGRAM: Final = "mis"
PROGRAM_SECRET: Final = "the-demo-mis-has-no-secrets"  # noqa: S105 - everybody knows it
APP: Final = "demo-app"
APP_REDIRECT: Final = "http://127.0.0.1/callback"
"""At any port (RFC 8252)."""

_THERE: LiteralString = "SELECT client_id FROM usher.oauth_client WHERE client_id = ANY(%s)"


def register_demo_clients(connection: Connection, now: datetime) -> None:
    """Those that were never registered; one that somebody ended stays so. Raises Forbidden where there are real people."""
    if not is_demo(connection):
        raise Forbidden("Known secrets are for demo databases, and this one isn't.")
    there = {row[0] for row in connection.execute(_THERE, [[PROGRAM, APP]]).fetchall()}
    if PROGRAM not in there:
        register_client(connection, PROGRAM, "The demo's MIS", now, PROGRAM_SECRET)
    if APP not in there:
        register_client(connection, APP, "The demo's app", now, redirects=[APP_REDIRECT], public=True, first_party=True)
        # Whoever tries the demo asks what they like, whoever they sign in as.
        set_mode(connection, APP, Mode.OPEN)
