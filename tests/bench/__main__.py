"""`python -m tests.bench --help`; what it measures is said in docs/performance.md."""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import uvloop
from rich.console import Console

from server.database.pool import Pool
from server.errors import ForbiddenArgument
from server.resolvers.execution import Execution
from server.web.limits import check_limits
from tests.bench.accounts import accounts
from tests.bench.administration import administration
from tests.bench.agreement import agreed
from tests.bench.analysis import analysed
from tests.bench.dataset import GROWING, SIZES, Dataset, dataset
from tests.bench.grading import grading
from tests.bench.growth import grown, said_of_regrading, table_of_growth
from tests.bench.http_client import Connection
from tests.bench.live import live
from tests.bench.live_ends import ends
from tests.bench.live_many import many
from tests.bench.load import Lanes, in_turns
from tests.bench.nested_fragments import nested_fragments, said_of_nested, table_of_nested
from tests.bench.operations import Operation, operations
from tests.bench.oracle_road import OracleRoad, same
from tests.bench.people import people
from tests.bench.pgbench import WALLED, Pgbench
from tests.bench.planning import planning
from tests.bench.prepared import CURSOR_KEY, take
from tests.bench.processors import Watch
from tests.bench.recording import BATCH, recording
from tests.bench.results import Cell, Results, show
from tests.bench.roads import Compiled, Executor, InProcess, Raw
from tests.bench.rosters import upserts
from tests.bench.scale import grown_large
from tests.bench.server_settings import server_settings
from tests.bench.sign_ins import sign_ins
from tests.bench.single import single
from tests.bench.statements import count
from tests.bench.tokens import tokens
from tests.bench.transactions import by_rules, transactions
from tests.bench.undoing import undoing
from tests.bench.usher_server import UsherServer, usher_server
from tests.bench.walls import walls
from tests.bench.whole_impact import whole_impact

LANES, ROUNDS, ROADS = 16, 3, 5
# A read whose audit row names learners.
LOGGED = ("q1-one-learner", "head")
PARTS = (
    "reads",
    "planning",
    "administration",
    "analysis",
    "growth",
    "grading",
    "recording",
    "live",
    "signing-in",
    "rosters",
    "oracle",
    "walls",
    "limits",
)

SCALE = "scale"
"""Only by itself: the reads of each size, workers and streams."""


