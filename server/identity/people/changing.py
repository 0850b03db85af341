"""Changing a password or an address: by whoever is signed in, or by whoever reads the account's letters."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from server.database.blocking_pool import BlockingConnection as Connection
from server.identity.letters.addresses import check_address
from server.identity.letters.letter import Letter
from server.identity.letters.queue import queue_letter
from server.identity.people.accounts import Account, account_of, find_account, set_email
from server.identity.people.attempts import subjects, take_back, take_turn
from server.identity.people.browsers import forget_browsers
from server.identity.people.mailed_links import LIFETIME, end_links, find_link, new_link, use_link
from server.identity.people.names import sought
from server.identity.people.outcomes import Caller, Changed, FactorDue, SignedIn, TooMany, Wrong
from server.identity.people.passwords import check_password, set_password
from server.identity.people.premises import Premises
from server.identity.people.sessions import Session, end_all_sessions, recent
from server.identity.people.sign_in import enter
from server.identity.people.tidings import tell

RESET: Final = "/reset"
CONFIRM: Final = "/confirm-address"


def change_password(
    connection: Connection, premises: Premises, session: Session, old: str, new: str, now: datetime
) -> Changed | Wrong | TooMany:
    """By whoever knows the old one; the account is signed out everywhere else. Raises BadUserInput and Unavailable."""
    # By session: whoever sits at a browser that was left open is slowed, and nobody else.
    tried = subjects("change", session.identity, "", str(session.session_id))
    until = take_turn(connection, tried, now)
    if until is not None:
        return TooMany(until)
    account = check_password(connection, session.identity, old)
    if account is None or account.account_id != session.account_id:
        return Wrong()
    set_password(connection, account.account_id, new, now)
    take_back(connection, tried, now)
    end_all_sessions(connection, account.account_id, now, but=session.session_id)
    tell(connection, premises, account, "password_changed", now)
    return Changed()


def ask_reset(connection: Connection, premises: Premises, identity: str, caller: Caller, now: datetime) -> None:
    """Send the account's letters a link, if there is such an account with an address; nobody is told whether.

    How often is bounded, so that nobody's mailbox is filled. Raises Unavailable.
    """
    name = sought(identity)
    account = None if name is None else find_account(connection, name)
    if take_turn(connection, subjects("reset", name or "", caller.address, None), now) is not None:
        return
    if account is None or account.ended_at is not None or account.email is None:
        return
    link = _link(premises, RESET, new_link(connection, account.account_id, "password_reset", now))
    letter = Letter("password_reset", account.email, {"link": link, "until": now + LIFETIME})
    queue_letter(connection, letter, now)


def find_reset(connection: Connection, token: str, now: datetime) -> bool:
    """Whether a link for a new password is still good, without using it up."""
    return find_link(connection, token, "password_reset", now) is not None


def reset_password(
    connection: Connection, premises: Premises, token: str, new: str, caller: Caller, now: datetime
) -> SignedIn | FactorDue | None:
    """By whoever got the letter; the account is signed out everywhere, and in here but for a second factor.

    None for a link that is used up. Raises BadUserInput for what can be no password: the link is good for another try.
    """
    found = use_link(connection, token, "password_reset", now)
    account = None if found is None else account_of(connection, found[0])
    if account is None:
        return None
    set_password(connection, account.account_id, new, now)
    end_all_sessions(connection, account.account_id, now)
    forget_browsers(connection, account.account_id)
    tell(connection, premises, account, "password_changed", now)
    return enter(connection, premises, account, caller, now)


def ask_address(
    connection: Connection, premises: Premises, session: Session, email: str, now: datetime
) -> TooMany | None:
    """Send a link to the new address; letters go to the old one until it is opened. How often is bounded, by account,
    so that nobody fills a stranger's mailbox.

    Raises Unauthenticated where the session's last proof is too old, BadUserInput for no address, Unavailable.
    """
    recent(session, now)
    address = check_address(email)
    until = take_turn(connection, subjects("address", session.identity, "", None)[:1], now)
    if until is not None:
        return TooMany(until)
    link = _link(premises, CONFIRM, new_link(connection, session.account_id, "confirm_address", now, address))
    queue_letter(connection, Letter("confirm_address", address, {"link": link, "until": now + LIFETIME}), now)
    return None


def confirm_address(connection: Connection, premises: Premises, token: str, now: datetime) -> bool:
    """Letters go to the address that the link came to; the one until now is told. False for a link that is used up."""
    found = use_link(connection, token, "confirm_address", now)
    account: Account | None = None if found is None else account_of(connection, found[0])
    if found is None or account is None:
        return False
    tell(connection, premises, account, "address_changed", now)
    set_email(connection, account.account_id, found[1])
    end_links(connection, account.account_id)  # what lies in the old mailbox opens nothing any more
    return True


def _link(premises: Premises, path: str, token: str) -> str:
    return premises.issuer.at(path) + "?" + urlencode({"token": token})
