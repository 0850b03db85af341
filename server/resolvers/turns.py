"""Who reckons what is dear in this worker now: few at a time, so that everybody else still finds a connection."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from server.errors import Unavailable

MOST_AT_ONCE: Final = 2
_BUSY: Final = "This is reckoned for others just now: the server is busy, try again in a moment."
_OWN: Final = "You are being answered such a question already: wait for its answer, or try again in a moment."


class Turns:
    """Of one worker. Nobody waits: a queue would hold what it is to save."""

    def __init__(self) -> None:
        self._taken: set[tuple[UUID, UUID]] = set()

    @contextmanager
    def taken(self, school_id: UUID, person_id: UUID) -> Generator[None]:
        """One turn a person, for the length of the block. Raises Unavailable at once where there is none."""
        asker = (school_id, person_id)
        if asker in self._taken:
            raise Unavailable(_OWN)
        if len(self._taken) >= MOST_AT_ONCE:
            raise Unavailable(_BUSY)
        self._taken.add(asker)
        try:
            yield
        finally:
            self._taken.discard(asker)
