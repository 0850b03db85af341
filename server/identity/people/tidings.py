"""Letters that tell the owner of an account what happened to it: to its address, if it has one."""

from __future__ import annotations

from datetime import datetime

import structlog

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import Unavailable
from server.identity.letters.letter import Letter
from server.identity.letters.queue import queue_letter
from server.identity.people.accounts import Account
from server.identity.people.premises import Premises

PAGE = "/account"


def tell(
    connection: Connection, premises: Premises, account: Account, kind: str, now: datetime, **values: str | datetime
) -> None:
    """Without a key for letters nothing is told: signing in must not wait for the first `usher jobs`."""
    if account.email is None:
        return
    letter = Letter(kind, account.email, {"when": now, "page": premises.issuer.at(PAGE), **values})
    try:
        queue_letter(connection, letter, now)
    except Unavailable:
        structlog.get_logger().warning("letter not queued", code=kind)
