"""A closed loop: so many lanes, each with one request in flight, until the time is up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol

Clock = Callable[[], tuple[float, float]]
"""CPU seconds so far, of what serves and of the database."""


class Road(Protocol):
    """One way to get an operation answered, over and over."""

    @property
    def name(self) -> str: ...

    async def ask(self, lane: int) -> bytes: ...

    def cpu(self) -> tuple[float, float]: ...


class Driven(Protocol):
    """What can be measured for a round of so many seconds."""

    @property
    def name(self) -> str: ...

    async def round(self, seconds: float) -> Round: ...


@dataclass(frozen=True, slots=True)
class Round:
    """Latencies in seconds; CPU in seconds over all requests."""

    latencies: list[float]
    seconds: float
    server_cpu: float
    database_cpu: float


@dataclass(slots=True)
class Measured:
    """The rounds of one road. Rates and CPU are medians over rounds, percentiles are over all requests."""

    road: str
    rounds: list[Round] = field(default_factory=list[Round])

    @property
    def requests(self) -> int:
        return sum(len(one.latencies) for one in self.rounds)

    @property
    def rates(self) -> list[float]:
        """Requests per second of each round."""
        return [len(one.latencies) / one.seconds for one in self.rounds]

    @property
    def rate(self) -> float:
        return median(self.rates)

    def percentile(self, part: float) -> float:
        """Milliseconds."""
        latencies = sorted(latency for one in self.rounds for latency in one.latencies)
        return latencies[min(len(latencies) - 1, int(part * len(latencies)))] * 1000

    @property
    def server_cpu(self) -> float:
        """Milliseconds per request."""
        return median(one.server_cpu / len(one.latencies) for one in self.rounds) * 1000

    @property
    def database_cpu(self) -> float:
        """Milliseconds per request."""
        return median(one.database_cpu / len(one.latencies) for one in self.rounds) * 1000

    def data(self) -> dict[str, object]:
        return {
            "road": self.road,
            "requests": self.requests,
            "requests_per_second": self.rate,
            "requests_per_second_by_round": self.rates,
            "p50_ms": self.percentile(0.5),
            "p99_ms": self.percentile(0.99),
            "server_cpu_ms": self.server_cpu,
            "database_cpu_ms": self.database_cpu,
        }


async def drive(ask: Callable[[int], Awaitable[object]], lanes: int, seconds: float, cpu: Clock) -> Round:
    """Each lane asks at least once."""
    latencies: list[float] = []
    server_before, database_before = cpu()
    begun = time.perf_counter()

    async def lane(number: int) -> None:
        while True:
            asked = time.perf_counter()
            await ask(number)
            now = time.perf_counter()
            latencies.append(now - asked)
            if now - begun >= seconds:
                return

    await asyncio.gather(*(lane(number) for number in range(lanes)))
    took = time.perf_counter() - begun
    server_after, database_after = cpu()
    return Round(latencies, took, server_after - server_before, database_after - database_before)


@dataclass(frozen=True, slots=True)
class Lanes:
    """A road with so many requests in flight at a time."""

    road: Road
    lanes: int

    @property
    def name(self) -> str:
        return self.road.name

    async def round(self, seconds: float) -> Round:
        return await drive(self.road.ask, self.lanes, seconds, self.road.cpu)


async def in_turns(driven: Sequence[Driven], rounds: int, seconds: float) -> dict[str, Measured]:
    """Each by its name. They take turns, round by round, so that a noisy moment meets all of them; a first round of each,
    which opens connections and prepares statements, is not counted."""
    measured = {one.name: Measured(one.name) for one in driven}
    for number in range(rounds + 1):
        for one in driven if number % 2 else reversed(driven):
            found = await one.round(seconds)
            if number:
                measured[one.name].rounds.append(found)
    return measured
