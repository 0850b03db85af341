"""Codes of authenticator apps: RFC 6238's, each good once, of secrets that the tables alone don't tell."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from pyotp.totp import TOTP

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput, Unauthenticated, Unavailable
from server.identity.people.accounts import Account, make_account
from server.identity.people.factors import factors_of
from server.identity.people.one_time_codes import (
    begin_authenticator,
    check_code,
    confirm_authenticator,
    confirm_secret,
    end_authenticator,
    keep_secret,
    pending_authenticator,
    step_of,
)
from server.identity.people.premises import Premises
from server.identity.people.recovery_codes import new_recovery_codes
from server.identity.people.sessions import Session, begin_session, find_session, find_unfinished
from tests.unit.identity.people.conftest import ISSUER, MINUTE, NOW, SECOND, kinds, session_of

# RFC 6238, appendix B: "12345678901234567890" in base32, with the last six of the eight digits listed there.
LISTED_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
LISTED = [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
    (20000000000, "353130"),
]  # fmt: skip
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
TOGETHER = 20


def code(secret: str, now: datetime = NOW) -> str:
    return TOTP(secret).at(now)


def in_use(connection: Connection, premises: Premises, account_id: UUID, secret: str = SECRET) -> UUID:
    """An authenticator app that is set up; the id of its secret."""
    secret_id = keep_secret(connection, premises, account_id, secret, NOW)
    confirm_secret(connection, account_id, secret_id, NOW)
    return secret_id


@pytest.mark.parametrize(("seconds", "listed"), LISTED)
def test_codes_are_those_of_the_rfc(seconds: int, listed: str) -> None:
    """Its table of test values; and one step around them, for clocks that differ."""
    now, step = datetime.fromtimestamp(seconds, UTC), seconds // 30
    assert step_of(listed, LISTED_SECRET, now) == step
    assert step_of(f"{listed[:3]} {listed[3:]}\n", LISTED_SECRET, now) == step
    assert step_of(listed, LISTED_SECRET, now + 30 * SECOND) == step
    assert step_of(listed, LISTED_SECRET, now + 60 * SECOND) is None


@pytest.mark.parametrize("text", ["", "12345", "1234567", "٣" * 6, "abcdef", "-12345", "\x00" * 6, "1" * 100_000])
def test_what_is_no_code_is_none(text: str) -> None:
    assert step_of(text, SECRET, NOW) is None


def test_an_app_is_set_up_by_showing_a_code(
    connection: Connection, premises: Premises, session: Session, ann: Account
) -> None:
    """Until then nothing is demanded; then the session has shown a factor, under another text, and the owner is told."""
    new = begin_authenticator(connection, premises, session, NOW)
    query = parse_qs(urlsplit(new.uri).query)
    assert (query["secret"], query["issuer"]) == ([new.secret], ["Usher"])
    assert pending_authenticator(connection, premises, session, NOW) == new
    assert confirm_authenticator(connection, premises, session, "000000", NOW) is None
    assert not factors_of(connection, ann.account_id).any
    cookie = confirm_authenticator(connection, premises, session, code(new.secret), NOW)
    assert cookie is not None
    assert session_of(connection, cookie).factor_at == NOW
    assert factors_of(connection, ann.account_id).app
    assert pending_authenticator(connection, premises, session, NOW) is None
    assert kinds(connection, ann) == ["factor_changed"]
    assert not check_code(connection, premises, ann.account_id, code(new.secret), NOW)
    assert check_code(connection, premises, ann.account_id, code(new.secret, NOW + MINUTE), NOW + MINUTE)


def test_a_new_app_takes_the_place_of_the_old(
    connection: Connection, premises: Premises, session: Session, ann: Account
) -> None:
    """Once it has shown a code, not when it is begun."""
    in_use(connection, premises, ann.account_id)
    new = begin_authenticator(connection, premises, session, NOW)
    assert check_code(connection, premises, ann.account_id, code(SECRET), NOW)
    assert confirm_authenticator(connection, premises, session, code(new.secret), NOW) is not None
    later = NOW + MINUTE
    assert not check_code(connection, premises, ann.account_id, code(SECRET, later), later)
    assert check_code(connection, premises, ann.account_id, code(new.secret, later), later)


def test_a_code_is_good_once(connection: Connection, premises: Premises, ann: Account) -> None:
    """And none of an earlier step after it."""
    in_use(connection, premises, ann.account_id)
    before, now = code(SECRET, NOW - 30 * SECOND), code(SECRET)
    assert check_code(connection, premises, ann.account_id, now, NOW)
    assert not check_code(connection, premises, ann.account_id, now, NOW)
    assert not check_code(connection, premises, ann.account_id, before, NOW)
    assert check_code(connection, premises, ann.account_id, code(SECRET, NOW + 30 * SECOND), NOW + 30 * SECOND)


@pytest.mark.parametrize("locked", [True, False])
def test_of_twenty_at_once_one_is_taken(
    app_url: str, premises: Premises, locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control looks first and writes then, and takes the code more than once."""
    word = f"race-{uuid4()}"
    with psycopg.connect(app_url) as connection:
        account = make_account(connection, word, None, NOW)
        secret_id = in_use(connection, premises, account.account_id)
    text, gate = code(SECRET), Barrier(TOGETHER)

    def take() -> bool:
        with psycopg.connect(app_url) as connection:
            if locked:
                gate.wait(60)
                return check_code(connection, premises, account.account_id, text, NOW)
            row = connection.execute("SELECT last_step FROM usher.one_time_secret WHERE secret_id = %s", [secret_id])
            found = row.fetchone()
            gate.wait(60)
            step = step_of(text, SECRET, NOW)
            connection.execute(
                "UPDATE usher.one_time_secret SET last_step = %s WHERE secret_id = %s", [step, secret_id]
            )
            return found == (None,)

    with ThreadPoolExecutor(TOGETHER) as threads:
        taken = sum(one.result() for one in [threads.submit(take) for _ in range(TOGETHER)])
    assert taken == 1 if locked else taken > 1


