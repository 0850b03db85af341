"""`python -m tests.drills [NAME ...] [--seed N]`: each drill prints its figures; status 1 where one falls short."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Final

from rich.console import Console

from tests.drills import clock, cut, disk, exhausted, kills, mutated, postgres, slow, stuck
from tests.drills.report import Report, Say, show

Drill = Callable[[int, Say], Report]
DRILLS: Final[Mapping[str, Drill]] = {
    "kills": kills.drill,
    "postgres": postgres.drill,
    "cut": cut.drill,
    "disk": disk.drill,
    "pool": exhausted.drill,
    "slow": slow.drill,
    "stuck": stuck.drill,
    "clock": clock.drill,
    "mutated": mutated.drill,
}


def main() -> int:
    arguments = _arguments()
    out = Console(width=160 if not os.isatty(1) else None, highlight=False)
    reports: list[Report] = []
    for name in arguments.names or DRILLS:
        begun = time.monotonic()

        def say(sentence: str, name: str = name, begun: float = begun) -> None:
            out.print(f"[{name} {time.monotonic() - begun:.0f} s] {sentence}", markup=False)

        report = _run(DRILLS[name], name, arguments.seed, say)
        report.told("seconds that the drill took", f"{time.monotonic() - begun:.0f}")
        show(report, out)
        reports.append(report)
    short = [report.name for report in reports if not report.holds]
    out.print(f"Falls short: {', '.join(short)}" if short else f"As asked: {len(reports)} drills", markup=False)
    return 1 if short else 0


def _run(drill: Drill, name: str, seed: int, say: Say) -> Report:
    """A drill that breaks down has fallen short; the others are run even so."""
    try:
        return drill(seed, say)
    except Exception as error:
        report = Report(name)
        report.asks("the drill itself", f"{type(error).__name__}: {error}", "to end", holds=False)
        return report


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(DRILLS)}; all where none is named")
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which things are broken")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in DRILLS]
    if unknown:
        parser.error(f"no drill is called {', '.join(unknown)}: there are {', '.join(DRILLS)}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
