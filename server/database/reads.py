"""The hot road: one compiled statement, answered as bytes, in one guarded transaction of three round trips."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.database.context import Context, Isolation
from server.database.failures import DatabaseDefect
from server.database.messages import begin, commit
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable

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

    `audit` writes its row in the same transaction, when the statement returns a log. A transaction whose connection
    died, or that met a deadlock, is repeated once. Raises GuardFailed, Unavailable, LimitExceeded, DatabaseDefect.
    """

    async def work(connection: PoolConnection) -> ReadAnswer:
        await begin(connection, context, Isolation.READ)
        answer = await fetch(connection, statement, values, pool.prepare, audit)
        await commit(connection)
        return answer

    return await repeatable(pool, work)


async def fetch(
    connection: PoolConnection,
    statement: Statement,
    values: Sequence[object],
    prepare: bool,
    audit: AuditWriter | None,
) -> ReadAnswer:
    """Run the statement in the open transaction, and its audit. Raises psycopg.Error and DatabaseDefect."""
    if statement.logs and audit is None:
        raise DatabaseDefect("a statement with a log duty was asked without an audit writer")
    cursor = connection.reader
    await cursor.execute(statement.encoded, values, prepare=prepare)
    result = cursor.pgresult
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
