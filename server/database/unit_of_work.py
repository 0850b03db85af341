"""Writes: one transaction on one connection, rolled back unless committed."""

import time
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

import psycopg

from server.database.context import Context, Isolation
from server.database.failures import ConnectionLost, GuardFailed, is_lost, translate
from server.database.messages import abandon, begin, commit, guarded_commit
from server.database.pool import Pool, PoolConnection
from server.database.reads import AuditWriter, ReadAnswer, Statement, fetch
from server.database.spans import span
from server.errors import Unavailable

Hook = Callable[[PoolConnection], Awaitable[None]]

_LOST = (
    "The database connection was lost: whether the change was made is not known. "
    "Repeat it with the same idempotency key."
)


class UnitOfWork:
    """`async with UnitOfWork(pool, context) as work: ...; await work.commit()`.

    Entering raises GuardFailed or Unavailable. Inside, errors of psycopg leave the block translated: DatabaseDefect
    (with `constraint`), LimitExceeded, Unavailable. A write is never repeated here: its idempotency key makes that the
    caller's safe choice.
    """

    def __init__(
        self,
        pool: Pool,
        context: Context,
        audit: AuditWriter | None = None,
        *,
        isolation: Isolation = Isolation.WRITE,
    ) -> None:
        """`audit` writes the audit row of a read-back that returns a log."""
        self.context = context
        self._pool = pool
        self._audit = audit
        self._isolation = isolation
        self._hooks: list[Hook] = []
        self._connection: PoolConnection | None = None
        self._open = False
        self._begun = 0.0

    @property
    def connection(self) -> PoolConnection:
        """The one connection of this transaction. Raises RuntimeError before it begins and after it ended."""
        if self._connection is None or not self._open:
            raise RuntimeError("this unit of work isn't open")
        return self._connection

    def before_commit(self, hook: Hook) -> None:
        """Run `hook` inside `commit`, after those given earlier: audit rows and outbox events of what was done."""
        self._hooks.append(hook)

    async def read(self, statement: Statement, values: Sequence[object]) -> ReadAnswer:
        """The compiled read-back, which sees this transaction's writes. Its bytes may leave only after `commit`."""
        return await fetch(self.connection, statement, values, self._pool.prepare, self._audit)

    async def commit(self, recheck: bool = True) -> None:
        """Run the hooks, guard the versions again, COMMIT, and have it confirmed. Nothing can be done afterwards.

        `recheck=False` is for commands that raise the versions themselves.
        """
        connection = self.connection
        for hook in self._hooks:
            await hook(connection)
        with span("commit") as noted:
            noted.note("db.system.name", "postgresql")
            if recheck:
                await guarded_commit(connection, self.context)
            else:
                await commit(connection)
        self._open = False

    async def __aenter__(self) -> Self:
        if self._connection is not None:
            raise RuntimeError("a unit of work is used once")
        self._begun = time.perf_counter()
        try:
            try:
                await self._begin()
            except ConnectionLost as lost:
                await self._pool.renew(lost.generation)
                await self._begin_again()
        except BaseException as error:
            self._tell(error)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection = self._connection
        if connection is None:
            return
        self._open = False
        try:
            await abandon(connection)
        finally:
            await self._pool.putconn(connection)
            self._tell(error)
        if isinstance(error, psycopg.Error):
            raise (Unavailable(_LOST) if is_lost(error, connection) else translate(error)) from None

    def _tell(self, error: BaseException | None) -> None:
        """Of its end, whoever measures."""
        road = "inquiry" if self._isolation is Isolation.INQUIRY else "write"
        self._pool.watch.transaction(road, time.perf_counter() - self._begun)
        if isinstance(error, GuardFailed):
            self._pool.watch.guard_failed()

    async def _begin(self) -> None:
        """Take a connection and open the transaction; on failure the connection has gone back."""
        connection = await self._pool.take()
        try:
            await begin(connection, self.context, self._isolation)
        except BaseException as error:
            await abandon(connection)
            await self._pool.putconn(connection)
            if isinstance(error, psycopg.Error):
                lost = is_lost(error, connection)
                raise (ConnectionLost(connection.generation) if lost else translate(error)) from None
            raise
        self._connection = connection
        self._open = True

    async def _begin_again(self) -> None:
        try:
            await self._begin()
        except ConnectionLost:
            raise Unavailable("The database can't be reached. Try again later.") from None
