"""Who a provider's subject is: linked by somebody who was signed in, never by an e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from server.database.blocking_pool import BlockingConnection as Connection
from server.database.keys import new_key
from server.errors import BadUserInput
from server.identity.people.accounts import Account, account_of
from server.identity.people.hats import hats
from server.identity.school_sign_in.providers import Provider

_FIND: LiteralString = (
    "UPDATE usher.federated_identity SET used_at = %s WHERE issuer = %s AND subject = %s RETURNING account_id"
)
_LINK: LiteralString = (
    "INSERT INTO usher.federated_identity (identity_id, issuer, subject, account_id, provider_id, linked_at) "
    "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
_OF: LiteralString = """
SELECT f.identity_id, p.school_name, p.issuer, f.linked_at, f.used_at, p.ended_at IS NULL
FROM usher.federated_identity AS f JOIN usher.school_provider AS p ON p.provider_id = f.provider_id
WHERE f.account_id = %s ORDER BY f.linked_at, f.identity_id
"""


@dataclass(frozen=True, slots=True)
class Linked:
    """`stands`: the school still has that provider."""

    identity_id: UUID
    school_name: str
    issuer: str
    linked_at: datetime
    used_at: datetime | None
    stands: bool


def account_by(connection: Connection, provider: Provider, subject: str, now: datetime) -> Account | None:
    """Whose account it is; None for one that is nobody's, was ended, or has nothing to do with the provider's school."""
    row = connection.execute(_FIND, [now, provider.issuer, subject]).fetchone()
    account = None if row is None else account_of(connection, row[0])
    if account is None or account.ended_at is not None or not at_school(connection, account.identity, provider):
        return None
    return account


def link(connection: Connection, provider: Provider, subject: str, account: Account, now: datetime) -> None:
    """Raises BadUserInput where the subject is somebody's, or the account has another of this provider."""
    row = [new_key(), provider.issuer, subject, account.account_id, provider.provider_id, now]
    if connection.execute(_LINK, row).rowcount == 0:
        raise BadUserInput("This account of your school is linked already, here or to somebody else.", ("link",))


def linked_to(connection: Connection, account_id: UUID) -> list[Linked]:
    return [Linked(*row) for row in connection.execute(_OF, [account_id]).fetchall()]


def unlink(connection: Connection, account_id: UUID, identity_id: UUID) -> bool:
    """False where the account has no such link."""
    statement: LiteralString = "DELETE FROM usher.federated_identity WHERE account_id = %s AND identity_id = %s"
    return connection.execute(statement, [account_id, identity_id]).rowcount > 0


def has_password(connection: Connection, account_id: UUID) -> bool:
    """Whether there is another way in."""
    statement: LiteralString = "SELECT password_hash IS NOT NULL FROM usher.account WHERE account_id = %s"
    row = connection.execute(statement, [account_id]).fetchone()
    return row is not None and bool(row[0])


def at_school(connection: Connection, identity: str, provider: Provider) -> bool:
    """Whether the account's holder has anything to do with the school."""
    return any(hat.school_id == provider.school_id for hat in hats(connection, identity))


def at_no_other_school(connection: Connection, identity: str, provider: Provider) -> bool:
    """Whether all that the account's holder may act as is at the provider's school."""
    return all(hat.school_id == provider.school_id for hat in hats(connection, identity))
