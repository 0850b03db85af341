"""All connections of the pool are held: whoever asks meanwhile is told to come back, at once, and is served afterwards.

What holds them is a lock on the marks, as a migration on a live database would take one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Final

import psycopg

from tests.drills.product import drill_folder, product
from tests.drills.report import Report, Say
from tests.drills.schools import caller, school
from tests.drills.traffic import Caller, counted, percentile, undocumented

CALLERS: Final = 64
SECOND: Final = 1.0
_POOL: Final = 16
_HELD: Final = 4.0
MARKS: Final = "{ learners(first: 20) { nodes { id marks(first: 1) { nodes { score } } } } }"


def drill(seed: int, say: Say) -> Report:
    """`usher run` with its own settings, 64 clients at once."""
    del seed
    report = Report("pool")
    with drill_folder("pool") as folder, product(folder, 1, say) as running:
        world = school(running.app_url, "pool")
        callers = [caller(running.url, folder, world, "teacher") for _ in range(CALLERS)]
        say(f"{CALLERS} clients ask at once while the marks are locked")
        refused = measure(report, running.owner_url, callers, _POOL)
        report.told("half of the refusals within", f"{percentile(refused, 0.5):.2f} s")
        report.at_most("slowest refusal", max(refused, default=0.0), SECOND)
    return report


def measure(report: Report, owner_url: str, callers: Sequence[Caller], connections: int) -> list[float]:
    """All ask while the marks are locked, for 4 s at most, and again afterwards; the seconds that refusals took."""
    callers[0].ask(MARKS)  # who asks and what is known: the lock meets the statement alone
    for one in callers:
        one.log.clear()
    with locked(owner_url):
        threads = [threading.Thread(target=one.ask, args=(MARKS,), daemon=True) for one in callers]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + _HELD
        while time.monotonic() < deadline and sum(bool(one.log) for one in callers) < len(callers) - connections:
            time.sleep(0.01)
    for thread in threads:
        thread.join(60)
    told = counted(callers)
    refused = [
        told.seconds
        for one in callers
        for told in one.log
        if told.status == 503 and told.code == "UNAVAILABLE" and told.again
    ]
    report.told("answers while the pool was exhausted", ", ".join(f"{kind}: {count}" for kind, count in told.items()))
    report.asks(
        "refused with 503 and Retry-After", len(refused), "at least half", holds=len(refused) >= len(callers) // 2
    )
    report.none_of("undocumented answers", undocumented(callers))
    for one in callers:
        one.log.clear()
        one.ask(MARKS)
    served = sum(told.served for one in callers for told in one.log)
    report.asks("served afterwards", served, f"{len(callers)}", holds=served == len(callers))
    for one in callers:
        one.http.close()
    return refused


@contextmanager
def locked(owner_url: str) -> Generator[None]:
    """Nobody reads or writes marks in the block."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("LOCK TABLE usher.mark IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()
