"""Servers killed under a loop of mark batches: rows, versions, grades, audit and outbox compared afterwards."""

import random
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.drills.kills import measure
from tests.drills.report import Report
from tests.drills.schools import writers
from tests.drills.traffic import LEARNERS, PAPERS
from tests.e2e.marks_ledger import Batch, Ledger
from tests.e2e.serving import Client, Server
from tests.unit.commands.desk import crowd
from tests.worlds import World, insert_world, small_school

KILLS = 12


@pytest.fixture
def mortal(servers: list[Server]) -> Generator[Server]:
    """A server that is killed, and started again on the same listening socket."""
    yield servers[-1]
    servers[-1].ready()


@pytest.fixture
def school(app_url: str, today: date) -> World:
    """The small school, with more learners in 10/Ma1 who have no marks yet."""
    world = small_school(f"kills {uuid4()}", today)
    crowd(world, LEARNERS)
    insert_world(app_url, world)
    return world


def test_killed_servers_lose_double_and_halve_nothing(mortal: Server, school: World, owner_url: str) -> None:
    """The drill `kills`, short: two clients write the same marks and repeat what got no answer, through so many kills."""
    moments = random.Random(20)

    def strike(_: int) -> None:
        threading.Event().wait(moments.uniform(0, 0.03))
        mortal.kill()
        mortal.start()

    report = Report("kills")
    at_work = writers(mortal.url, mortal.home, school, "kills")
    measure(report, owner_url, at_work, strike, KILLS, 2 * KILLS, 0.0, print)
    assert report.short == []
    assert report.holds


@pytest.mark.parametrize("again", ["the same key", "a new key"])
def test_an_answer_that_was_lost_after_commit(mortal: Server, school: World, owner_url: str, again: str) -> None:
    """Repeated under its key it changes nothing; the control, under a new key, writes over another's later marks."""
    first = Batch("Lost", "key-lost", PAPERS[0], {"crowd 0": 40, "crowd 1": 41})
    later = Batch("Later", "key-later", PAPERS[0], {"crowd 0": 50, "crowd 1": 51})
    with httpx.Client(base_url=mortal.url, trust_env=False) as http:
        client = Client(http, mortal.client(school, "teacher").token)
        with ThreadPoolExecutor(1) as threads:
            # The answer may have arrived; it is thrown away, as a telephone does that lost its signal.
            threads.submit(first.send, client, school)
            _wait_for_commit(owner_url, school, "Lost")
            mortal.kill()
        mortal.start()
        mortal.ready()
        later.send(client, school)
        key = first.key if again == "the same key" else "key-of-its-own"
        answer = first.send(client, school, key).data["recordMarks"]
    found = Ledger(owner_url, school).findings([first, later])
    if again == "the same key":
        assert answer["replayed"] is True
        assert found == []
        assert _scores(owner_url, school) == {50, 51}
    else:
        assert answer["replayed"] is False
        assert found == ["Lost was written 2 times"]
        assert _scores(owner_url, school) == {40, 41}


def _wait_for_commit(owner_url: str, world: World, name: str) -> None:
    """Return once the batch of that name is committed; PostgreSQL tells nobody, so ask it."""
    query = "SELECT 1 FROM usher.mark_version WHERE school_id = %s AND reason = %s"
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for _ in range(20_000):
            if connection.execute(query, [world.school_id, name]).fetchone():
                return
    raise AssertionError("the batch was never committed")


def _scores(owner_url: str, world: World) -> set[int]:
    rows = Ledger(owner_url, world).rows["marks"]
    wanted = {world.ids["crowd 0"], world.ids["crowd 1"]}
    return {int(score) for _, _, learner, score, _ in rows if learner in wanted}
