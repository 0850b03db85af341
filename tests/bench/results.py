"""What a run found, and how it is shown: a table for people, JSON for everything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from tests.bench.administration import Administration
from tests.bench.analysis import Analysed, table_of
from tests.bench.grading import Grading
from tests.bench.growth import Grown, said_of_regrading, table_of_growth
from tests.bench.live import Live
from tests.bench.live_ends import Ends
from tests.bench.live_many import Many
from tests.bench.load import Measured
from tests.bench.machine import machine, said_of_machine
from tests.bench.nested_fragments import Nested, said_of_nested, table_of_nested
from tests.bench.operations import Operation
from tests.bench.pgbench import WALLED
from tests.bench.planning import Planning
from tests.bench.processors import Spent
from tests.bench.roads import COMPILED, EXECUTOR, IN_PROCESS, RAW
from tests.bench.rosters import Upserts
from tests.bench.sign_ins import SignIns
from tests.bench.single import Single, table_of_single
from tests.bench.statements import Sent
from tests.bench.tokens import Tokens
from tests.bench.transactions import Transactions
from tests.bench.undoing import Undoing
from tests.bench.walls import WallCost, table_of_walls


@dataclass(frozen=True, slots=True)
class Cell:
    """One operation of one account. `oracle` is seconds and questions to the policy, where it was run."""

    operation: Operation
    size: int
    sent: Sent
    roads: dict[str, Measured]
    oracle: tuple[float, int] | None = None

    def times(self, other: str, of: str = COMPILED) -> float:
        """The rate of `of` over that of another road."""
        return self.roads[of].rate / self.roads[other].rate

    def data(self) -> dict[str, object]:
        return {
            "query": self.operation.name,
            "account": self.operation.account.name,
            "bytes": self.size,
            "statements": self.sent.statements,
            "round_trips": self.sent.round_trips,
            "roads": [road.data() for road in self.roads.values()],
            "compiled_over_raw": self.times(RAW),
            "compiled_over_pgbench": self.times(WALLED),
            "in_process_over_executor": self.times(EXECUTOR, IN_PROCESS),
            "oracle_seconds": self.oracle[0] if self.oracle else None,
            "oracle_cells": self.oracle[1] if self.oracle else None,
        }


@dataclass(slots=True)
class Results:
    size: str
    marks: int
    schools: int
    lanes: int
    cells: list[Cell] = field(default_factory=list[Cell])
    planning: list[Planning] = field(default_factory=list[Planning])
    administration: list[Administration] = field(default_factory=list[Administration])
    transactions: list[Transactions] = field(default_factory=list[Transactions])
    walls: list[WallCost] = field(default_factory=list[WallCost])
    analyses: list[Analysed] = field(default_factory=list[Analysed])
    growth: list[Grown] = field(default_factory=list[Grown])
    nested: list[Nested] = field(default_factory=list[Nested])
    grading: Grading | None = None
    single: list[Single] = field(default_factory=list[Single])
    undoing: Undoing | None = None
    recording: Measured | None = None
    live: list[Live] = field(default_factory=list[Live])
    ends: Ends | None = None
    many: Many | None = None
    tokens: Tokens | None = None
    sign_ins: SignIns | None = None
    upserts: Upserts | None = None
    batch: int = 0
    took: float = 0.0
    machine: dict[str, object] = field(default_factory=machine)
    spent: Spent | None = None

    def data(self) -> dict[str, object]:
        return {
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": self.machine,
            "size": self.size,
            "schools": self.schools,
            "marks": self.marks,
            "connections": self.lanes,
            "seconds": self.took,
            "spent": self.spent.data() if self.spent else None,
            "operations": [cell.data() for cell in self.cells],
            "planning": [one.data() for one in self.planning],
            "administration": [one.data() for one in self.administration],
            "transactions": [one.data() for one in self.transactions],
            "walls": [one.data() for one in self.walls],
            "analyses": [one.data() for one in self.analyses],
            "growth": [one.data() for one in self.growth],
            "nested_fragments": [one.data() for one in self.nested],
            "grading": self.grading.data() if self.grading else None,
            "single": [one.data() for one in self.single],
            "undoMarks": self.undoing.data() if self.undoing else None,
            "recordMarks": {"batch": self.batch, **self.recording.data()} if self.recording else None,
            "live": [one.data() for one in self.live],
            "streams_ended": self.ends.data() if self.ends else None,
            "streams": self.many.data() if self.many else None,
            "tokens": self.tokens.data() if self.tokens else None,
            "sign_ins": self.sign_ins.data() if self.sign_ins else None,
            "upserts": self.upserts.data() if self.upserts else None,
        }


def show(results: Results, out: Console) -> None:
    out.print(said_of_machine(results.machine))
    out.print(f"{results.schools} schools, {results.marks:,} marks, {results.lanes} connections")
    out.print(_operations(results))
    if results.spent is not None:
        out.print(results.spent.said())
    out.print(
        "req/s are medians over rounds (lowest-highest). raw: the same statement, context, guard and COMMIT through "
        "psycopg, no GraphQL, HTTP or audit row.\npgbench: the same in one message, without Python; no audit row."
        "\nexecutor: the same statement's values as dictionaries, completed by "
        "graphql-core, in process; it stands against the compiled road in process.\noracle: plain resolvers over rows in "
        "memory, each kind of cell asked of Casbin once; milliseconds of one request, alone."
    )
    out.print(_planning(results))
    if results.administration:
        out.print(_administration(results))
        out.print(_transactions(results))
    if results.walls:
        out.print(table_of_walls(results.walls))
    if results.analyses:
        out.print(table_of(results.analyses))
    if results.growth:
        out.print(table_of_growth(results.growth))
        out.print(said_of_regrading(results.growth))
    _show_engines(results, out)
    for line in _lines(results):
        out.print(line)
    out.print(f"Measured in {results.took:.0f} s")


def _show_engines(results: Results, out: Console) -> None:
    """What is measured without a server's reads: the limits' rule, grades, and batches of marks."""
    if results.nested:
        out.print(table_of_nested(results.nested))
        out.print(said_of_nested(results.nested))
    if results.grading is not None:
        one = results.grading
        out.print(
            f"Grading ({one.specification}): {one.engine / 1e6:.1f} million marks/s; with 2% absences "
            f"{one.with_absences / 1e6:.1f}; plain product and search {one.plain / 1e6:.1f} "
            f"({one.plain / one.engine:.2f} x the engine)"
        )
    if results.single:
        out.print(table_of_single(results.single))
    if results.recording is not None:
        one = results.recording
        out.print(
            f"recordMarks, batches of {results.batch}: {one.rate:.0f}/s ({one.rate * results.batch:.0f} marks/s), p50 "
            f"{one.percentile(0.5):.1f} ms, p99 {one.percentile(0.99):.1f} ms, CPU a batch: server "
            f"{one.server_cpu:.1f} ms, database {one.database_cpu:.1f} ms"
        )


def _lines(results: Results) -> list[str]:
    followed = [one.line() for one in (*results.live, results.ends, results.many) if one is not None]
    said = (results.undoing, results.tokens, results.sign_ins, results.upserts)
    return followed + [one.said() for one in said if one is not None]


def _operations(results: Results) -> Table:
    table = Table(title="Reads, side by side")
    for heading in ("query", "account"):
        table.add_column(heading)
    for heading in (
        "kB", "SQL", "req/s", "p50 ms", "p99 ms", "CPU ms\nserver", "CPU ms\ndatabase", "x raw", "x pgbench", "raw\nCPU db",
        "in process\nx executor", "executor\nCPU ms", "oracle ms",
    ):  # fmt: skip
        table.add_column(heading, justify="right")
    for cell in results.cells:
        one = cell.roads[COMPILED]
        table.add_row(
            cell.operation.name,
            cell.operation.account.name,
            f"{cell.size / 1000:.1f}",
            str(cell.sent.statements),
            f"{one.rate:.0f} ({min(one.rates):.0f}-{max(one.rates):.0f})",
            f"{one.percentile(0.5):.1f}",
            f"{one.percentile(0.99):.1f}",
            f"{one.server_cpu:.2f}",
            f"{one.database_cpu:.2f}",
            f"{cell.times(RAW):.2f}",
            f"{cell.times(WALLED):.2f}",
            f"{cell.roads[RAW].database_cpu:.2f}",
            f"{cell.times(EXECUTOR, IN_PROCESS):.1f}",
            f"{cell.roads[EXECUTOR].server_cpu:.2f}",
            f"{cell.oracle[0] * 1000:.0f}" if cell.oracle else "-",
        )
    return table


def _planning(results: Results) -> Table:
    table = Table(title="The first time, in ms")
    for heading in ("query", "account"):
        table.add_column(heading)
    for heading in ("parse, validate", "read", "plan cold", "plan warm", "compile cold", "cold, together"):
        table.add_column(heading, justify="right")
    for one in results.planning:
        steps = (one.parse_and_validate, one.read, one.plan_cold, one.plan_warm, one.compile_cold, one.cold)
        table.add_row(one.operation, one.account, *(f"{step:.2f}" for step in steps))
    return table


def _transactions(results: Results) -> Table:
    table = Table(title="A read's transaction on one connection, alone, in ms")
    for heading in ("query", "account"):
        table.add_column(heading)
    for heading in ("without guard", "version check", "times", "and audit row"):
        table.add_column(heading, justify="right")
    for one in results.transactions:
        audited = "-" if one.audited is None else f"{one.audited:.3f}"
        times = one.guarded / one.bare
        table.add_row(one.operation, one.account, f"{one.bare:.3f}", f"{one.guarded:.3f}", f"{times:.2f}", audited)
    return table


def _administration(results: Results) -> Table:
    table = Table(title="An officer's steps, in ms")
    table.add_column("step")
    for rules in results.administration[0].milliseconds:
        table.add_column(f"{rules:,} rules", justify="right")
    for one in results.administration:
        table.add_row(one.step, *(f"{cost:.3g}" if cost < 1 else f"{cost:.1f}" for cost in one.milliseconds.values()))
    return table
