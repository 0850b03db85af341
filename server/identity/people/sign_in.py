"""Signing in: the password first, then the second factor where the account has one; or a passkey, which is both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar

import structlog

from server.database.blocking_pool import BlockingConnection as Connection
from server.identity.people.accounts import Account, account_of, find_account
from server.identity.people.attempts import Subject, locked_until, subjects, take_back, take_turn
from server.identity.people.browsers import knows, remember
from server.identity.people.factors import factors_of
from server.identity.people.names import sought
from server.identity.people.one_time_codes import check_code
from server.identity.people.outcomes import Caller, FactorDue, SignedIn, TooMany, Wrong
from server.identity.people.passkeys import check_passkey
from server.identity.people.passwords import check_password
from server.identity.people.premises import Premises
from server.identity.people.recovery_codes import use_recovery_code
from server.identity.people.sessions import Session, begin_session, pass_factor
from server.identity.people.tidings import tell

PASSWORD: Final = "password"  # noqa: S105 - the name of what is counted
CODE: Final = "code"

Step = SignedIn | FactorDue | Wrong | TooMany
S = TypeVar("S", bound=Step)


def sign_in(
    connection: Connection, premises: Premises, identity: str, password: str, caller: Caller, now: datetime
) -> Step:
    """By name and password. A name that nobody has costs the same, and is answered alike. Raises Unavailable."""
    tried = tries(connection, PASSWORD, sought(identity) or "", caller, now)
    until = take_turn(connection, tried, now)
    if until is not None:
        return _logged(TooMany(until))
    account = check_password(connection, identity, password)
    if account is None:
        tell_if_locked(connection, premises, find_account(connection, identity), tried, now)
        return _logged(Wrong())
    take_back(connection, tried, now)
    return enter(connection, premises, account, caller, now)


def show_code(
    connection: Connection, premises: Premises, session: Session, code: str, caller: Caller, now: datetime
) -> Step:
    """Of the authenticator app, by whoever has shown the password; `session` is an unfinished one. Raises Unavailable."""

    def is_right() -> bool:
        return check_code(connection, premises, session.account_id, code, now)

    return _second(connection, premises, session, caller, now, is_right)


def show_recovery_code(
    connection: Connection, premises: Premises, session: Session, code: str, caller: Caller, now: datetime
) -> Step:
    """In the place of the second factor, which the owner is told."""

    def is_right() -> bool:
        return use_recovery_code(connection, session.account_id, code, now)

    step = _second(connection, premises, session, caller, now, is_right)
    if isinstance(step, SignedIn):
        tell(connection, premises, step.account, "factor_changed", now, change="A recovery code was used.")
    return step


def show_passkey(
    connection: Connection, premises: Premises, session: Session, credential: str, caller: Caller, now: datetime
) -> Step:
    """As the second factor. Nothing is counted: a signature can't be guessed."""
    owner = check_passkey(connection, premises, credential, session.account_id, now)
    account = None if owner is None else account_of(connection, owner)
    if account is None:
        return _logged(Wrong())
    cookie = pass_factor(connection, session.session_id, now)
    return _known(connection, premises, account, cookie, caller, now)


def sign_in_with_passkey(
    connection: Connection, premises: Premises, credential: str, caller: Caller, now: datetime
) -> Step:
    """Without a name or password: the passkey says whose it is, and its device has verified the person."""
    owner = check_passkey(connection, premises, credential, None, now)
    account = None if owner is None else account_of(connection, owner)
    if account is None:
        return _logged(Wrong())
    cookie = begin_session(connection, account.account_id, now, factor=True, agent=caller.agent)
    return _known(connection, premises, account, cookie, caller, now)


def enter(
    connection: Connection, premises: Premises, account: Account, caller: Caller, now: datetime, *, factor: bool = False
) -> SignedIn | FactorDue:
    """After one factor was shown, such as a school's own sign-in; or two, as some schools' sign-ins are."""
    cookie = begin_session(connection, account.account_id, now, factor=factor, agent=caller.agent)
    if not factor and factors_of(connection, account.account_id).any:
        return _logged(FactorDue(cookie, account))
    return _known(connection, premises, account, cookie, caller, now)


def tries(connection: Connection, kind: str, name: str, caller: Caller, now: datetime) -> Sequence[Subject]:
    """What a try by this caller counts for."""
    known = caller.browser if knows(connection, name, caller.browser, now) else None
    return subjects(kind, name, caller.address, known)


def tell_if_locked(
    connection: Connection, premises: Premises, account: Account | None, tried: Sequence[Subject], now: datetime
) -> None:
    until = locked_until(connection, tried, now)  # first: it costs the same where there is no such account
    if until is not None and account is not None and account.ended_at is None:
        tell(connection, premises, account, "attempts_locked", now, until=until)


def _second(
    connection: Connection,
    premises: Premises,
    session: Session,
    caller: Caller,
    now: datetime,
    is_right: Callable[[], bool],
) -> Step:
    account = account_of(connection, session.account_id)
    tried = tries(connection, CODE, session.identity, caller, now)
    until = take_turn(connection, tried, now)
    if until is not None:
        return _logged(TooMany(until))
    if account is None or not is_right():
        tell_if_locked(connection, premises, account, tried, now)
        return _logged(Wrong())
    take_back(connection, tried, now)
    cookie = pass_factor(connection, session.session_id, now)
    return _known(connection, premises, account, cookie, caller, now)


def _known(
    connection: Connection, premises: Premises, account: Account, cookie: str, caller: Caller, now: datetime
) -> SignedIn:
    """All that the account demands was shown: the browser is known from now on."""
    browser, unseen = remember(connection, account.account_id, caller.browser, now)
    if unseen:
        tell(connection, premises, account, "new_browser", now, browser=caller.called)
    return _logged(SignedIn(cookie, browser, account))


def _logged(step: S) -> S:
    """How often which step was taken, for whoever watches the logs; not by whom."""
    structlog.get_logger().info("sign-in", code=type(step).__name__)
    return step
