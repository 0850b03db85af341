"""What a read's transaction costs besides its statement: the version check in its opening, and the audit row."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any
from uuid import UUID

import psycopg

from server.database.context import Isolation, opening
from server.database.messages import commit, send
from server.database.pool import Pool, PoolConnection
from tests.bench.administration import RULES, Administration, book_of
from tests.bench.dataset import Dataset
from tests.bench.prepared import Taken
from tests.publishing import publish_version

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
    return await _measured(taken, name, account, pool, guarded, bare)


async def by_rules(data: Dataset, taken: Taken, pool: Pool) -> list[Administration]:
    """What the version check and the audit row add to a read while books of each size are in force, in milliseconds.

    The statement stays the same, so that nothing but the book in force differs; the book of before is put back.
    """
    check, audit = dict[int, float](), dict[int, float]()
    school_id = taken.asked.context.school_id
    with psycopg.connect(data.owner_url) as owner:
        before = taken.asked.planner.book.content()
        try:
            for rules in RULES:
                version = _published(owner, school_id, book_of(rules).content())
                guarded = opening(replace(taken.asked.context, policy_version=version), Isolation.READ)
                bare = guarded.partition(b"SELECT 1 /")[0]
                one = await _measured(taken, "", "", pool, guarded, bare)
                assert one.audited is not None
                check[rules], audit[rules] = await _opened(pool, guarded, bare), one.audited - one.guarded
        finally:
            _published(owner, school_id, before)
    return [Administration("version check of a read", check), Administration("audit row of a read", audit)]


async def _opened(pool: Pool, guarded: bytes, bare: bytes) -> float:
    """What the guard adds to a transaction without any statement, in which it is not lost among other costs."""
    connection = await pool.getconn()
    times: dict[bytes, list[float]] = {guarded: [], bare: []}
    try:
        for _ in range(4 * _ROUNDS):
            for message, found in times.items():
                begun = time.perf_counter()
                for _ in range(_EACH):
                    await send(connection, message)
                    await commit(connection)
                found.append((time.perf_counter() - begun) * 1000 / _EACH)
    finally:
        await pool.putconn(connection)
    return median(times[guarded]) - median(times[bare])


def _published(owner: psycopg.Connection[Any], school_id: UUID, content: str) -> int:
    version = publish_version(owner, school_id, content)
    owner.commit()
    return version


async def _measured(taken: Taken, name: str, account: str, pool: Pool, guarded: bytes, bare: bytes) -> Transactions:
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
