"""What the walls cost PostgreSQL: the same compiled statement with row-level security and without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg import RawCursor, sql
from rich.table import Table

from server.database.context import COMMIT, opening_commands
from server.database.embedded import SUPERUSER
from server.database.pool import Pool
from server.database.roles import APP
from server.database.wire import exchange
from tests.bench import processor_time
from tests.bench.dataset import Dataset
from tests.bench.operations import Operation
from tests.bench.prepared import Taken, take

_ROUNDS, _LEAST, _BLOCKS = 2, 6, 6
_WALLED = """\
SELECT relname FROM pg_class WHERE relnamespace = 'usher'::regnamespace AND relkind IN ('r', 'p') AND relrowsecurity"""


@dataclass(frozen=True, slots=True)
class WallCost:
    """Milliseconds of PostgreSQL's processor for one execution. `around` is opening, guard and COMMIT, needed either way."""

    query: str
    account: str
    walled: float
    bare: float
    around: float

    def data(self) -> dict[str, object]:
        return {**asdict(self), "ratio": self.ratio}

    @property
    def ratio(self) -> float:
        """Of the whole read."""
        return (self.walled + self.around) / (self.bare + self.around)


async def walls(data: Dataset, asked: list[Operation], pool: Pool) -> list[WallCost]:
    """The best of some rounds. Without walls is a transaction of the superuser's that is rolled back."""
    taken = [await take(one, pool) for one in asked]
    around = await _around(taken[0], pool)
    walled, bare = _best(data, taken, lambda _: None), _best(data, taken, _without_walls)
    return [
        WallCost(one.name, one.account.name, stands, falls, around)
        for one, stands, falls in zip(asked, walled, bare, strict=True)
    ]


def table_of_walls(costs: list[WallCost]) -> Table:
    table = Table(title="What the walls cost PostgreSQL, in ms of its processor")
    for name in ("query", "account", "statement, walls", "without", "opening and COMMIT", "x the whole read"):
        table.add_column(name, justify="left" if name in ("query", "account") else "right")
    for one in costs:
        figures = (f"{one.walled:.3f}", f"{one.bare:.3f}", f"{one.around:.3f}", f"{one.ratio:.2f}")
        table.add_row(one.query, one.account, *figures)
    return table


async def _around(taken: Taken, pool: Pool) -> float:
    connection = await pool.take()
    commands = (*opening_commands(taken.asked.context), COMMIT)
    found: list[float] = []
    for _ in range(_BLOCKS):
        begun = processor_time.of_process(connection.info.backend_pid)
        for _ in range(100):
            await exchange(connection, commands, prepare=True)
        found.append((processor_time.of_process(connection.info.backend_pid) - begun) * 10)
    await pool.putconn(connection)
    return min(found)


def _best(data: Dataset, taken: list[Taken], change: Callable[[psycopg.Connection], None]) -> list[float]:
    rounds: list[list[float]] = []
    for _ in range(_ROUNDS):
        found: list[float] = []
        with psycopg.connect(data.cluster.url(SUPERUSER)) as connection:
            change(connection)
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(APP)))
            connection.execute("SET LOCAL jit = off; SET LOCAL plan_cache_mode = force_generic_plan")
            for one in taken:
                _become(connection, one)
                found.append(_measured(connection, one))
            connection.rollback()
        rounds.append(found)
    return [min(each) for each in zip(*rounds, strict=True)]


def _become(connection: psycopg.Connection, taken: Taken) -> None:
    who = taken.asked.context
    settings = {"school_id": who.school_id, "person": who.person_id, "capacity": who.capacity}
    for name, value in settings.items():
        connection.execute(sql.SQL("SET LOCAL {} = {}").format(sql.Identifier("app", name), sql.Literal(str(value))))


def _measured(connection: psycopg.Connection, taken: Taken) -> float:
    cursor: RawCursor[Any] = RawCursor(connection)
    text, pid = taken.compiled.statement.encoded, connection.info.backend_pid
    found: list[float] = []
    for block in range(_BLOCKS + 1):
        begun = processor_time.of_process(pid)
        for _ in range(_LEAST):
            cursor.execute(text, taken.parameters, prepare=True).fetchall()
        if block > 0:  # the first plans
            found.append((processor_time.of_process(pid) - begun) * 1000 / _LEAST)
    return min(found)


def _without_walls(connection: psycopg.Connection) -> None:
    for (table,) in connection.execute(_WALLED).fetchall():
        connection.execute(sql.SQL("ALTER TABLE usher.{} DISABLE ROW LEVEL SECURITY").format(sql.Identifier(table)))
