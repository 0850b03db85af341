"""Sessions: how long they last, what ends them, and that their text is another one after each step."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput
from server.identity.people.accounts import Account
from server.identity.people.sessions import (
    begin_session,
    end_all_sessions,
    end_session,
    find_session,
    pass_factor,
    sessions_of,
)
from tests.unit.identity.people.conftest import NOW

MINUTE = timedelta(minutes=1)


def test_a_session_ends_when_it_is_idle(connection: Connection, ann: Account) -> None:
    """Half an hour after it was last used, not after it began."""
    cookie = begin_session(connection, ann.account_id, NOW, factor=False, agent="Firefox")
    later = NOW + 29 * MINUTE
    found = find_session(connection, cookie, later)
    assert found is not None
    assert (found.identity, found.factor_at, found.expires_at) == (ann.identity, None, later + 30 * MINUTE)
    assert find_session(connection, cookie, later + 29 * MINUTE) is not None
    assert find_session(connection, cookie, later + 59 * MINUTE) is None
    assert sessions_of(connection, ann.account_id, later + 59 * MINUTE) == []


def test_a_session_ends_after_twelve_hours_however_busy(connection: Connection, ann: Account) -> None:
    cookie = begin_session(connection, ann.account_id, NOW, factor=True, agent="Firefox")
    times = [NOW + 20 * MINUTE * step for step in range(1, 36)]
    found = [find_session(connection, cookie, now) for now in times]
    assert None not in found
    assert found[-1] is not None
    assert found[-1].expires_at == NOW + timedelta(hours=12)
    assert find_session(connection, cookie, NOW + timedelta(hours=12)) is None


def test_looking_again_within_a_minute_writes_nothing(connection: Connection, ann: Account) -> None:
    """Else each picture of a page would be a write."""
    cookie = begin_session(connection, ann.account_id, NOW, factor=False, agent="Firefox")
    for seconds, seen in ((59, 0), (60, 60), (100, 60)):
        found = find_session(connection, cookie, NOW + timedelta(seconds=seconds))
        assert found is not None
        assert found.seen_at == NOW + timedelta(seconds=seen)


def test_a_shown_factor_changes_the_text(connection: Connection, ann: Account) -> None:
    """What somebody knew of before is no session afterwards; the session is the same one."""
    before = begin_session(connection, ann.account_id, NOW, factor=False, agent="Firefox")
    session = find_session(connection, before, NOW)
    assert session is not None
    after = pass_factor(connection, session.session_id, NOW + MINUTE)
    assert find_session(connection, before, NOW + MINUTE) is None
    found = find_session(connection, after, NOW + MINUTE)
    assert found is not None
    assert (found.session_id, found.factor_at) == (session.session_id, NOW + MINUTE)


def test_sessions_are_listed_and_ended(connection: Connection, ann: Account) -> None:
    """One, and all but one."""
    cookies = [
        begin_session(connection, ann.account_id, NOW + minute * MINUTE, factor=False, agent=f"Browser {minute}\n")
        for minute in range(3)
    ]
    now = NOW + 3 * MINUTE
    listed = sessions_of(connection, ann.account_id, now)
    assert [session.agent for session in listed] == ["Browser 2", "Browser 1", "Browser 0"]
    end_session(connection, listed[0].session_id, now)
    assert [find_session(connection, cookie, now) is not None for cookie in cookies] == [True, True, False]
    with pytest.raises(BadUserInput, match="over"):
        pass_factor(connection, listed[0].session_id, now)
    assert end_all_sessions(connection, ann.account_id, now, but=listed[1].session_id) == [listed[2].session_id]
    assert [find_session(connection, cookie, now) is not None for cookie in cookies] == [False, True, False]


def test_the_text_stands_nowhere_in_the_tables(connection: Connection, ann: Account) -> None:
    """Whoever reads the tables can't take over a session."""
    cookie = begin_session(connection, ann.account_id, NOW, factor=False, agent="Firefox")
    rows = connection.execute("SELECT s::text FROM usher.browser_session AS s").fetchall()
    assert rows
    assert not any(cookie in row for (row,) in rows)


@pytest.mark.parametrize("cookie", ["", "x", "a" * 100_000, "\x00", "\ud800", "ä"])
def test_any_other_text_is_no_session(connection: Connection, ann: Account, cookie: str) -> None:
    begin_session(connection, ann.account_id, NOW, factor=False, agent="Firefox")
    assert find_session(connection, cookie, NOW) is None
