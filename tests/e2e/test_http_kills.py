"""Servers killed under a loop of mark batches: rows, versions, grades, audit and outbox compared afterwards."""

import os
import random
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.e2e.marks_ledger import Batch, Ledger
from tests.e2e.serving import Answer, Client, Server
from tests.unit.commands.desk import crowd
from tests.worlds import World, insert_world, small_school

KILLS = int(os.environ.get("USHER_TEST_KILLS", "20"))
LEARNERS = 12
A_BATCH = 6
PAPERS = ("maths-10 paper 1", "maths-10 paper 2")
TRIES = 200


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


class Sender:
    """One client that sends batch after batch, and repeats each until it is answered."""

    def __init__(self, server: Server, world: World, handle: str, parity: int) -> None:
        self.world = world
        self.sent: list[Batch] = []
        self.answers: list[Answer] = []
        self.lost = 0
        self._handle = handle
        self._parity = parity
        self._random = random.Random(f"{handle}")
        self._last: dict[tuple[str, str], int] = {}
        self._client = replace(server.client(world, handle), http=httpx.Client(base_url=server.url, trust_env=False))

    def run(self, done: threading.Event, answered: threading.Semaphore) -> None:
        with self._client.http:
            while not done.is_set():
                batch = self._batch()
                self.answers.append(self._until_answered(batch))
                self.sent.append(batch)
                answered.release()

    def _batch(self) -> Batch:
        """Scores of this client's parity, each another than its last of the learner: so every batch changes all."""
        handles = self._random.sample([f"crowd {place}" for place in range(LEARNERS)], A_BATCH)
        paper = self._random.choice(PAPERS)
        scores: dict[str, int] = {}
        for handle in handles:
            choices = [score for score in range(self._parity, 80, 2) if score != self._last.get((handle, paper))]
            scores[handle] = self._last[handle, paper] = self._random.choice(choices)
        name = f"{self._handle.replace('-', '')}{len(self.sent)}"
        return Batch(name, f"key-{name}", paper, scores)

    def _until_answered(self, batch: Batch) -> Answer:
        for _ in range(TRIES):
            try:
                answer = batch.send(self._client, self.world)
            except httpx.TransportError:
                self.lost += 1
                continue
            if answer.status != 503:
                assert answer.data["recordMarks"]["userErrors"] == [], answer
                return answer
        raise AssertionError("no server answered")


def test_killed_servers_lose_double_and_halve_nothing(mortal: Server, school: World, owner_url: str) -> None:
    """20 kills (USHER_TEST_KILLS) at random moments, while two clients write the same marks and repeat what got no answer."""
    moments = random.Random(20)
    done, answered = threading.Event(), threading.Semaphore(0)
    senders = [Sender(mortal, school, "teacher", 0), Sender(mortal, school, "maths-lead", 1)]
    with ThreadPoolExecutor(len(senders)) as threads:
        running = [threads.submit(sender.run, done, answered) for sender in senders]
        try:
            for _ in range(KILLS):
                for _ in range(moments.randint(1, 12)):
                    assert answered.acquire(timeout=60), [future.exception(0) for future in running if future.done()]
                done.wait(moments.uniform(0, 0.03))
                mortal.kill()
                mortal.start()
        finally:
            done.set()
        for future in running:
            future.result(60)
    batches = [batch for sender in senders for batch in sender.sent]
    ledger = Ledger(owner_url, school)
    assert ledger.findings(batches) == []
    assert ledger.complete >= LEARNERS
    assert len(batches) > KILLS
    assert sum(sender.lost for sender in senders) >= KILLS / 2, "the kills met no request"


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
