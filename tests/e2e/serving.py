"""The real application on loopback: server processes like those of `usher run`, and clients with tokens.

    with serving(app_url, folder) as servers:            # one process; count=4 for four, each on a port of its own
        ann = servers[0].client(world, "ann")
        answer = ann.ask("{ viewer { roles } }")         # HTTP, JSON, checked for being no defect

Standard error of each process goes to a file, so that a test can read what was logged.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import httpx

from server import tables
from server.identity.keys import token_key
from server.identity.tokens import TokenIssuer
from tests.worlds import World

ROOT: Final = Path(__file__).parents[2]
START_SECONDS: Final = 60.0
LIFETIME: Final = 3600
_HERE: Final = "127.0.0.1"
PURPOSE: Final = "Usher-Purpose"
REASON: Final = "Usher-Reason"

Variables = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """One response: the HTTP status and the parsed body."""

    status: int
    body: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        """`data` of a response without errors; anything else fails the test."""
        assert self.status == 200, self
        assert "errors" not in self.body, self.body["errors"]
        return cast("dict[str, Any]", self.body["data"])

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in self.body.get("errors", [])]

    def __str__(self) -> str:
        return f"{self.status} {json.dumps(self.body)[:2000]}"


@dataclass(frozen=True)
class Client:
    """One account's way to one server."""

    http: httpx.Client
    token: str

    def ask(
        self,
        document: str,
        variables: Variables | None = None,
        *,
        purpose: str | None = None,
        reason: str | None = None,
    ) -> Answer:
        """Any answer but a defect: a 500, or a masked error, fails the test that asked."""
        stated = {name: value for name, value in ((PURPOSE, purpose), (REASON, reason)) if value is not None}
        response = self.http.post(
            "/graphql",
            json={"query": document, "variables": dict(variables or {})},
            headers={"Authorization": f"Bearer {self.token}", **stated},
        )
        answer = Answer(response.status_code, response.json())
        assert response.status_code != 500, answer
        assert "INTERNAL_ERROR" not in answer.codes, answer
        return answer


class Nursery:
    """The process that forks servers; see tests/e2e/forking.py."""

    def __init__(self, app_url: str, home: Path, log: Path, listeners: list[socket.socket], host: str) -> None:
        reading, self._lifeline = os.pipe()
        ours, theirs = socket.socketpair()
        descriptors = [theirs.fileno(), reading, *(listener.fileno() for listener in listeners)]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.forking", *map(str, descriptors)],
                cwd=ROOT,
                env=_environment(app_url, home, _url(listeners[0], host)),
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        theirs.close()
        os.close(reading)
        self._channel = ours
        self._lines = ours.makefile("rw")
        self._lock = threading.Lock()

    def start(self, number: int, log: Path, settings: Mapping[str, str]) -> int:
        """Start a server on that listener; its process id."""
        with self._lock:
            self._lines.write(json.dumps([number, str(log), dict(settings)]) + "\n")
            self._lines.flush()
            return int(self._lines.readline())

    def close(self) -> None:
        """End the nursery; its children see the end of their lifeline."""
        self._lines.close()
        self._channel.close()
        os.close(self._lifeline)
        self._process.wait(30)


def _environment(app_url: str, home: Path, issuer: str) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("USHER_")}
    return environment | {
        "USHER_DATABASE_URL": app_url,
        "USHER_HOME": str(home),
        "USHER_ISSUER": issuer,
        "USHER_LOG_LEVEL": "debug",
        # Machines that run tests are slower than their clients are patient.
        "USHER_POOL_TIMEOUT": "5",
        # Tests ask faster than people do; what holds those up is looked at in test_budgets.py.
        "USHER_COST_BUDGET": str(10**12),
        "USHER_COST_PER_SECOND": str(10**9),
        "PYTHONWARNINGS": "default",
    }


def _url(listener: socket.socket, host: str = _HERE) -> str:
    return f"http://{host}:{listener.getsockname()[1]}"


@dataclass
class Server:
    """A process that answers on `url`; it can be killed and started again on the same port."""

    nursery: Nursery
    number: int
    home: Path
    listener: socket.socket
    log: Path
    pid: int = 0
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        # The server's own deadlines are shorter than this one.
        self.http = httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    @property
    def url(self) -> str:
        return _url(self.listener)

    def start(self, **settings: str) -> None:
        """Start the process, with more settings; the listener queues connections until it accepts them."""
        assert self.pid == 0
        self.pid = self.nursery.start(self.number, self.log, settings)

    def ready(self) -> None:
        """Return once /readyz answers 200."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and _alive(self.pid):
            try:
                if self.http.get("/readyz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                continue  # it was accepted by a process that had not finished starting
        raise AssertionError(f"the server didn't start:\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        if self.pid != 0:
            self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        pid, self.pid = self.pid, 0
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        try:
            signal.pidfd_send_signal(descriptor, number)
            ended, _, _ = select.select([descriptor], [], [], START_SECONDS)
            assert ended, "the server didn't end"
        finally:
            os.close(descriptor)

    def client(self, world: World, handle: str, capacity: str | None = None, *, factor: bool = True) -> Client:
        """A client with a token of the account; the capacity that it usually acts in where left out.

        `factor`: whether they signed in with two.
        """
        acting = capacity or capacity_of(world, handle)
        issuer = TokenIssuer(token_key(self.home / "keys"))
        program = handle if acting == "CLIENT" else None
        proved = factor and program is None
        token = issuer.issue(world.school_id, world.name(handle), acting, LIFETIME, client_id=program, factor=proved)
        return Client(self.http, token)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def capacity_of(world: World, handle: str) -> str:
    """The first capacity in which the world lets that person act."""
    rows = world.rows[tables.AccessProfileRow]
    return next(row["capacity"] for row in rows if row["person_id"] == world.ids[handle])


@contextmanager
def serving(
    app_url: str, folder: Path, count: int = 1, host: str = _HERE, **settings: str
) -> Generator[list[Server]]:  # fmt: skip
    """`count` processes over one database and one set of keys, each on a port of its own; stopped at the end.

    `host` is what the first is known by, as the issuer: passkeys want a name. `settings`: variables of all of them.
    """
    home = folder / "home"
    token_key(home / "keys")
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        nursery = Nursery(app_url, home, folder / "nursery.log", listeners, host)
        stack.callback(nursery.close)
        servers: list[Server] = []
        for number, listener in enumerate(listeners):
            server = Server(nursery, number, home, listener, folder / f"server-{number}.log")
            stack.callback(server.http.close)
            stack.callback(server.stop)
            servers.append(server)
            server.start(**settings)
        for server in servers:
            server.ready()
        yield servers
