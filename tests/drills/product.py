"""`usher run` as anybody starts it, in a folder of its own, with the processes that a drill kills by their ids."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from server.database.binaries import server_user
from server.database.cluster_files import ClusterFiles
from server.database.embedded import Cluster
from server.database.postmaster import read_postmaster
from server.database.roles import APP, OWNER
from tests.drills.report import Say
from tests.e2e.serving import ROOT

UNLIMITED: Final = {"USHER_COST_BUDGET": str(10**12), "USHER_COST_PER_SECOND": str(10**9)}
"""Few do here what many do elsewhere: what holds one person up isn't the drills' matter."""
_START_SECONDS: Final = 180.0
_LOOK: Final = 0.02


@dataclass(slots=True)
class Product:
    """A running `usher run` over its embedded PostgreSQL."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    said: Path
    cluster: Cluster

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def app_url(self) -> str:
        return self.cluster.url(APP)

    @property
    def owner_url(self) -> str:
        return self.cluster.url(OWNER)

    @property
    def data(self) -> Path:
        return ClusterFiles(self.home, server_user()).data

    def workers(self) -> list[int]:
        """Ids of its server processes, the oldest first."""
        return [pid for pid in children(self.process.pid) if b"server.cli.worker" in _command(pid)]

    def postmaster(self) -> int:
        """PostgreSQL's main process. Raises RuntimeError where none is known."""
        found = read_postmaster(self.data)
        if found is None:
            raise RuntimeError("PostgreSQL has no lock file")
        return found.pid

    def wait_until_ready(self, seconds: float = _START_SECONDS) -> None:
        """Raises RuntimeError, with what was said, when it isn't in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            if is_ready(self.url):
                return
            time.sleep(_LOOK)
        raise RuntimeError(f"usher run did not get ready:\n{self.said.read_text()[-3000:]}")


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def drill_folder(name: str) -> Generator[Path]:
    """A folder with a short path that PostgreSQL's user may enter; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"usher-drill-{name}-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def product(folder: Path, workers: int, say: Say, more: Mapping[str, str] | None = None) -> Generator[Product]:
    """`usher run --no-demo` in `folder`, once it is ready; stopped in order at the end."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("USHER_")}
    # Of this work tree, whatever is installed.
    environment |= UNLIMITED | {
        "PYTHONPATH": str(ROOT),
        "USHER_HOME": str(folder),
        "PORT": str(port),
        "USHER_WORKERS": str(workers),
        **(more or {}),
    }
    said = folder / "said"
    say("Starting usher run")
    command = [str(Path(sys.executable).with_name("usher")), "run", "--no-demo"]
    with said.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    cluster = Cluster(folder)
    running = Product(folder, port, process, said, cluster)
    try:
        running.wait_until_ready()
        cluster.start()  # joins the server that runs
        yield running
    finally:
        process.terminate()
        process.wait(60)


def kill(pid: int, number: signal.Signals = signal.SIGKILL, seconds: float = 30.0) -> None:
    """Signal one process, and wait for its end. One that has ended already is let be."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(descriptor, number)
        ended, _, _ = select.select([descriptor], [], [], seconds)
        if not ended:
            raise RuntimeError("a process did not end")
    finally:
        os.close(descriptor)


def children(pid: int) -> list[int]:
    """Of a process, in the order of their ids' making."""
    found: list[tuple[int, int]] = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with _however_it_ends():
                words = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(words[1]) == pid and words[0] not in "ZX":
                    found.append((int(words[19]), int(folder.name)))
    return [one for _, one in sorted(found)]


def resident_bytes(pid: int) -> int:
    """What it holds in memory now."""
    pages = int((Path("/proc") / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def _however_it_ends() -> Generator[None]:
    """A process may end while it is looked at."""
    try:
        yield
    except (OSError, IndexError, ValueError):
        return


def _command(pid: int) -> bytes:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes()
    except OSError:
        return b""
