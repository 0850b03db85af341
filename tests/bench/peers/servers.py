"""The peers' servers, one process each."""

from __future__ import annotations

import os
import select
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.peers.project import FOLDER

_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class PeerServer:
    name: str
    pid: int
    port: int


@contextmanager
def peer_server(name: str, node: Path, url: str, connections: int) -> Generator[PeerServer]:
    """Ready to be asked; stopped at the end. Raises RuntimeError where it doesn't get ready.

    `name` is the folder's, and further words after it are arguments of its own.
    """
    folder, *words = name.split()
    port = _free_port()
    environment = {
        "PATH": os.defpath,
        "NODE_ENV": "production",
        "PEERS_DATABASE_URL": url,
        "GRAPHILE_ENV": "production",
    }
    process = subprocess.Popen(
        [node, f"{folder}/server.mjs", str(port), str(connections), *words],
        cwd=FOLDER, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
        if not ready or process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{name} did not get ready: see its own words above")
        yield PeerServer(name, process.pid, port)
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