def main() -> None:
    arguments = _arguments()
    out = Console(width=200 if not os.isatty(1) else None, highlight=False)
    begun = time.perf_counter()
    if set(arguments.only) == {"growth"}:
        found = grown(arguments.folder, out.print)
        out.print(table_of_growth(found))
        out.print(said_of_regrading(found))
        return
    if set(arguments.only) == {"limits"}:
        nested = nested_fragments()
        out.print(table_of_nested(nested))
        out.print(said_of_nested(nested))
        return
    if set(arguments.only) == {SCALE}:
        grown_large(arguments.folder, out, [SIZES[name] for name in arguments.sizes], arguments.json)
        return
    with (
        dataset(SIZES[arguments.size], arguments.folder, out.print) as data,
        usher_server(data.app_url, data.home) as server,
    ):
        results = uvloop.run(_Bench(data, server, arguments, out).run())
    if "growth" in arguments.only:
        results.growth = grown(arguments.folder, out.print)
    if "limits" in arguments.only:
        results.nested = nested_fragments()
    results.took = time.perf_counter() - begun
    show(results, out)
    if arguments.json:
        arguments.json.write_text(json.dumps(results.data(), indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--size", choices=sorted(SIZES), default="small")
    parser.add_argument("--json", type=Path, help="write everything that was measured to this file")
    parser.add_argument("--seconds", type=float, default=90.0, help="for the reads, all together")
    parser.add_argument("--only", choices=(*PARTS, SCALE), nargs="+", default=PARTS, help="leave the other parts out")
    parser.add_argument(
        "--sizes", nargs="+", choices=sorted(SIZES), default=[size.name for size in GROWING], help=f"of {SCALE} alone"
    )
    parser.add_argument("--query", nargs="+", default=[], help="names of queries; all where left out")
    parser.add_argument("--account", nargs="+", default=[], help="names of accounts; all where left out")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/usher-bench"), help="where the data is kept")
    found = parser.parse_args()
    if SCALE in found.only and len(found.only) > 1:
        parser.error(f"{SCALE} runs by itself")
    return found


class _Bench:
    def __init__(self, data: Dataset, server: UsherServer, arguments: argparse.Namespace, out: Console) -> None:
        self._data = data
        self._server = server
        self._arguments = arguments
        self._say = out.print
        self._files = data.cluster.files.data

    async def run(self) -> Results:
        results = Results(self._data.size.name, self._data.marks, len(self._data.schools), LANES, batch=BATCH)
        asked = [one for one in operations(self._data, accounts(self._data)) if self._wanted(one)]
        async with Pool(self._data.app_url, min_size=LANES, max_size=LANES) as pool:
            results.machine["postgresql"] = await server_settings(pool)
            await self._ask(results, asked, pool)
        if self._does("analysis"):
            self._say("Analysing")
            results.analyses = await analysed(self._data)
        if self._does("grading"):
            results.grading = grading()
            results.single = single()
        if self._does("recording"):
            self._say("Recording marks")
            results.recording = await recording(self._data, self._server, seconds=2.0, rounds=ROUNDS)
            results.undoing = await undoing(self._data, self._server)
        if self._does("live"):
            self._say("Following marks")
            results.live = [await live(self._data, self._server, seconds=20.0, a_batch=one) for one in (1, BATCH)]
            self._say("Ending what streams began with")
            results.ends = await ends(self._data, self._server)
            self._say("Opening a thousand streams")
            results.many = await many(self._data, self._server)
        if self._does("signing-in"):
            self._say("Giving out tokens, and signing people in")
            results.tokens = await tokens(self._data, self._server)
            results.sign_ins = await sign_ins(self._data, self._server)
        if self._does("rosters"):
            self._say("Bringing rosters")
            results.upserts = await upserts(self._data, self._server)
        return results

    async def _ask(self, results: Results, asked: list[Operation], pool: Pool) -> None:
        if self._does("reads"):
            watch = Watch(self._server.pids, self._files)
            results.cells = await self._reads(asked, pool)
            results.spent = watch.spent()
        if self._does("planning"):
            results.planning = [await planning(one, pool) for one in asked if one.account.name == "teacher"]
        if self._does("administration"):
            await self._administer(results, asked, pool)
        if self._does("walls"):
            self._say("Asking with walls and without")
            results.walls = await walls(self._data, asked, pool)

    async def _administer(self, results: Results, asked: list[Operation], pool: Pool) -> None:
        self._say("Taking an officer's steps")
        results.administration = [
            *administration(),
            *await people(self._data, pool),
            *await whole_impact(self._data, self._server, asked),
        ]
        results.transactions = [
            await transactions(await take(one, pool), one.name, one.account.name, pool)
            for one in asked
            if one.account.name == "teacher"
        ]
        logged = next(one for one in asked if (one.name, one.account.name) == LOGGED)
        results.administration += await by_rules(self._data, await take(logged, pool), pool)

    def _does(self, part: str) -> bool:
        return part in self._arguments.only

    def _wanted(self, one: Operation) -> bool:
        queries, names = self._arguments.query, self._arguments.account
        return (not queries or one.name in queries) and (not names or one.account.name in names)

    async def _reads(self, asked: list[Operation], pool: Pool) -> list[Cell]:
        self._say("Counting statements")
        sent = await count(self._data.app_url, asked)
        execution = Execution(pool, CURSOR_KEY, check=check_limits)
        oracle = OracleRoad(self._data) if self._does("oracle") else None
        seconds = self._arguments.seconds / (len(asked) * ROADS * (ROUNDS + 1))
        cells: list[Cell] = []
        for one, counted in zip(asked, sent, strict=True):
            self._say(f"Reading {one.name} as {one.account.name}")
            try:
                taken = await take(one, pool)
            except ForbiddenArgument as refused:
                self._say(f"  left out: {refused.message}")
                continue
            answered = oracle.answer(one) if oracle is not None and one.account.name == "teacher" else None
            connections = [Connection(self._server.port) for _ in range(LANES)]
            roads = [
                Compiled(one, self._server, connections, self._files),
                InProcess(one, execution, pool, self._files),
                Executor(one, taken, pool, self._files),
                Raw(taken, pool, self._files),
            ]
            size = await agreed(roads)
            if answered is not None:
                same(answered, await roads[0].ask(0))
            limit = Pgbench(WALLED, taken, self._data.app_url, LANES, self._files)
            measured = await in_turns([*(Lanes(road, LANES) for road in roads), limit], ROUNDS, seconds)
            cells.append(Cell(one, size, counted, measured, (answered.seconds, answered.cells) if answered else None))
            for connection in connections:
                connection.close()
        return cells


if __name__ == "__main__":
    main()
