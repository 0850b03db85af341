"""The real application on loopback: server processes as the supervisor starts them, and clients with tokens.

    with serving(app_url, folder) as servers:            # one process; count=4 for four, each on a port of its own
        ann = servers[0].client(world, "ann")
        answer = ann.ask("{ viewer { roles } }")         # HTTP, JSON, checked for being no defect

Standard error of each process goes to a file, so that a test can read what was logged.
"""

import json
import os
import signal
import socket
import subprocess
import sys
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


@dataclass
class Server:
    """A process that answers on `port`; it can be killed and started again on the same port."""

    app_url: str
    home: Path
    listener: socket.socket
    log: Path
    process: subprocess.Popen[bytes] | None = None
    http: httpx.Client = field(init=False)
    _lifeline: int = -1

    def __post_init__(self) -> None:
        # One worker answers for several tests: its own deadlines are shorter than this one.
        self.http = httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start the process; `ready` waits for it."""
        reading, self._lifeline = os.pipe()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("USHER_")}
        environment |= {"USHER_DATABASE_URL": self.app_url, "USHER_HOME": str(self.home), "USHER_LOG_LEVEL": "debug"}
        environment |= {"PYTHONWARNINGS": "default"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server.cli.worker", str(self.listener.fileno()), str(reading)],
                cwd=ROOT,
                env=environment,
                pass_fds=(self.listener.fileno(), reading),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        os.close(reading)

    def ready(self) -> None:
        """Return once /readyz answers 200. The listener queues connections from the start, so the wait is one request."""
        assert self.process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.http.get("/readyz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                continue  # it was accepted by a process that had not finished starting
        raise AssertionError(f"the server didn't start:\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._end()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self._end()

    def _end(self) -> None:
        self.process = None
        os.close(self._lifeline)

    def client(self, world: World, handle: str, capacity: str | None = None) -> Client:
        """A client with a token of the account; the capacity that it usually acts in where left out."""
        acting = capacity or capacity_of(world, handle)
        issuer = TokenIssuer(token_key(self.home / "keys"))
        program = handle if acting == "CLIENT" else None
        return Client(self.http, issuer.issue(world.school_id, world.name(handle), acting, LIFETIME, client_id=program))


def capacity_of(world: World, handle: str) -> str:
    """The first capacity in which the world lets that person act."""
    rows = world.rows[tables.AccessProfileRow]
    return next(row["capacity"] for row in rows if row["person_id"] == world.ids[handle])


@contextmanager
def serving(app_url: str, folder: Path, count: int = 1) -> Generator[list[Server]]:
    """`count` processes over one database and one set of keys, each on a port of its own; stopped at the end."""
    home = folder / "home"
    token_key(home / "keys")
    with ExitStack() as stack:
        servers: list[Server] = []
        for number in range(count):
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            server = Server(app_url, home, listener, folder / f"server-{number}.log")
            stack.callback(server.http.close)
            stack.callback(server.stop)
            servers.append(server)
            server.start()
        for server in servers:
            server.ready()
        yield servers
