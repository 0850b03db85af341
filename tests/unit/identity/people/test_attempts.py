"""How often a password may be tried: strangers less and less, and the owner's own browser however strangers try."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Barrier
from uuid import uuid4

import psycopg
import pytest

from server.database.blocking_pool import BlockingConnection as Connection
from server.identity.people import attempts
from server.identity.people.accounts import Account, end_account
from server.identity.people.attempts import LONGEST_WAIT, forget_name, subjects, take_back, take_turn, wait
from server.identity.people.outcomes import Caller, SignedIn, TooMany, Wrong
from server.identity.people.premises import Premises
from server.identity.people.sign_in import PASSWORD as KIND
from server.identity.people.sign_in import sign_in
from tests.unit.identity.people.conftest import DAY, HOME, MINUTE, NOW, PASSWORD, SECOND, entered, kinds, letters

HOUR = timedelta(hours=1)
MOST_AN_HOUR = 21
TOGETHER = 20


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted is counted without the work of a hash."""

    def nobodys(*_: object) -> None:
        """As for any wrong password."""

    monkeypatch.setattr("server.identity.people.sign_in.check_password", nobodys)


def tried(connection: Connection, name: str, hours: int, addresses: int) -> list[int]:
    """How often a stranger at so many addresses gets to try in each hour, who tries whenever the wait is over."""
    done, numbers = [0] * hours, count()
    now, over = NOW, NOW + hours * HOUR
    while now < over:
        address = f"203.0.113.{next(numbers) % addresses}"
        until = take_turn(connection, subjects(KIND, name, address, None), now)
        if until is None:
            done[int((now - NOW) / HOUR)] += 1
        now = now + SECOND if until is None else until
    return done


@pytest.mark.parametrize("addresses", [1, 250])
def test_a_stranger_tries_few_passwords_an_hour(connection: Connection, ann: Account, addresses: int) -> None:
    """However many addresses they have; and later on four an hour."""
    done = tried(connection, ann.identity, 3, addresses)
    assert done[0] <= MOST_AN_HOUR
    assert max(done[1:]) <= 4


def test_strangers_keep_nobody_out_of_their_own_browser(
    connection: Connection, premises: Premises, ann: Account
) -> None:
    """Nor the account out of the browser of another of the family; a new browser has to wait like the stranger."""
    browser = entered(sign_in(connection, premises, ann.identity, PASSWORD, HOME, NOW)).browser
    tried(connection, ann.identity, 1, 250)
    later = NOW + HOUR
    take_turn(connection, subjects(KIND, ann.identity, "203.0.113.1", None), later)
    own = Caller("203.0.113.1", "Firefox", browser)
    assert isinstance(sign_in(connection, premises, ann.identity, PASSWORD, own, later), SignedIn)
    new = Caller(HOME.address, "Firefox", "a-text-that-we-never-gave")
    step = sign_in(connection, premises, ann.identity, PASSWORD, new, later)
    assert isinstance(step, TooMany)
    assert isinstance(sign_in(connection, premises, ann.identity, PASSWORD, new, step.until), SignedIn)


def test_a_known_browser_may_not_guess_for_ever(
    connection: Connection, premises: Premises, ann: Account, quick: None
) -> None:
    """Whoever finds it left open, or took its cookie, waits as long; elsewhere nobody notices."""
    entered_before = Caller(HOME.address, "Firefox", "text")
    known = subjects(KIND, ann.identity, HOME.address, entered_before.browser)
    assert [take_turn(connection, known, NOW) for _ in range(5)] == [None] * 5
    assert take_turn(connection, known, NOW) == NOW + 2 * SECOND
    assert take_turn(connection, subjects(KIND, ann.identity, HOME.address, None), NOW) is None


def test_another_address_is_not_slowed_by_the_first(connection: Connection, ann: Account) -> None:
    """Five of one address, five more of another, then all wait."""
    first, second, third = (subjects(KIND, ann.identity, f"192.0.2.{number}", None) for number in range(3))
    assert [take_turn(connection, first, NOW) for _ in range(5)] == [None] * 5
    assert take_turn(connection, first, NOW) == NOW + 2 * SECOND
    assert [take_turn(connection, second, NOW) for _ in range(5)] == [None] * 5
    assert take_turn(connection, third, NOW) == NOW + 2 * SECOND


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1", True), ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
     ("::ffff:192.0.2.1", "192.0.2.1", True), ("fe80::1%eth0", "fe80::1", True), ("nonsense", "nonsense", True),
     ("192.0.2.1", "192.0.2.2", False)],
)  # fmt: skip
def test_a_household_is_one_address(one: str, other: str, same: bool) -> None:
    """Of IPv6 it has 2^64 of them."""
    assert (subjects(KIND, "ann", one, None) == subjects(KIND, "ann", other, None)) is same


