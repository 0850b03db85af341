"""One mark, the grade that follows, and its event at a second client, while other teachers save batches at a steady rate."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.bench.dataset import Dataset
from tests.bench.http_client import Connection
from tests.bench.live_client import Follower, follower
from tests.bench.recording import Desk, desks
from tests.bench.usher_server import UsherServer

BATCHES_A_SECOND: Final = 50
_FOLLOWED: Final = "subscription { gradeUpdated { id grade { id version value } } }"


@dataclass(slots=True)
class Live:
    """In seconds, of single marks that changed a grade: from sending one until its answer, which holds the grade that is
    committed by then; from sending until the grade's event came to the second client; and from the answer until the event.

    `rate` is how many batches a second were written meanwhile, of those that were wanted; `graded` how many grades.
    """

    batch: int
    answered: list[float] = field(default_factory=list[float])
    delivered: list[float] = field(default_factory=list[float])
    rate: float = 0.0
    graded: int = 0

    @property
    def told(self) -> list[float]:
        return [max(0.0, told - answered) for answered, told in zip(self.answered, self.delivered, strict=True)]

    def data(self) -> dict[str, object]:
        return {
            "marks_a_batch": self.batch,
            "batches_a_second": self.rate,
            "grades_beside": self.graded,
            "committed_and_answered_ms": [part(self.answered, 0.5), part(self.answered, 0.99)],
            "event_after_answer_ms": [part(self.told, 0.5), part(self.told, 0.99)],
            "delivered_ms": [part(self.delivered, 0.5), part(self.delivered, 0.99)],
            "marks": len(self.delivered),
        }

    def line(self) -> str:
        def both(seconds: list[float]) -> str:
            return f"p50 {part(seconds, 0.5):.0f} ms, p99 {part(seconds, 0.99):.0f} ms"

        return (
            f"One mark at {self.rate:.0f} batches/s of {self.batch} beside it ({self.graded} grades moved): grade committed "
            f"and answered {both(self.answered)}; its event at a second client {both(self.told)} after the answer, "
            f"{both(self.delivered)} in all ({len(self.delivered)} marks)"
        )


def part(seconds: list[float], wanted: float) -> float:
    """A percentile in milliseconds."""
    found = sorted(seconds)
    return found[min(len(found) - 1, int(wanted * len(found)))] * 1000


async def live(data: Dataset, server: UsherServer, seconds: float, a_batch: int) -> Live:
    """Batches of `a_batch` marks; the first teacher writes single marks and follows their grades from another client."""
    probe, *others = desks(data)
    async with (
        follower(server, probe.token, _FOLLOWED) as second,
        Load(server, [replace(one, learners=one.learners[:a_batch]) for one in others]).running() as load,
    ):
        found = Live(a_batch)
        await _probe(server, replace(probe, learners=probe.learners[:1]), second, seconds, found)
    found.rate, found.graded = load.rate, load.graded
    assert found.graded, "no mark beside it moved a grade"
    return found


class Load:
    """Batches of all desks, BATCHES_A_SECOND together; `rate` is what was reached, once it has ended."""

    def __init__(self, server: UsherServer, desks_: list[Desk]) -> None:
        self.rate = 0.0
        self.graded = 0
        self._server = server
        self._desks = desks_
        self._numbers = itertools.count(1_000_000)
        self._turns = asyncio.Semaphore(0)
        self._written = 0

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Load]:
        """Turns come at the rate that is wanted; a lane that is still busy takes its next one late."""
        tasks = [asyncio.create_task(self._write(one)) for one in self._desks for _ in range(2)]
        pace = asyncio.create_task(self._pace())
        begun = time.perf_counter()
        try:
            yield self
        finally:
            self.rate = self._written / (time.perf_counter() - begun)
            for task in (pace, *tasks):
                task.cancel()
            ended = await asyncio.gather(pace, *tasks, return_exceptions=True)
        for one in ended:
            if isinstance(one, Exception):
                raise one

    async def _pace(self) -> None:
        begun = time.perf_counter()
        for number in itertools.count():
            await asyncio.sleep(max(0.0, begun + number / BATCHES_A_SECOND - time.perf_counter()))
            self._turns.release()

    async def _write(self, desk: Desk) -> None:
        connection = Connection(self._server.port)
        try:
            while True:
                await self._turns.acquire()
                payload = await _record(desk, connection, next(self._numbers))
                self.graded += len(payload["grades"])
                self._written += 1
        finally:
            connection.close()


async def _probe(server: UsherServer, desk: Desk, second: Follower, seconds: float, found: Live) -> None:
    """One mark after the other, each with a score of its own, and the event of the version that its answer names."""
    connection, heard = Connection(server.port), _Heard(second)
    listening = asyncio.create_task(heard.listen())
    until, version = time.perf_counter() + seconds, 0
    for number in itertools.count():
        sent = time.perf_counter()
        if sent > until:
            break
        [grade] = (await _record(desk, connection, number))["grades"]
        answered = time.perf_counter()
        if grade["version"] == version:  # the mark that it had, or one that moves nothing: nobody is told
            continue
        version = grade["version"]
        async with asyncio.timeout(60):
            came = await heard.of(grade["id"], version)
        found.answered.append(answered - sent)
        found.delivered.append(came - sent)
        await asyncio.sleep(0.05)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    connection.close()


class _Heard:
    """When the newest event of each grade came; the teacher hears of others, too."""

    def __init__(self, second: Follower) -> None:
        self._second = second
        self._newest: dict[str, tuple[int, float]] = {}
        self._fresh = asyncio.Event()

    async def listen(self) -> None:
        while True:
            grade = (await self._second.event())["grade"]
            self._newest[grade["id"]] = (grade["version"], time.perf_counter())
            self._fresh.set()

    async def of(self, id_: str, version: int) -> float:
        while self._newest.get(id_, (0, 0.0))[0] < version:
            self._fresh.clear()
            await self._fresh.wait()
        return self._newest[id_][1]


async def _record(desk: Desk, connection: Connection, number: int) -> Any:
    body: Any = json.loads(await connection.ask(desk.request(number)))
    payload: Any = body["data"]["recordMarks"]
    assert not payload["userErrors"], f"a batch was refused: {str(body)[:300]}"
    return payload
