"""`make bench-peers`: compares every answer, then times. Exits 0 where all answers are equal, whatever the figures say;
1 where two differ; 2 where Node, npm or the peers are missing."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import uvloop
from rich.console import Console

from server.database.pool import Pool
from server.database.roles import APP
from tests.bench.dataset import SIZES, dataset
from tests.bench.http_client import Connection
from tests.bench.load import Measured, in_turns
from tests.bench.machine import machine, said_of_machine
from tests.bench.peers.answers import Json, Unequal, checked, of_postgraphile, of_usher
from tests.bench.peers.asking import Question, questions
from tests.bench.peers.database import MERCURIUS as MERCURIUS_ROLE
from tests.bench.peers.database import POSTGRAPHILE as POSTGRAPHILE_ROLE
from tests.bench.peers.database import UNWALLED, PeersDatabase, peers_database
from tests.bench.peers.outcome import Compared, Results, count_of_targets, table_of_servers, table_of_targets
from tests.bench.peers.project import QUERIES, Missing, install, versions
from tests.bench.peers.requests import to_mercurius, to_postgraphile, to_usher
from tests.bench.peers.roads import MERCURIUS, MERCURIUS_WALLED, POSTGRAPHILE, USHER, Endpoint, Http
from tests.bench.peers.servers import peer_server
from tests.bench.pgbench import BARE, OPEN, WALLED, Pgbench
from tests.bench.prepared import take
from tests.bench.usher_server import usher_server

LANES, ROUNDS = 16, 3
_TO = {USHER: to_usher, POSTGRAPHILE: to_postgraphile, MERCURIUS: to_mercurius, MERCURIUS_WALLED: to_mercurius}


def main() -> None:
    arguments = _arguments()
    out = Console(width=220 if not os.isatty(1) else None, highlight=False)
    try:
        found = _compared(arguments, out, install())
    except Missing as missing:
        out.print(f"The peers can't be run here: {missing}")
        sys.exit(2)
    except Unequal as unequal:
        out.print(f"Nothing was timed. {unequal}")
        sys.exit(1)
    if found.operations:
        _show(found, out)
        if arguments.results:
            _write(found, arguments.results)


def _show(found: Results, out: Console) -> None:
    out.print(said_of_machine(found.machine))
    out.print(found.said())
    out.print(table_of_servers(found.operations))
    out.print(table_of_targets(found.operations))
    out.print(count_of_targets(found.operations))


def _write(found: Results, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{found.size}.json").write_text(json.dumps(found.data(), indent=1) + "\n")
    with (folder / f"{found.size}.txt").open("w") as file:
        _show(found, Console(file=file, width=200, highlight=False))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers")
    parser.add_argument("--size", choices=sorted(set(SIZES) - {"one"}), default="small")
    parser.add_argument("--seconds", type=float, default=3.0, help="a round of one server")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--query", nargs="+", choices=QUERIES, default=QUERIES)
    parser.add_argument("--account", nargs="+", default=[], help="names of accounts; all where left out")
    parser.add_argument("--compare-only", action="store_true", help="compare the answers, time nothing")
    parser.add_argument(
        "--results", type=Path, help="write the tables and everything that was measured into this folder"
    )
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/usher-bench"), help="where the data is kept")
    return parser.parse_args()


def _compared(arguments: argparse.Namespace, out: Console, node: Path) -> Results:
    begun, on = time.perf_counter(), machine()
    with ExitStack() as stack:
        data = stack.enter_context(dataset(SIZES[arguments.size], arguments.folder, out.print))
        database = stack.enter_context(peers_database(data))
        usher = stack.enter_context(usher_server(data.app_url, data.home))
        started = [
            stack.enter_context(peer_server(name, node, url, LANES))
            for name, url in (
                (POSTGRAPHILE, database.url(POSTGRAPHILE_ROLE)),
                (MERCURIUS, database.url(MERCURIUS_ROLE)),
                (MERCURIUS_WALLED, data.app_url),
            )
        ]
        ports = {USHER: (usher.pid, usher.port)} | {one.name: (one.pid, one.port) for one in started}
        found = uvloop.run(_Comparison(database, ports, arguments, out).run())
    return Results(
        arguments.size, len(data.schools), data.marks, data.school.learners, database.learners, LANES, versions(node), on,
        time.perf_counter() - begun, found,
    )  # fmt: skip


class _Comparison:
    def __init__(
        self, database: PeersDatabase, ports: dict[str, tuple[int, int]], arguments: argparse.Namespace, out: Console
    ) -> None:
        self._database = database
        self._arguments = arguments
        self._say = out.print
        self._ports = ports
        self._files = database.data.cluster.files.data

    async def run(self) -> list[Compared]:
        asked = questions(self._database)
        async with AsyncExitStack() as stack:
            endpoints = [
                Endpoint(name, pid, [Connection(port) for _ in range(LANES)])
                for name, (pid, port) in self._ports.items()
            ]
            for endpoint in endpoints:
                for connection in endpoint.connections:
                    stack.callback(connection.close)
            for question in asked:
                await self._same(question, endpoints)
            self._say(f"{len(asked)} questions have the same answers from {', '.join(self._ports)}")
            pool = await stack.enter_async_context(Pool(self._database.data.app_url, min_size=1, max_size=2))
            return [await self._timed(one, endpoints, pool) for one in asked if self._wanted(one)]

    def _wanted(self, one: Question) -> bool:
        accounts = self._arguments.account
        named = one.query in self._arguments.query and (not accounts or one.asker.account.name in accounts)
        return one.timed and named and not self._arguments.compare_only

    async def _same(self, question: Question, endpoints: list[Endpoint]) -> dict[str, int]:
        """The size of each server's answer."""
        bodies = {one.name: await one.connections[0].ask(_TO[one.name](question)) for one in endpoints}
        answers: dict[str, Json] = {
            name: of_postgraphile(question, body) if name == POSTGRAPHILE else of_usher(body)
            for name, body in bodies.items()
        }
        checked(question, answers)
        return {name: len(body) for name, body in bodies.items()}

    async def _timed(self, question: Question, endpoints: list[Endpoint], pool: Pool) -> Compared:
        name = question.asker.account.name
        self._say(f"Timing {question.query} as {name}")
        sizes = await self._same(question, endpoints)
        roads = [Http(one, _TO[one.name](question), self._files) for one in endpoints]
        taken = await take(question.operation, pool, None)
        walled, unwalled = self._database.data.cluster.url(APP), self._database.url(UNWALLED)
        limits = [
            Pgbench(name, taken, url, LANES, self._files)
            for name, url in ((WALLED, walled), (OPEN, unwalled), (BARE, walled))
        ]
        measured: dict[str, Measured] = await in_turns(
            [*roads, *limits], self._arguments.rounds, self._arguments.seconds
        )
        clients = {road.name: road.busiest for road in roads}
        return Compared(question.query, name, sizes, measured, clients, taken.compiled.statement.logs)


if __name__ == "__main__":
    main()
