"""What the server is sent for one warm operation, counted on the wire."""

from __future__ import annotations

from dataclasses import dataclass

from server.database.pool import Pool
from server.resolvers.execution import Execution, OperationRequest
from tests.bench.http_client import REASON
from tests.bench.operations import Operation
from tests.bench.prepared import CURSOR_KEY
from tests.wire_tap import WireTap


@dataclass(frozen=True, slots=True)
class Sent:
    """`statements` are without transaction control and the guard."""

    statements: int
    round_trips: int


async def count(app_url: str, operations: list[Operation]) -> list[Sent]:
    """For each operation: asked twice, counted the second time."""
    found: list[Sent] = []
    with WireTap(app_url) as tap:
        async with Pool(tap.url, min_size=1, max_size=1) as pool:
            execution = Execution(pool, CURSOR_KEY)
            for operation in operations:
                principal = operation.account.principal
                request = OperationRequest(operation.document, None, operation.variables, principal, None, REASON)
                await execution.run(request)
                tap.clear()
                await execution.run(request)
                found.append(Sent(len(tap.statements), tap.round_trips))
    return found
