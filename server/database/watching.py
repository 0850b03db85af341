"""Who measures what the database is asked."""

from __future__ import annotations

from typing import Final, Literal, Protocol, TypeAlias

Road: TypeAlias = Literal["read", "write", "inquiry"]


class Watch(Protocol):
    """Called on the way: it returns at once and raises nothing."""

    def transaction(self, road: Road, seconds: float) -> None:
        """One that ended, well or not, with its wait for a connection."""
        ...

    def guard_failed(self) -> None:
        """A transaction found a newer version than its plan's."""
        ...


class Unwatched:
    """For whoever measures nothing."""

    def transaction(self, road: Road, seconds: float) -> None: ...

    def guard_failed(self) -> None: ...


UNWATCHED: Final = Unwatched()
