"""Codes of authenticator apps: TOTP (RFC 6238) of six digits and thirty seconds, each good once.

The secret is encrypted at rest. A code of the step before or after is taken too, since clocks differ (section 5.2);
the step of the last code that was taken is stored, and neither it nor an earlier one is taken again.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from pyotp import random_base32
from pyotp.totp import TOTP

from server.database.blocking_pool import BlockingConnection as Connection
from server.database.keys import new_key
from server.errors import BadUserInput
from server.identity.people.accounts import Account, account_of
from server.identity.people.factors import factors_of
from server.identity.people.premises import Premises
from server.identity.people.recovery_codes import end_recovery_codes
from server.identity.people.sessions import Session, pass_factor, recent
from server.identity.people.tidings import tell

STEP_SECONDS: Final = 30
_AROUND: Final = (0, -1, 1)
_PENDING: Final = timedelta(minutes=30)
_NAME: Final = "Usher"

_MAKE: LiteralString = (
    "INSERT INTO usher.one_time_secret (secret_id, account_id, sealed, made_at) VALUES (%s, %s, %s, %s)"
)
_NOT_CONFIRMED: LiteralString = (
    "SELECT secret_id, sealed FROM usher.one_time_secret "
    "WHERE account_id = %s AND confirmed_at IS NULL AND made_at > %s ORDER BY made_at DESC LIMIT 1"
)
_IN_USE: LiteralString = (
    "SELECT secret_id, sealed FROM usher.one_time_secret WHERE account_id = %s AND confirmed_at IS NOT NULL"
)
_TAKE: LiteralString = (
    "UPDATE usher.one_time_secret SET last_step = %s WHERE secret_id = %s AND (last_step IS NULL OR last_step < %s)"
)
_CONFIRM: LiteralString = "UPDATE usher.one_time_secret SET confirmed_at = %s WHERE secret_id = %s"
_DROP_OTHERS: LiteralString = "DELETE FROM usher.one_time_secret WHERE account_id = %s AND secret_id <> %s"
_DROP_PENDING: LiteralString = "DELETE FROM usher.one_time_secret WHERE account_id = %s AND confirmed_at IS NULL"
_DROP: LiteralString = "DELETE FROM usher.one_time_secret WHERE account_id = %s"


@dataclass(frozen=True, slots=True)
class NewAuthenticator:
    """`secret` in base32, to be typed; `uri`, the same to be shown as a QR code. Shown to the account's owner alone."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


def begin_authenticator(
    connection: Connection, premises: Premises, session: Session, now: datetime
) -> NewAuthenticator:
    """A secret that is in use once a code of it is shown; one of before stays in use until then.

    Raises Unauthenticated where the session's last proof is too old.
    """
    recent(session, now)
    connection.execute(_DROP_PENDING, [session.account_id])
    secret = random_base32()
    keep_secret(connection, premises, session.account_id, secret, now)
    return _shown(session.identity, secret)


def pending_authenticator(
    connection: Connection, premises: Premises, session: Session, now: datetime
) -> NewAuthenticator | None:
    """The one that was begun in the last half hour and not confirmed."""
    row = connection.execute(_NOT_CONFIRMED, [session.account_id, now - _PENDING]).fetchone()
    return None if row is None else _shown(session.identity, _opened(premises, session.account_id, row))


def confirm_authenticator(
    connection: Connection, premises: Premises, session: Session, code: str, now: datetime
) -> str | None:
    """The text of the cookie from now on: the session has shown a factor. None for a wrong code."""
    row = connection.execute(_NOT_CONFIRMED, [session.account_id, now - _PENDING]).fetchone()
    account = account_of(connection, session.account_id)
    if row is None or account is None:
        return None
    if not _taken(connection, row[0], _opened(premises, session.account_id, row), code, now):
        return None
    confirm_secret(connection, session.account_id, row[0], now)
    tell(connection, premises, account, "factor_changed", now, change="An authenticator app was set up.")
    return pass_factor(connection, session.session_id, now)


def check_code(connection: Connection, premises: Premises, account_id: UUID, code: str, now: datetime) -> bool:
    """Whether it is one of now, and the first time: of twenty at once one is taken."""
    row = connection.execute(_IN_USE, [account_id]).fetchone()
    return row is not None and _taken(connection, row[0], _opened(premises, account_id, row), code, now)


def end_authenticator(connection: Connection, premises: Premises, session: Session, now: datetime) -> None:
    """Raises Unauthenticated where the session's last proof is too old, BadUserInput where there is none."""
    recent(session, now)
    account = _owner(connection, session)
    if connection.execute(_DROP, [session.account_id]).rowcount == 0:
        raise BadUserInput("There is no authenticator app of this account.", ("app",))
    if not factors_of(connection, session.account_id).any:
        end_recovery_codes(connection, session.account_id)
    tell(connection, premises, account, "factor_changed", now, change="The authenticator app was removed.")


def keep_secret(connection: Connection, premises: Premises, account_id: UUID, secret: str, now: datetime) -> UUID:
    """Encrypted, and not yet in use; its id."""
    secret_id = new_key()
    sealed = premises.box.seal(secret.encode("ascii"), _about(account_id, secret_id))
    connection.execute(_MAKE, [secret_id, account_id, sealed, now])
    return secret_id


def confirm_secret(connection: Connection, account_id: UUID, secret_id: UUID, now: datetime) -> None:
    """In use from now on, in the place of any other."""
    connection.execute(_DROP_OTHERS, [account_id, secret_id])
    connection.execute(_CONFIRM, [now, secret_id])


def step_of(code: str, secret: str, now: datetime) -> int | None:
    """The step of which it is the code, around now; compared in constant time."""
    digits = "".join(code.split())
    if len(digits) != 6 or not digits.isascii():
        return None
    current, totp = int(now.timestamp()) // STEP_SECONDS, TOTP(secret)
    found = [step for step in (current + by for by in _AROUND) if hmac.compare_digest(totp.generate_otp(step), digits)]
    return found[0] if found else None


def _taken(connection: Connection, secret_id: UUID, secret: str, code: str, now: datetime) -> bool:
    step = step_of(code, secret, now)
    return step is not None and connection.execute(_TAKE, [step, secret_id, step]).rowcount == 1


def _opened(premises: Premises, account_id: UUID, row: tuple[UUID, str] | tuple[object, ...]) -> str:
    secret_id, sealed = row[0], row[1]
    assert isinstance(secret_id, UUID)
    assert isinstance(sealed, str)
    return premises.box.open(sealed, _about(account_id, secret_id)).decode("ascii")


def _about(account_id: UUID, secret_id: UUID) -> bytes:
    return account_id.bytes + secret_id.bytes


def _shown(identity: str, secret: str) -> NewAuthenticator:
    return NewAuthenticator(secret, TOTP(secret).provisioning_uri(name=identity, issuer_name=_NAME))


def _owner(connection: Connection, session: Session) -> Account:
    account = account_of(connection, session.account_id)
    assert account is not None  # sessions refer to accounts, and none is ever deleted
    return account
