"""The loop of the jobs' process: each job by itself, so that a long one keeps no other waiting."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, Protocol

from server.commands.jobs.job import Desk, Job
from server.commands.jobs.leases import end, give_back, moment, take
from server.errors import Unavailable

TICK: Final = 2.0
"""Seconds between looks at the clock and the lease."""


Clock = Callable[[], datetime]


class Reports(Protocol):
    """What the process says of its work: names of jobs, counts and times, and nothing of what was worked on."""

    def done(self, job: str, count: int, milliseconds: float) -> None: ...

    def failed(self, job: str, error: Exception) -> None: ...


async def keep_running(
    desk: Desk,
    jobs: Iterable[Job],
    reports: Reports,
    stopped: asyncio.Event,
    *,
    tick: float = TICK,
    clock: Clock | None = None,
) -> None:
    """Run the jobs whenever they are due, until `stopped` is set; a run that has begun then comes to its end.

    Without a `clock` by the database's, which all processes have in common: a lease is compared with other machines'.
    """
    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(_keep(desk, job, reports, stopped, tick, clock))


async def _keep(
    desk: Desk, job: Job, reports: Reports, stopped: asyncio.Event, tick: float, clock: Clock | None
) -> None:
    while not stopped.is_set():
        await run_once(desk, job, reports, clock)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), tick)


async def run_once(desk: Desk, job: Job, reports: Reports, clock: Clock | None = None) -> bool:
    """Run the job if it is due and no other process runs it. Failures are told and never leave here."""
    try:
        now = await _now(desk, clock)
        if not await take(desk.pool, job, now):
            return False
    except Unavailable as error:
        reports.failed(job.name, error)
        return False
    begun = time.perf_counter()
    try:
        count = await job.run(desk, now)
        await end(desk.pool, job, now)
    except Exception as error:
        reports.failed(job.name, error)
        with contextlib.suppress(Unavailable):
            await give_back(desk.pool, job, now, await _now(desk, clock) + job.retry)
        return False
    reports.done(job.name, count, (time.perf_counter() - begun) * 1000)
    return True


async def _now(desk: Desk, clock: Clock | None) -> datetime:
    return await moment(desk.pool) if clock is None else clock()
