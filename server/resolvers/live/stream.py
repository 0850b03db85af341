"""One stream: it waits for events of its school, reads those that are meant for it, and ends with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.database.failures import GuardFailed
from server.errors import PolicyUnavailable, ResyncRequired, Unauthenticated, Unavailable, UsherError
from server.identity.principal import Principal
from server.queries.event_reading import MOST_AT_ONCE
from server.queries.events import MOST_EVENTS, Found, OutboxEvent
from server.register.school_hours import within_school_hours
from server.resolvers.asked import Asked, asks_hours
from server.resolvers.execution import REPLANS
from server.resolvers.live.event_ids import EventIds
from server.resolvers.live.rights import Rights
from server.resolvers.live.school_feed import SchoolFeed

MOST_BEHIND: Final = 10_000
"""How many events of its school a stream may be behind."""
EXPIRED: Final = "The bearer token has expired: follow anew with a new one."
BEHIND: Final = "Events were missed that can't be told any more: ask again for what you show, then follow anew."

Older = Callable[[SchoolFeed, int], Awaitable[list[OutboxEvent]]]


@dataclass(frozen=True, slots=True)
class Told:
    """One event: its id, and the whole response."""

    id: str
    body: bytes


class Stream:
    """`await stream.next()` until it raises why it ended; then, or when nobody listens any more, `close` it."""

    def __init__(
        self, rights: Rights, feed: SchoolFeed, position: int, ids: EventIds, older: Older, reads: asyncio.Semaphore
    ) -> None:
        """`position`: the number of the event after which it begins. `older` reads events that `feed` doesn't hold."""
        self.rights = rights
        self.feed = feed
        self._asked = rights.asked
        self._position = self._told = position
        self._ids = ids
        self._older = older
        self._reads = reads
        self._woken = asyncio.Event()
        self._reason: UsherError | None = None

    @property
    def principal(self) -> Principal:
        return self.rights.following.subscribed.sent.request.principal

    @property
    def id(self) -> str:
        """The id of the event behind which it stands: whoever gives it goes on from there."""
        return self._ids.place(self._told, self.principal)

    async def next(self) -> list[Told]:
        """The next events, in order; those that were returned before count as told. Raises UsherError: why it ended."""
        try:
            return await self._next()
        except UsherError as error:
            self.end(error)
            raise

    @property
    def ended_by(self) -> str:
        """The code of what ended it; OK where its client did, or nobody yet."""
        return "OK" if self._reason is None else self._reason.code

    async def _next(self) -> list[Told]:
        self._told = self._position
        while True:
            if self._reason is not None:
                raise self._reason
            events = self.feed.after(self._position, MOST_EVENTS)
            if events is None:
                if self.feed.position - self._position > MOST_BEHIND:
                    raise ResyncRequired(BEHIND)
                events = await self._older(self.feed, self._position)
            if not events:
                self._woken.clear()
                await self._woken.wait()
                continue
            mine = await self.rights.following.meant(events, self._asked)
            told = await self._tell(mine[:MOST_AT_ONCE])
            self._position = (events if len(mine) <= MOST_AT_ONCE else mine[:MOST_AT_ONCE])[-1].sequence
            if told:
                return told
            self._told = self._position

    def wake(self) -> None:
        self._woken.set()

    def end(self, reason: UsherError) -> None:
        """Nothing more is told."""
        self._reason = self._reason or reason
        self._woken.set()

    def due(self, found: Found, now: datetime) -> bool:
        """Whether its rights must be looked at again: another version, a moment that changes a standing, another day."""
        if self.principal.expires_at <= now.timestamp():
            self.end(Unauthenticated(EXPIRED))
            return False
        standing = self._asked.standing
        key = (self.principal.person_id, self.principal.capacity)
        changed = (found.policy_version, found.profiles.get(key)) != (standing.policy_version, standing.profile_version)
        admission = self._asked.admission
        if admission is not None:
            changed = changed or found.documents.get(admission.client_id, 0) != admission.version
        passed = standing.until is not None and standing.until <= now
        hours = asks_hours(self._asked.planner) and within_school_hours(now) != within_school_hours(self._asked.now)
        return changed or passed or hours or self._asked.now.date() != now.date()

    async def check(self) -> None:
        """End it unless all that it began with still holds."""
        try:
            self._asked = await self.rights.check()
        except (Unavailable, PolicyUnavailable):
            return  # nothing is told meanwhile: the guard of each read sees to that
        except UsherError as error:
            self.end(error)

    async def _tell(self, mine: list[OutboxEvent]) -> list[Told]:
        if not mine:
            return []
        named = [(one, self._ids.seal(one.sequence, self.principal)) for one in mine]
        async with self._reads:
            told = [Told(*one) for one in await self._authorised(named)]
        execution = self.rights.following.subscribed.execution
        happened, now = {id_: event.occurred_at for event, id_ in named}, execution.now()
        for one in told:
            execution.watch.told((now - happened[one.id]).total_seconds())
        return told

    async def _authorised(self, named: list[tuple[OutboxEvent, str]]) -> list[tuple[str, bytes]]:
        """Read under the versions of now: a guard that fails has the rights looked at anew."""
        for _ in range(REPLANS + 1):
            if self._reason is not None:
                raise self._reason
            try:
                return await self.rights.following.tell(named, await self._current())
            except GuardFailed:
                await self.check()
        raise PolicyUnavailable("The school's rules are changing: try again in a moment.")

    async def _current(self) -> Asked:
        """As the worker remembers it: hours pass, and the last check may be a while ago."""
        of = self.rights.following.subscribed
        request, execution = of.sent.request, of.execution
        return await execution.stand(request, execution.now())
