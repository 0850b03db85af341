"""The edge as its clients see it: a real server process on the loopback."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.unit.web.fakes import TOKEN

AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its port, its process, and the file its log lines go to."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        """With a token; a request takes 20 s at most."""
        return httpx.Client(base_url=self.url, headers=AUTHORISED, timeout=20, trust_env=False)


@contextmanager
def serving(log: Path, **environment: str) -> Generator[Served]:
    """uvicorn on a socket that is already listening, so that nobody has to wait for it."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener, log.open("wb") as lines:
        command = [sys.executable, "-m", "tests.unit.web.fakes", str(listener.fileno())]
        process = subprocess.Popen(
            command, pass_fds=[listener.fileno()], stdout=lines, stderr=lines, env=os.environ | environment
        )
        try:
            yield Served(listener.getsockname()[1], process, log)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    """One server for all tests of this folder; a head and a body have half a second to arrive, an answer three."""
    with serving(tmp_path_factory.mktemp("edge") / "log", BODY="0.5", HEAD="0.5", OPERATION="3") as server:
        yield server


@pytest.fixture
def client(served: Served) -> Generator[httpx.Client]:
    with served.client() as client:
        yield client
