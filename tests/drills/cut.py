"""Lines that break for half a minute, between the server and PostgreSQL and between its clients and the server.

A hole tells nobody: bytes wait, and no end of the connection hears of it. A reset ends all connections at once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from tests.drills.postgres import judge, recovered
from tests.drills.proxy import Line
from tests.drills.report import Report, Say
from tests.drills.schools import school, token
from tests.drills.stage import line_to, stage
from tests.drills.traffic import Caller, Reader, Writer, working
from tests.e2e.serving import Server
from tests.worlds import World

HOLE: Final = 30.0
DEADLINE: Final = 30.0
"""Of the edge for one operation, in seconds."""
RECOVERY: Final = 5.0
_READERS: Final = 4
_QUIET: Final = 2.0


def drill(seed: int, say: Say) -> Report:
    """One server process; PostgreSQL is reached through a line, and by half of the clients so is the server."""
    del seed
    report = Report("cut")
    with stage("cut", say) as on, line_to(on.server.url) as front:
        for line, name in ((on.line, "PostgreSQL"), (front, "clients")):
            for how in ("hole", "reset"):
                say(f"{how} between the server and {name} for {HOLE:g} s")
                near, far = people(on.server, school(on.app_url, "cut"), front)
                measure(report, on.owner_url, line, how, HOLE, near, far, hurts_all=line is on.line)
    return report


def people(server: Server, world: World, front: Line) -> tuple[list[Reader | Writer], list[Reader | Writer]]:
    """Those who reach the server at once, and those who reach it by the line: each a writer and readers."""
    found: list[list[Reader | Writer]] = []
    for parity, (url, handle) in enumerate(((server.url, "teacher"), (f"http://127.0.0.1:{front.port}", "maths-lead"))):
        bearer = token(server.home, world, handle)
        # A client gives up before the server does where the line to it is dead.
        readers = [Reader(Caller(url, bearer, DEADLINE + 10), pause=0.05) for _ in range(_READERS)]
        found.append([Writer(Caller(url, bearer, DEADLINE + 10), world, f"cut{parity}", parity), *readers])
    return found[0], found[1]


def measure(
    report: Report,
    owner_url: str,
    line: Line,
    how: str,
    seconds: float,
    near: Sequence[Reader | Writer],
    far: Sequence[Reader | Writer],
    *,
    hurts_all: bool,
) -> None:
    """Break the line for so long, heal it, and see who was told what and who is served again.

    `hurts_all`: nobody can be served meanwhile; else those who are near must be.
    """
    at_work = [*near, *far]
    callers = [one.caller for one in at_work]
    with working(at_work) as check:
        recovered(callers, time.monotonic(), check)
        time.sleep(min(_QUIET, seconds))
        cut = time.monotonic()
        line.hole() if how == "hole" else line.reset()
        time.sleep(seconds)
        check()
        healed = time.monotonic()
        line.heal()
        recovery = recovered(callers, healed, check)
    where = f"{how}, {'PostgreSQL' if hurts_all else 'clients'}"
    writers = [one for one in at_work if isinstance(one, Writer)]
    judge(report, owner_url, writers, [one for one in at_work if isinstance(one, Reader)], f"{where}: ")
    meanwhile = [told for one in near for told in one.caller.log if cut <= told.at - told.seconds and told.at <= healed]
    slowest = max((told.seconds for one in near for told in one.caller.log if told.at >= cut), default=0.0)
    report.at_most(f"{where}: slowest answer to those whose line is whole", slowest, DEADLINE)
    if not hurts_all:
        served = sum(told.served for told in meanwhile)
        part = f"{served} of {len(meanwhile)}"
        report.asks(f"{where}: they were served meanwhile", part, "all", holds=0 < served == len(meanwhile))
    report.at_most(f"{where}: everybody is served again", recovery, RECOVERY)
