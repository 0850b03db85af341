"""Ten thousand mutated requests to a server process, beside a healthy client: tests/fuzz with the drills' seed."""

from __future__ import annotations

import asyncio
from typing import Final

from tests.drills.report import Report, Say
from tests.fuzz.__main__ import a_server
from tests.fuzz.running import GROWTH, SLOWEST, percentile, run

REQUESTS: Final = 10_000


def drill(seed: int, say: Say) -> Report:
    """`python -m tests.fuzz --seed N` says more of what was sent."""
    report = Report("mutated")
    with a_server() as ground:
        say(f"{REQUESTS} mutated requests, seed {seed}")
        found = asyncio.run(run(ground, seed, REQUESTS))
    report.told("answers", ", ".join(f"{kind}: {count}" for kind, count in sorted(found.answers.items())))
    report.none_of("defects, hangs, leaks and bare answers", [one.split("\n")[0] for one in found.wrong])
    grown = f"{found.grown:+.0f} MB upon {found.memory[0]:.0f}"
    report.asks("memory after the warm-up", grown, f"at most {GROWTH:g} MB more", holds=found.grown <= GROWTH)
    report.asks(
        "wrong answers to a healthy client", str(found.errors), "0", holds=found.errors == 0 and bool(found.during)
    )
    slow = percentile(found.during, 99)
    halves = [f"{percentile(taken, 50):.0f} ms" for taken in (found.before, found.during)]
    report.told("half of its answers, without and with, within", " and ".join(halves))
    report.asks("its slowest of a hundred", f"{slow:.0f} ms", f"at most {SLOWEST:g} ms", holds=slow <= SLOWEST)
    return report
