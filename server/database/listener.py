"""LISTEN on a connection of its own: what is heard is a hint, never a guarantee."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection, sql

Heard = Callable[[str], Awaitable[None]]

_FIRST_WAIT = 0.1
_LONGEST_WAIT = 10.0
_MOST_WAITING = 1000


class Listener:
    """`async with Listener(url, channel, heard): ...` calls `heard` with each payload, one after the other.

    Payloads are taken off the connection before any is worked on: a query inside psycopg's notifies() never ends. A
    lost connection is opened anew, with waits that double up to ten seconds; what was sent meanwhile is not heard.
    """

    def __init__(self, url: str, channel: str, heard: Heard) -> None:
        self._url = url
        self._channel = channel
        self._heard = heard
        self._payloads: asyncio.Queue[str] = asyncio.Queue(_MOST_WAITING)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Listener:
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._work())]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self) -> None:
        wait = _FIRST_WAIT
        while True:
            with contextlib.suppress(psycopg.Error, OSError):
                async with await self._connect() as connection:
                    wait = _FIRST_WAIT
                    structlog.get_logger().info("listening")
                    async for notice in connection.notifies():
                        with contextlib.suppress(asyncio.QueueFull):
                            self._payloads.put_nowait(notice.payload)
            structlog.get_logger().warning("not listening")
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    async def _connect(self) -> AsyncConnection[tuple[Any, ...]]:
        connection = await AsyncConnection.connect(
            self._url, autocommit=True, prepare_threshold=None, application_name="usher listener", connect_timeout=10
        )
        try:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _work(self) -> None:
        while True:
            payload = await self._payloads.get()
            try:
                await self._heard(payload)
            except Exception as error:  # a hint that can't be used harms nobody: the guard decides
                structlog.get_logger().warning("a notification was of no use", error=type(error).__name__)
