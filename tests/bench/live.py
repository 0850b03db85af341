"""One mark, the grades that follow, and the event at a second client, while other teachers save batches at a steady rate."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from websockets import Subprotocol
from websockets.asyncio.client import ClientConnection, connect

from tests.bench.dataset import Dataset
from tests.bench.http_client import REASON, Connection
from tests.bench.recording import Desk, desks
from tests.bench.usher_server import UsherServer

BATCHES_A_SECOND: Final = 50
_FOLLOWED: Final = "subscription { markRecorded { id mark { id version score } } }"


@dataclass(slots=True)
class Live:
    """In seconds: from sending a mark until its answer, and until its event came to the second client.

    `rate` is how many batches a second were written meanwhile, of those that were wanted.
    """

    answered: list[float] = field(default_factory=list[float])
    delivered: list[float] = field(default_factory=list[float])
    rate: float = 0.0

    def data(self) -> dict[str, object]:
        return {
            "batches_a_second": self.rate,
            "answered_ms": [part(self.answered, 0.5), part(self.answered, 0.99)],
            "delivered_ms": [part(self.delivered, 0.5), part(self.delivered, 0.99)],
            "marks": len(self.delivered),
        }


def part(seconds: list[float], wanted: float) -> float:
    """A percentile in milliseconds."""
    found = sorted(seconds)
    return found[min(len(found) - 1, int(wanted * len(found)))] * 1000


async def live(data: Dataset, server: UsherServer, seconds: float, a_batch: int) -> Live:
    """Batches of `a_batch` marks; the first teacher writes single marks and follows their classes from another client."""
    probe, *others = desks(data)
    bench = _Bench(server, [replace(one, learners=one.learners[:a_batch]) for one in others])
    url = f"ws://127.0.0.1:{server.port}/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None) as follower:
        await _follow(follower, probe.token)
        async with bench.load():
            await bench.probe(replace(probe, learners=probe.learners[:1]), follower, seconds)
    return bench.found


class _Bench:
    def __init__(self, server: UsherServer, desks_: list[Desk]) -> None:
        self.found = Live()
        self._server = server
        self._desks = desks_
        self._numbers = itertools.count()
        self._turns = asyncio.Semaphore(0)
        self._written = 0

    @asynccontextmanager
    async def load(self) -> AsyncGenerator[None]:
        """Turns come at the rate that is wanted; a lane that is still busy takes its next one late."""
        tasks = [asyncio.create_task(self._write(one)) for one in self._desks for _ in range(2)]
        tasks.append(asyncio.create_task(self._pace()))
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.found.rate = self._written / (time.perf_counter() - begun)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pace(self) -> None:
        begun = time.perf_counter()
        for number in itertools.count():
            await asyncio.sleep(max(0.0, begun + number / BATCHES_A_SECOND - time.perf_counter()))
            self._turns.release()

    async def _write(self, desk: Desk) -> None:
        connection = Connection(self._server.port)
        while True:
            await self._turns.acquire()
            await _record(desk, connection, next(self._numbers))
            self._written += 1

    async def probe(self, desk: Desk, follower: ClientConnection, seconds: float) -> None:
        """One mark after the other, each with a score of its own, and the event of the version that its answer names."""
        connection = Connection(self._server.port)
        until, version = time.perf_counter() + seconds, 0
        while time.perf_counter() < until:
            sent = time.perf_counter()
            told = asyncio.create_task(_told(follower))
            [mark] = (await _record(desk, connection, next(self._numbers)))["marks"]
            answered = time.perf_counter()
            if mark["version"] == version:  # the score that it had: nothing changed, and nobody is told
                told.cancel()
                continue
            version = mark["version"]
            await told
            self.found.answered.append(answered - sent)
            self.found.delivered.append(time.perf_counter() - sent)
            await asyncio.sleep(0.05)
        connection.close()


async def _record(desk: Desk, connection: Connection, number: int) -> Any:
    body: Any = json.loads(await connection.ask(desk.request(number)))
    payload: Any = body["data"]["recordMarks"]
    assert not payload["userErrors"], f"a batch was refused: {str(body)[:300]}"
    return payload


async def _follow(follower: ClientConnection, token: str) -> None:
    hello = {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}", "Usher-Reason": REASON}}
    await follower.send(json.dumps(hello))
    assert json.loads(await follower.recv())["type"] == "connection_ack"
    await follower.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": _FOLLOWED}}))
    assert json.loads(await follower.recv())["type"] == "ping"


async def _told(follower: ClientConnection) -> None:
    """The next event."""
    while True:
        frame = json.loads(await follower.recv())
        assert frame["type"] in ("ping", "next"), frame
        if frame["type"] == "next":
            return
