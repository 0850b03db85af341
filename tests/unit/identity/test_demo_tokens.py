"""Tokens for demo accounts: only in a demo database, only for accounts that exist."""

from collections.abc import Callable
from uuid import UUID, uuid4

import psycopg
import pytest
from joserfc.jwk import ECKey

from server.errors import BadUserInput, Forbidden, Unavailable
from server.identity.demo_tokens import LIFETIME, demo_accounts, demo_token
from server.identity.tokens import TokenIssuer, TokenVerifier
from tests.database import Database
from tests.signing import OneKey

KEY = ECKey.generate_key("P-256", auto_kid=True)
SCHOOL = uuid4()


def add_accounts(url: str, demo: str | None) -> dict[str, UUID]:
    """A teacher and a vendor's program; with the installation's word about itself."""
    people = {"teacher": uuid4(), "mis": uuid4()}
    with psycopg.connect(url) as connection:
        for name, capacity in (("teacher", "STAFF"), ("mis", "CLIENT")):
            connection.execute(
                "INSERT INTO usher.login_identity (identity, school_id, person_id, capacity, school_name) "
                "VALUES (%s, %s, %s, %s, 'Northfield')",
                [name, SCHOOL, people[name], capacity],
            )
        if demo is not None:
            connection.execute("INSERT INTO usher.installation (name, value) VALUES ('demo', %s)", [demo])
    return people


def test_a_demo_account_gets_a_short_token(make_database: Callable[[], Database]) -> None:
    """Fifteen minutes, for the person, school and capacity of its row; a program also has a client id."""
    database = make_database()
    people = add_accounts(database.owner_url, "true")
    issuer, verifier = TokenIssuer(KEY, lambda: 1_800_000_000), TokenVerifier(OneKey(KEY), lambda: 1_800_000_000)
    teacher = verifier.verify(demo_token(database.app_url, "teacher", issuer))
    assert (teacher.school_id, teacher.person_id, teacher.capacity) == (SCHOOL, people["teacher"], "STAFF")
    assert (teacher.client_id, teacher.expires_at) == (None, 1_800_000_000 + LIFETIME)
    assert verifier.verify(demo_token(database.app_url, "mis", issuer)).client_id == "mis"
    assert LIFETIME == 15 * 60


def test_an_unknown_account_is_named_no_one_elses_token(make_database: Callable[[], Database]) -> None:
    """The refusal lists the accounts that there are."""
    database = make_database()
    add_accounts(database.owner_url, "true")
    with pytest.raises(BadUserInput, match=r"Take one of: mis, teacher\."):
        demo_token(database.app_url, "head'; --", TokenIssuer(KEY))


@pytest.mark.parametrize("demo", [None, "false", "", "TRUE "])
def test_a_real_database_gives_out_no_tokens(make_database: Callable[[], Database], demo: str | None) -> None:
    """Anything but the word `true` means real people."""
    database = make_database()
    add_accounts(database.owner_url, demo)
    with pytest.raises(Forbidden, match="demo database"):
        demo_token(database.app_url, "teacher", TokenIssuer(KEY))
    with pytest.raises(Forbidden):
        demo_accounts(database.app_url)


def test_a_database_without_tables_is_told_from_one_that_is_down(make_database: Callable[[], Database]) -> None:
    """Both are one sentence with a remedy."""
    database = make_database()
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("DROP SCHEMA usher CASCADE")
    with pytest.raises(Unavailable, match="no tables yet"):
        demo_accounts(database.app_url)
    with pytest.raises(Unavailable, match="doesn't answer"):
        demo_accounts("postgresql://usher_app@127.0.0.1:1/usher")
