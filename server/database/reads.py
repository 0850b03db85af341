"""The hot road: one compiled statement, answered as bytes, in one guarded transaction of one round trip."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.pq.abc import PGresult

from server.database.context import GUARD, Context, Isolation, guard_values, settings
from server.database.failures import DatabaseDefect, GuardFailed
from server.database.messages import commit
from server.database.pipeline import Message, exchange, texts
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable

_COMMIT = Message(b"COMMIT")
LogMap = Mapping[str, Sequence[str]]
AuditWriter = Callable[[PoolConnection, LogMap], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Statement:
    """`text` has parameters $1, $2, ... with their casts, and returns one row: the answer as json and, if `logs`,
    json of `{element: [learner ids]}` that were visible, or null."""

    text: str
    logs: bool = False
    encoded: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "encoded", self.text.encode())


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """`json` as PostgreSQL wrote it, UTF-8; `log` as given to the audit writer, or None."""

    json: bytes
    log: LogMap | None = None


async def read(
    pool: Pool, statement: Statement, values: Sequence[object], context: Context, audit: AuditWriter | None = None
) -> ReadAnswer:
    """The statement's answer, after its COMMIT was confirmed.

    One round trip; with a log duty three, since `audit` writes its row in the same transaction when the statement
    returns a log. A transaction whose connection died, or that met a deadlock, is repeated once. Raises GuardFailed,
    Unavailable, LimitExceeded, DatabaseDefect.
    """
    _check_duty(statement, audit)

    async def work(connection: PoolConnection) -> ReadAnswer:
        result = await _ask(connection, statement, values, context, pool.prepare)
        answer = await _told(connection, statement, result, audit)
        if statement.logs:
            await commit(connection)
        return answer

    return await repeatable(pool, work)


async def _ask(
    connection: PoolConnection, statement: Statement, values: Sequence[object], context: Context, kept: bool
) -> PGresult:
    """Open the transaction, guard it, run the statement and, if that is all, COMMIT."""
    messages = [Message(text) for text in settings(context, Isolation.READ)]
    guard = len(messages)
    messages.append(Message(GUARD, texts(guard_values(context), connection), kept))
    messages.append(Message(statement.encoded, texts(values, connection), kept))
    if not statement.logs:
        messages.append(_COMMIT)
    answers = await exchange(connection, connection.names, messages)
    if answers.error is not None:
        if answers.failed == guard and isinstance(answers.error, psycopg.errors.DivisionByZero):
            raise GuardFailed
        raise answers.error
    if not statement.logs and answers.results[-1].command_status != _COMMIT.text:
        raise DatabaseDefect("the transaction had failed before its COMMIT")
    return answers.results[guard + 1]


async def fetch(
    connection: PoolConnection,
    statement: Statement,
    values: Sequence[object],
    prepare: bool,
    audit: AuditWriter | None,
) -> ReadAnswer:
    """Run the statement in the open transaction, and its audit. Raises psycopg.Error and DatabaseDefect."""
    _check_duty(statement, audit)
    cursor = connection.reader
    await cursor.execute(statement.encoded, values, prepare=prepare)
    return await _told(connection, statement, cursor.pgresult, audit)


def _check_duty(statement: Statement, audit: AuditWriter | None) -> None:
    if statement.logs and audit is None:
        raise DatabaseDefect("a statement with a log duty was asked without an audit writer")


async def _told(
    connection: PoolConnection, statement: Statement, result: PGresult | None, audit: AuditWriter | None
) -> ReadAnswer:
    """The one row's answer, once its log is written."""
    if result is None or result.ntuples != 1:
        raise DatabaseDefect("a compiled statement didn't return one row")
    answer = result.get_value(0, 0)
    if answer is None:
        raise DatabaseDefect("a compiled statement returned no answer")
    written = result.get_value(0, 1) if statement.logs else None
    if written is None or audit is None:
        return ReadAnswer(answer)
    log: dict[str, Any] = json.loads(written)
    await audit(connection, log)
    return ReadAnswer(answer, log)
