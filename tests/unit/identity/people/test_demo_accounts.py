"""Known passwords and codes: for the accounts of a demo, and never where people are real."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import psycopg
import pytest

from server.errors import BadUserInput, Forbidden
from server.identity.people.demo_accounts import (
    PASSWORD,
    demo_code,
    demo_people,
    lacking_accounts,
    open_accounts,
)
from server.identity.people.outcomes import FactorDue, SignedIn
from server.identity.people.premises import Premises
from server.identity.people.sessions import find_unfinished
from server.identity.people.sign_in import show_code, sign_in
from tests.database import Database
from tests.unit.identity.people.conftest import HOME, NOW


def with_identities(url: str, *, demo: bool) -> None:
    """A head and a parent, who is staff, too; and a vendor's program."""
    with psycopg.connect(url) as connection:
        for name, capacity in (("Head", "STAFF"), ("pat", "PARENT"), ("pat", "STAFF"), ("mis", "CLIENT")):
            connection.execute(
                "INSERT INTO usher.login_identity (identity, school_id, person_id, capacity, school_name) "
                "VALUES (%s, %s, %s, %s, 'Northfield')",
                [name, uuid4(), uuid4(), capacity],
            )
        if demo:
            connection.execute("INSERT INTO usher.installation (name, value) VALUES ('demo', 'true')")


def test_people_of_a_demo_sign_in_with_what_everybody_knows(
    make_database: Callable[[], Database], premises: Premises
) -> None:
    """Whoever has a factor demanded shows the code that the command prints; a program gets no account."""
    database = make_database()
    with_identities(database.owner_url, demo=True)
    told: list[int] = []
    with psycopg.connect(database.app_url) as connection:
        lacking = lacking_accounts(connection)
        assert lacking == ["Head", "pat"]
        open_accounts(connection, premises, lacking, frozenset({"Head"}), NOW, lambda: told.append(1))
        assert (len(told), lacking_accounts(connection)) == (2, [])
        people = demo_people(connection)
        assert (people.all, people.with_codes) == ({"head", "pat"}, {"head"})
        assert isinstance(sign_in(connection, premises, "pat", PASSWORD, HOME, NOW), SignedIn)
        step = sign_in(connection, premises, "head", PASSWORD, HOME, NOW)
        assert isinstance(step, FactorDue)
        unfinished = find_unfinished(connection, step.cookie, NOW)
        assert unfinished is not None
        shown = demo_code(connection, "head", NOW)
        assert isinstance(show_code(connection, premises, unfinished, shown, HOME, NOW), SignedIn)
        with pytest.raises(BadUserInput):
            demo_code(connection, "pat", NOW)


def test_nobody_else_gets_a_known_password(make_database: Callable[[], Database], premises: Premises) -> None:
    """In a database of real people nothing is made."""
    database = make_database()
    with_identities(database.owner_url, demo=False)
    with psycopg.connect(database.app_url) as connection:
        for refused in (
            lambda: lacking_accounts(connection),
            lambda: open_accounts(connection, premises, ["head"], frozenset(), NOW),
            lambda: demo_people(connection),
        ):
            with pytest.raises(Forbidden):
                refused()
        assert connection.execute("SELECT count(*) FROM usher.account").fetchone() == (0,)
