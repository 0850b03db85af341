"""Accounts: their names, where their letters go, and their end."""

from __future__ import annotations

from uuid import uuid4

import pytest

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput
from server.identity.people.accounts import Account, account_of, end_account, find_account, make_account, set_email
from server.identity.people.hats import Hat, hats
from server.identity.people.passwords import check_password, set_password
from server.identity.people.sessions import begin_session, find_session
from tests.unit.identity.people.conftest import NOW

PASSWORD = "a wren in the ivy"


def test_a_name_is_one_in_whichever_case_and_form(connection: Connection) -> None:
    """NFC and case folding: who writes a name otherwise means the same account, and can't make another one."""
    word = uuid4()
    made = make_account(connection, f" Zoe\u0308-Weiß-{word} ", None, NOW)
    assert made.identity == f"zoë-weiss-{word}"
    assert find_account(connection, f"ZOË-WEISS-{word}") == made == account_of(connection, made.account_id)
    with pytest.raises(BadUserInput, match="taken"):
        make_account(connection, f"zoë-weiß-{word}", None, NOW)


@pytest.mark.parametrize("name", ["", "  ", "a b", "a\nb", "a\x00b", "a\ud800b", "a\u202eb", "a" * 255])
def test_what_can_be_no_name_is_refused_and_never_found(connection: Connection, name: str) -> None:
    with pytest.raises(BadUserInput, match="sign-in name"):
        make_account(connection, name, None, NOW)
    assert find_account(connection, name) is None
    assert check_password(connection, name, PASSWORD) is None


@pytest.mark.parametrize(
    "email", ["", "a", "a@", "@b.example", "a b@c.example", "a@b.example\nBcc: c@d.example", "a@b..example",
              "<a@b.example>", "a@b.example, c@d.example", "a" * 65 + "@b.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(connection: Connection, ann: Account, email: str) -> None:
    """And the one that is there stays."""
    with pytest.raises(BadUserInput, match="e-mail"):
        set_email(connection, ann.account_id, email)
    assert account_of(connection, ann.account_id) == ann


def test_an_address_is_no_name(connection: Connection, ann: Account) -> None:
    """Two people of a family may share one."""
    other = make_account(connection, f"bob-{uuid4()}", ann.email, NOW)
    assert other.email == ann.email
    set_email(connection, other.account_id, None)
    found = account_of(connection, other.account_id)
    assert found is not None
    assert found.email is None


def test_an_account_that_ended_opens_nothing(connection: Connection, ann: Account) -> None:
    """Neither by its password nor by a session that was on; and its name is given to nobody else."""
    set_password(connection, ann.account_id, PASSWORD, NOW)
    cookie = begin_session(connection, ann.account_id, NOW, factor=False, agent="Firefox")
    assert find_session(connection, cookie, NOW) is not None
    assert check_password(connection, ann.identity, PASSWORD) == ann
    end_account(connection, ann.account_id, NOW)
    assert find_session(connection, cookie, NOW) is None
    assert check_password(connection, ann.identity, PASSWORD) is None
    for refused in (
        lambda: end_account(connection, ann.account_id, NOW),
        lambda: set_password(connection, ann.account_id, PASSWORD, NOW),
        lambda: make_account(connection, ann.identity, None, NOW),
    ):
        with pytest.raises(BadUserInput):
            refused()


@pytest.mark.parametrize("capacity", ["STAFF", "CLIENT"])
def test_nobody_puts_on_hats_by_choosing_their_name(connection: Connection, capacity: str) -> None:
    """Those of a name without an account, or of a program; an operator may say whose they are."""
    name = f"hats-{uuid4()}"
    connection.execute(
        "INSERT INTO usher.login_identity (identity, school_id, person_id, capacity, school_name) VALUES (%s, %s, %s, %s, 'N')",
        [name, uuid4(), uuid4(), capacity],
    )
    with pytest.raises(BadUserInput, match="taken"):
        make_account(connection, name.upper(), None, NOW)
    assert find_account(connection, name) is None
    assert make_account(connection, name, None, NOW, of_hats=True).identity == name


def test_a_person_has_a_hat_for_each_capacity_at_each_school(connection: Connection, ann: Account) -> None:
    """A program's identity is no hat."""
    first, second, person = uuid4(), uuid4(), uuid4()
    rows = [
        (second, "Upton", "PARENT"),
        (first, "Northfield", "STAFF"),
        (first, "Northfield", "PARENT"),
        (first, "N", "CLIENT"),
    ]
    for school, name, capacity in rows:
        connection.execute(
            "INSERT INTO usher.login_identity (identity, school_id, person_id, capacity, school_name) VALUES (%s, %s, %s, %s, %s)",
            [ann.identity, school, person, capacity, name],
        )
    assert hats(connection, ann.identity) == [
        Hat(first, "Northfield", person, "PARENT"),
        Hat(first, "Northfield", person, "STAFF"),
        Hat(second, "Upton", person, "PARENT"),
    ]
    assert hats(connection, "nobody") == []
