"""A worker killed while it records and tells: whoever goes on elsewhere has every event exactly once."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Generator
from contextlib import suppress
from datetime import date
from uuid import uuid4

import httpx
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed

from tests.e2e.live import PATIENCE, events, socket
from tests.e2e.recording import RECORD, mark
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world, small_school

MARKS = "subscription($after: ID) { markRecorded(after: $after) { id mark { id } } }"
PAPERS = ("maths-10 paper 1", "maths-10 paper 2")
KILLS, AFTERWARDS = 3, 4


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = small_school(f"live kills of writers {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def mortal(servers: list[Server]) -> Generator[Server]:
    """A server that is killed, and started again on the same listening socket."""
    yield servers[-1]
    servers[-1].ready()


class Writer(threading.Thread):
    """Batches of two marks, one after the other; one that got no answer is sent to the other worker, by the same key."""

    def __init__(self, first: Client, second: Client, school: World) -> None:
        super().__init__()
        self._clients = (first, second)
        self._school = school
        self.killed = 0
        self.repeated = 0
        self.failure: BaseException | None = None
        self._stopped = threading.Event()

    def run(self) -> None:
        try:
            for number in itertools.count():
                if self._stopped.is_set():
                    return
                self._write(number)
        except BaseException as failure:
            self.failure = failure

    def stop(self) -> None:
        self._stopped.set()
        self.join(PATIENCE)
        assert self.failure is None, self.failure

    def _write(self, number: int) -> None:
        marks = [mark(self._school, paper=paper, score=str(number % 30)) for paper in PAPERS]
        given = {"input": {"marks": marks, "idempotencyKey": f"k{uuid4()}"}}
        first, second = self._clients
        try:
            answer = first.ask(RECORD, given)
        except httpx.TransportError:
            self.killed += 1
            answer = second.ask(RECORD, given)
            self.repeated += bool(answer.data["recordMarks"]["replayed"])
        assert answer.data["recordMarks"]["userErrors"] == [], answer


def test_a_killed_recorder_loses_and_doubles_nothing(
    servers: list[Server], mortal: Server, school: World, owner_url: str
) -> None:
    """Three kills, in the midst of batches; the client goes from worker to worker behind the last id that it has."""
    handle = "teacher"
    with httpx.Client(base_url=mortal.url, timeout=PATIENCE, trust_env=False) as http:
        dying = Client(http, mortal.client(school, handle).token)
        writer = Writer(dying, servers[0].client(school, handle), school)
        told, last = _follow_through_kills(servers, mortal, school, writer)
    with psycopg.connect(owner_url) as connection:
        [committed] = connection.execute(
            "SELECT count(*) FROM usher.outbox_event WHERE school_id = %s AND kind = 'markRecorded'", [school.school_id]
        ).fetchone() or (0,)
    elsewhere = servers[1].client(school, handle)
    with events(elsewhere, MARKS, last=last) as rest:
        while len(told) < committed:
            told.append(rest.event()["id"])
    assert len(set(told)) == len(told) == committed
    with events(elsewhere, MARKS, last=told[0]) as whole:
        assert [whole.event()["id"] for _ in told[1:]] == told[1:]
    assert writer.killed >= 1


def _follow_through_kills(
    servers: list[Server], mortal: Server, school: World, writer: Writer
) -> tuple[list[str], str]:
    """The ids that were told, and the place of the client at the end."""
    told: list[str] = []
    with socket(mortal, mortal.client(school, "teacher")) as live:
        live.subscribe(MARKS)
        last = live.positions["1"]
    writer.start()
    for number in range(KILLS):
        told, last = _until_it_dies(mortal, school, told, last)
        mortal.start()
        other = servers[1 + number % 2]
        with socket(other, other.client(school, "teacher")) as live:
            live.subscribe(MARKS, {"after": last})
            for _ in range(AFTERWARDS):
                told.append(live.event()["id"])
        last = told[-1]
        mortal.ready()
    writer.stop()
    return told, last


def _until_it_dies(mortal: Server, school: World, told: list[str], last: str) -> tuple[list[str], str]:
    """The worker is killed once it has told something."""
    told = list(told)
    with socket(mortal, mortal.client(school, "teacher")) as live:
        live.subscribe(MARKS, {"after": last})
        told.append(live.event()["id"])
        mortal.kill()
        with suppress(ConnectionClosed, EOFError):
            while True:  # what had left before it died
                told.append(live.event()["id"])
    return told, told[-1]
