"""What it costs a read to prove that its rule book and its profile are still in force."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from statistics import median

from server.database.context import Isolation, opening
from server.database.messages import commit, send
from server.database.pool import Pool
from tests.bench.prepared import Taken

_ROUNDS = 20
_EACH = 50


@dataclass(frozen=True, slots=True)
class VersionCheck:
    """Milliseconds of one transaction on one connection, alone: with the guard in its opening, and without."""

    operation: str
    guarded: float
    bare: float

    def data(self) -> dict[str, object]:
        return {**asdict(self), "times": self.guarded / self.bare}


async def version_check(name: str, taken: Taken, pool: Pool) -> VersionCheck:
    """Medians over rounds that take turns: the same statement, context and COMMIT."""
    guarded = opening(taken.asked.context, Isolation.READ)
    bare, guard, _ = guarded.partition(b"SELECT 1 /")
    assert guard
    times: dict[bytes, list[float]] = {guarded: [], bare: []}
    connection = await pool.getconn()
    try:
        for _ in range(_ROUNDS):
            for message, found in times.items():
                begun = time.perf_counter()
                for _ in range(_EACH):
                    await send(connection, message)
                    await connection.reader.execute(taken.compiled.statement.encoded, taken.parameters, prepare=True)
                    await commit(connection)
                found.append((time.perf_counter() - begun) * 1000 / _EACH)
    finally:
        await pool.putconn(connection)
    return VersionCheck(name, median(times[guarded]), median(times[bare]))