def test_a_session_without_the_factor_opens_nothing(
    connection: Connection, premises: Premises, session: Session, ann: Account
) -> None:
    """Nor one that was on before the app was set up in another; ten minutes later it is over."""
    cookie = begin_session(connection, ann.account_id, NOW, factor=False, agent="Firefox")
    assert find_session(connection, cookie, NOW) is not None
    assert find_unfinished(connection, cookie, NOW) is None
    in_use(connection, premises, ann.account_id)
    assert find_session(connection, cookie, NOW) is None
    unfinished = find_unfinished(connection, cookie, NOW + 9 * MINUTE)
    assert unfinished is not None
    assert unfinished.account_id == ann.account_id
    assert find_unfinished(connection, cookie, NOW + 10 * MINUTE) is None


def test_the_app_is_removed_with_the_codes_that_stand_in_for_it(
    connection: Connection, premises: Premises, session: Session, ann: Account
) -> None:
    """By a session whose last proof is recent; the owner is told."""
    in_use(connection, premises, ann.account_id)
    assert len(new_recovery_codes(connection, premises, session, NOW)) == 10
    with pytest.raises(Unauthenticated):
        end_authenticator(connection, premises, session, NOW + 16 * MINUTE)
    with pytest.raises(Unauthenticated):
        begin_authenticator(connection, premises, session, NOW + 16 * MINUTE)
    assert factors_of(connection, ann.account_id).codes_left == 10
    end_authenticator(connection, premises, session, NOW)
    found = factors_of(connection, ann.account_id)
    assert (found.app, found.codes_left) == (False, 0)
    assert kinds(connection, ann) == ["factor_changed"] * 2
    with pytest.raises(BadUserInput):
        end_authenticator(connection, premises, session, NOW)


def test_the_secret_is_encrypted_for_its_own_row(
    connection: Connection, premises: Premises, ann: Account, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The tables alone don't tell it, another key opens nothing, nor does the row of somebody else."""
    in_use(connection, premises, ann.account_id)
    rows = connection.execute("SELECT s::text, s.sealed FROM usher.one_time_secret AS s").fetchall()
    assert not any(SECRET in row for row, _ in rows)
    elsewhere = Premises.of(ISSUER, tmp_path_factory.mktemp("other") / "home" / "keys")
    with pytest.raises(Unavailable, match=r"secrets\.key"):
        check_code(connection, elsewhere, ann.account_id, code(SECRET), NOW)
    thief = make_account(connection, f"thief-{uuid4()}", None, NOW)
    moved = in_use(connection, premises, thief.account_id, LISTED_SECRET)
    connection.execute("UPDATE usher.one_time_secret SET sealed = %s WHERE secret_id = %s", [rows[-1][1], moved])
    with pytest.raises(Unavailable):
        check_code(connection, premises, thief.account_id, code(SECRET), NOW)
    again = Premises.of(ISSUER, tmp_path_factory.mktemp("x") / "home" / "keys")
    assert again.box is not premises.box
