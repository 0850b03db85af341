"""Server processes killed again and again while batches of marks are saved: none lost, doubled, partial or unaudited.

The control does the same with a new idempotency key at each repetition, and must find batches that were written twice:
a drill that can't see a double proves nothing by finding none.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Final

import psycopg

from tests.drills.product import Product, drill_folder, kill, product
from tests.drills.report import Report, Say
from tests.drills.schools import school, writers
from tests.drills.traffic import Writer, counted, longest_gap, working
from tests.e2e.marks_ledger import Ledger
from tests.worlds import World

KILLS: Final = 100
BATCHES: Final = 10_000
PACE: Final = 2.2
"""Seconds between two kills: each process has served when it dies, as one of three."""
GAP: Final = 5.0
CONTROL_KILLS: Final = 40
_SCHOOLS: Final = 4
_WORKERS: Final = 3
_ALL_AT_ONCE: Final = 10
_LONGEST: Final = 400.0
_LOOK: Final = 0.005

Kill = Callable[[int], None]


def drill(seed: int, say: Say) -> Report:
    """`usher run` with three server processes; the oldest is killed, and each tenth time all at once."""
    report = Report("kills")
    with drill_folder("kills") as folder, product(folder, _WORKERS, say) as running:
        worlds = [school(running.app_url, f"kills {number}") for number in range(_SCHOOLS)]
        moments = random.Random(seed)
        at_work = _writers(running, worlds)
        begun = time.monotonic()
        measure(report, running.owner_url, at_work, Killer(running, moments), KILLS, BATCHES, PACE, say)
        ended = time.monotonic()
        gap = longest_gap([writer.caller for writer in at_work], begun, ended)
        report.at_most("longest gap in which nobody was served", gap, GAP)
        report.told("batches a second", f"{saved(at_work) / (ended - begun):.0f}")
        say("Control: new keys at each repetition")
        other = school(running.app_url, "kills without keys")
        controls = _writers(running, [other], fresh=True)
        control(report, running.owner_url, other, controls, Killer(running, moments), CONTROL_KILLS, say)
    return report


class Killer:
    """Kills server processes of `usher run`, at moments of its own."""

    def __init__(self, running: Product, moments: random.Random) -> None:
        self._running = running
        self._moments = moments

    def __call__(self, number: int) -> None:
        """Raises RuntimeError when no process serves in time."""
        time.sleep(self._moments.uniform(0, 0.05))
        found = self._serving()
        for pid in found if number % _ALL_AT_ONCE == 0 else found[:1]:
            kill(pid)

    def _serving(self) -> list[int]:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if found := self._running.workers():
                return found
            time.sleep(_LOOK)
        raise RuntimeError("no server process is started again")


def measure(
    report: Report,
    owner_url: str,
    at_work: Sequence[Writer],
    strike: Kill,
    kills: int,
    batches: int,
    pace: float,
    say: Say,
) -> None:
    """So many kills, at least `pace` seconds and a batch apart; then all rows are compared with what was sent."""
    done, before = 0, 0
    began = last = time.monotonic()
    with working(at_work) as check:
        while (done < kills or saved(at_work) < batches) and time.monotonic() - began < _LONGEST:
            check()
            if done < kills and time.monotonic() - last >= pace and saved(at_work) > before:
                done, last, before = done + 1, time.monotonic(), saved(at_work)
                strike(done)
                if done % 10 == 0:
                    say(f"{done} kills, {saved(at_work)} batches")
            time.sleep(_LOOK)
    answers = counted([writer.caller for writer in at_work])
    broken = sum(number for kind, number in answers.items() if kind.startswith("lost"))
    report.asks("server processes killed, times", done, f"{kills}", holds=done >= kills)
    report.asks("batches acknowledged", saved(at_work), f"{batches}", holds=saved(at_work) >= batches)
    report.asks("requests that a kill cut off", broken, f"at least {kills // 2}", holds=broken >= kills // 2)
    report.told("of these repeated after they were saved", sum(writer.replayed for writer in at_work))
    report.none_of("refused or undocumented", sorted({one for writer in at_work for one in writer.refused}))
    report.none_of("lost, doubled, partial, ungraded or unaudited", findings(owner_url, at_work))


def control(
    report: Report, owner_url: str, world: World, at_work: Sequence[Writer], strike: Kill, kills: int, say: Say
) -> None:
    """Kills, of all processes at once, until a batch was written twice."""
    done, doubles = 0, list[str]()
    with working(at_work) as check:
        while not doubles and done < kills:
            wanted = saved(at_work) + random.Random(done).randint(5, 15)
            deadline = time.monotonic() + 60
            while saved(at_work) < wanted and time.monotonic() < deadline:
                check()
                time.sleep(_LOOK)
            done += 1
            strike(0)
            doubles = written_twice(owner_url, world)
    say(f"Control: {done} kills")
    report.told("control: kills", done)
    report.asks("control without keys: batches written twice", len(doubles), "at least 1", holds=bool(doubles))


def findings(owner_url: str, at_work: Sequence[Writer]) -> list[str]:
    """What is wrong with the rows of all schools that were written in."""
    worlds = {writer.world.school_id: writer.world for writer in at_work}
    return [
        sentence
        for school_id, world in worlds.items()
        for sentence in Ledger(owner_url, world).findings(
            [batch for writer in at_work if writer.world.school_id == school_id for batch in writer.acknowledged]
        )
    ]


def written_twice(owner_url: str, world: World) -> list[str]:
    """Names of batches that were saved more than once."""
    query = (
        "SELECT reason FROM usher.mark_version WHERE school_id = %s AND batch <> 'autumn'"
        " GROUP BY reason HAVING count(DISTINCT batch) > 1"
    )
    with psycopg.connect(owner_url) as connection:
        return [name for (name,) in connection.execute(query, [world.school_id]).fetchall()]


def _writers(running: Product, worlds: Sequence[World], *, fresh: bool = False) -> list[Writer]:
    return [
        one
        for number, world in enumerate(worlds)
        for one in writers(running.url, running.home, world, f"w{number}", fresh=fresh)
    ]


def saved(at_work: Sequence[Writer]) -> int:
    """Batches that were acknowledged so far."""
    return sum(len(writer.acknowledged) for writer in at_work)
