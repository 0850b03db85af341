"""Connections for work that a thread does from end to end: libraries that know nothing of the event loop."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
import psycopg_pool

from server.errors import Unavailable

_WAIT_SECONDS: Final = 5.0

BlockingConnection = psycopg.Connection[tuple[Any, ...]]


class BlockingPool:
    """At most `size` connections, opened when they are first needed."""

    def __init__(self, url: str, size: int, name: str) -> None:
        self._pool: psycopg_pool.ConnectionPool[BlockingConnection] = psycopg_pool.ConnectionPool(
            url,
            kwargs={"application_name": name, "client_encoding": "utf8", "prepare_threshold": None},
            min_size=0,
            max_size=size,
            timeout=_WAIT_SECONDS,
            open=False,
        )

    def open(self) -> None:
        self._pool.open(wait=False)

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def transaction(self) -> Generator[BlockingConnection]:
        """A connection in a transaction, committed at the end of the block. Raises Unavailable where it is lost."""
        try:
            with self._pool.connection() as connection, connection.transaction():
                yield connection
        except psycopg.OperationalError:  # the pool's own errors are of this kind, too
            raise Unavailable("The database can't be reached. Try again later.") from None
