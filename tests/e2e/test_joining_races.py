"""Twenty browsers at once with one code: one account, five tries; and what would come of it without the lock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.errors import UniqueViolation

from server.commands.joining import offers, redeeming
from server.commands.joining.redeeming import Birth, Came, give_birth, redeem
from server.commands.joining.steps import Said, give_code
from server.database.blocking_pool import BlockingConnection
from server.database.pool import Pool
from server.identity.invitations.codes import new_code
from server.identity.people.accounts import make_account
from server.identity.people.digests import new_text
from server.migrations.invitation_walls import MOST_TRIES
from tests.e2e.access_desk import AccessDesk
from tests.e2e.test_joining import born, guardian_code, status_of
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

MANY: Final = 20
ADDRESS: Final = "192.0.2.7"


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = wide_school(f"joining at once {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def desk(pool: Pool, school: World, owner_url: str) -> AccessDesk:
    return AccessDesk(school, pool, owner_url)


class Browsers:
    """Each is signed in with an account of its own and has typed the same code."""

    def __init__(self, app_url: str, code: str, count: int = MANY) -> None:
        self.app_url = app_url
        self.now = datetime.now(UTC)
        self.each: list[tuple[str, UUID]] = []
        with psycopg.connect(app_url) as connection:
            for _ in range(count):
                account = make_account(connection, f"racer-{uuid4().hex}", None, self.now).account_id
                cookie = new_text()
                assert give_code(connection, code, cookie, account, ADDRESS, self.now) is Said.DONE
                self.each.append((cookie, account))

    def birth(self, given: date) -> list[Birth]:
        return self._at_once(lambda c, cookie, account: give_birth(c, cookie, account, given, ADDRESS, self.now))

    def redeem(self) -> list[Any]:
        """What came of each: an outcome, or the error's class."""
        return self._at_once(lambda c, cookie, account: redeem(c, cookie, account, "", ADDRESS, self.now))

    def _at_once(self, work: Callable[[BlockingConnection, str, UUID], Any]) -> list[Any]:
        begun = Barrier(len(self.each))

        def one(browser: tuple[str, UUID]) -> Any:
            with psycopg.connect(self.app_url) as connection:
                begun.wait(timeout=60)
                try:
                    return work(connection, *browser)
                except psycopg.Error as error:
                    connection.rollback()
                    return type(error)

        with ThreadPoolExecutor(len(self.each)) as threads:
            return list(threads.map(one, self.each))


async def ready(desk: AccessDesk, app_url: str) -> tuple[dict[str, Any], Browsers]:
    """All have proved the date of birth."""
    made = await guardian_code(desk, "quinn", "cat")
    browsers = Browsers(app_url, made["code"])
    assert {one.came for one in browsers.birth(born(desk, "cat"))} == {Came.DONE}
    return made, browsers


def hats(desk: AccessDesk) -> int:
    """How many accounts wear the guardian's hat."""
    return len(
        desk.rows("SELECT 1 FROM usher.login_identity WHERE school_id = %s AND person_id = %s", desk.world.ids["quinn"])
    )


async def test_twenty_redeem_one_invitation_once(desk: AccessDesk, app_url: str) -> None:
    """The others find that it was redeemed, in the words of any code that gives nothing."""
    made, browsers = await ready(desk, app_url)
    assert Counter(browsers.redeem()) == {Came.DONE: 1, Came.GONE: MANY - 1}
    assert (len(status_of(desk, made)), hats(desk)) == (1, 1)


