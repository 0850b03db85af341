"""Work that may be done twice: a transaction is repeated once when its connection dies, a deadlock ends it, or what was
prepared is gone."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg

from server.database.failures import ConnectionLost, is_conflict, is_estranged, is_lost, translate
from server.database.messages import abandon
from server.database.pool import Pool, PoolConnection
from server.errors import Unavailable

T = TypeVar("T")


async def repeatable(pool: Pool, work: Callable[[PoolConnection], Awaitable[T]]) -> T:
    """What `work` returns from a connection of the pool; a transaction that it leaves open is rolled back.

    Raises Unavailable, LimitExceeded and DatabaseDefect for the database's failures, and what `work` raises itself.
    """
    try:
        return await _attempt(pool, work)
    except ConnectionLost as lost:
        await pool.renew(lost.generation)
    except psycopg.Error as error:
        if not (is_conflict(error) or is_estranged(error)):
            raise translate(error) from None
    try:
        return await _attempt(pool, work)
    except ConnectionLost:
        raise Unavailable("The database can't be reached. Try again later.") from None
    except psycopg.Error as error:
        raise translate(error) from None


async def _attempt(pool: Pool, work: Callable[[PoolConnection], Awaitable[T]]) -> T:
    connection = await pool.take()
    try:
        return await work(connection)
    except psycopg.Error as error:
        await abandon(connection)
        if is_lost(error, connection):
            raise ConnectionLost(connection.generation) from None
        raise
    finally:
        await abandon(connection)
        await pool.putconn(connection)
