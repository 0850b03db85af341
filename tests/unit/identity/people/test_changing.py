"""Passwords and addresses change by whoever knows or reads what proves them, and the owner is told."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import psycopg
import pytest

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput, Unauthenticated
from server.identity.people.accounts import Account, account_of, end_account, make_account
from server.identity.people.changing import (
    ask_address,
    ask_reset,
    change_password,
    confirm_address,
    find_reset,
    reset_password,
)
from server.identity.people.mailed_links import new_link, use_link
from server.identity.people.outcomes import Changed, FactorDue, SignedIn, TooMany, Wrong
from server.identity.people.passwords import check_password
from server.identity.people.premises import Premises
from server.identity.people.sessions import Session, begin_session, find_session
from server.identity.people.sign_in import sign_in
from tests.unit.identity.people.conftest import HOME, NOW, PASSWORD, SECOND, entered, kinds, letters
from tests.unit.identity.people.test_one_time_codes import in_use

NEW = "three blind moles dig"
LATER = NOW + timedelta(minutes=59)
TOGETHER = 20


def links(connection: Connection, account: Account) -> list[str]:
    """The tokens in the account's letters, the first first."""
    return [found for _, letter in letters(connection, account) for found in re.findall(r"\?token=(\S+)", letter.text)]


def reset_link(connection: Connection, premises: Premises, account: Account) -> str:
    ask_reset(connection, premises, account.identity, HOME, NOW)
    return links(connection, account)[-1]


def test_a_password_is_changed_by_whoever_knows_the_old(
    connection: Connection, premises: Premises, ann: Account, session: Session
) -> None:
    """The account is signed out everywhere else, and the owner is told."""
    elsewhere = begin_session(connection, ann.account_id, NOW, factor=False, agent="Chrome")
    here = entered(sign_in(connection, premises, ann.identity, PASSWORD, HOME, NOW))
    mine = find_session(connection, here.cookie, NOW)
    assert mine is not None
    assert change_password(connection, premises, mine, "another one", NEW, NOW) == Wrong()
    assert check_password(connection, ann.identity, PASSWORD) == ann
    assert change_password(connection, premises, mine, PASSWORD, NEW, NOW) == Changed()
    assert check_password(connection, ann.identity, PASSWORD) is None
    assert check_password(connection, ann.identity, NEW) == ann
    assert find_session(connection, elsewhere, NOW) is None
    assert find_session(connection, here.cookie, NOW) == mine
    assert kinds(connection, ann) == ["password_changed"]


def test_a_weak_password_changes_nothing(
    connection: Connection, premises: Premises, ann: Account, session: Session
) -> None:
    with pytest.raises(BadUserInput, match="12 to 128"):
        change_password(connection, premises, session, PASSWORD, "short", NOW)
    assert check_password(connection, ann.identity, PASSWORD) == ann
    assert kinds(connection, ann) == []


