"""A program's webhook, as the operator registers it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString

from server.errors import BadUserInput
from server.identity.oauth.clients import Connection, find_client
from server.identity.webhooks.addresses import checked

_SET: LiteralString = """
INSERT INTO usher.client_webhook AS w (client_id, url, loopback, registered_at, attempts)
VALUES (%(client)s, %(url)s, %(loopback)s, %(now)s, 0)
ON CONFLICT (client_id) DO UPDATE SET url = excluded.url, loopback = excluded.loopback,
    registered_at = excluded.registered_at, attempts = 0, failing_since = NULL, next_at = NULL, disabled_at = NULL
"""
_END: LiteralString = (
    "UPDATE usher.client_webhook SET disabled_at = %s WHERE client_id = %s AND disabled_at IS NULL RETURNING client_id"
)
_FIND: LiteralString = "SELECT url, failing_since, disabled_at FROM usher.client_webhook WHERE client_id = %s"


def set_webhook(connection: Connection, client_id: str, url: str, now: datetime, *, loopback: bool) -> None:
    """In the place of the one before. Raises BadUserInput for an unknown client, or a URL that leads where it may not."""
    if find_client(connection, client_id) is None:
        raise BadUserInput(f"There is no client {client_id!r}, or it was ended.", ("CLIENT",))
    checked(url, loopback=loopback)
    named: dict[str, Any] = {"client": client_id, "url": url, "loopback": loopback, "now": now}
    connection.execute(_SET, named)


def end_webhook(connection: Connection, client_id: str, now: datetime) -> None:
    """Raises BadUserInput where there is none."""
    if connection.execute(_END, [now, client_id]).fetchone() is None:
        raise BadUserInput(f"{client_id!r} has no webhook that is called.", ("CLIENT",))


def webhook_status(connection: Connection, client_id: str) -> dict[str, str] | None:
    """URL and OK, FAILING or DISABLED; None where there is none."""
    row = connection.execute(_FIND, [client_id]).fetchone()
    if row is None:
        return None
    url, failing, disabled = row
    return {"url": url, "status": "DISABLED" if disabled else "FAILING" if failing else "OK"}
