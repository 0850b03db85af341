"""Letters that tell the owner of an account what changed about it: to its address, if it has one."""

from __future__ import annotations

from datetime import datetime

from server.database.blocking_pool import BlockingConnection
from server.identity.issuer import Issuer
from server.identity.letters.letter import Letter
from server.identity.letters.queue import queue_letter
from server.identity.people.accounts import Account


class Tidings:
    def __init__(self, issuer: Issuer) -> None:
        self._page = issuer.at("/account")

    def password_changed(self, connection: BlockingConnection, account: Account, now: datetime) -> None:
        self._tell(connection, account.email, "password_changed", now)

    def factor_changed(self, connection: BlockingConnection, account: Account, now: datetime, change: str) -> None:
        """`change` is a sentence."""
        self._tell(connection, account.email, "factor_changed", now, change=change)

    def address_changed(self, connection: BlockingConnection, before: str | None, now: datetime) -> None:
        """To the address until now, so that whoever took the account over can't hide it."""
        self._tell(connection, before, "address_changed", now)

    def _tell(self, connection: BlockingConnection, email: str | None, kind: str, now: datetime, **values: str) -> None:
        if email is not None:
            queue_letter(connection, Letter(kind, email, {"when": now, "page": self._page, **values}), now)
