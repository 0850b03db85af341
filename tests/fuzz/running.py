"""A run: warm-up, then so many shots of a seed, with a healthy client beside them, and what came of it."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from tests.e2e.serving import ROOT
from tests.fuzz.grounds import Grounds
from tests.fuzz.judging import faults, told
from tests.fuzz.shots import shot
from tests.fuzz.wire import fired

LANES: Final = 12
GROWTH: Final = 50.0
"""MB that the server may grow by after the warm-up."""
SLOWEST: Final = 2000.0
"""Milliseconds of the healthy client's p99 meanwhile."""
_WARM: Final = 0.1
_LOOK: Final = 100
_SHOWN: Final = 20
_Q1: Final = ROOT / "tests/bench/queries/q1-one-learner.graphql"
_RESIDENT: Final = re.compile(r"^VmRSS:\s+(\d+) kB", re.MULTILINE)


@dataclass
class Report:
    """`wrong` are what was found, each with what was sent; `memory` are MB, first of it after the warm-up."""

    seed: int
    requests: int
    answers: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])
    memory: list[float] = field(default_factory=list[float])
    before: list[float] = field(default_factory=list[float])
    during: list[float] = field(default_factory=list[float])
    errors: int = 0

    @property
    def grown(self) -> float:
        return max(self.memory) - self.memory[0]

    @property
    def tenths(self) -> list[str]:
        """How large the server was as the run went on: a leak goes up to the end, a cache is full at some time."""
        step = max(1, len(self.memory) // 10)
        return [f"{one:.0f}" for one in self.memory[::step]]

    @property
    def failures(self) -> list[str]:
        """All of it; `certain` and whether the healthy client waited, which a busy machine has a say in."""
        waited = percentile(self.during, 99)
        return self.certain + ([f"the healthy client waited {waited:.0f} ms"] if waited > SLOWEST else [])

    @property
    def certain(self) -> list[str]:
        """Whatever the machine does meanwhile."""
        found = list(self.wrong)
        if self.grown > GROWTH:
            found.append(f"the server grew by {self.grown:.0f} MB")
        if self.errors:
            found.append(f"the healthy client had {self.errors} errors")
        return found

    def lines(self) -> list[str]:
        """The figures, without the failures."""
        several = ", ".join(f"{count} x {name}" for name, count in sorted(self.answers.items()))
        return [
            f"seed {self.seed}: {self.requests} requests: {several}",
            f"memory {self.memory[0]:.0f} MB after the warm-up, {self.grown:+.0f} MB at most, "
            f"{self.memory[-1] - self.memory[0]:+.0f} MB at the end; by tenths: {', '.join(self.tenths)}",
            f"healthy client, {len(self.during)} answers, {self.errors} errors: p50 {percentile(self.before, 50):.1f} -> "
            f"{percentile(self.during, 50):.1f} ms, p99 {percentile(self.before, 99):.1f} -> {percentile(self.during, 99):.1f} ms",
        ]


def percentile(taken: list[float], which: int) -> float:
    """Between the least and the greatest: of few answers none is made up that took longer than any."""
    return quantiles(taken, n=100, method="inclusive")[which - 1] if len(taken) > 1 else sum(taken)


def resident(pid: int) -> float:
    """MB."""
    found = _RESIDENT.search(Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


class Beside:
    """The healthy client's process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def since(self) -> dict[str, Any]:
        """What happened since this was asked before."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def healthy(ground: Grounds) -> Generator[Beside]:
    """One learner by id, as a teacher, in a school to which nothing is sent."""
    variables = {"id": f"lrn_{ground.quiet.ids['ann'].hex}"}
    body = json.dumps({"query": _Q1.read_text(), "variables": variables})
    token = ground.server.client(ground.quiet, "teacher").token
    port = ground.server.listener.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fuzz.healthy", str(port)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps({"token": token, "body": body}) + "\n")
        process.stdin.flush()
        yield Beside(process)
    finally:
        process.stdin.close()
        process.wait(70)
        process.stdout.close()


async def run(ground: Grounds, seed: int, requests: int, progress: Callable[[int], None] = lambda _: None) -> Report:
    """The warm-up is a tenth as many of another seed."""
    report, pid = Report(seed, requests), ground.server.pid
    with healthy(ground) as beside:
        await _volley(ground, -seed - 1, range(int(requests * _WARM)), Report(seed, 0), lambda _: None)
        report.memory.append(resident(pid))
        beside.since()
        await asyncio.sleep(min(5.0, requests / 2000))
        report.before = beside.since()["taken"]

        def look(number: int) -> None:
            progress(number)
            if number % _LOOK == 0:
                report.memory.append(resident(pid))

        await _volley(ground, seed, range(requests), report, look)
        report.memory.append(resident(pid))
        last = beside.since()
        report.during, report.errors = last["taken"], last["errors"]
    report.wrong += told(ground.server.log, secrets(ground))
    return report


def secrets(ground: Grounds) -> frozenset[str]:
    found = {*ground.tokens, *ground.cookies, ground.vendor, ground.program.secret or "", ground.program.client_id[7:]}
    return frozenset(found - {""})


async def _volley(ground: Grounds, seed: int, numbers: range, report: Report, look: Callable[[int], None]) -> None:
    waiting = iter(numbers)

    async def lane() -> None:
        for number in waiting:
            await _one(ground, seed, number, report)
            look(number)

    async with asyncio.TaskGroup() as lanes:
        for _ in range(LANES):
            lanes.create_task(lane())


async def _one(ground: Grounds, seed: int, number: int, report: Report) -> None:
    kind, made = shot(ground, seed, number)
    outcome = await fired(ground.server.listener.getsockname()[1], made)
    report.answers[str(outcome.closed or outcome.status or "closed")] += 1
    found = faults(made, outcome)
    if found and len(report.wrong) < _SHOWN:
        answer = f"{outcome.status} {outcome.headers.get('content-type', '')} {outcome.text[:500]}"
        report.wrong.append(
            f"--seed {seed} --only {number} ({kind}): {'; '.join(found)}\n  sent\n    {made}\n  answered\n    {answer}"
        )
