"""The hot road: one compiled statement, answered as bytes, in one guarded transaction of one round trip.

With a log duty there is a second one, of the audit row and COMMIT.
"""

import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.pq.abc import PGresult

from server.database.command import Command, name_of
from server.database.context import COMMIT, GUARD_AT, Context, opening_commands
from server.database.encoding import encoded
from server.database.failures import DatabaseDefect, GuardFailed, translate
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.database.spans import Noted, span
from server.database.wire import CommandFailed, exchange

LogMap = Mapping[str, Sequence[str]]
AuditWriter = Callable[[PoolConnection, LogMap], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Statement:
    """`text` has parameters $1, $2, ... with their casts, and returns one row: the answer as json and, if `logs`,
    json of `{element: [learner ids]}` that were visible, or null."""

    text: str
    logs: bool = False
    encoded: bytes = field(init=False, repr=False, compare=False)
    name: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "encoded", self.text.encode())
        object.__setattr__(self, "name", name_of(self.encoded))

    def command(self, values: Sequence[object]) -> Command:
        """Raises psycopg.DataError."""
        return Command(self.encoded, encoded(values), self.name)


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """`json` as PostgreSQL wrote it, UTF-8; `log` as given to the audit writer, or None."""

    json: bytes
    log: LogMap | None = None


async def read(
    pool: Pool, statement: Statement, values: Sequence[object], context: Context, audit: AuditWriter | None = None
) -> ReadAnswer:
    """The statement's answer, after its COMMIT was confirmed.

    `audit` writes its row in the same transaction, when the statement returns a log. A transaction whose connection
    died, or that met a deadlock, is repeated once. Raises GuardFailed, Unavailable, LimitExceeded, DatabaseDefect.
    """
    if statement.logs and audit is None:
        raise _unaudited()
    try:
        opened = (*opening_commands(context), statement.command(values))
    except psycopg.Error as error:
        raise translate(error) from None

    async def work(connection: PoolConnection) -> ReadAnswer:
        if audit is None or not statement.logs:
            with span("statement") as noted:
                *_, result, committed = await _sent(connection, (*opened, COMMIT), pool.prepare, GUARD_AT)
                _confirm(committed)
                return _noted(noted, ReadAnswer(_answer(result)))
        with span("statement") as noted:
            result = (await _sent(connection, opened, pool.prepare, GUARD_AT))[-1]
            with connection.holding() as held:
                answer = _noted(noted, await _told(connection, result, audit))
        with span("commit") as noted:
            noted.note("db.system.name", "postgresql")
            _confirm((await _sent(connection, (*held, COMMIT), pool.prepare))[-1])
        return answer

    begun = time.perf_counter()
    try:
        return await repeatable(pool, work)
    except GuardFailed:
        pool.watch.guard_failed()
        raise
    finally:
        pool.watch.transaction("read", time.perf_counter() - begun)


def _noted(noted: Noted, answer: ReadAnswer, road: str = "read") -> ReadAnswer:
    noted.note("db.system.name", "postgresql")
    noted.note("usher.road", road)
    noted.note("usher.answer.bytes", len(answer.json))
    return answer


async def fetch(
    connection: PoolConnection,
    statement: Statement,
    values: Sequence[object],
    prepare: bool,
    audit: AuditWriter | None,
) -> ReadAnswer:
    """Run the statement in the open transaction, and its audit. Raises psycopg.Error and DatabaseDefect."""
    if statement.logs and audit is None:
        raise _unaudited()
    with span("statement") as noted:
        try:
            (result,) = await exchange(connection, (statement.command(values),), prepare=prepare)
        except CommandFailed as failed:
            raise failed.error from None
        if audit is None or not statement.logs:
            return _noted(noted, ReadAnswer(_answer(result)), "write")
        return _noted(noted, await _told(connection, result, audit), "write")


async def _sent(
    connection: PoolConnection, commands: Sequence[Command], prepare: bool, guard_at: int | None = None
) -> list[PGresult]:
    """Raises GuardFailed, where the guard at that place found other versions, and psycopg.Error."""
    try:
        return await exchange(connection, commands, prepare=prepare)
    except CommandFailed as failed:
        if failed.at == guard_at and isinstance(failed.error, psycopg.errors.DivisionByZero):
            raise GuardFailed from None
        raise failed.error from None


async def _told(connection: PoolConnection, result: PGresult, audit: AuditWriter) -> ReadAnswer:
    """The answer of a statement with a log duty, and its audit row, unless nothing was visible."""
    answer = _answer(result)
    written = result.get_value(0, 1)
    if written is None:
        return ReadAnswer(answer)
    log: dict[str, Any] = json.loads(written)
    await audit(connection, log)
    return ReadAnswer(answer, log)


def _answer(result: PGresult) -> bytes:
    if result.ntuples != 1:
        raise DatabaseDefect("a compiled statement didn't return one row")
    answer = result.get_value(0, 0)
    if answer is None:
        raise DatabaseDefect("a compiled statement returned no answer")
    return answer


def _confirm(committed: PGresult) -> None:
    """PostgreSQL says by the tag alone that it rolled back instead."""
    if committed.command_status != b"COMMIT":
        raise DatabaseDefect("the transaction had failed before its COMMIT")


def _unaudited() -> DatabaseDefect:
    return DatabaseDefect("a statement with a log duty was asked without an audit writer")
