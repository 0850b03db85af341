"""CPU seconds of processes, from /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from server.database.postmaster import server_processes

_PROC = Path("/proc")
_TICK = 1 / os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM = 11, 12, 13, 14


def of_process(pid: int) -> float:
    """To the nanosecond where the kernel tells it, else in ticks of 10 ms."""
    try:
        tasks = list((_PROC / str(pid) / "task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    except (OSError, ValueError, IndexError):
        return sum(_stat(pid, _USER, _SYSTEM))


def of_database(data: Path) -> float:
    """Every process of the PostgreSQL on this data folder, those that have ended too."""
    pids = server_processes(data)
    living = sum(of_process(pid) for pid in pids)
    return living + sum(sum(_stat(pid, _CHILDREN_USER, _CHILDREN_SYSTEM)) for pid in pids)


def _stat(pid: int, *fields: int) -> Iterable[float]:
    """Fields of proc(5) stat after the name, in seconds; none where the process has gone."""
    try:
        words = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ()
    return [int(words[field]) * _TICK for field in fields]
