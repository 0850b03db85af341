"""Accounts as an operator looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from server.database.blocking_pool import BlockingConnection as Connection
from server.identity.people.names import folded

_LISTED: LiteralString = """
SELECT a.identity, a.email, a.password_hash IS NOT NULL,
  EXISTS (SELECT 1 FROM usher.one_time_secret AS o WHERE o.account_id = a.account_id AND o.confirmed_at IS NOT NULL),
  (SELECT count(*) FROM usher.passkey AS p WHERE p.account_id = a.account_id), a.made_at, a.ended_at
FROM usher.account AS a WHERE starts_with(a.identity, %s) ORDER BY a.identity LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class ListedAccount:
    identity: str
    email: str | None
    has_password: bool
    has_app: bool
    passkeys: int
    made_at: datetime
    ended_at: datetime | None

    @property
    def proofs(self) -> str:
        """What it proves itself by, such as "password, app, 2 passkeys"."""
        keys = f"{self.passkeys} passkey{'' if self.passkeys == 1 else 's'}"
        named = (("password", self.has_password), ("app", self.has_app), (keys, self.passkeys > 0))
        return ", ".join(name for name, there in named if there)


def listed_accounts(connection: Connection, beginning: str, most: int) -> Sequence[ListedAccount]:
    """Those whose names begin so, in order of the names, at most so many."""
    return [ListedAccount(*row) for row in connection.execute(_LISTED, [folded(beginning), most]).fetchall()]
