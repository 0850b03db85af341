"""The real server, as `usher run` starts its workers: one process over the real app."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from server.cli.workers import beside, shared, shares

_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class UsherServer:
    """`pid` is the first worker's, of one or more."""

    pid: int
    port: int
    pids: tuple[int, ...] = ()


@contextmanager
def usher_server(app_url: str, home: Path, workers: int = 1) -> Generator[UsherServer]:
    """Workers on a port of their own; stopped at the end. Raises RuntimeError when one doesn't get ready."""
    listener = socket.socket()
    if workers > 1:
        shared(listener)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    lifeline, held = os.pipe()
    port = int(listener.getsockname()[1])
    environment = {
        **os.environ,
        "USHER_DATABASE_URL": app_url,
        "USHER_HOME": str(home),
        "USHER_LOG_LEVEL": "warning",
        # One teacher asks what a town would: buckets are kept and looked at as ever, and never empty.
        "USHER_COST_BUDGET": str(10**12),
        "USHER_COST_PER_SECOND": str(10**9),
    }
    environment.pop("USHER_OWNER_DATABASE_URL", None)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for number in range(workers):
            # As server.cli.workers does it.
            own = beside(listener) if number and shares(listener) else listener
            numbers = (own.fileno(), lifeline)
            command = [sys.executable, "-m", "server.cli.worker", *map(str, numbers)]
            started = subprocess.Popen(command, pass_fds=numbers, stdin=subprocess.DEVNULL, env=environment)
            processes.append(started)
            if own is not listener:
                own.close()
            _wait_until_ready(started, port)
        yield UsherServer(processes[0].pid, port, tuple(process.pid for process in processes))
    finally:
        os.close(held)
        os.close(lifeline)
        listener.close()
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("the server of the bench did not get ready: see its log above")
