"""What a comparison found, against what is to be reached (docs/performance.md)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Final

from rich.table import Table

from tests.bench.load import Measured
from tests.bench.peers.roads import MERCURIUS, MERCURIUS_WALLED, POSTGRAPHILE, USHER
from tests.bench.pgbench import BARE, OPEN, WALLED


@dataclass(frozen=True, slots=True)
class Targets:
    """`times` PostGraphile's throughput, `part` of its server's CPU, `share` of pgbench's throughput, `walls` times the
    CPU of PostgreSQL without walls."""

    times: float
    part: float
    share: float
    walls: float


TARGETS: Final = {
    "q1-one-learner": Targets(8, 1 / 15, 0.25, 1.5),
    "q2-class": Targets(6, 1 / 20, 0.75, 1.3),
    "q3-many-learners": Targets(4, 1 / 20, 0.85, 1.1),
}
MERCURIUS_TIMES: Final = 2.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`least` is whether more is better."""

    what: str
    found: float
    wanted: float
    least: bool = True

    @property
    def reached(self) -> bool:
        return self.found >= self.wanted if self.least else self.found <= self.wanted

    def said(self) -> str:
        missed = (
            f"missed by {1 - self.found / self.wanted:.0%}"
            if self.least
            else f"missed: {self.found / self.wanted:.1f} times"
        )
        word = "reached" if self.reached else missed
        return f"{self.found:.3g} ({'>=' if self.least else '<='} {self.wanted:.3g}: {word})"


@dataclass(frozen=True, slots=True)
class Compared:
    """`clients` are the greatest parts of a core that the load generator took, by server; `logs` whether a read of
    Usher's also writes an audit row, which no other server does."""

    query: str
    account: str
    sizes: dict[str, int]
    roads: dict[str, Measured]
    clients: dict[str, float]
    logs: bool

    def verdicts(self) -> list[Verdict]:
        wanted, of = TARGETS[self.query], self.roads
        return [
            Verdict("x PostGraphile", of[USHER].rate / of[POSTGRAPHILE].rate, wanted.times),
            Verdict(
                "server CPU / PostGraphile's", of[USHER].server_cpu / of[POSTGRAPHILE].server_cpu, wanted.part, False
            ),
            Verdict("of pgbench", of[USHER].rate / of[WALLED].rate, wanted.share),
            Verdict("x Mercurius", of[USHER].rate / of[MERCURIUS].rate, MERCURIUS_TIMES),
            Verdict("walls on / off", of[WALLED].database_cpu / of[OPEN].database_cpu, wanted.walls, False),
        ]

    def data(self) -> dict[str, object]:
        return {
            "query": self.query,
            "account": self.account,
            "writes_audit_row": self.logs,
            "bytes": self.sizes,
            "roads": [road.data() for road in self.roads.values()],
            "client_of_a_core": self.clients,
            "targets": [
                {"what": one.what, "found": one.found, "wanted": one.wanted, "reached": one.reached}
                for one in self.verdicts()
            ],
        }


@dataclass(frozen=True, slots=True)
class Results:
    """A run of the whole comparison. `learners` are the school's, `taught` those of the teacher."""

    size: str
    schools: int
    marks: int
    learners: int
    taught: int
    connections: int
    versions: dict[str, str]
    machine: dict[str, object]
    seconds: float
    operations: list[Compared]

    def said(self) -> str:
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return (
            f"{self.schools} schools, {self.marks:,} marks; a school of {self.learners:,} learners, a teacher of "
            f"{self.taught}; {versions}; measured in {self.seconds:.0f} s"
        )

    def data(self) -> dict[str, object]:
        plain = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "operations"}
        measured_at = datetime.now(UTC).isoformat(timespec="seconds")
        return {"measured_at": measured_at, **plain, "operations": [one.data() for one in self.operations]}


def table_of_servers(found: list[Compared]) -> Table:
    made = Table(title="One server process each, 16 connections, rounds in turns")
    for heading in ("query", "account", "server"):
        made.add_column(heading)
    for heading in ("kB", "req/s", "p50 ms", "p99 ms", "CPU ms\nserver", "CPU ms\nPostgreSQL", "client,\nof a core"):
        made.add_column(heading, justify="right")
    for one in found:
        for name in (USHER, POSTGRAPHILE, MERCURIUS, MERCURIUS_WALLED, WALLED, OPEN, BARE):
            road = one.roads[name]
            served = name in one.clients
            made.add_row(
                one.query,
                f"{one.account}{', logged' if one.logs else ''}",
                name,
                f"{one.sizes[name] / 1000:.1f}" if served else "",
                f"{road.rate:,.0f} ({min(road.rates):,.0f}-{max(road.rates):,.0f})",
                f"{road.percentile(0.5):.1f}",
                f"{road.percentile(0.99):.1f}",
                f"{road.server_cpu:.2f}" if served else "-",
                f"{road.database_cpu:.2f}",
                f"{one.clients[name]:.2f}" if served else "",
                end_section=name == BARE,
            )
    return made


def table_of_targets(found: list[Compared]) -> Table:
    made = Table(title="What to reach")
    for heading in ("query", "account", *(one.what for one in found[0].verdicts())):
        made.add_column(heading)
    for one in found:
        made.add_row(one.query, one.account, *(verdict.said() for verdict in one.verdicts()))
    return made


def count_of_targets(found: list[Compared]) -> str:
    verdicts = [verdict for one in found for verdict in one.verdicts()]
    return f"{sum(one.reached for one in verdicts)} of {len(verdicts)} targets reached"
