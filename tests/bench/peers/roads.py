"""The servers that are compared, each driven for one round by the same client."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.bench import processor_time
from tests.bench.http_client import Connection
from tests.bench.load import Measured, Round, drive

USHER, POSTGRAPHILE, MERCURIUS = "usher", "postgraphile", "mercurius"
MERCURIUS_WALLED = "mercurius walled"


class Driven(Protocol):
    """What can be measured for a round of so many seconds."""

    @property
    def name(self) -> str: ...

    async def round(self, seconds: float) -> Round: ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server and its kept-alive connections, one a lane."""

    name: str
    pid: int
    connections: list[Connection]


class Http:
    """One request again and again on each connection. `busiest` is the most that the client took of one core."""

    def __init__(self, endpoint: Endpoint, request: bytes, data: Path) -> None:
        self.name = endpoint.name
        self.busiest = 0.0
        self._endpoint = endpoint
        self._request = request
        self._data = data

    async def ask(self, lane: int = 0) -> bytes:
        return await self._endpoint.connections[lane].ask(self._request)

    async def round(self, seconds: float) -> Round:
        before, begun = time.process_time(), time.perf_counter()
        found = await drive(self.ask, len(self._endpoint.connections), seconds, self._cpu)
        self.busiest = max(self.busiest, (time.process_time() - before) / (time.perf_counter() - begun))
        return found

    def _cpu(self) -> tuple[float, float]:
        return processor_time.of_process(self._endpoint.pid), processor_time.of_database(self._data)


async def in_turns(roads: Sequence[Driven], rounds: int, seconds: float) -> dict[str, Measured]:
    """As `load.side_by_side`: turns round by round, the first of each, which warms it, not counted."""
    measured = {road.name: Measured(road.name) for road in roads}
    for number in range(rounds + 1):
        for road in roads if number % 2 else reversed(roads):
            one = await road.round(seconds)
            if number:
                measured[road.name].rounds.append(one)
    return measured
