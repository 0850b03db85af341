"""One operation, taken apart as the server does it: its document, reading, statement, parameters and asker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graphql import OperationDefinitionNode

from server.database.pool import Pool
from server.policies.shipped import shipped_ceiling
from server.queries.cursors import Cursors
from server.queries.reading import Compiled, Reading, compile_reading, read_query
from server.queries.selection import Document
from server.resolvers.asked import Asked, Standings
from server.resolvers.documents import Documents, Prepared
from server.resolvers.schema import graphql_schema
from server.web.limits import check_limits
from tests.bench.http_client import REASON
from tests.bench.operations import Operation

CURSOR_KEY = bytes(32)


@dataclass(frozen=True, slots=True)
class Taken:
    """`parameters` fit the statement of `compiled`."""

    prepared: Prepared
    operation: OperationDefinitionNode
    reading: Reading
    asked: Asked
    compiled: Compiled
    parameters: list[Any]


def parsed(operation: Operation) -> tuple[Prepared, OperationDefinitionNode]:
    """Parsed and validated anew, without any cache."""
    prepared = Documents(graphql_schema(), check_limits).prepare(operation.document)
    return prepared, prepared.operation(None)


async def asker(operation: Operation, pool: Pool, reason: str | None = REASON) -> Asked:
    """Standing, rule book and planner, loaded anew."""
    standings = Standings(pool, shipped_ceiling())
    return await standings.of(operation.account.principal, datetime.now(UTC), None, reason)


def read(operation: Operation, prepared: Prepared, node: OperationDefinitionNode) -> Reading:
    document = Document(prepared.fragments, operation.variables)
    return read_query(graphql_schema(), document, node.selection_set)


async def take(operation: Operation, pool: Pool, reason: str | None = REASON) -> Taken:
    prepared, node = parsed(operation)
    asked = await asker(operation, pool, reason)
    reading = read(operation, prepared, node)
    compiled = compile_reading(reading, asked.planner, asked.profile)
    parameters = compiled.parameters(asked.run(operation.variables, Cursors(CURSOR_KEY)))
    return Taken(prepared, node, reading, asked, compiled, parameters)