async def test_without_the_lock_all_twenty_get_as_far_as_the_key(
    desk: AccessDesk, app_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: each of them finds the invitation free; only the database's key keeps nineteen from a hat."""
    made, browsers = await ready(desk, app_url)
    all_there = Barrier(MANY)
    looked = redeeming._stands_in_the_way  # pyright: ignore[reportPrivateUsage]

    def waits(connection: BlockingConnection, named: dict[str, Any]) -> Came | None:
        all_there.wait(timeout=60)
        return looked(connection, named)

    monkeypatch.setattr(offers, "_LOCKED", offers._FIND)  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(redeeming, "_HOLD", "SELECT %(kind)s::text")
    monkeypatch.setattr(redeeming, "_stands_in_the_way", waits)
    assert Counter(browsers.redeem()) == {Came.DONE: 1, UniqueViolation: MANY - 1}
    assert (len(status_of(desk, made)), hats(desk)) == (1, 1)


async def test_twenty_guesses_at_once_are_five_tries(desk: AccessDesk, app_url: str) -> None:
    """Brute force from many browsers is no faster than from one."""
    made = await guardian_code(desk, "quinn", "cat")
    browsers = Browsers(app_url, made["code"])
    came = Counter(one.came for one in browsers.birth(born(desk, "cat") + timedelta(days=1)))
    assert came == {Came.WRONG: MOST_TRIES - 1, Came.LOCKED: 1, Came.GONE: MANY - MOST_TRIES}
    query = "SELECT count(*) FROM usher.invitation_try WHERE school_id = %s AND invitation_id = %s::uuid"
    assert desk.rows(query, made["id"].removeprefix("inv_")) == [(MOST_TRIES,)]
    assert {one.came for one in browsers.birth(born(desk, "cat"))} == {Came.GONE}


async def test_two_invitations_of_one_guardian_make_no_second_account(desk: AccessDesk, app_url: str) -> None:
    """Of two children, redeemed at once by two people: one of them has the guardian's hat, the other none."""
    with psycopg.connect(desk.owner_url) as connection:
        connection.execute(
            "INSERT INTO usher.guardian_link (school_id, link_id, guardian_id, learner_id, relationship, valid_from, source)"
            " VALUES (%s, %s, %s, %s, 'PAM', current_date - 9, 'roster')",
            [desk.world.school_id, uuid4(), desk.world.ids["quinn"], desk.world.ids["ann"]],
        )
    both: list[Browsers] = []
    for learner in ("cat", "ann"):
        made = await guardian_code(desk, "quinn", learner)
        both.append(Browsers(app_url, made["code"], 1))
        assert [one.came for one in both[-1].birth(born(desk, learner))] == [Came.DONE]
    with ThreadPoolExecutor(2) as threads:
        came = [one for several in threads.map(Browsers.redeem, both) for one in several]
    assert Counter(came) == {Came.DONE: 1, Came.OTHER_ACCOUNT: 1}
    assert hats(desk) == 1


def test_codes_are_guessed_ever_more_slowly(app_url: str) -> None:
    """From one address; another one, behind which somebody has the letter in hand, isn't slowed."""
    now, one, other = datetime.now(UTC), "198.51.100.7", "198.51.100.8"
    with psycopg.connect(app_url) as connection:
        said = [give_code(connection, new_code(), new_text(), None, one, now) for _ in range(MANY * 3)]
        assert (said[0], said[-1]) == (Said.WRONG, Said.TOO_MANY)
        assert said == sorted(said, key=lambda one: one is Said.TOO_MANY)
        assert give_code(connection, new_code(), new_text(), None, other, now) is Said.WRONG
        later = now + timedelta(minutes=16)
        assert give_code(connection, new_code(), new_text(), None, one, later) is Said.WRONG
        connection.rollback()


async def test_who_guesses_keeps_nobody_out(app_url: str, desk: AccessDesk) -> None:
    """Behind a proxy all have one address: whoever holds a letter joins, whatever strangers typed before."""
    now, code = datetime.now(UTC), (await guardian_code(desk, "quinn", "cat"))["code"]
    with psycopg.connect(app_url) as connection:
        said = [give_code(connection, new_code(), new_text(), None, ADDRESS, now) for _ in range(MANY * 3)]
        assert said[-1] is Said.TOO_MANY
        assert give_code(connection, code, new_text(), None, ADDRESS, now) is Said.DONE
        connection.rollback()
