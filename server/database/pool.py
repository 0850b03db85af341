"""The application's connections: one pool a process, and the role it may serve with."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
import psycopg_pool
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from server.database.command import Command, kept
from server.database.prepared import MOST, Prepared
from server.database.watching import UNWATCHED, Watch
from server.errors import Unavailable
from server.settings import Settings

# Longer outages are not waited out in ever longer steps: the next request tries anew.
_RECONNECT_SECONDS = 10.0
# PostgreSQL ends most statements of the application's after 10 s, and the edge gives up what it was asked after 30:
# a server that has said nothing for this long is not there, and whoever asked can still be told so.
_PATIENCE = 25.0
_INTERVAL = 0.1
# A peer that is gone without a word is given up within half a minute, also where nothing is under way; by default the
# kernel takes two hours to ask after it, and libpq two minutes to give up a connection that isn't answered.
_LINE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 15_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


class PoolConnection(AsyncConnection[tuple[Any, ...]]):
    """A pooled connection with one cursor for statements whose parameters are $1, $2, ..., and what it has prepared
    on the wire."""

    generation: int = 0
    reader: AsyncRawCursor[tuple[Any, ...]]
    prepared: Prepared
    patience: float | None = None
    """Seconds after which a server that says nothing is given up, with the connection; None: never."""
    _held: list[Command] | None = None

    async def wait(self, gen: PQGen[RV], interval: float = _INTERVAL, timeout: float | None = None) -> RV:  # noqa: ASYNC109 - psycopg's own
        """Raises psycopg.OperationalError, with the connection closed, when its patience ends."""
        try:
            return await super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()  # nobody knows what it still answers
            raise

    async def write(self, text: LiteralString, values: Sequence[object]) -> None:
        """Execute the statement now, or inside `holding` with what is sent next. Raises psycopg.Error."""
        if self._held is None:
            await self.reader.execute(text, values)
        else:
            self._held.append(kept(text, values))

    @contextmanager
    def holding(self) -> Generator[list[Command]]:
        """What `write` is given meanwhile is gathered, for the round trip that commits."""
        self._held = held = []
        try:
            yield held
        finally:
            self._held = None


class Pool(psycopg_pool.AsyncConnectionPool[PoolConnection]):
    """psycopg's pool without `check=`: a dead connection is found by its first user, who calls `renew`."""

    def __init__(
        self,
        url: str,
        *,
        min_size: int = 4,
        max_size: int = 16,
        timeout: float = 5.0,
        prepare: bool = True,
        patience: float | None = None,
    ) -> None:
        """`timeout` for a free connection and `patience` for an answer in seconds; `prepare=False` behind a PgBouncer
        older than 1.21."""
        self._patience = patience
        self.prepare = prepare
        self.generation = 0
        self.refused = 0
        self.watch: Watch = UNWATCHED
        super().__init__(
            url,
            connection_class=PoolConnection,
            kwargs={
                "autocommit": True,
                "prepare_threshold": 5 if prepare else None,
                "client_encoding": "utf8",
                "application_name": "usher",
                "row_factory": tuple_row,
                **_LINE,
            },
            min_size=min(min_size, max_size),
            max_size=max_size,
            timeout=timeout,
            max_waiting=64 * max_size,
            reconnect_timeout=_RECONNECT_SECONDS,
            configure=self._fit_out,
            open=False,
        )

    async def take(self) -> PoolConnection:
        """A free connection; give it back with `putconn`. Raises Unavailable when none gets free in time."""
        try:
            return await self.getconn()
        except (psycopg_pool.PoolTimeout, psycopg_pool.TooManyRequests, psycopg_pool.PoolClosed):
            self.refused += 1
            raise Unavailable("All database connections are busy. Try again.") from None

    async def renew(self, generation: int) -> None:
        """Replace all connections, once for all callers who lost one of the same `generation`."""
        if generation == self.generation:
            self.generation += 1
            await self.drain()

    async def _fit_out(self, connection: PoolConnection) -> None:
        connection.generation = self.generation
        connection.patience = self._patience
        connection.prepared_max = MOST
        connection.reader = AsyncRawCursor(connection)
        connection.prepared = Prepared()


def make_pool(settings: Settings, url: str) -> Pool:
    """A closed pool: `async with` it, or `await pool.open(wait=True)`."""
    return Pool(
        url,
        min_size=settings.usher_pool_min,
        max_size=settings.usher_pool_max,
        timeout=settings.usher_pool_timeout,
        prepare=settings.usher_prepare_statements,
        patience=_PATIENCE,
    )


def owner_connection(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A plain connection for migrations and imports, in a transaction of its own. Raises Unavailable."""
    try:
        return psycopg.connect(url, client_encoding="utf8", application_name="usher owner")
    except psycopg.OperationalError:
        raise Unavailable("The database doesn't answer at USHER_OWNER_DATABASE_URL.") from None
