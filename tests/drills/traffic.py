"""People at work while things break: writers of mark batches and readers, each a thread with a connection of its own."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, Protocol
from uuid import uuid4

import httpx

from tests.e2e.marks_ledger import RECORD, Batch
from tests.worlds import World

LEARNERS: Final = 12
A_BATCH: Final = 6
PAPERS: Final = ("maths-10 paper 1", "maths-10 paper 2")
READ: Final = "{ learners(first: 20) { nodes { id familyName grades(first: 1) { value } } } }"
LOST: Final = 0
"""The status of a request that the connection died under."""
_PAUSE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one request: `code` is that of its error, `again` whether Retry-After stood there."""

    at: float
    seconds: float
    status: int
    code: str = ""
    again: bool = False

    @property
    def served(self) -> bool:
        return self.status == 200 and not self.code

    @property
    def documented(self) -> bool:
        """An answer, a refusal that says when to come back, or a connection that was lost."""
        return self.served or self.status == LOST or (self.status == 503 and self.code == "UNAVAILABLE" and self.again)


class Target(Protocol):
    """Where a caller's requests go, and as whom."""

    @property
    def url(self) -> str: ...
    def token(self, handle: str) -> str: ...


@dataclass
class Caller:
    """One person's requests over one connection that stays open, all written down."""

    url: str
    token: str
    timeout: float = 60.0
    log: list[Told] = field(default_factory=list[Told])
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, timeout=self.timeout, trust_env=False)

    def ask(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any] | None:
        """`data` of an answer without errors; None for whatever else it was, which stands in the log."""
        begun = time.monotonic()
        try:
            response = self.http.post(
                "/graphql",
                json={"query": document, "variables": variables or {}},
                headers={"Authorization": f"Bearer {self.token}"},
            )
        except httpx.TransportError as error:
            now = time.monotonic()
            self.log.append(Told(now, now - begun, LOST, type(error).__name__))
            return None
        body = response.json()
        errors = body.get("errors", [])
        code = errors[0]["extensions"]["code"] if errors else ""
        now = time.monotonic()
        self.log.append(Told(now, now - begun, response.status_code, code, "retry-after" in response.headers))
        return None if code else body["data"]


class Reader:
    """The same question, again and again."""

    def __init__(self, caller: Caller, document: str = READ, pause: float = 0.0) -> None:
        self.caller = caller
        self._document = document
        self._pause = pause

    def run(self, done: threading.Event) -> None:
        with self.caller.http:
            while not done.is_set():
                if self.caller.ask(self._document) is None or self._pause:
                    done.wait(self._pause or _PAUSE)


class Writer:
    """Batch after batch, each repeated until it is answered: under its key, or in a control under a new one each time."""

    def __init__(
        self, caller: Caller, world: World, name: str, parity: int, *, fresh: bool = False, pause: float = 0.0
    ) -> None:
        """`pause`: seconds between two batches."""
        self._pause = pause
        self.caller = caller
        self.world = world
        self.acknowledged: list[Batch] = []
        self.replayed = 0
        self.refused: list[str] = []
        self._name = name
        self._parity = parity
        self._fresh = fresh
        self._begun = 0
        self._random = random.Random(name)
        self._last: dict[tuple[str, str], int] = {}

    def run(self, done: threading.Event) -> None:
        """Until `done`; the last batch is repeated until it is answered even so, for a minute at most."""
        with self.caller.http:
            while not done.is_set():
                self._send(self._batch(), done)
                if self._pause:
                    done.wait(self._pause)

    def _send(self, batch: Batch, done: threading.Event) -> None:
        deadline: float | None = None
        while deadline is None or time.monotonic() < deadline:
            key = f"k{uuid4()}" if self._fresh else batch.key
            data = self.caller.ask(RECORD, batch.variables(self.world, key))
            if data is not None:
                payload = data["recordMarks"]
                self.refused += [error["code"] for error in payload["userErrors"]]
                self.replayed += bool(payload["replayed"])
                self.acknowledged.append(batch)
                return
            if not self.caller.log[-1].documented:
                self.refused.append(f"{self.caller.log[-1].status} {self.caller.log[-1].code}")
            time.sleep(_PAUSE)
            if done.is_set() and deadline is None:
                deadline = time.monotonic() + 60
        self.refused.append("never answered")

    def _batch(self) -> Batch:
        """Scores of this writer's parity, each another than its last of the learner: so every batch changes all."""
        handles = self._random.sample([f"crowd {place}" for place in range(LEARNERS)], A_BATCH)
        paper = self._random.choice(PAPERS)
        scores: dict[str, int] = {}
        for handle in handles:
            choices = [score for score in range(self._parity, 80, 2) if score != self._last.get((handle, paper))]
            scores[handle] = self._last[handle, paper] = self._random.choice(choices)
        self._begun += 1
        name = f"{self._name}n{self._begun}"
        return Batch(name, f"key-{name}", paper, scores)


class Works(Protocol):
    def run(self, done: threading.Event) -> None: ...


@contextmanager
def working(workers: Sequence[Works]) -> Generator[Callable[[], None]]:
    """All of them at work for the block, then done. Raises what one of them raised; `check()` does so at once."""
    done = threading.Event()
    failures: list[BaseException] = []

    def run(one: Works) -> None:
        try:
            one.run(done)
        except BaseException as failure:
            failures.append(failure)

    def check() -> None:
        if failures:
            raise failures[0]

    threads = [threading.Thread(target=run, args=(one,), daemon=True) for one in workers]
    for thread in threads:
        thread.start()
    try:
        yield check
    finally:
        done.set()
        for thread in threads:
            thread.join(120)
    check()


def longest_gap(callers: Sequence[Caller], begun: float, ended: float) -> float:
    """The longest time in which nobody was served."""
    moments = sorted(told.at for caller in callers for told in caller.log if told.served and begun <= told.at <= ended)
    edges = [begun, *moments, ended]
    return max(later - earlier for earlier, later in pairwise(edges))


def counted(callers: Sequence[Caller]) -> Counter[str]:
    """How often each kind of answer was given."""
    return Counter(
        "answered" if told.served else f"{told.status or 'lost'} {told.code}"
        for caller in callers
        for told in caller.log
    )


def undocumented(callers: Sequence[Caller]) -> list[str]:
    """Answers that no client is told to expect."""
    return [f"{told.status} {told.code}" for caller in callers for told in caller.log if not told.documented]


def percentile(seconds: Sequence[float], part: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0
