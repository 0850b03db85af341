"""Which second factors an account has."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.database.blocking_pool import BlockingConnection


@dataclass(frozen=True, slots=True)
class Factors:
    app: bool
    passkeys: int
    codes_left: int

    def named(self) -> str:
        """Such as "authenticator app, 2 passkeys"; empty where there is none."""
        keys = f"{self.passkeys} passkey{'' if self.passkeys == 1 else 's'}"
        return ", ".join([*(["authenticator app"] if self.app else []), *([keys] if self.passkeys else [])])


def factors_of(_connection: BlockingConnection, _account_id: UUID) -> Factors:
    return Factors(app=False, passkeys=0, codes_left=0)


def owes_factor(connection: BlockingConnection, account_id: UUID) -> bool:
    """Whether the account has one to show."""
    found = factors_of(connection, account_id)
    return found.app or found.passkeys > 0
