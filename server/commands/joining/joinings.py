"""How far somebody got: a row that their browser's cookie finds, for an hour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, LiteralString
from uuid import UUID

from server.commands.joining.offers import Offer, find_offer
from server.database.blocking_pool import BlockingConnection as Connection
from server.identity.people.digests import digest_of

LASTS: Final = timedelta(hours=1)

_FIND: LiteralString = (
    "SELECT school_id, invitation_id, account_id, identity, email, code_digest, code_expires_at, code_tries, codes_sent, "
    "confirmed_at, matched_at FROM usher.joining WHERE joining_digest = %s AND expires_at > %s FOR UPDATE"
)
_FORGET: LiteralString = "DELETE FROM usher.joining WHERE joining_digest = %s OR expires_at < %s"
_KEEP: LiteralString = (
    "INSERT INTO usher.joining (joining_digest, school_id, invitation_id, expires_at, account_id, code_tries, codes_sent) "
    "VALUES (%s, %s, %s, %s, %s, 0, 0)"
)


class Step(StrEnum):
    """What is to be done next, named after its page."""

    NAME = "name"
    NUMBER = "number"
    BIRTH = "birth"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Joining:
    """`account_id` is of somebody who was signed in; `code_digest` is of the number that was sent."""

    digest: str = field(repr=False)
    offer: Offer
    account_id: UUID | None
    identity: str | None = field(repr=False)
    email: str | None = field(repr=False)
    code_digest: str | None = field(repr=False)
    code_expires_at: datetime | None
    code_tries: int
    codes_sent: int
    confirmed_at: datetime | None
    matched_at: datetime | None

    @property
    def step(self) -> Step:
        if self.account_id is None and self.identity is None:
            return Step.NAME
        if self.account_id is None and self.confirmed_at is None:
            return Step.NUMBER
        if self.offer.kind != "STAFF" and self.matched_at is None:
            return Step.BIRTH
        return Step.FINISH


def begin(connection: Connection, cookie: str, offer: Offer, account_id: UUID | None, now: datetime) -> None:
    """Forgets what the browser was joining before, and what others left behind."""
    digest = _digest(cookie)
    connection.execute(_FORGET, [digest, now])
    connection.execute(_KEEP, [digest, offer.school_id, offer.invitation_id, now + LASTS, account_id])


def find_joining(
    connection: Connection, cookie: str, session: UUID | None, now: datetime, *, lock: bool = False
) -> Joining | None:
    """What this browser is joining, whose row is locked; `session` is the account that is signed in there, if any.

    None where the invitation gives nothing any more, and where somebody else signed in, or out, since.
    `lock`: the invitation is, too.
    """
    digest = _digest(cookie)
    row = connection.execute(_FIND, [digest, now]).fetchone()
    if row is None or row[2] != session:
        return None
    offer = find_offer(connection, row[0], row[1], now, lock=lock)
    return None if offer is None else Joining(digest, offer, *row[2:])


def change(connection: Connection, joining: Joining, **columns: Any) -> None:
    """Names of columns are ours."""
    changes: LiteralString = (
        "UPDATE usher.joining SET identity = coalesce(%(identity)s, identity), email = %(email)s, "
        "code_digest = %(code_digest)s, code_expires_at = %(code_expires_at)s, code_tries = %(code_tries)s, "
        "codes_sent = %(codes_sent)s, confirmed_at = %(confirmed_at)s, matched_at = %(matched_at)s "
        "WHERE joining_digest = %(digest)s"
    )
    held = {
        "identity": joining.identity,
        "email": joining.email,
        "code_digest": joining.code_digest,
        "code_expires_at": joining.code_expires_at,
        "code_tries": joining.code_tries,
        "codes_sent": joining.codes_sent,
        "confirmed_at": joining.confirmed_at,
        "matched_at": joining.matched_at,
    }
    connection.execute(changes, {**held, **columns, "digest": joining.digest})


def forget(connection: Connection, joining: Joining, now: datetime) -> None:
    connection.execute(_FORGET, [joining.digest, now])


def _digest(cookie: str) -> str:
    """Not that of the cookie itself, which may be a session's."""
    return digest_of(f"joining {cookie}")
