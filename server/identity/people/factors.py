"""Which second factors an account has to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from server.database.blocking_pool import BlockingConnection as Connection

_COUNTS: LiteralString = """
SELECT EXISTS (SELECT 1 FROM usher.one_time_secret AS o WHERE o.account_id = %(account)s AND o.confirmed_at IS NOT NULL),
  (SELECT count(*) FROM usher.recovery_code AS r WHERE r.account_id = %(account)s AND r.used_at IS NULL)
"""
_PASSKEYS: LiteralString = (
    "SELECT credential_id, name, made_at, used_at FROM usher.passkey WHERE account_id = %s "
    "ORDER BY made_at, credential_id"
)


@dataclass(frozen=True, slots=True)
class Passkey:
    """`name` is its owner's."""

    credential_id: str
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """`app`: an authenticator app gives codes. `codes_left`: recovery codes that were not used."""

    app: bool
    passkeys: Sequence[Passkey]
    codes_left: int

    @property
    def any(self) -> bool:
        """Whether one is demanded when signing in; recovery codes alone are none."""
        return self.app or bool(self.passkeys)


def factors_of(connection: Connection, account_id: UUID) -> Factors:
    app, left = connection.execute(_COUNTS, {"account": account_id}).fetchone() or (False, 0)
    keys = connection.execute(_PASSKEYS, [account_id]).fetchall()
    return Factors(bool(app), [Passkey(*row) for row in keys], int(left))
