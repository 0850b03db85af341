"""The roads that are compared. Each docstring says exactly what work it does for one request."""

from __future__ import annotations

import json
import time
from pathlib import Path

from server.database.context import Isolation
from server.database.messages import begin, commit
from server.database.pool import Pool
from server.database.reads import Statement, read
from server.resolvers.execution import Execution, OperationRequest
from server.resolvers.finishing import finish
from server.resolvers.schema import graphql_schema
from tests.bench import processor_time
from tests.bench.http_client import REASON, Connection, operation_bytes
from tests.bench.operations import Operation
from tests.bench.prepared import Taken
from tests.bench.usher_server import UsherServer

COMPILED, IN_PROCESS, EXECUTOR, RAW = "compiled", "in process", "executor", "raw"


class Compiled:
    """Over HTTP to the real server: token, limits, caches of document, plan and statement; one transaction of context
    and guard, the statement, the audit row where a duty asks for it, COMMIT; the bytes go out."""

    name = COMPILED

    def __init__(self, operation: Operation, server: UsherServer, connections: list[Connection], data: Path) -> None:
        self._request = operation_bytes(operation)
        self._connections = connections
        self._server = server
        self._data = data

    async def ask(self, lane: int) -> bytes:
        return await self._connections[lane].ask(self._request)

    def cpu(self) -> tuple[float, float]:
        return processor_time.of_process(self._server.pid), processor_time.of_database(self._data)


class _Here:
    """A road in this process."""

    def __init__(self, pool: Pool, data: Path) -> None:
        self.pool = pool
        self._data = data

    def cpu(self) -> tuple[float, float]:
        return time.process_time(), processor_time.of_database(self._data)


class InProcess(_Here):
    """As Compiled, without HTTP and token."""

    name = IN_PROCESS

    def __init__(self, operation: Operation, execution: Execution, pool: Pool, data: Path) -> None:
        super().__init__(pool, data)
        self._execution = execution
        principal = operation.account.principal
        self._request = OperationRequest(operation.document, None, operation.variables, principal, None, REASON)

    async def ask(self, lane: int) -> bytes:  # noqa: ARG002
        return (await self._execution.run(self._request)).body


class Executor(_Here):
    """The best that an executor could do: the same guarded transaction and statement fetches every value, policy
    applied; it is read as dictionaries, graphql-core completes each field with plain dictionary resolvers, and the
    result is printed. No HTTP, no token, no audit row; the document is parsed and validated already."""

    name = EXECUTOR

    def __init__(self, operation: Operation, taken: Taken, pool: Pool, data: Path) -> None:
        super().__init__(pool, data)
        self._schema = graphql_schema()
        self._taken = taken
        self._variables = operation.variables
        self._statement = _unlogged(taken)

    async def ask(self, lane: int) -> bytes:  # noqa: ARG002
        taken = self._taken
        answer = await read(self.pool, self._statement, taken.parameters, taken.asked.context)
        rows = json.loads(answer.json)
        return await finish(self._schema, taken.prepared.node, None, self._variables, rows)


class Raw(_Here):
    """The same statement with the same parameters, context, guard and COMMIT through psycopg, and nothing else: no
    GraphQL, no HTTP, no audit row."""

    name = RAW

    def __init__(self, taken: Taken, pool: Pool, data: Path) -> None:
        super().__init__(pool, data)
        self._taken = taken

    async def ask(self, lane: int) -> bytes:  # noqa: ARG002
        taken = self._taken
        connection = await self.pool.getconn()
        try:
            await begin(connection, taken.asked.context, Isolation.READ)
            cursor = connection.reader
            await cursor.execute(taken.compiled.statement.encoded, taken.parameters, prepare=True)
            result = cursor.pgresult
            answer = result.get_value(0, 0) if result is not None else None
            await commit(connection)
        finally:
            await self.pool.putconn(connection)
        assert answer is not None
        return answer


def _unlogged(taken: Taken) -> Statement:
    return Statement(taken.compiled.statement.text)
