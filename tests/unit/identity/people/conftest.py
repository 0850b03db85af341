"""A transaction in the worker's database that is rolled back, an account in it, and the letters that it queued."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from server.database.blocking_pool import BlockingConnection as Connection
from server.identity.issuer import Issuer
from server.identity.letters.letter import Written
from server.identity.letters.sealing import unseal
from server.identity.people.accounts import Account, make_account
from server.identity.people.hashing import hash_of
from server.identity.people.outcomes import Caller, SignedIn
from server.identity.people.premises import Premises
from server.identity.people.sessions import Session, begin_session, find_session
from tests.letters import letter_key

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
PASSWORD = "a wren in the ivy"
HOME = Caller("192.0.2.7", "Firefox/140.0", called="Firefox on Linux")
ISSUER = Issuer("https://usher.test:8443")


@pytest.fixture
def connection(app_url: str) -> Generator[Connection]:
    with psycopg.connect(app_url) as connection, connection.transaction(force_rollback=True):
        yield connection


@pytest.fixture
def premises(tmp_path: Path) -> Premises:
    return Premises.of(ISSUER, tmp_path / "home" / "keys")


@pytest.fixture
def ann(connection: Connection) -> Account:
    """With the password, and an address of its own."""
    word = uuid4().hex
    account = make_account(connection, f"ann-{word}", f"{word}@school.example", NOW)
    statement = "UPDATE usher.account SET password_hash = %s, password_at = %s WHERE account_id = %s"
    connection.execute(statement, [_hash(), NOW, account.account_id])
    return account


@cache
def _hash() -> str:
    """Computed once: each takes 19 MiB and 28 ms."""
    return hash_of(PASSWORD)


@pytest.fixture
def session(connection: Connection, ann: Account) -> Session:
    return session_of(connection, begin_session(connection, ann.account_id, NOW, factor=False, agent="Firefox"))


def session_of(connection: Connection, cookie: str, now: datetime = NOW) -> Session:
    """The session of the cookie, which is one."""
    found = find_session(connection, cookie, now)
    assert found is not None
    return found


def entered(step: object) -> SignedIn:
    assert isinstance(step, SignedIn), step
    return step


def letters(connection: Connection, account: Account) -> list[tuple[str, Written]]:
    """Kind and content of each that this transaction queued for the account's address, the first first."""
    rows = connection.execute(
        "SELECT kind, sealed FROM usher.letter WHERE sealed IS NOT NULL ORDER BY cmin::text::int"
    ).fetchall()
    opened = [(kind, unseal(letter_key(), sealed)) for kind, sealed in rows]
    return [(kind, written) for kind, written in opened if written is not None and written.to == account.email]


def kinds(connection: Connection, account: Account) -> list[str]:
    return [kind for kind, _ in letters(connection, account)]
