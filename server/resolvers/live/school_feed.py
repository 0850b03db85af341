"""The newest events of one school, as a worker has read them, for all its streams."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import Final
from uuid import UUID

from server.queries.events import Found, OutboxEvent

MOST_HELD: Final = 2000


class SchoolFeed:
    """Sequence numbers have no gaps, so that an event's place follows from its number."""

    def __init__(self, school_id: UUID, position: int) -> None:
        """`position` is the number of the newest event that was read."""
        self.school_id = school_id
        self.position = position
        self._events: deque[OutboxEvent] = deque(maxlen=MOST_HELD)

    def take(self, found: Found) -> bool:
        """Keep what is new of it, and say whether anything is."""
        fresh = [event for event in found.events if event.sequence > self.position]
        if fresh:
            self._events.extend(fresh)
            self.position = fresh[-1].sequence
        return bool(fresh)

    def after(self, position: int, most: int) -> list[OutboxEvent] | None:
        """At most so many events after that number, in order; None where the first of them isn't held any more."""
        start = position - (self.position - len(self._events))
        if start < 0:
            return None
        return list(islice(self._events, start, start + most))
