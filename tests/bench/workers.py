"""One, two and four workers of one server: how far reads grow with them, and what the machine is busy with meanwhile."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Final

from rich.table import Table

from tests.bench import processor_time
from tests.bench.accounts import accounts
from tests.bench.dataset import Dataset, Say
from tests.bench.http_client import Connection, operation_bytes
from tests.bench.load import Measured, Round, drive
from tests.bench.operations import Operation, operations
from tests.bench.usher_server import UsherServer, usher_server

WORKERS: Final = (1, 2, 4)
LANES, ROUNDS, SECONDS = 32, 3, 2.0
_WARMING: Final = 8
_SOME: Final = 0.02
"""CPU seconds in a round: a worker that has no connection takes less."""
_QUERIES: Final = ("q1-one-learner", "q2-class", "q3-many-learners")


@dataclass(frozen=True, slots=True)
class Worked:
    """`server_cores` and `database_cores` are how many cores each kept busy, of the machine's `cores`."""

    query: str
    workers: int
    rate: float
    p50_ms: float
    p99_ms: float
    server_cores: float
    database_cores: float
    cores: int

    def data(self) -> dict[str, object]:
        return asdict(self)


async def worked(data: Dataset, say: Say) -> list[Worked]:
    """As a teacher. All servers run at once, and take turns."""
    asked = {one.name: one for one in operations(data, accounts(data, ["teacher"]))}
    with ExitStack() as stack:
        servers = [stack.enter_context(usher_server(data.app_url, data.home, workers)) for workers in WORKERS]
        found: list[Worked] = []
        for query in _QUERIES:
            say(f"Reading {query} from {', '.join(map(str, WORKERS))} workers")
            found += await _measured(asked[query], data, servers)
    return found


async def _measured(operation: Operation, data: Dataset, servers: Sequence[UsherServer]) -> list[Worked]:
    request = operation_bytes(operation)
    measured = [Measured(operation.name) for _ in servers]
    for server in servers:
        await _warm(request, server, data)
    for _ in range(ROUNDS):
        for server, one in zip(servers, measured, strict=True):
            one.rounds.append(await _round(request, server, data))
    return [_worked(operation.name, len(server.pids), one) for server, one in zip(servers, measured, strict=True)]


async def _warm(request: bytes, server: UsherServer, data: Dataset) -> None:
    """Until every worker has had its part of a round: one that starts last isn't listening yet."""
    for _ in range(_WARMING):
        before = [processor_time.of_process(pid) for pid in server.pids]
        await _round(request, server, data)
        after = [processor_time.of_process(pid) for pid in server.pids]
        if all(late - early > _SOME for early, late in zip(before, after, strict=True)):
            return
    raise RuntimeError("the kernel gives one of the workers no connections")


async def _round(request: bytes, server: UsherServer, data: Dataset) -> Round:
    """On new connections, which the kernel shares out among the workers."""
    lanes = [Connection(server.port) for _ in range(LANES)]
    for lane in lanes:
        await lane.ask(request)

    def cpu() -> tuple[float, float]:
        served = sum(processor_time.of_process(pid) for pid in server.pids)
        return served, processor_time.of_database(data.cluster.files.data)

    done = await drive(lambda lane: lanes[lane].ask(request), LANES, SECONDS, cpu)
    for lane in lanes:
        lane.close()
    return done


def _worked(query: str, workers: int, one: Measured) -> Worked:
    busy = one.rate / 1000
    return Worked(
        query, workers, one.rate, one.percentile(0.5), one.percentile(0.99), one.server_cpu * busy,
        one.database_cpu * busy, os.cpu_count() or 1,
    )  # fmt: skip


def table_of_workers(found: Sequence[Worked]) -> Table:
    made = Table(title=f"Workers of one server, {LANES} connections, {found[0].cores} cores for all")
    made.add_column("query")
    for heading in ("workers", "req/s", "over one", "p50 ms", "p99 ms", "cores of\nworkers", "cores of\nPostgreSQL"):
        made.add_column(heading, justify="right")
    for query in dict.fromkeys(one.query for one in found):
        first, *more = (one for one in found if one.query == query)
        for one in (first, *more):
            made.add_row(
                query, str(one.workers), f"{one.rate:,.0f}", f"{one.rate / first.rate:.2f}", f"{one.p50_ms:.1f}",
                f"{one.p99_ms:.1f}", f"{one.server_cores:.1f}", f"{one.database_cores:.1f}",
                end_section=one is (first, *more)[-1],
            )  # fmt: skip
    return made
