"""Passwords: which are taken, how they are kept, and that strangers learn nothing from a wrong one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput, Unavailable
from server.identity.people import hashing, passwords
from server.identity.people.accounts import Account
from server.identity.people.passwords import check_password, set_password
from tests.unit.identity.people.conftest import NOW

PASSWORD = "a wren in the ivy"


def stored(connection: Connection, account: Account) -> str | None:
    row = connection.execute("SELECT password_hash FROM usher.account WHERE account_id = %s", [account.account_id])
    found = row.fetchone()
    return None if found is None else found[0]


def test_a_password_is_kept_as_argon2id(connection: Connection, ann: Account) -> None:
    """With OWASP's parameters and a salt of its own."""
    set_password(connection, ann.account_id, PASSWORD, NOW)
    first = stored(connection, ann)
    assert first is not None
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    set_password(connection, ann.account_id, PASSWORD, NOW)
    assert stored(connection, ann) != first


def test_it_is_the_same_however_it_is_composed(connection: Connection, ann: Account) -> None:
    """Keyboards differ in how they write an umlaut; case and spaces matter."""
    set_password(connection, ann.account_id, "Zwo\u0308lf Boxkämpfer", NOW)
    assert check_password(connection, ann.identity.upper(), "Zwölf Boxka\u0308mpfer") == ann
    for wrong in ("zwölf boxkämpfer", "Zwölf Boxkämpfer ", "", "x" * 1_000_000, "\ud800" * 12, "\x00"):
        assert check_password(connection, ann.identity, wrong) is None


@pytest.mark.parametrize(
    ("password", "sentence"),
    [("eleven char", "12 to 128"), ("x" * 129, "12 to 128"), ("o\u0308" * 11, "12 to 128"), ("a wren in\nthe ivy", "control"),
     ("a wren in \ud800 the ivy", "control"), ("a wren {} ivy", "sign-in name"), ("Password1234!", "strangers try")],
)  # fmt: skip
def test_what_is_too_easily_guessed_is_refused(
    connection: Connection, ann: Account, password: str, sentence: str
) -> None:
    """And the one of before stays."""
    set_password(connection, ann.account_id, PASSWORD, NOW)
    with pytest.raises(BadUserInput, match=sentence):
        set_password(connection, ann.account_id, password.format(ann.identity.upper()), NOW)
    assert check_password(connection, ann.identity, PASSWORD) == ann


@pytest.mark.parametrize(
    "password",
    ["aZ3 ö kL9 ü mN7", "twelve chars", "日本語のとても長い合言葉です", "".join(map(chr, range(0x1F400, 0x1F480)))],
)
def test_nothing_is_demanded_but_length(connection: Connection, ann: Account, password: str) -> None:
    """No digit, no capital: NIST SP 800-63B-4."""
    set_password(connection, ann.account_id, password, NOW)
    assert check_password(connection, ann.identity, password) == ann


def test_a_hash_of_other_parameters_is_renewed(connection: Connection, ann: Account) -> None:
    """Once its password is shown; a wrong one changes nothing."""
    old = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8 * 1024, parallelism=1),)).hash(PASSWORD)
    connection.execute("UPDATE usher.account SET password_hash = %s WHERE account_id = %s", [old, ann.account_id])
    assert check_password(connection, ann.identity, "another one") is None
    assert stored(connection, ann) == old
    assert check_password(connection, ann.identity, PASSWORD) == ann
    renewed = stored(connection, ann)
    assert renewed is not None
    assert renewed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password(connection, ann.identity, PASSWORD) == ann


def test_an_unknown_name_costs_the_same_work(
    connection: Connection, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hash is computed for a known name, an unknown one, an account without a password, and a giant of a password."""
    set_password(connection, ann.account_id, PASSWORD, NOW)
    counted: list[str] = []
    real = hashing.hasher()
    hashing.matches("warm", None)

    class Counting:
        def verify_and_update(self, password: str, known: str) -> tuple[bool, str | None]:
            counted.append(known.split("$")[3])
            return real.verify_and_update(password, known)

    monkeypatch.setattr(hashing, "hasher", Counting)
    for identity, password in (
        (ann.identity, "wrong"),
        ("nobody at all", "wrong"),
        ("\x00", "wrong"),
        (ann.identity, "x" * 9999),
    ):
        assert check_password(connection, identity, password) is None
    assert counted == ["m=19456,t=2,p=1"] * 4


def test_no_more_than_four_are_hashed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others wait; who waits for too long is told to come again, and memory stays within bounds."""
    inside, most, lock, go = 0, 0, threading.Lock(), threading.Event()
    full = threading.Semaphore(0)

    class Slow:
        def hash(self, password: str) -> str:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            full.release()
            assert go.wait(60)
            with lock:
                inside -= 1
            return password

    monkeypatch.setattr(hashing, "hasher", Slow)
    with ThreadPoolExecutor(12) as threads:
        waiting = [threads.submit(hashing.hash_of, "x") for _ in range(12)]
        for _ in range(hashing.AT_A_TIME):
            assert full.acquire(timeout=60)
        monkeypatch.setattr(hashing, "_WAIT_SECONDS", 0.0)
        with pytest.raises(Unavailable):
            hashing.hash_of("one too many")
        go.set()
        assert [one.result() for one in waiting] == ["x"] * 12
    assert most == hashing.AT_A_TIME


def test_a_password_that_changes_while_it_is_hashed_opens_nothing(
    connection: Connection, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever changed it has just ended all sessions: none begins by the old one after that."""
    set_password(connection, ann.account_id, PASSWORD, NOW)

    def slow(password: str, known: str | None) -> tuple[bool, str | None]:
        found = hashing.matches(password, known)
        set_password(connection, ann.account_id, f"{PASSWORD}, changed", NOW)
        return found

    monkeypatch.setattr(passwords, "matches", slow)
    assert check_password(connection, ann.identity, PASSWORD) is None
