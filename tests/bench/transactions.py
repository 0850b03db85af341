"""What a read's transaction costs besides its statement: the version check in its opening, and the audit row."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from statistics import median

from server.database.context import Isolation, opening
from server.database.messages import commit, send
from server.database.pool import Pool, PoolConnection
from tests.bench.prepared import Taken

_ROUNDS = 20
_EACH = 25


@dataclass(frozen=True, slots=True)
class Transactions:
    """Milliseconds of one transaction on one connection, alone: without the guard, with it, and with an audit row too.

    `audited` is None where nothing that the operation shows is logged.
    """

    operation: str
    account: str
    bare: float
    guarded: float
    audited: float | None

    def data(self) -> dict[str, object]:
        return {**asdict(self), "guarded_over_bare": self.guarded / self.bare}


async def transactions(taken: Taken, name: str, account: str, pool: Pool) -> Transactions:
    """Medians over rounds that take turns, of the same statement, context and COMMIT."""
    guarded = opening(taken.asked.context, Isolation.READ)
    bare, guard, _ = guarded.partition(b"SELECT 1 /")
    assert guard
    connection = await pool.getconn()
    try:
        logs = await _run(connection, taken, guarded)
        ways: dict[str, Callable[[], Awaitable[object]]] = {
            "bare": lambda: _run(connection, taken, bare),
            "guarded": lambda: _run(connection, taken, guarded),
        }
        if logs is not None:
            ways["audited"] = lambda: _run(connection, taken, guarded, audit=True)
        times: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(_ROUNDS):
            for way, work in ways.items():
                begun = time.perf_counter()
                for _ in range(_EACH):
                    await work()
                times[way].append((time.perf_counter() - begun) * 1000 / _EACH)
    finally:
        await pool.putconn(connection)
    audited = median(times["audited"]) if "audited" in times else None
    return Transactions(name, account, median(times["bare"]), median(times["guarded"]), audited)


async def _run(connection: PoolConnection, taken: Taken, message: bytes, *, audit: bool = False) -> bytes | None:
    """The log that the statement gives, which the audit row holds if asked to."""
    await send(connection, message)
    cursor = connection.reader
    await cursor.execute(taken.compiled.statement.encoded, taken.parameters, prepare=True)
    result = cursor.pgresult
    assert result is not None
    log = result.get_value(0, 1) if taken.compiled.statement.logs else None
    if audit and log is not None:
        digest, coordinates = taken.prepared.digest, taken.reading.coordinates
        await taken.asked.audit(connection, json.loads(log), digest, taken.operation, coordinates)
    await commit(connection)
    return log
