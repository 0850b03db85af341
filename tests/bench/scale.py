"""The named reads in databases of one, fifty and two hundred schools, and of fifty, two hundred and five hundred learners.

`python -m tests.bench --only scale`, with two and four workers and a thousand streams after it.

All databases run at once, each with a server of its own, and take turns round by round, so that a noisy moment meets all of
them: ratios are of one run. Each query's figures are kept when it is done, and a run that was cut off goes on after them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

import uvloop
from rich.console import Console
from rich.table import Table

from tests.bench import processor_time
from tests.bench.accounts import accounts
from tests.bench.dataset import GROWING, SOURCE, Dataset, Say, Size, dataset
from tests.bench.http_client import Connection, operation_bytes
from tests.bench.live_many import many
from tests.bench.load import Measured, Round, drive
from tests.bench.machine import machine, said_of_machine
from tests.bench.operations import Operation, operations
from tests.bench.usher_server import UsherServer, usher_server
from tests.bench.workers import table_of_workers, worked

LANES, ROUNDS, SECONDS = 16, 3, 2.0
LEARNERS: Final = (50, 200, 500)
FLAT: Final = 1.3
"""How much more a read by key may cost among the most schools than among the fewest."""
STREAM_BYTES: Final = 100_000
_LISTED: Final = "q3-many-learners"
_QUERIES: Final = ("q1-one-learner", "q2-class", *(f"{_LISTED}, {number}" for number in LEARNERS))


@dataclass(frozen=True, slots=True)
class Scaled:
    """One query in one database, as a teacher. `alone_ms` is the median of one request at a time; the rest of sixteen
    connections, CPU in milliseconds a request."""

    query: str
    schools: int
    marks: int
    bytes: int
    rate: float
    p50_ms: float
    p99_ms: float
    alone_ms: float
    server_cpu_ms: float
    database_cpu_ms: float


@dataclass(frozen=True, slots=True)
class _Place:
    """A running database and its server."""

    data: Dataset
    server: UsherServer
    asked: dict[str, Operation]

    def cpu(self) -> tuple[float, float]:
        return processor_time.of_process(self.server.pid), processor_time.of_database(self.data.cluster.files.data)


def scaled(folder: Path, say: Say, sizes: Sequence[Size] = GROWING) -> list[Scaled]:
    """Fewest schools first. `folder` keeps the data and what was measured on it."""
    with ExitStack() as stack:
        places: list[_Place] = []
        for size in sizes:
            say(f"Opening {size.schools} schools")
            data = stack.enter_context(dataset(size, folder, say))
            places.append(_Place(data, stack.enter_context(usher_server(data.app_url, data.home)), _asked(data)))
        kept = folder / f"scale-{_name(places)}.json"
        found = [Scaled(**one) for one in json.loads(kept.read_text())] if kept.exists() else []
        for query in _QUERIES:
            if any(one.query == query for one in found):
                say(f"Measured before: {query} ({kept} keeps it; remove the file to measure anew)")
                continue
            say(f"Reading {query} among {', '.join(str(one.data.size.schools) for one in places)} schools")
            found += uvloop.run(_measured(query, places))
            kept.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n")
    return found


def grown_large(folder: Path, out: Console, sizes: Sequence[Size], written: Path | None) -> None:
    """`--only scale`: the reads, then two and four workers and a thousand streams of the fewest schools."""
    on = machine()
    found = scaled(folder, out.print, sizes)
    out.print(said_of_machine(on))
    out.print(table_of_scale(found))
    for line in said_of_scale(found):
        out.print(line)
    with dataset(sizes[0], folder, out.print) as data:
        workers = uvloop.run(worked(data, out.print))
        out.print(table_of_workers(workers))
        out.print("Opening a thousand streams")
        with usher_server(data.app_url, data.home) as server:
            streams = uvloop.run(many(data, server))
    word = "reached" if streams.bytes_each <= STREAM_BYTES else "missed"
    out.print(f"{streams.line()} (at most {STREAM_BYTES // 1000} kB each: {word})")
    if written is not None:
        told = {
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": on,
            "reads": [asdict(one) for one in found],
            "workers": [one.data() for one in workers],
            "streams": streams.data(),
        }
        written.write_text(json.dumps(told, indent=1) + "\n")


def _name(places: Sequence[_Place]) -> str:
    """Of these databases and this server: where either is made otherwise, everything is measured anew."""
    found = hashlib.sha256(" ".join(place.data.home.name for place in places).encode())
    for file in sorted((SOURCE / "server").rglob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()[:12]


def _asked(data: Dataset) -> dict[str, Operation]:
    named = {one.name: one for one in operations(data, accounts(data, ["teacher"]))}
    listed = named[_LISTED]
    assert "first: 500" in listed.document, "the query names how many learners it lists"
    return {
        "q1-one-learner": named["q1-one-learner"],
        "q2-class": named["q2-class"],
        **{
            f"{_LISTED}, {number}": replace(listed, document=listed.document.replace("first: 500", f"first: {number}"))
            for number in LEARNERS
        },
    }


async def _measured(query: str, places: Sequence[_Place]) -> list[Scaled]:
    connections = [[Connection(place.server.port) for _ in range(LANES)] for place in places]
    full = [Measured(str(place.data.size.schools)) for place in places]
    alone = [Measured(str(place.data.size.schools)) for place in places]
    for number in range(ROUNDS + 1):
        order = list(range(len(places)))
        for at in order if number % 2 else reversed(order):
            many = await _round(query, places[at], connections[at], SECONDS)
            one = await _round(query, places[at], connections[at][:1], SECONDS / 2)
            if number:
                full[at].rounds.append(many)
                alone[at].rounds.append(one)
    sizes = [
        len(await lanes[0].ask(operation_bytes(place.asked[query])))
        for place, lanes in zip(places, connections, strict=True)
    ]
    for lanes in connections:
        for connection in lanes:
            connection.close()
    return [
        Scaled(
            query, len(place.data.schools), place.data.marks, size, many.rate, many.percentile(0.5), many.percentile(0.99),
            one.percentile(0.5), many.server_cpu, many.database_cpu,
        )
        for place, size, many, one in zip(places, sizes, full, alone, strict=True)
    ]  # fmt: skip


async def _round(query: str, place: _Place, lanes: list[Connection], seconds: float) -> Round:
    request = operation_bytes(place.asked[query])
    return await drive(lambda lane: lanes[lane].ask(request), len(lanes), seconds, place.cpu)


def table_of_scale(found: Sequence[Scaled]) -> Table:
    """Ratios are of PostgreSQL's CPU a request, which a busy machine moves least."""
    made = Table(title="Reads as a teacher, 16 connections, databases in turns")
    made.add_column("query")
    for heading in (
        "schools", "million\nmarks", "kB", "req/s", "p50 ms", "p99 ms", "alone,\nms", "CPU ms\nserver",
        "CPU ms\nPostgreSQL", "over the\nfewest",
    ):  # fmt: skip
        made.add_column(heading, justify="right")
    for query in dict.fromkeys(one.query for one in found):
        few, *more = (one for one in found if one.query == query)
        for one in (few, *more):
            made.add_row(
                query, str(one.schools), f"{one.marks / 1e6:.1f}", f"{one.bytes / 1000:.1f}", f"{one.rate:,.0f}",
                f"{one.p50_ms:.1f}", f"{one.p99_ms:.1f}", f"{one.alone_ms:.2f}", f"{one.server_cpu_ms:.2f}",
                f"{one.database_cpu_ms:.2f}", f"{one.database_cpu_ms / few.database_cpu_ms:.2f}",
                end_section=one is (few, *more)[-1],
            )  # fmt: skip
    return made


