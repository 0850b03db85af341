"""The threads in which pages ask the database: from end to end in one transaction, a bounded number at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final, TypeVar

import structlog

from server.database.blocking_pool import BlockingConnection, BlockingPool
from server.errors import Unavailable
from server.web.logs import log_defect

THREADS: Final = 4
# Behind so many the answer would come later than anybody waits.
MOST_WAITING: Final = 200

T = TypeVar("T")


class PagesDesk:
    """`clock` is in seconds since 1970."""

    def __init__(self, app_url: str, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._pool = BlockingPool(app_url, THREADS, "usher pages")
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="pages")
        self._begun = 0
        self._later: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        self._pool.open()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._pool.close()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    async def run(self, work: Callable[[BlockingConnection], T]) -> T:
        """`work` in a transaction, which is committed unless it raises: a refusal that must be counted is returned.

        Raises Unavailable.
        """
        if self._begun >= MOST_WAITING:
            raise Unavailable("Too many people are asking at once. Try again later.")
        self._begun += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._in_transaction, work)
        finally:
            self._begun -= 1

    def later(self, work: Callable[[BlockingConnection], object], route: str) -> None:
        """The same with nobody waiting for it: how long it takes tells the caller nothing."""
        task = asyncio.create_task(self._unwatched(work, route))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _unwatched(self, work: Callable[[BlockingConnection], object], route: str) -> None:
        try:
            await self.run(work)
        except Unavailable as error:
            structlog.get_logger().warning("not done later", route=route, sentence=error.message)
        except Exception as error:
            log_defect(error, route)

    def _in_transaction(self, work: Callable[[BlockingConnection], T]) -> T:
        with self._pool.transaction() as connection:
            return work(connection)
