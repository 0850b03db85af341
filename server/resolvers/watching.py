"""Who measures what operations and streams do."""

from __future__ import annotations

from typing import Final, Protocol

from server.database.watching import Unwatched, Watch


class OperationWatch(Watch, Protocol):
    """Called on the way: it returns at once and raises nothing. Codes are those of refusals, and OK."""

    def operation(self, kind: str, code: str, seconds: float) -> None:
        """A query or mutation that was read and ran."""
        ...

    def unread(self, code: str) -> None:
        """One that was refused before it ran."""
        ...

    def stream_opened(self) -> None: ...

    def stream_closed(self, code: str) -> None: ...

    def told(self, lag: float) -> None:
        """An event, `lag` seconds after what it tells of."""
        ...


class UnwatchedOperations(Unwatched):
    """For whoever measures nothing."""

    def operation(self, kind: str, code: str, seconds: float) -> None: ...

    def unread(self, code: str) -> None: ...

    def stream_opened(self) -> None: ...

    def stream_closed(self, code: str) -> None: ...

    def told(self, lag: float) -> None: ...


UNWATCHED: Final = UnwatchedOperations()
