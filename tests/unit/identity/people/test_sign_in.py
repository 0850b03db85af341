"""Signing in step by step: what opens, what is remembered, and what the owner is told."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from uuid import uuid4

import psycopg
import pytest

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput
from server.identity.people.accounts import Account, end_account, make_account
from server.identity.people.factors import factors_of
from server.identity.people.outcomes import Caller, FactorDue, SignedIn, TooMany, Wrong
from server.identity.people.passwords import set_password
from server.identity.people.premises import Premises
from server.identity.people.recovery_codes import new_recovery_codes, use_recovery_code
from server.identity.people.sessions import Session, begin_session, find_session, find_unfinished, sessions_of
from server.identity.people.sign_in import show_code, show_recovery_code, sign_in
from tests.unit.identity.people.conftest import HOME, NOW, PASSWORD, entered, kinds, letters, session_of
from tests.unit.identity.people.test_one_time_codes import SECRET, code, in_use


def due(connection: Connection, premises: Premises, account: Account, caller: Caller = HOME) -> Session:
    """The session of a right password that has its factor to show."""
    step = sign_in(connection, premises, account.identity, PASSWORD, caller, NOW)
    assert isinstance(step, FactorDue), step
    assert find_session(connection, step.cookie, NOW) is None
    found = find_unfinished(connection, step.cookie, NOW)
    assert found is not None
    assert found not in sessions_of(connection, account.account_id, NOW), "half signed in is not signed in"
    return found


def test_a_password_is_enough_without_a_factor(connection: Connection, premises: Premises, ann: Account) -> None:
    step = entered(sign_in(connection, premises, ann.identity.upper(), PASSWORD, HOME, NOW))
    found = session_of(connection, step.cookie)
    assert (found.identity, found.factor_at, found.agent) == (ann.identity, None, HOME.agent)
    assert step.account == ann


@pytest.mark.parametrize("case", ["password", "name", "ended", "none"])
def test_wrong_is_one_answer(connection: Connection, premises: Premises, ann: Account, case: str) -> None:
    """Whatever of it is wrong; and there is no session."""
    if case == "ended":
        end_account(connection, ann.account_id, NOW)
    if case == "none":
        connection.execute("UPDATE usher.account SET password_hash = NULL WHERE account_id = %s", [ann.account_id])
    name = "nobody" if case == "name" else ann.identity
    password = "another one" if case == "password" else PASSWORD
    assert sign_in(connection, premises, name, password, HOME, NOW) == Wrong()
    rows = connection.execute("SELECT 1 FROM usher.browser_session WHERE account_id = %s", [ann.account_id]).fetchall()
    assert rows == []


def test_the_factor_follows_the_password(connection: Connection, premises: Premises, ann: Account) -> None:
    """A wrong code opens nothing; the right one gives another text."""
    in_use(connection, premises, ann.account_id)
    unfinished = due(connection, premises, ann)
    assert show_code(connection, premises, unfinished, "000000", HOME, NOW) == Wrong()
    step = entered(show_code(connection, premises, unfinished, code(SECRET), HOME, NOW))
    found = session_of(connection, step.cookie)
    assert (found.session_id, found.factor_at) == (unfinished.session_id, NOW)
    again = due(connection, premises, ann)
    assert show_code(connection, premises, again, code(SECRET), HOME, NOW) == Wrong()


def test_codes_are_not_guessed_for_long(connection: Connection, premises: Premises, ann: Account) -> None:
    """A new session begins no new count, and the owner's known browser goes on."""
    in_use(connection, premises, ann.account_id)
    known = entered(show_code(connection, premises, due(connection, premises, ann), code(SECRET), HOME, NOW))
    thief = Caller("203.0.113.5", "curl")
    steps = [
        show_code(connection, premises, due(connection, premises, ann, thief), "000000", thief, NOW) for _ in range(8)
    ]
    assert [type(step) for step in steps] == [Wrong] * 5 + [TooMany] * 3
    own = replace(HOME, browser=known.browser)
    recovery = new_recovery_codes(connection, premises, session_of(connection, known.cookie), NOW)
    assert isinstance(
        show_recovery_code(connection, premises, due(connection, premises, ann, own), recovery[0], own, NOW), SignedIn
    )


