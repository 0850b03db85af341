"""The steps before the last: the code, a name and an address, the number that was sent there."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, LiteralString
from uuid import UUID

from server.commands.joining.joinings import Joining, begin, change, find_joining
from server.commands.joining.offers import Offer, find_offer
from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput
from server.identity.invitations.codes import code_digest, confirmation_digest, keyed_digest, new_number
from server.identity.letters.addresses import check_address
from server.identity.letters.letter import Letter
from server.identity.letters.queue import queue_letter
from server.identity.people.accounts import find_account
from server.identity.people.attempts import Subject, subjects, take_turn
from server.identity.people.names import name_of

NUMBER_LASTS: Final = timedelta(minutes=30)
MOST_NUMBER_TRIES: Final = 5
MOST_NUMBERS: Final = 5
# A code has 100 bits: what is slowed is trying, and a whole school may sit behind one address.
_FREE: Final = 50

_CODE: LiteralString = "SELECT school_id, invitation_id FROM usher.invitation_code WHERE code_digest = %s"
_OPENED: LiteralString = """
UPDATE usher.invitation AS i SET opened_at = %s
WHERE i.school_id = %s AND i.invitation_id = %s AND i.opened_at IS NULL"""
_WORN: LiteralString = "SELECT 1 FROM usher.login_identity WHERE identity = %s LIMIT 1"


class Said(StrEnum):
    """What came of a step."""

    DONE = "done"
    WRONG = "wrong"
    OVER = "over"
    TOO_MANY = "too many"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How somebody wants to sign in; without an address, by the code of a second letter."""

    identity: str
    email: str
    confirmation: str


def give_code(
    connection: Connection, code: str, cookie: str, account_id: UUID | None, address: str, now: datetime
) -> Said:
    """DONE, WRONG for every code that gives nothing, or TOO_MANY. `account_id` is of whoever is signed in.

    Whoever has a code isn't slowed by others of the same address, which behind a proxy is everybody's.
    """
    offer = _offer(connection, code, now)
    if offer is None:
        return Said.WRONG if take_turn(connection, _turns(address), now) is None else Said.TOO_MANY
    connection.execute(_OPENED, [now, offer.school_id, offer.invitation_id])
    begin(connection, cookie, offer, account_id, now)
    return Said.DONE


def give_name(connection: Connection, cookie: str, wanted: Wanted, now: datetime) -> Said:
    """DONE, with a letter on its way or confirmed by the second code; GONE, or TOO_MANY letters.

    Raises BadUserInput that names the field, and Unavailable.
    """
    joining = find_joining(connection, cookie, None, now)
    if joining is None:
        return Said.GONE
    identity = free_name(connection, wanted.identity)
    if not wanted.email.strip():
        _confirm_by_paper(joining, wanted.confirmation)
        change(connection, joining, identity=identity, email=None, code_digest=None, confirmed_at=now)
        return Said.DONE
    email = check_address(wanted.email)
    return _send(connection, replace(joining, identity=identity, email=email), cookie, now)


def send_again(connection: Connection, cookie: str, now: datetime) -> Said:
    """DONE, GONE or TOO_MANY. Raises Unavailable."""
    joining = find_joining(connection, cookie, None, now)
    if joining is None or joining.email is None:
        return Said.GONE
    return _send(connection, joining, cookie, now)


def give_number(connection: Connection, cookie: str, number: str, now: datetime) -> Said:
    """DONE, WRONG, OVER where another number must be sent, or GONE."""
    joining = find_joining(connection, cookie, None, now)
    if joining is None or joining.code_expires_at is None:
        return Said.GONE
    if joining.code_digest is None or joining.code_expires_at <= now or joining.code_tries >= MOST_NUMBER_TRIES:
        return Said.OVER
    if not hmac.compare_digest(joining.code_digest, keyed_digest(cookie, number)):
        change(connection, joining, code_tries=joining.code_tries + 1)
        return Said.WRONG
    change(connection, joining, code_digest=None, confirmed_at=now)
    return Said.DONE


def free_name(connection: Connection, identity: str) -> str:
    """The name as it is stored. Raises BadUserInput for one that is none, or that anybody or any program has."""
    name = name_of(identity)
    if find_account(connection, name) is not None or connection.execute(_WORN, [name]).fetchone() is not None:
        raise BadUserInput("This sign-in name is taken: choose another one.", ("identity",))
    return name


def _offer(connection: Connection, code: str, now: datetime) -> Offer | None:
    digest = code_digest(code)
    row = None if digest is None else connection.execute(_CODE, [digest]).fetchone()
    return None if row is None else find_offer(connection, row[0], row[1], now)


def _confirm_by_paper(joining: Joining, confirmation: str) -> None:
    known, given = joining.offer.confirmation_digest, confirmation_digest(confirmation)
    if not confirmation.strip():
        raise BadUserInput("Give an e-mail address, or the code of the school's second letter.", ("email",))
    if known is None or given is None or not hmac.compare_digest(known, given):
        raise BadUserInput("This isn't the code of the school's second letter.", ("confirmation",))


def _send(connection: Connection, joining: Joining, cookie: str, now: datetime) -> Said:
    """A new number; the one before counts no more."""
    letters = subjects("joining", str(joining.offer.invitation_id), "", None)[:1]
    if joining.codes_sent >= MOST_NUMBERS or take_turn(connection, letters, now) is not None:
        return Said.TOO_MANY
    number, until = new_number(), now + NUMBER_LASTS
    sent = {"code_digest": keyed_digest(cookie, number), "code_expires_at": until, "code_tries": 0}
    change(connection, joining, **sent, codes_sent=joining.codes_sent + 1, confirmed_at=None)
    queue_letter(connection, Letter("joining_number", joining.email or "", {"number": number, "until": until}), now)
    return Said.DONE


def _turns(address: str) -> tuple[Subject, ...]:
    *_, by_address = subjects("join", "", address, None)
    return (replace(by_address, free=_FREE),)
