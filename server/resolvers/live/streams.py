"""All streams of one worker: they are opened here, woken by what the outbox holds, and looked at again twice a second."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import structlog
from graphql import OperationType

from server.errors import LimitExceeded, ResyncRequired
from server.identity.principal import Principal
from server.queries.event_reading import MOST_AT_ONCE
from server.queries.events import MOST_EVENTS, Found, OutboxEvent, Wanted, look
from server.resolvers.execution import Execution, OperationAnswer, OperationRequest
from server.resolvers.live.event_ids import EventIds
from server.resolvers.live.following import Following
from server.resolvers.live.rights import rights
from server.resolvers.live.school_feed import SchoolFeed
from server.resolvers.live.stream import BEHIND, MOST_BEHIND, Stream

MOST_STREAMS: Final = 1000
MOST_OF_ONE: Final = 10
_SCHOOLS_AT_ONCE: Final = 50
_READS_AT_ONCE: Final = 6
_CHECKS_AT_ONCE: Final = 4
# What changes nobody's rights: after any other event they are looked at again, for rows that no version tells of.
_QUIET: Final = frozenset({"gradeUpdated", "markRecorded", "marksImported", "reportPublished", "noticePosted"})
_NEVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class _School:
    """One that has streams here."""

    feed: SchoolFeed
    streams: set[Stream] = field(default_factory=set[Stream])

    def wanted(self, *, people: bool) -> Wanted:
        """What is new, and where those people stand who have streams, and the documents of their clients."""
        asking = [stream.principal for stream in self.streams] if people else []
        clients = {who.client_id for who in asking if who.client_id is not None}
        return Wanted(self.feed.school_id, self.feed.position, {who.person_id for who in asking}, clients=clients)


class Streams:
    """`async with Streams(execution) as streams: ...`; what `open` gave must be closed by whoever asked for it.

    `heard` takes the payload of a notification, a school's id: a hint to look at once, believed in nothing.
    """

    def __init__(
        self, execution: Execution, *, most: int = MOST_STREAMS, of_one: int = MOST_OF_ONE, every: float = 0.5
    ) -> None:
        """At most `most` streams, and `of_one` of one person; `every`: seconds between two looks."""
        self._execution = execution
        self._ids = EventIds(execution.cursor_key)
        self._most = most
        self._of_one = of_one
        self._every = every
        self._schools: dict[UUID, _School] = {}
        self._taken: Counter[tuple[UUID, UUID]] = Counter()
        self._due: set[UUID] = set()
        self._hinted = asyncio.Event()
        self._reads = asyncio.Semaphore(_READS_AT_ONCE)
        self._checks = asyncio.Semaphore(_CHECKS_AT_ONCE)
        self._checked: set[Stream] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Streams:
        self._start(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def heard(self, payload: str) -> None:
        """Raises ValueError for what is no school's id."""
        school_id = UUID(payload)
        if school_id in self._schools:
            self._due.add(school_id)
            self._hinted.set()

    async def open(self, request: OperationRequest, last: str | None = None) -> Stream | OperationAnswer:
        """A stream for a subscription, the answer for another operation. `last`: the id of the last event, instead of `after`.

        Close the stream. Raises UsherError.
        """
        sent = await self._execution.read(request)
        if isinstance(sent, OperationAnswer):
            return sent
        if sent.operation.operation is not OperationType.SUBSCRIPTION:
            return await self._execution.answer(sent)
        with self._place(request.principal) as keep:
            following = Following(self._execution, sent)
            self._execution.charging.open(request, following.cost)
            # Before the rights: what ends them from now on comes behind the newest event.
            newest, position = await self._begin(request.principal, last or following.subscribed.after)
            held = await rights(following)
            id_ = request.principal.school_id
            school = self._schools.setdefault(id_, _School(SchoolFeed(id_, newest)))
            stream = Stream(held, school.feed, position, self._ids, self._older, self._reads)
            school.streams.add(stream)
            keep()
            self._execution.watch.stream_opened()
        if school.feed.position > newest:
            self._check(stream)  # other streams have heard of what came meanwhile
        return stream

    def close(self, stream: Stream) -> None:
        """Twice is as once."""
        school = self._schools.get(stream.feed.school_id)
        if school is None or stream not in school.streams:
            return
        school.streams.discard(stream)
        self._execution.watch.stream_closed(stream.ended_by)
        self._leave(stream.principal)
        if not school.streams:
            del self._schools[stream.feed.school_id]

    @contextlib.contextmanager
    def _place(self, principal: Principal) -> Generator[Callable[[], None]]:
        """One stream's, given back unless it is kept. Raises LimitExceeded."""
        who = (principal.school_id, principal.person_id)
        if self._taken[who] >= self._of_one:
            raise LimitExceeded(f"You follow {self._of_one} streams already: end one first.")
        if self._taken.total() >= self._most:
            raise LimitExceeded("No more streams can be followed here: try again later.")
        self._taken[who] += 1
        kept = False

        def keep() -> None:
            nonlocal kept
            kept = True

        try:
            yield keep
        finally:
            if not kept:
                self._leave(principal)

    def _leave(self, principal: Principal) -> None:
        who = (principal.school_id, principal.person_id)
        self._taken[who] -= 1
        if self._taken[who] <= 0:
            del self._taken[who]

    async def _begin(self, principal: Principal, last: str | None) -> tuple[int, int]:
        """The numbers of the school's newest event, and of that after which a stream begins.

        Raises BadUserInput, ResyncRequired.
        """
        wanted = None if last is None else self._ids.open(last, principal, "after")
        [found] = await look(self._execution.pool, [Wanted(principal.school_id, _NEVER)])
        position = found.last if wanted is None else wanted
        if not max(found.first - 1, found.last - MOST_BEHIND) <= position <= found.last:
            raise ResyncRequired(BEHIND)
        return found.last, position

    async def _older(self, feed: SchoolFeed, position: int) -> list[OutboxEvent]:
        """The next that the feed doesn't hold any more, as many as are read at once. Raises ResyncRequired where the table
        doesn't either.
        """
        [found] = await look(self._execution.pool, [Wanted(feed.school_id, position, most=MOST_AT_ONCE)])
        if found.first > position + 1:
            raise ResyncRequired(BEHIND)
        return list(found.events)

    async def _run(self) -> None:
        following = time.monotonic()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, following - time.monotonic())):
                    await self._hinted.wait()
            self._hinted.clear()
            due, self._due = self._due, set()
            every = time.monotonic() >= following
            if every:
                following = time.monotonic() + self._every
            try:
                await self._look([one for id_, one in self._schools.items() if every or id_ in due], every=every)
            except Exception as error:  # the database is away, or worse: the next look is soon
                structlog.get_logger().warning("no look at the outbox", error=type(error).__name__)

    async def _look(self, schools: list[_School], *, every: bool) -> None:
        """`every`: look at the rights of all their streams too."""
        for start in range(0, len(schools), _SCHOOLS_AT_ONCE):
            some = schools[start : start + _SCHOOLS_AT_ONCE]
            wanted = [school.wanted(people=every) for school in some]
            for school, found in zip(some, await look(self._execution.pool, wanted), strict=True):
                self._spread(school, found, every=every)

    def _spread(self, school: _School, found: Found, *, every: bool) -> None:
        fresh = school.feed.take(found)
        if len(found.events) == MOST_EVENTS:
            self._due.add(school.feed.school_id)
            self._hinted.set()
        now, moved = self._execution.now(), any(event.kind not in _QUIET for event in found.events)
        for stream in school.streams:
            if fresh:
                stream.wake()
            if moved or (every and stream.due(found, now)):
                self._check(stream)

    def _check(self, stream: Stream) -> None:
        """Few at a time; while one look is taken, another of the same stream is superfluous."""
        if stream in self._checked:
            return
        self._checked.add(stream)

        async def check() -> None:
            try:
                async with self._checks:
                    await stream.check()
            finally:
                self._checked.discard(stream)

        self._start(check())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
