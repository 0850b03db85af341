"""Deadlines of one length that cost little: a timer stands at the oldest of them alone, not at each.

Most end long before their time, so that arming and disarming a timer for each was a tenth of a small read.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class Deadlines:
    """Of one endpoint, `seconds` each."""

    __slots__ = ("_loop", "_open", "_timer", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._open: dict[Deadline, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> Deadline:
        """One of this task's, from now on: enter it at once. Within an event loop."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._open, self._loop, self._timer = {}, loop, None
        task = asyncio.current_task(loop)
        assert task is not None
        deadline = Deadline(self._open, task, loop.time() + self.seconds)
        # All are equally long: the first to begin is the first to be due.
        self._open[deadline] = None
        if self._timer is None:
            self._timer = loop.call_at(deadline.due, self._ring, loop)
        return deadline

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        for deadline in list(self._open):
            if deadline.due > now:
                self._timer = loop.call_at(deadline.due, self._ring, loop)
                return
            deadline.expire()


class Deadline:
    """As asyncio.timeout: when it is due, the task is cancelled, and leaving it raises TimeoutError."""

    __slots__ = ("_among", "_cancelling", "_task", "due", "expired")

    def __init__(self, among: dict[Deadline, None], task: asyncio.Task[object], due: float) -> None:
        self._among = among
        self._task = task
        self._cancelling = task.cancelling()
        self.due = due
        self.expired = False

    def expire(self) -> None:
        self._among.pop(self, None)
        self.expired = True
        self._task.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.expired:
            del self._among[self]
        # Whoever else cancelled the task meanwhile is obeyed.
        elif self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error
