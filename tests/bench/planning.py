"""What an operation costs the first time, step by step, and what is left of it the second time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median

from server.database.pool import Pool
from server.policies.planner import Planner
from server.policies.shipped import shipped_ceiling, starting_book
from server.queries.reading import compile_reading
from tests.bench.operations import Operation
from tests.bench.prepared import asker, parsed, read

_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Planning:
    """Milliseconds. `plan_cold` asks Casbin with a new planner, `plan_warm` one that knows the profile; `compile_cold`
    is the statement's text from reading and plans. `cold` is all of it."""

    operation: str
    account: str
    parse_and_validate: float
    read: float
    plan_cold: float
    plan_warm: float
    compile_cold: float

    @property
    def cold(self) -> float:
        return self.parse_and_validate + self.read + self.plan_cold + self.compile_cold

    def data(self) -> dict[str, object]:
        return {**asdict(self), "cold": self.cold}


async def planning(operation: Operation, pool: Pool) -> Planning:
    """Medians over five repeats. The book is the one that new schools start with."""
    prepared, node = parsed(operation)
    asked = await asker(operation, pool)
    reading = read(operation, prepared, node)
    coordinates, warm = reading.coordinates, asked.planner
    new = iter([Planner(starting_book(), shipped_ceiling()) for _ in range(_REPEATS)])
    warm.permit(asked.profile, coordinates)
    return Planning(
        operation.name,
        operation.account.name,
        parse_and_validate=_timed(lambda: parsed(operation)),
        read=_timed(lambda: read(operation, prepared, node)),
        plan_cold=_timed(lambda: next(new).permit(asked.profile, coordinates)),
        plan_warm=_timed(lambda: warm.permit(asked.profile, coordinates)),
        compile_cold=_timed(lambda: compile_reading(reading, warm, asked.profile)),
    )


def _timed(work: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return median(times)
