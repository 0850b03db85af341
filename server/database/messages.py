"""Text messages on a connection of ours, without a cursor: opening, COMMIT, ROLLBACK."""

import contextlib

import psycopg
from psycopg import errors, generators
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

from server.database.context import Context, Isolation, guarded_commit_text, opening
from server.database.failures import DatabaseDefect, GuardFailed
from server.database.pool import PoolConnection

_COMMIT = b"COMMIT"


async def send(connection: PoolConnection, message: bytes) -> bytes:
    """Send one message of the simple protocol, which may hold several statements; the last one's command tag.

    One round trip. Raises psycopg.Error of the first statement that failed; those after it were skipped.
    """
    channel = connection.pgconn
    channel.send_query(message)
    results = await connection.wait(generators.execute(channel))
    last = results[-1]
    if last.status == ExecStatus.FATAL_ERROR:
        raise errors.error_from_result(last, "utf-8")
    return last.command_status or b""


async def begin(connection: PoolConnection, context: Context, isolation: Isolation) -> None:
    """Open a transaction for `context`. Raises GuardFailed when a version has changed."""
    try:
        await send(connection, opening(context, isolation))
    except psycopg.errors.DivisionByZero:
        raise GuardFailed from None


async def commit(connection: PoolConnection, message: bytes = _COMMIT) -> None:
    """COMMIT, confirmed. Raises DatabaseDefect when PostgreSQL rolled back instead: it says so only by the tag."""
    if await send(connection, message) != _COMMIT:
        raise DatabaseDefect("the transaction had failed before its COMMIT")


async def guarded_commit(connection: PoolConnection, context: Context) -> None:
    """The guard once more and COMMIT, in one round trip. Raises GuardFailed when a version has changed meanwhile."""
    try:
        await commit(connection, guarded_commit_text(context))
    except psycopg.errors.DivisionByZero:
        raise GuardFailed from None


async def abandon(connection: PoolConnection) -> None:
    """Leave no transaction open, whatever happened: ROLLBACK, or else close the connection."""
    with contextlib.suppress(psycopg.Error):
        if connection.pgconn.transaction_status == TransactionStatus.IDLE:
            return
        if connection.pgconn.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            await send(connection, b"ROLLBACK")
    if connection.pgconn.status != ConnStatus.OK or connection.pgconn.transaction_status != TransactionStatus.IDLE:
        connection.pgconn.finish()