def said_of_scale(found: Sequence[Scaled]) -> list[str]:
    """Whether reads by key are flat, and whether a list costs by its length."""
    said: list[str] = []
    for query in ("q1-one-learner", "q2-class"):
        few, *_, many = (one for one in found if one.query == query)
        ratio = many.database_cpu_ms / few.database_cpu_ms
        word = "flat" if ratio <= FLAT else f"not flat (at most {FLAT})"
        said.append(f"{query}: {many.schools} schools over {few.schools}: {ratio:.2f} of PostgreSQL's CPU, {word}")
    for schools in dict.fromkeys(one.schools for one in found):
        costs = [_cost(found, number, schools) for number in LEARNERS]
        steps = [
            (more[1] - less[1]) / (more[0] - less[0]) for less, more in pairwise(zip(LEARNERS, costs, strict=True))
        ]
        each = ", ".join(f"{step * 1000:.1f}" for step in steps)
        said.append(
            f"{_LISTED} among {schools} schools: {costs[0]:.2f}, {costs[1]:.2f}, {costs[2]:.2f} ms of both for "
            f"{', '.join(map(str, LEARNERS))} learners; microseconds for each more: {each}"
        )
    return said


def _cost(found: Sequence[Scaled], learners: int, schools: int) -> float:
    [one] = [one for one in found if one.query == f"{_LISTED}, {learners}" and one.schools == schools]
    return one.server_cpu_ms + one.database_cpu_ms
