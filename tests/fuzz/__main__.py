"""`python -m tests.fuzz --seed N --requests 10000`: mutated requests to the real server, and what came of it.

Ends with 1 where an answer was a defect, a connection hung, a log told what was sent, the server grew, or a healthy
client was hurt. `--only K` sends the Kth request alone and prints what was sent and answered.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from tests.database import Run
from tests.database import Server as DatabaseServer
from tests.e2e.serving import serving
from tests.fuzz.grounds import Grounds, grounds
from tests.fuzz.judging import faults, told
from tests.fuzz.running import run
from tests.fuzz.running import secrets as known
from tests.fuzz.shots import shot
from tests.fuzz.wire import fired
from tests.leaks.watching import WATCH


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="any whole number; another one each time if left out")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--only", type=int, default=None, help="send the request of this number alone")
    asked = parser.parse_args()
    seed = random.randrange(10**6) if asked.seed is None else asked.seed
    console = Console(soft_wrap=True, highlight=False)
    with a_server() as ground:
        if asked.only is not None:
            return asyncio.run(alone(ground, seed, asked.only, console))
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task(f"seed {seed}", total=asked.requests)
            report = asyncio.run(run(ground, seed, asked.requests, lambda _: bar.advance(task)))
    for line in report.lines():
        console.print(line, markup=False)
    for failure in report.failures:
        console.print(f"FAILED {failure}", markup=False)
    return 1 if report.failures else 0


async def alone(ground: Grounds, seed: int, number: int, console: Console) -> int:
    kind, made = shot(ground, seed, number)
    outcome = await fired(ground.server.listener.getsockname()[1], made)
    found = faults(made, outcome) + told(ground.server.log, known(ground))
    console.print(f"{kind}\n    {made}\nanswered {outcome}\n{found}", markup=False)
    return 1 if found else 0


@contextmanager
def a_server() -> Generator[Grounds]:
    """One worker over a database of its own, in folders that are removed at the end."""
    word = secrets.token_hex(3)
    folder, cluster = (Path(tempfile.gettempdir()) / f"usher-{what}-{word}" for what in ("fuzz", "fuzz-cluster"))
    folder.mkdir(mode=0o700)
    database_server = DatabaseServer(Run(cluster, word), "main")
    try:
        database = database_server.make()
        WATCH.owner_url = database.owner_url
        with serving(database.app_url, folder) as (server,):
            yield grounds(server, database.app_url)
    finally:
        database_server.stop()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(cluster, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