def test_what_succeeds_was_no_failure(connection: Connection, ann: Account) -> None:
    """But takes back its own try alone, not those of a stranger who waits for the owner to sign in."""
    stranger, owner = (subjects(KIND, ann.identity, address, None) for address in ("203.0.113.1", "192.0.2.1"))
    for _ in range(4):
        assert take_turn(connection, stranger, NOW) is None
    for _ in range(20):
        assert take_turn(connection, owner, NOW) is None
        take_back(connection, owner, NOW)
    assert take_turn(connection, stranger, NOW) is None
    assert take_turn(connection, stranger, NOW) == NOW + 2 * SECOND


def test_a_quiet_day_is_forgiven(connection: Connection, ann: Account) -> None:
    """And its rows are deleted by whoever tries next, also those of names that nobody has."""
    known = subjects(KIND, ann.identity, HOME.address, None)
    for _ in range(5):
        take_turn(connection, known, NOW)
    later = NOW + DAY + MINUTE
    assert [take_turn(connection, known, later) for _ in range(5)] == [None] * 5
    for number in range(10):
        take_turn(connection, subjects(KIND, f"nobody-{number}", "192.0.2.9", None), NOW - DAY)
    take_turn(connection, subjects(KIND, "somebody", "192.0.2.9", None), later)
    old = connection.execute("SELECT count(*) FROM usher.sign_in_attempt WHERE last_at < %s", [NOW]).fetchone()
    assert old == (0,)


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    seconds = [wait(failures, 5).total_seconds() for failures in range(4, 20)]
    assert seconds[:9] == [0, 2, 4, 8, 16, 32, 64, 128, 256]
    assert seconds[10:] == [LONGEST_WAIT.total_seconds()] * 6


def test_the_owner_is_told_once_a_day(connection: Connection, premises: Premises, ann: Account, quick: None) -> None:
    """When the longest wait is reached; nobody is told of a name that nobody has, or that has ended."""
    now = NOW
    for _ in range(30):
        step = sign_in(connection, premises, ann.identity, "a guess", HOME, now)
        now = step.until if isinstance(step, TooMany) else now
    assert kinds(connection, ann) == ["attempts_locked"]
    assert premises.issuer.at("/account") in letters(connection, ann)[0][1].text
    end_account(connection, ann.account_id, now)
    later = now + 2 * DAY
    for _ in range(30):
        step = sign_in(connection, premises, ann.identity, "a guess", HOME, later)
        later = step.until if isinstance(step, TooMany) else later
    assert kinds(connection, ann) == ["attempts_locked"]


def test_a_name_that_nobody_has_is_slowed_alike(
    connection: Connection, premises: Premises, ann: Account, quick: None
) -> None:
    """Whoever tries can't tell which of two names there is."""
    steps = [
        [sign_in(connection, premises, name, "a guess", HOME, NOW) for _ in range(8)] for name in (ann.identity, "no")
    ]
    assert steps[0] == steps[1]
    assert [type(step) for step in steps[0]] == [Wrong] * 5 + [TooMany] * 3


def test_an_operator_lets_a_name_try_again(connection: Connection, ann: Account) -> None:
    tried(connection, ann.identity, 1, 250)
    later = NOW + HOUR
    fresh = subjects(KIND, ann.identity, "198.51.100.1", None)
    take_turn(connection, fresh, later)
    assert take_turn(connection, subjects(KIND, ann.identity, "198.51.100.2", None), later) is not None
    forget_name(connection, KIND, ann.identity)
    assert take_turn(connection, subjects(KIND, ann.identity, "198.51.100.2", None), later) is None


def test_no_name_or_address_stands_beside_the_counts(connection: Connection, ann: Account) -> None:
    take_turn(connection, subjects(KIND, ann.identity, "192.0.2.77", None), NOW)
    rows = connection.execute("SELECT s::text FROM usher.sign_in_attempt AS s").fetchall()
    assert rows
    assert not any(ann.identity in row or "192.0.2.77" in row for (row,) in rows)
    assert attempts.FORGOTTEN == DAY


@pytest.mark.parametrize("locked", [True, False])
def test_twenty_at_once_are_twenty(app_url: str, locked: bool) -> None:
    """Five of them may look; the control looks how many failed, and counts then."""
    name, gate = f"race-{uuid4()}", Barrier(TOGETHER)
    [one] = subjects(KIND, name, "", "browser")
    with psycopg.connect(app_url) as connection:
        take_turn(connection, [one], NOW)
        take_back(connection, [one], NOW)

    def naive(connection: Connection) -> bool:
        counted = connection.execute(
            "SELECT failures FROM usher.sign_in_attempt WHERE subject = %s", [one.key]
        ).fetchone()
        gate.wait(60)
        known = 0 if counted is None else int(counted[0])
        connection.execute("UPDATE usher.sign_in_attempt SET failures = %s WHERE subject = %s", [known + 1, one.key])
        return known < one.free

    def turn() -> bool:
        with psycopg.connect(app_url) as connection:
            if not locked:
                return naive(connection)
            gate.wait(60)
            return take_turn(connection, [one], NOW) is None

    with ThreadPoolExecutor(TOGETHER) as threads:
        taken = sum(one.result() for one in [threads.submit(turn) for _ in range(TOGETHER)])
    assert taken == 5 if locked else taken > 5