def test_a_recovery_code_stands_in_once(connection: Connection, premises: Premises, ann: Account) -> None:
    """However it is typed; the owner is told, and one fewer is left."""
    in_use(connection, premises, ann.account_id)
    step = entered(show_code(connection, premises, due(connection, premises, ann), code(SECRET), HOME, NOW))
    codes = new_recovery_codes(connection, premises, session_of(connection, step.cookie), NOW)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([a-z2-7]{4}-){5}[a-z2-7]{4}", one) for one in codes), "of 120 random bits"
    typed = codes[3].upper().replace("-", " ")
    used = entered(show_recovery_code(connection, premises, due(connection, premises, ann), typed, HOME, NOW))
    assert session_of(connection, used.cookie).factor_at == NOW
    assert show_recovery_code(connection, premises, due(connection, premises, ann), codes[3], HOME, NOW) == Wrong()
    assert factors_of(connection, ann.account_id).codes_left == 9
    assert "A recovery code was used" in letters(connection, ann)[-1][1].text
    rows = connection.execute("SELECT r::text FROM usher.recovery_code AS r").fetchall()
    assert not any(one in row or one.replace("-", "") in row for one in codes for (row,) in rows)


def test_new_recovery_codes_end_the_old(
    connection: Connection, premises: Premises, ann: Account, session: Session
) -> None:
    """And there are none without a factor for them to stand in for."""
    with pytest.raises(BadUserInput, match="first"):
        new_recovery_codes(connection, premises, session, NOW)
    in_use(connection, premises, ann.account_id)
    old = new_recovery_codes(connection, premises, session, NOW)
    new = new_recovery_codes(connection, premises, session, NOW)
    assert show_recovery_code(connection, premises, due(connection, premises, ann), old[0], HOME, NOW) == Wrong()
    assert isinstance(
        show_recovery_code(connection, premises, due(connection, premises, ann), new[0], HOME, NOW), SignedIn
    )


def test_a_new_browser_is_told_of_once(connection: Connection, premises: Premises, ann: Account) -> None:
    """Not the first of all, nor one that was used before."""
    first = entered(sign_in(connection, premises, ann.identity, PASSWORD, HOME, NOW))
    assert kinds(connection, ann) == []
    own = replace(HOME, browser=first.browser)
    assert entered(sign_in(connection, premises, ann.identity, PASSWORD, own, NOW)).browser == first.browser
    assert kinds(connection, ann) == []
    entered(sign_in(connection, premises, ann.identity, PASSWORD, replace(HOME, called="Safari on a Mac"), NOW))
    [(kind, letter)] = letters(connection, ann)
    assert kind == "new_browser"
    assert "Safari on a Mac" in letter.text


def test_a_browser_of_two_is_known_to_both(connection: Connection, premises: Premises, ann: Account) -> None:
    """A family's; a text that we never gave is not taken over."""
    bob = make_account(connection, f"bob-{uuid4()}", None, NOW)
    set_password(connection, bob.account_id, PASSWORD, NOW)
    first = entered(sign_in(connection, premises, ann.identity, PASSWORD, HOME, NOW))
    shared = replace(HOME, browser=first.browser)
    assert entered(sign_in(connection, premises, bob.identity, PASSWORD, shared, NOW)).browser == first.browser
    planted = replace(HOME, browser="planted-by-somebody-else-0123456789abcdef")
    assert entered(sign_in(connection, premises, ann.identity, PASSWORD, planted, NOW)).browser != planted.browser


def test_steps_say_nothing_secret(connection: Connection, premises: Premises, ann: Account) -> None:
    """Whoever logs one logs no cookie."""
    step = entered(sign_in(connection, premises, ann.identity, PASSWORD, HOME, NOW))
    shown = repr((step, replace(HOME, browser=step.browser)))
    assert step.cookie not in shown
    assert step.browser not in shown


@pytest.mark.parametrize("locked", [True, False])
def test_of_twenty_at_once_one_uses_a_recovery_code(app_url: str, premises: Premises, locked: bool) -> None:
    """The control looks whether it is unused, and marks it then."""
    with psycopg.connect(app_url) as connection:
        account = make_account(connection, f"race-{uuid4()}", None, NOW)
        in_use(connection, premises, account.account_id)
        cookie = begin_session(connection, account.account_id, NOW, factor=True, agent="")
        [text, *_] = new_recovery_codes(connection, premises, session_of(connection, cookie), NOW)
    gate, given = Barrier(20), [account.account_id]

    def use() -> bool:
        with psycopg.connect(app_url) as connection:
            if locked:
                gate.wait(60)
                return use_recovery_code(connection, account.account_id, text, NOW)
            unused = "SELECT 1 FROM usher.recovery_code WHERE account_id = %s AND used_at IS NULL"
            found = len(connection.execute(unused, given).fetchall()) == 10
            gate.wait(60)
            connection.execute("UPDATE usher.recovery_code SET used_at = made_at WHERE account_id = %s", given)
            return found

    with ThreadPoolExecutor(20) as threads:
        used = sum(one.result() for one in [threads.submit(use) for _ in range(20)])
    assert used == 1 if locked else used > 1
