"""PostgreSQL killed and restarted while marks are read and written: coded refusals, quick recovery, nothing lost."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import psycopg

from tests.drills.kills import findings, saved
from tests.drills.product import Product, drill_folder, kill, product
from tests.drills.report import Report, Say
from tests.drills.schools import caller, school, writers
from tests.drills.traffic import Caller, Reader, Writer, counted, longest_gap, undocumented, working

TIMES: Final = 3
RECOVERY: Final = 5.0
_READERS: Final = 4
_QUIET: Final = 1.5
_PATIENCE: Final = 60.0
_LOOK: Final = 0.02

Strike = Callable[[], None]


def drill(seed: int, say: Say) -> Report:
    """`usher run`, whose supervisor starts PostgreSQL again; each kind of death three times."""
    report = Report("postgres")
    with drill_folder("postgres") as folder, product(folder, 2, say) as running:
        worlds = [school(running.app_url, f"postgres {number}") for number in range(2)]
        at_work = [one for world in worlds for one in writers(running.url, folder, world, "p")]
        readers = [Reader(caller(running.url, folder, worlds[0], "teacher")) for _ in range(_READERS)]
        order = [death for death in deaths(running).items() for _ in range(TIMES)]
        random.Random(seed).shuffle(order)
        measure(report, running.app_url, running.owner_url, at_work, readers, order, _QUIET, say)
    return report


def measure(
    report: Report,
    app_url: str,
    owner_url: str,
    at_work: Sequence[Writer],
    readers: Sequence[Reader],
    order: Sequence[tuple[str, Strike]],
    quiet: float,
    say: Say,
) -> None:
    """Strike PostgreSQL in that order, `quiet` seconds after everybody was served again, and compare the rows."""
    callers = [one.caller for one in (*at_work, *readers)]
    recoveries: list[float] = []
    begun = time.monotonic()
    with working([*at_work, *readers]) as check:
        recovered(callers, begun, check)
        for how, strike in order:
            time.sleep(quiet)
            check()
            accepts = struck_down(app_url, strike)
            recoveries.append(recovered(callers, accepts, check))
            say(f"{how}: everybody is served {recoveries[-1]:.2f} s after PostgreSQL accepts connections")
    judge(report, owner_url, at_work, readers)
    report.told("times that PostgreSQL died", len(order))
    report.at_most("slowest recovery after it accepts connections", max(recoveries), RECOVERY)
    report.told("longest gap, its start included", f"{longest_gap(callers, begun, time.monotonic()):.2f} s")
    slowest = max(told.seconds for one in callers for told in one.log)
    report.told("slowest answer", f"{slowest:.2f} s")


def deaths(running: Product) -> Mapping[str, Strike]:
    """What happens to PostgreSQL."""
    return {
        "main process killed": lambda: kill(running.postmaster()),
        "a backend killed": lambda: os.kill(a_backend(running.owner_url), signal.SIGKILL),
        "immediate shutdown": lambda: kill(running.postmaster(), signal.SIGQUIT),
        "fast shutdown": lambda: kill(running.postmaster(), signal.SIGINT),
    }


def a_backend(owner_url: str) -> int:
    """The process of one of the server's connections."""
    with psycopg.connect(owner_url) as connection:
        [pid] = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'usher' ORDER BY state_change DESC LIMIT 1"
        ).fetchone() or (0,)
    if pid == 0:
        raise RuntimeError("the server has no connection")
    return pid


def struck_down(url: str, strike: Strike) -> float:
    """Strike, and wait until PostgreSQL has died and accepts connections again; when that was, in monotonic seconds."""
    deadline = time.monotonic() + _PATIENCE
    with psycopg.connect(url, autocommit=True) as witness:
        strike()
        while not witness.closed and time.monotonic() < deadline:
            try:
                witness.execute("SELECT 1")
            except psycopg.Error:
                break
            time.sleep(_LOOK)
    while time.monotonic() < deadline:
        try:
            with psycopg.connect(url, connect_timeout=2):
                return time.monotonic()
        except psycopg.Error:
            time.sleep(_LOOK)
    raise RuntimeError("PostgreSQL did not come back")


def recovered(callers: Sequence[Caller], since: float, check: Callable[[], None]) -> float:
    """Seconds until each of them was served again by a request that began behind `since`."""
    deadline = since + _PATIENCE
    while time.monotonic() < deadline:
        check()
        firsts = [
            next((told.at for told in one.log if told.served and told.at - told.seconds >= since), 0.0)
            for one in callers
        ]
        if all(firsts):
            return max(firsts) - since
        time.sleep(_LOOK)
    raise RuntimeError("somebody was not served again")


def judge(
    report: Report, owner_url: str, at_work: Sequence[Writer], readers: Sequence[Reader], where: str = ""
) -> None:
    """What everybody was answered, and what the rows say afterwards. `where` begins the names of the figures."""
    callers = [one.caller for one in (*at_work, *readers)]
    told = counted(callers)
    report.told(f"{where}answers", ", ".join(f"{kind}: {count}" for kind, count in told.most_common()))
    report.asks(f"{where}batches acknowledged", saved(at_work), "some", holds=saved(at_work) > 0)
    report.none_of(f"{where}undocumented answers", sorted(set(undocumented(callers))))
    report.none_of(f"{where}refused batches", sorted({one for writer in at_work for one in writer.refused}))
    report.none_of(f"{where}lost, doubled, partial, ungraded or unaudited", findings(owner_url, at_work))
