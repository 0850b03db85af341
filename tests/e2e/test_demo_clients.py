"""The demo's clients: registered once, with what everybody may know, and never beside real people."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest

from server.errors import Forbidden
from server.identity.oauth.clients import end_client, find_client
from server.identity.oauth.demo_clients import APP, APP_REDIRECT, PROGRAM, PROGRAM_SECRET, register_demo_clients


def test_a_demo_has_a_program_and_an_app(app_url: str) -> None:
    """Once; whoever ended one has ended it. Without the mark of a demo there is neither."""
    now = datetime.now(UTC)
    with psycopg.connect(app_url) as connection:
        with pytest.raises(Forbidden):
            register_demo_clients(connection, now)
        connection.execute("INSERT INTO usher.installation (name, value) VALUES ('demo', 'true')")
        register_demo_clients(connection, now)
        program, app = find_client(connection, PROGRAM), find_client(connection, APP)
        assert program is not None
        assert program.check_client_secret(PROGRAM_SECRET)
        assert app is not None
        assert (app.is_public, app.first_party) == (True, True)
        assert app.check_redirect_uri(APP_REDIRECT.replace("/callback", ":51004/callback"))
        end_client(connection, APP, now)
        register_demo_clients(connection, now)
        assert find_client(connection, APP) is None
        connection.rollback()
