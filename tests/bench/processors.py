"""CPU seconds by what they were spent on: the server, PostgreSQL's processes by their kind, and who asks."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from server.database.postmaster import server_processes
from tests.bench.processor_time import of_database, of_process

_PROC = Path("/proc")
_KINDS = (
    "autovacuum launcher", "autovacuum worker", "background writer", "checkpointer", "io worker", "logger",
    "logical replication launcher", "parallel worker", "walwriter",
)  # fmt: skip
ENDED = "ended"
"""Of PostgreSQL's processes that came and went meanwhile."""


def kind_of(title: str) -> str:
    """By a process' title, as PostgreSQL sets it ("postgres: io worker 0", "postgres: usher_app usher [local] idle")."""
    said = re.sub(r"^postgres: (?:[^:]*: )?", "", title)
    if said == title:
        return "postmaster"
    return next((kind for kind in _KINDS if said.startswith(kind)), "client backend")


def by_kind(data: Path) -> dict[str, float]:
    """Of the PostgreSQL on this data folder, all together and by the kind of those that live."""
    spent: defaultdict[str, float] = defaultdict(float)
    for pid in server_processes(data):
        spent[kind_of(_title(pid))] += of_process(pid)
    return {**spent, ENDED: of_database(data) - sum(spent.values())}


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of processor by kind, over so many seconds."""

    seconds: float
    kinds: dict[str, float]

    def said(self) -> str:
        whole = sum(self.kinds.values()) or 1.0
        parts = sorted(self.kinds.items(), key=lambda one: -one[1])
        told = ", ".join(f"{kind} {spent:.1f} s ({spent / whole:.0%})" for kind, spent in parts if spent >= 0.05)
        return f"CPU over {self.seconds:.0f} s: {told}"

    def data(self) -> dict[str, object]:
        return {"seconds": self.seconds, "cpu_seconds": self.kinds}


class Watch:
    """From its making to `spent`: of server processes `servers`, of the database, and of this process, which asks."""

    def __init__(self, servers: tuple[int, ...], data: Path) -> None:
        self._servers = servers
        self._data = data
        self._begun = time.perf_counter()
        self._before = self._now()

    def spent(self) -> Spent:
        after = self._now()
        kinds = {kind: max(0.0, after[kind] - self._before.get(kind, 0.0)) for kind in after}
        return Spent(time.perf_counter() - self._begun, kinds)

    def _now(self) -> dict[str, float]:
        postgresql = {f"PostgreSQL {kind}": spent for kind, spent in by_kind(self._data).items()}
        return {"server": sum(map(of_process, self._servers)), "client": time.process_time(), **postgresql}


def _title(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")[0].decode("utf-8", "replace").strip()
    except OSError:
        return ""
