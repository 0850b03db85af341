"""One process's figures: who measures calls a method of Metrics, and what is asked now and then is asked by `look`."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from server.commands.jobs.backlog import Backlog
from server.web import metrics as of
from server.web.instruments import OTHER, Counting, Instrument, Memory, Observing, Undeclared

LOOK: Final = 1.0
"""Seconds between two looks at what is asked rather than counted."""
_ROUTES: Final = {
    "graphql": "graphql",
    "oauth": "oauth",
    ".well-known": "well-known",
    "livez": "health",
    "readyz": "health",
    "sign-in": "pages",
    "sign-out": "pages",
    "account": "pages",
    "forgotten": "pages",
    "join": "pages",
    "pages": "pages",
    "apps": "pages",
    "approve": "pages",
    "school": "pages",
    "demo": "pages",
}

Look = Callable[["Metrics"], None]


class Metrics:
    """`process` is one of PROCESSES; without `memory` it counts for itself alone."""

    def __init__(self, memory: Memory | None = None, process: str = "server") -> None:
        self.memory = memory or Memory(of.LAYOUT)
        self.process = process
        self._forget_gauges()
        self._requests, self._seconds = self._counting(of.HTTP_REQUESTS), self._observing(of.HTTP_SECONDS)
        self._sent, self._taken = self._observing(of.HTTP_SENT), self._observing(of.HTTP_TAKEN)
        self._operations, self._ran = self._counting(of.OPERATIONS), self._observing(of.OPERATION_SECONDS)
        self._transactions, self._guards = self._observing(of.TRANSACTIONS), self._counting(of.GUARD_FAILURES)
        self._streams, self._opened = self._counting(of.STREAMS), self._counting(of.STREAMS_OPENED)
        self._closed, self._lag = self._counting(of.STREAMS_CLOSED), self._observing(of.EVENT_LAG)
        self._signs = self._counting(of.SIGN_INS_REFUSED)
        self._jobs, self._worked = self._counting(of.JOB_RUNS), self._observing(of.JOB_SECONDS)
        self._untraced = self._counting(of.SPANS_DROPPED)
        self._counting(of.STARTS).add(process)
        # What others count begins at nothing with this process: the series goes on from where they were.
        self._before = dict[tuple[str, tuple[str, ...]], float]()

    def answered(self, path: str, status: int, seconds: float, sent: int) -> None:
        """A request over HTTP, its answer's `sent` bytes gone."""
        route = _ROUTES.get(path.split("/", 2)[1] if path.startswith("/") else "", OTHER)
        self._requests.add(route, str(status))
        self._seconds.observe(seconds, route)
        self._sent.observe(sent, route)

    def taken(self, size: int) -> None:
        """An operation's body, in bytes."""
        self._taken.observe(size)

    def operation(self, kind: str, code: str, seconds: float) -> None:
        """One that was read and ran; `code` is OK or that of its first refusal."""
        self._operations.add(kind, code)
        self._ran.observe(seconds, kind)

    def unread(self, code: str) -> None:
        """An operation that could not be read, or was refused before it ran."""
        self._operations.add("none", code)

    def transaction(self, road: str, seconds: float) -> None:
        self._transactions.observe(seconds, road)

    def guard_failed(self) -> None:
        self._guards.add()

    def stream_opened(self) -> None:
        self._operations.add("subscription", "OK")
        self._opened.add()
        self._streams.add()

    def stream_closed(self, code: str) -> None:
        self._streams.add(by=-1.0)
        self._closed.add(code)

    def told(self, lag: float) -> None:
        """An event, `lag` seconds after what it tells of."""
        self._lag.observe(max(lag, 0.0))

    def sign_in_refused(self, reason: str) -> None:
        self._signs.add(reason)

    def traces_failed(self) -> None:
        """A batch of spans was not taken; told by the one thread that sends them."""
        self._untraced.add()

    def job(self, name: str, outcome: str, seconds: float | None = None) -> None:
        """A run that came to its end; `outcome` is done or failed."""
        self._jobs.add(name, outcome)
        if seconds is not None:
            self._worked.observe(seconds, name)

    def backlog(self, found: Backlog, now: datetime) -> None:
        for name, when in found.done.items():
            self.set(of.JOB_DONE, when.timestamp(), name)
        if (sealed := found.done.get("seal_audit")) is not None:
            self.set(of.SEAL_LAG, (now - sealed).total_seconds())
        self.set(of.LETTERS, found.letters)
        self.set(of.LETTERS_AGE, 0.0 if found.oldest is None else (now - found.oldest).total_seconds())

    def set(self, instrument: Instrument, value: float, *labels: str) -> None:
        """Of a gauge."""
        self._counting(instrument).set(value, *labels)

    def counted(self, instrument: Instrument, value: float, *labels: str) -> None:
        """Of a counter that this process counts elsewhere: how far it is."""
        counting, key = self._counting(instrument), (instrument.name, labels)
        before = self._before.setdefault(key, counting.value(*labels))
        counting.set(before + value, *labels)

    def cache(self, name: str, entries: int, missed: int) -> None:
        self.set(of.CACHE_ENTRIES, entries, name)
        self.counted(of.CACHE_MISSES, missed, name)

    def pool(self, stats: Mapping[str, int], refused: int, lost: int) -> None:
        """As psycopg's pool tells them."""
        self.set(of.POOL, stats.get("pool_size", 0), self.process, "open")
        self.set(of.POOL, stats.get("pool_available", 0), self.process, "idle")
        self.set(of.POOL_WAITING, stats.get("requests_waiting", 0), self.process)
        self.counted(of.POOL_REFUSED, refused, self.process)
        self.counted(of.POOL_LOST, lost, self.process)

    def itself(self) -> None:
        """What the process uses."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        self.counted(of.PROCESSOR, used.ru_utime + used.ru_stime, self.process)
        self.set(of.MEMORY, resident_bytes(), self.process)

    def _counting(self, instrument: Instrument) -> Counting:
        return Counting(of.LAYOUT, self.memory.slots, instrument)

    def _observing(self, instrument: Instrument) -> Observing:
        return Observing(of.LAYOUT, self.memory.slots, instrument)

    def _forget_gauges(self) -> None:
        """What the process before this one had, nobody has now."""
        for instrument in of.INSTRUMENTS:
            if instrument.kind == "gauge":
                for labels in instrument.series():
                    self.set(instrument, 0.0, *labels)


class Looking:
    """`async with Looking(metrics, looks): ...`: each of `looks` is called once a second, and what the process uses is noted."""

    def __init__(self, metrics: Metrics, *looks: Look, every: float = LOOK) -> None:
        self._metrics = metrics
        self._looks = looks
        self._every = every
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._look()

    async def _run(self) -> None:
        while True:
            self._look()
            await asyncio.sleep(self._every)

    def _look(self) -> None:
        self._metrics.itself()
        for look in self._looks:
            look(self._metrics)


def memory_of(number: int | None) -> Memory | None:
    """The memory of an inherited file descriptor; None where there is none, or it was made by another version of ours."""
    if number is None:
        return None
    try:
        return Memory(of.LAYOUT, number)
    except Undeclared:
        return None


def resident_bytes() -> int:
    """What the process holds; where the system doesn't tell, the most that it ever held."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
