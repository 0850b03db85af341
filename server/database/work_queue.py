"""Work that a request causes and a process of jobs does: procrastinate's queue, in the schema `procrastinate`.

Its tables, functions and triggers name one another without a schema: the search path is set for each transaction that
speaks to them, since one that is set for a session belongs to nobody behind a pooler.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, LiteralString

import psycopg
from procrastinate import PsycopgConnector, SyncPsycopgConnector
from procrastinate.connector import BaseAsyncConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import JobDeferrer
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task
from psycopg.rows import dict_row

from server.database.blocking_pool import BlockingConnection
from server.database.pool import Pool, PoolConnection

SCHEMA: Final = "procrastinate"
_ENTER: LiteralString = "SET LOCAL search_path = procrastinate, pg_catalog"
_LEAVE: LiteralString = "SET LOCAL search_path TO DEFAULT"


def defer(connection: BlockingConnection, queue: str, task: str, **arguments: str) -> None:
    """Queue one run of a task in the caller's transaction. Raises psycopg.Error."""
    connection.execute(_ENTER)
    with _plain_errors():
        _job(SyncPsycopgConnector(), connection, queue, task).defer(**arguments)
    connection.execute(_LEAVE)


async def defer_async(connection: PoolConnection, queue: str, task: str, **arguments: str) -> None:
    """The same on a connection of the application's pool."""
    await connection.execute(_ENTER)
    with _plain_errors():
        await _job(PsycopgConnector(), connection, queue, task).defer_async(**arguments)
    await connection.execute(_LEAVE)


@asynccontextmanager
async def at_queue(connection: PoolConnection) -> AsyncGenerator[PoolConnection]:
    """A transaction in which the names of the queue's tables are understood. Raises psycopg.Error."""
    async with connection.transaction():
        await connection.execute(_ENTER)
        yield connection


def _job(connector: SyncPsycopgConnector | PsycopgConnector, connection: object, queue: str, task: str) -> JobDeferrer:
    """The connector is never opened: it lends the words alone."""
    return configure_task(name=task, job_manager=JobManager(connector), queue=queue, connection=connection)


@contextmanager
def _plain_errors() -> Generator[None]:
    """What went wrong as the database said it, which callers know how to translate."""
    try:
        yield
    except ConnectorException as error:
        if isinstance(error.__cause__, psycopg.Error):
            raise error.__cause__ from None
        raise


class QueueConnector(BaseAsyncConnector):
    """What a worker speaks to the database through: the application's own pool, a transaction a statement.

    It never listens: a worker looks every few seconds, and needs no connection to itself.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def get_sync_connector(self) -> QueueConnector:
        return self

    async def open_async(self, pool: object = None) -> None: ...

    async def close_async(self) -> None: ...

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        async with self._cursor() as cursor:
            await cursor.execute(query, arguments)

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> dict[str, Any]:
        async with self._cursor() as cursor:
            found = await (await cursor.execute(query, arguments)).fetchone()
        assert found is not None
        return found

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        async with self._cursor() as cursor:
            return await (await cursor.execute(query, arguments)).fetchall()

    @asynccontextmanager
    async def _cursor(self) -> AsyncGenerator[psycopg.AsyncCursor[dict[str, Any]]]:
        async with (
            self._pool.connection() as connection,
            at_queue(connection),
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            yield cursor
