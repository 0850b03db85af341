"""The worker that takes letters from the queue, for as long as the process of the jobs runs."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job as QueuedJob

from server.commands.jobs.job import Desk
from server.commands.jobs.letters import WAITS, publish_key, send_letter
from server.commands.jobs.loop import TICK, Reports
from server.database.work_queue import QueueConnector
from server.errors import Unavailable
from server.identity.keys import letter_key
from server.identity.letters.queue import LETTERS, SEND

AT_ONCE: Final = 4
"""Letters that are under way at the same time: a slow mail server keeps few threads."""
_PAUSE: Final = 5.0
_GRACE: Final = 10.0

Clock = Callable[[], datetime]


class _Again(Exception):
    """The try failed, and stands in the letter's row; `wait` until the next one."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("a letter could not be sent")
        self.wait = wait


class _Waits(BaseRetryStrategy):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision:
        """Whatever went wrong, the letter's own row says when it is given up."""
        wait = exception.wait if isinstance(exception, _Again) else WAITS[min(job.attempts, len(WAITS) - 1)]
        return RetryDecision(retry_at=self._clock() + wait)


async def keep_sending(
    desk: Desk,
    reports: Reports,
    stopped: asyncio.Event,
    *,
    tick: float = TICK,
    clock: Clock = lambda: datetime.now(UTC),
) -> None:
    """Send what is queued until `stopped` is set; letters under way then have ten seconds.

    A worker ends with its connections, as when PostgreSQL starts anew: then another takes its place.
    """
    while not stopped.is_set():
        try:
            await _work(desk, reports, stopped, tick, clock)
        except Exception as error:
            reports.failed(SEND, error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), _PAUSE)


async def _work(desk: Desk, reports: Reports, stopped: asyncio.Event, tick: float, clock: Clock) -> None:
    key = letter_key(desk.keys)
    await publish_key(desk, key, clock())
    app = App(connector=QueueConnector(desk.pool))

    @app.task(name=SEND, queue=LETTERS, retry=_Waits(clock))
    async def send(letter_id: str) -> None:  # pyright: ignore[reportUnusedFunction] - the worker calls it by its name
        begun = time.perf_counter()
        try:
            wait = await send_letter(desk, key, UUID(letter_id), clock())
        except Exception as error:
            reports.failed(SEND, error)
            raise
        if wait is not None:
            reports.failed(SEND, Unavailable("A letter could not be sent; `usher letters list` says why."))
            raise _Again(wait)
        reports.done(SEND, 1, (time.perf_counter() - begun) * 1000)

    worker = asyncio.create_task(
        app.run_worker_async(
            queues=[LETTERS],
            concurrency=AT_ONCE,
            install_signal_handlers=False,
            listen_notify=False,
            fetch_job_polling_interval=tick,
            shutdown_graceful_timeout=_GRACE,
            delete_jobs="always",
        )
    )
    stopping = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait((worker, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker
