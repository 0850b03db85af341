"""The last steps: the date of birth, and the account. An invitation is redeemed once, however many try at once."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from server.commands.joining.joinings import Joining, Step, change, find_joining, forget
from server.commands.joining.offers import READS, Offer, enter
from server.commands.joining.steps import free_name
from server.commands.joining.traces import leave_traces_now, tell_of_lock
from server.database.blocking_pool import BlockingConnection as Connection
from server.identity.people.accounts import Account, account_of, make_account
from server.identity.people.passwords import set_password
from server.migrations.invitation_walls import JOINING, MOST_TRIES

_BORN: LiteralString = """
SELECT l.date_of_birth FROM usher.learner AS l WHERE l.school_id = %s AND l.learner_id = %s"""
_TRIED: LiteralString = """
INSERT INTO usher.invitation_try (school_id, invitation_id, number, tried_at, identity, email)
VALUES (%s, %s, %s, %s, %s, %s)"""
# In all capacities that it may be planned for: two who redeem invitations of one person wait for each other.
_HOLD: LiteralString = """
SELECT p.profile_version FROM usher.access_profile AS p
WHERE p.school_id = %(school)s AND p.person_id = %(person)s AND p.capacity = %(kind)s FOR UPDATE"""
_HATS: LiteralString = """
SELECT i.identity, i.person_id FROM usher.login_identity AS i
WHERE i.school_id = %(school)s AND i.capacity = %(kind)s AND (i.person_id = %(person)s OR i.identity = %(identity)s)"""
_WEAR: LiteralString = """
INSERT INTO usher.login_identity (identity, school_id, person_id, capacity, school_name)
SELECT %(identity)s, s.school_id, %(person)s, %(kind)s, s.name FROM usher.school AS s WHERE s.school_id = %(school)s
ON CONFLICT (identity, school_id, capacity) DO NOTHING"""
_REDEEM: LiteralString = """
INSERT INTO usher.invitation_redemption (school_id, invitation_id, account_id, redeemed_at) VALUES (%s, %s, %s, %s)"""
_VERIFY: LiteralString = """
UPDATE usher.guardian_link AS l SET verified_at = coalesce(l.verified_at, %s)
WHERE l.school_id = %s AND l.link_id = %s"""
_RAISE: LiteralString = """
UPDATE usher.access_profile AS p SET profile_version = p.profile_version + 1
WHERE p.school_id = %(school)s AND p.person_id = %(person)s"""


class Came(StrEnum):
    """What came of it: DONE; WRONG, with tries left; LOCKED for good; GONE; or another account stands in the way."""

    DONE = "done"
    WRONG = "wrong"
    LOCKED = "locked"
    GONE = "gone"
    OTHER_ACCOUNT = "other account"
    OTHER_PERSON = "other person"


@dataclass(frozen=True, slots=True)
class Birth:
    came: Came
    left: int = 0


def give_birth(
    connection: Connection, cookie: str, session: UUID | None, given: date, address: str, now: datetime
) -> Birth:
    """Compare the date of birth, which is told to nobody; of a wrong one it is kept that it was wrong, and who said it."""
    joining = find_joining(connection, cookie, session, now, lock=True)
    if joining is None or joining.step is not Step.BIRTH:
        return Birth(Came.GONE)
    if _is_born(connection, joining.offer, given):
        change(connection, joining, matched_at=now)
        return Birth(Came.DONE)
    return _wrong(connection, joining, address, now)


def redeem(
    connection: Connection, cookie: str, session: UUID | None, password: str, address: str, now: datetime
) -> Came:
    """The account, its hat, and the verified link, or nothing of them. `password` is of a new account alone.

    Raises BadUserInput for a password that can be none, or a name that was taken meanwhile, and Unavailable.
    """
    joining = find_joining(connection, cookie, session, now, lock=True)
    if joining is None or joining.step is not Step.FINISH:
        return Came.GONE
    offer = joining.offer
    identity = _identity(connection, joining)
    if identity is None:
        return Came.GONE
    named: dict[str, Any] = {
        "school": offer.school_id, "person": offer.person_id, "kind": offer.kind, "identity": identity
    }  # fmt: skip
    connection.execute(_HOLD, named)
    stands = _stands_in_the_way(connection, named)
    if stands is not None:
        return stands
    account = _account(connection, joining, identity, password, now)
    _take(connection, offer, account, named, now)
    forget(connection, joining, now)
    leave_traces_now(connection, offer, "invitationRedeemed", address, now)
    return Came.DONE


def _is_born(connection: Connection, offer: Offer, given: date) -> bool:
    """In constant time, and seen by nobody but this function."""
    enter(connection, offer.school_id, READS, offer.person_id)
    row = connection.execute(_BORN, [offer.school_id, offer.learner_id]).fetchone()
    enter(connection, offer.school_id, JOINING, offer.person_id)
    known: str = "" if row is None else row[0].isoformat()
    return hmac.compare_digest(known.encode(), given.isoformat().encode())


def _wrong(connection: Connection, joining: Joining, address: str, now: datetime) -> Birth:
    offer, number = joining.offer, joining.offer.tries + 1
    account = None if joining.account_id is None else account_of(connection, joining.account_id)
    called = (account.identity, account.email) if account else (joining.identity, joining.email)
    connection.execute(_TRIED, [offer.school_id, offer.invitation_id, number, now, *called])
    if number < MOST_TRIES:
        return Birth(Came.WRONG, MOST_TRIES - number)
    events = tell_of_lock(connection, offer, now)
    leave_traces_now(connection, offer, "invitationLocked", address, now, events)
    forget(connection, joining, now)
    return Birth(Came.LOCKED)


def _identity(connection: Connection, joining: Joining) -> str | None:
    if joining.account_id is None:
        return joining.identity
    account = account_of(connection, joining.account_id)
    return None if account is None or account.ended_at is not None else account.identity


def _stands_in_the_way(connection: Connection, named: dict[str, Any]) -> Came | None:
    """A person of the school has one account, and an account is one person of the school in each capacity."""
    rows = connection.execute(_HATS, named).fetchall()
    if any(identity != named["identity"] for identity, _ in rows):
        return Came.OTHER_ACCOUNT
    return Came.OTHER_PERSON if any(person_id != named["person"] for _, person_id in rows) else None


def _account(connection: Connection, joining: Joining, identity: str, password: str, now: datetime) -> Account:
    if joining.account_id is not None:
        found = account_of(connection, joining.account_id)
        assert found is not None
        return found
    # A name that somebody was given meanwhile would be two people's.
    made = make_account(connection, free_name(connection, identity), joining.email, now)
    set_password(connection, made.account_id, password, now)
    return made


def _take(connection: Connection, offer: Offer, account: Account, named: dict[str, Any], now: datetime) -> None:
    connection.execute(_REDEEM, [offer.school_id, offer.invitation_id, account.account_id, now])
    connection.execute(_WEAR, named)
    if offer.link_id is not None:
        enter(connection, offer.school_id, READS, offer.person_id)
        connection.execute(_VERIFY, [now, offer.school_id, offer.link_id])
        enter(connection, offer.school_id, JOINING, offer.person_id)
    connection.execute(_RAISE, named)
