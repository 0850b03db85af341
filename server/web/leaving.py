"""The end of a server process: streams and sockets, which would never end by themselves, are told to go first."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.types import Scope


@dataclass(eq=False, slots=True)
class Guest:
    """A connection that stays. `go` asks it to end; `answers` says whether it still answers what was asked before."""

    scope: Scope
    go: Callable[[], None]
    answers: Callable[[], bool]


class Leaving:
    """Of one process; `begin` is called once, when it was told to end."""

    def __init__(self) -> None:
        self.begun = False
        self.guests: set[Guest] = set()

    @contextmanager
    def guest(self, scope: Scope, go: Callable[[], None], answers: Callable[[], bool]) -> Generator[None]:
        """Whoever comes when the process is leaving is asked to go at once."""
        guest = Guest(scope, go, answers)
        self.guests.add(guest)
        try:
            if self.begun:
                go()
            yield
        finally:
            self.guests.discard(guest)

    def begin(self) -> None:
        self.begun = True
        for guest in list(self.guests):
            guest.go()
