"""usher account: what it prints, what it refuses, and that a password is neither an argument nor printed."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from server.cli import call
from server.errors import Forbidden
from server.identity.issuer import Issuer
from server.identity.people.accounts import find_account
from server.identity.people.demo_accounts import demo_code
from server.identity.people.one_time_codes import confirm_secret, keep_secret
from server.identity.people.outcomes import Caller, SignedIn, TooMany
from server.identity.people.premises import Premises
from server.identity.people.sessions import find_session
from server.identity.people.sign_in import Step, sign_in

PASSWORD = "a wren in the ivy"
HERE = Caller("192.0.2.7", "Firefox/140.0 (X11)\x1b[31m")


@pytest.fixture(autouse=True)
def own_database(monkeypatch: pytest.MonkeyPatch, app_url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("USHER_DATABASE_URL", app_url)
    monkeypatch.setenv("USHER_HOME", str(tmp_path / "home"))


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """What stands on standard input."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


@pytest.fixture
def name(typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]) -> str:
    """An account with the password."""
    name = f"ann-{secrets.token_hex(6)}"
    assert call(["account", "add", name, "--email", f"{name}@school.example"]) == 0
    typed(PASSWORD + "\n")
    assert call(["account", "password", name]) == 0
    assert PASSWORD not in capsys.readouterr().out
    return name


@pytest.fixture
def premises(tmp_path: Path) -> Premises:
    return Premises.of(Issuer("https://usher.test"), tmp_path / "home" / "keys")


def entering(app_url: str, premises: Premises, name: str, password: str = PASSWORD) -> Step:
    with psycopg.connect(app_url) as connection:
        return sign_in(connection, premises, name, password, HERE, datetime.now(UTC))


def is_on(app_url: str, step: Step) -> bool:
    assert isinstance(step, SignedIn)
    with psycopg.connect(app_url) as connection:
        return find_session(connection, step.cookie, datetime.now(UTC)) is not None


def test_an_account_is_made_listed_and_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its name is taken then; and nothing of a hash is printed."""
    assert call(["account", "list", name]) == 0
    listed = capsys.readouterr().out
    assert name in listed
    assert "password" in listed
    assert call(["account", "show", name.upper()]) == 0
    shown = capsys.readouterr().out
    assert f"letters to {name}@school.example" in shown
    assert "It may act nowhere." in shown
    assert "argon2" not in listed + shown
    assert call(["account", "add", name]) == 1
    assert "taken" in capsys.readouterr().err


def test_a_new_password_signs_out_everywhere(
    name: str, app_url: str, premises: Premises, typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """A weak one changes nothing, and is not repeated."""
    step = entering(app_url, premises, name)
    typed("passwordpassword\n")
    assert call(["account", "password", name]) == 1
    told = capsys.readouterr()
    assert "strangers try" in told.err
    assert "passwordpassword" not in told.err + told.out
    assert is_on(app_url, step)
    typed("three blind moles dig\n")
    assert call(["account", "password", name]) == 0
    assert not is_on(app_url, step)
    assert isinstance(entering(app_url, premises, name, "three blind moles dig"), SignedIn)


def test_sessions_are_printed_and_ended(
    name: str, app_url: str, premises: Premises, capsys: pytest.CaptureFixture[str]
) -> None:
    """One by its id, all at once; what a browser calls itself can't colour the terminal."""
    first, second = entering(app_url, premises, name), entering(app_url, premises, name)
    assert call(["account", "sessions", name]) == 0
    listed = capsys.readouterr().out
    assert "\x1b" not in listed
    with psycopg.connect(app_url) as connection:
        assert isinstance(second, SignedIn)
        found = find_session(connection, second.cookie, datetime.now(UTC))
    assert found is not None
    assert call(["account", "sessions", name, "--end", str(found.session_id), "--yes"]) == 0
    assert (is_on(app_url, first), is_on(app_url, second)) == (True, False)
    assert call(["account", "sessions", name, "--end", str(found.session_id), "--yes"]) == 1
    assert call(["account", "sessions", name, "--end", "all", "--yes"]) == 0
    assert not is_on(app_url, first)


def test_an_account_ends_for_good(
    name: str, app_url: str, premises: Premises, typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """It asks first; then nobody signs in with it, and its name stays taken."""
    step = entering(app_url, premises, name)
    typed("n\n")
    assert call(["account", "end", name]) == 130
    assert is_on(app_url, step)
    assert call(["account", "end", name, "--yes"]) == 0
    assert not is_on(app_url, step)
    assert not isinstance(entering(app_url, premises, name), SignedIn)
    assert call(["account", "end", name, "--yes"]) == 1
    assert call(["account", "add", name]) == 1


def test_a_locked_name_is_opened(name: str, app_url: str, premises: Premises) -> None:
    """After somebody guessed from many addresses."""
    with psycopg.connect(app_url) as connection:
        steps = [
            sign_in(connection, premises, name, "a guess", Caller(f"203.0.113.{number}", ""), datetime.now(UTC))
            for number in range(12)
        ]
    assert isinstance(steps[-1], TooMany)
    assert isinstance(entering(app_url, premises, name), TooMany)
    assert call(["account", "unlock", name]) == 0
    assert isinstance(entering(app_url, premises, name), SignedIn)


def test_lost_factors_are_removed(
    name: str, app_url: str, premises: Premises, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the sessions; only where there are some, and only said so."""
    assert call(["account", "factors", name, "--remove", "--yes"]) == 1
    with psycopg.connect(app_url) as connection:
        account = find_account(connection, name)
        assert account is not None
        secret_id = keep_secret(connection, premises, account.account_id, "JBSWY3DPEHPK3PXP" * 2, datetime.now(UTC))
        confirm_secret(connection, account.account_id, secret_id, datetime.now(UTC))
    assert not isinstance(entering(app_url, premises, name), SignedIn)
    assert call(["account", "factors", name]) == 1
    assert call(["account", "factors", name, "--remove", "--yes"]) == 0
    assert isinstance(entering(app_url, premises, name), SignedIn)


@pytest.mark.parametrize(
    "arguments",
    [["show", "nobody"], ["password", "nobody"], ["end", "nobody", "--yes"], ["sessions", "nobody"], ["unlock", "nobody"],
     ["add", "a b"], ["add", "a-name-of-nobody", "--email", "no address"], ["show", "a\nb"], ["show", "\x1b[31m"],
     ["factors", "nobody", "--remove", "--yes"]],
)  # fmt: skip
def test_a_wrong_account_is_one_sentence(
    arguments: list[str], typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    typed(PASSWORD)
    assert call(["account", *arguments]) == 1
    told = capsys.readouterr().err
    assert len(told.strip().splitlines()) == 1
    assert "\x1b" not in told


def test_no_code_is_given_out_where_people_are_real(
    name: str, app_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The known password and secret are for demo databases, and this isn't one."""
    assert call(["account", "code", name]) == 1
    with psycopg.connect(app_url) as connection, pytest.raises(Forbidden):
        demo_code(connection, name, datetime.now(UTC))
