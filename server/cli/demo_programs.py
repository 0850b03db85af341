"""The demo's clients: its MIS and an app that people sign in with."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from server.database.pool import owner_connection
from server.errors import Forbidden
from server.identity.oauth.demo_clients import register_demo_clients


def let_demo_programs_in(app_url: str) -> None:
    """Nothing where there are real people."""
    with owner_connection(app_url) as connection, connection.transaction(), suppress(Forbidden):
        register_demo_clients(connection, datetime.now(UTC))