def test_an_open_browser_is_no_place_to_guess_the_old_password(
    connection: Connection, premises: Premises, ann: Account, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And whoever guesses there slows that session alone."""
    steps = [change_password(connection, premises, session, "a guess", NEW, NOW) for _ in range(6)]
    assert steps == [Wrong()] * 5 + [TooMany(NOW + 2 * SECOND)]
    assert isinstance(sign_in(connection, premises, ann.identity, PASSWORD, HOME, NOW), SignedIn)


def test_a_letter_brings_a_new_password(
    connection: Connection, premises: Premises, ann: Account, session: Session
) -> None:
    """Once, within an hour; everybody is signed out, also a browser that was known, and the owner is told."""
    before = entered(sign_in(connection, premises, ann.identity, PASSWORD, HOME, NOW))
    link = reset_link(connection, premises, ann)
    assert find_reset(connection, link, LATER)
    assert not find_reset(connection, link, NOW + timedelta(hours=1))
    with pytest.raises(BadUserInput):
        reset_password(connection, premises, link, "short", HOME, LATER)
    # What raises is rolled back by whoever called, with the link.
    link = reset_link(connection, premises, ann)
    step = entered(reset_password(connection, premises, link, NEW, replace(HOME, browser=before.browser), LATER))
    assert step.browser != before.browser
    assert find_session(connection, before.cookie, LATER) is None
    assert find_session(connection, step.cookie, LATER) is not None
    assert check_password(connection, ann.identity, NEW) == ann
    assert kinds(connection, ann)[-1] == "password_changed"
    assert reset_password(connection, premises, link, PASSWORD, HOME, LATER) is None
    assert check_password(connection, ann.identity, NEW) == ann


def test_a_letter_is_no_second_factor(connection: Connection, premises: Premises, ann: Account) -> None:
    """Whoever reads somebody's mail still has it to show."""
    in_use(connection, premises, ann.account_id)
    step = reset_password(connection, premises, reset_link(connection, premises, ann), NEW, HOME, NOW)
    assert isinstance(step, FactorDue)
    assert find_session(connection, step.cookie, NOW) is None


def test_a_stranger_spoils_no_letter(connection: Connection, premises: Premises, ann: Account) -> None:
    """Their asking sends few letters, and the owner's link stays good until one of them is used."""
    first = reset_link(connection, premises, ann)
    for number in range(100):
        ask_reset(connection, premises, ann.identity, replace(HOME, address=f"203.0.113.{number}"), NOW)
    assert kinds(connection, ann) == ["password_reset"] * 10
    assert isinstance(reset_password(connection, premises, first, NEW, HOME, NOW), SignedIn)
    assert not any(find_reset(connection, link, NOW) for link in links(connection, ann))


@pytest.mark.parametrize("case", ["nobody", "no address", "ended", "malformed"])
def test_nobody_is_told_whether_there_is_an_account(
    connection: Connection, premises: Premises, ann: Account, case: str
) -> None:
    """Asking answers nothing, and sends nothing."""
    name = {"nobody": "nobody", "malformed": "\x00"}.get(case, ann.identity)
    if case == "ended":
        end_account(connection, ann.account_id, NOW)
    if case == "no address":
        connection.execute("UPDATE usher.account SET email = NULL WHERE account_id = %s", [ann.account_id])
    before = connection.execute("SELECT count(*) FROM usher.letter").fetchone()
    ask_reset(connection, premises, name, HOME, NOW)
    assert connection.execute("SELECT count(*) FROM usher.letter").fetchone() == before
    assert (
        connection.execute("SELECT 1 FROM usher.mailed_link WHERE account_id = %s", [ann.account_id]).fetchall() == []
    )


def test_links_are_kept_as_digests_for_one_purpose(connection: Connection, premises: Premises, ann: Account) -> None:
    link = reset_link(connection, premises, ann)
    rows = connection.execute("SELECT k::text FROM usher.mailed_link AS k").fetchall()
    assert not any(link in row for (row,) in rows)
    assert not confirm_address(connection, premises, link, NOW)
    for text in ("", "\x00", "\ud800", "x" * 100_000):
        assert not find_reset(connection, text, NOW)
    assert find_reset(connection, link, NOW)
    end_account(connection, ann.account_id, NOW)
    assert not find_reset(connection, link, NOW)


@pytest.mark.parametrize("locked", [True, False])
def test_of_twenty_at_once_one_uses_a_link(app_url: str, locked: bool) -> None:
    """The control looks first and deletes then, without asking whether it did."""
    with psycopg.connect(app_url) as connection:
        account = make_account(connection, f"race-{uuid4()}", None, NOW)
        link = new_link(connection, account.account_id, "password_reset", NOW)
    gate = Barrier(TOGETHER)

    def use() -> bool:
        with psycopg.connect(app_url) as connection:
            if not locked:
                found = find_reset(connection, link, NOW)
                gate.wait(60)
                connection.execute("DELETE FROM usher.mailed_link WHERE account_id = %s", [account.account_id])
                return found
            gate.wait(60)
            return use_link(connection, link, "password_reset", NOW) is not None

    with ThreadPoolExecutor(TOGETHER) as threads:
        used = sum(one.result() for one in [threads.submit(use) for _ in range(TOGETHER)])
    assert used == 1 if locked else used > 1


def test_an_address_changes_once_its_letter_was_read(
    connection: Connection, premises: Premises, ann: Account, session: Session
) -> None:
    """The new one is asked, the old one told; until then letters go to the old one."""
    new = replace(ann, email=f"{uuid4().hex}@home.example")
    ask_address(connection, premises, session, new.email or "", NOW)
    assert account_of(connection, ann.account_id) == ann
    [link] = links(connection, new)
    assert confirm_address(connection, premises, link, LATER)
    assert account_of(connection, ann.account_id) == new
    assert kinds(connection, ann) == ["address_changed"]
    assert not confirm_address(connection, premises, link, LATER)


def test_who_was_thrown_out_has_no_way_back(
    connection: Connection, premises: Premises, ann: Account, session: Session
) -> None:
    """A letter that somebody in the account sent to an address of theirs is worth nothing after a new password."""
    thief = replace(ann, email=f"{uuid4().hex}@elsewhere.example")
    ask_address(connection, premises, session, thief.email or "", NOW)
    [waiting] = links(connection, thief)
    assert isinstance(
        reset_password(connection, premises, reset_link(connection, premises, ann), NEW, HOME, NOW), SignedIn
    )
    assert not confirm_address(connection, premises, waiting, NOW)
    assert account_of(connection, ann.account_id) == ann


def test_the_old_mailbox_opens_nothing(
    connection: Connection, premises: Premises, ann: Account, session: Session
) -> None:
    """Once letters go elsewhere, a link for a new password that was sent before counts no more."""
    before = reset_link(connection, premises, ann)
    new = replace(ann, email=f"{uuid4().hex}@home.example")
    ask_address(connection, premises, session, new.email or "", NOW)
    [link] = links(connection, new)
    assert confirm_address(connection, premises, link, NOW)
    assert not find_reset(connection, before, NOW)


def test_letters_to_strangers_are_few(
    connection: Connection, premises: Premises, ann: Account, session: Session
) -> None:
    """Whoever is signed in fills nobody's mailbox: of twenty to one address half is sent, and the rest must wait."""
    stranger = replace(ann, email=f"{uuid4().hex}@elsewhere.example")
    asked = [ask_address(connection, premises, session, stranger.email or "", NOW) for _ in range(20)]
    assert isinstance(asked[-1], TooMany)
    assert kinds(connection, stranger) == ["confirm_address"] * 10


def test_an_address_is_asked_for_by_a_recent_session(
    connection: Connection, premises: Premises, ann: Account, session: Session
) -> None:
    with pytest.raises(Unauthenticated):
        ask_address(connection, premises, session, "new@home.example", NOW + timedelta(minutes=16))
    with pytest.raises(BadUserInput):
        ask_address(connection, premises, session, "new@home.example\nBcc: x@y.example", NOW)
    assert kinds(connection, replace(ann, email="new@home.example")) == []
