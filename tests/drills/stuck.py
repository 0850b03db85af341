"""Followers that never read: the worker's memory stays bounded, others are told as ever, and the stuck ones are cut."""

from __future__ import annotations

import base64
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Generator, Sequence, Set
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from tests.drills.product import resident_bytes
from tests.drills.report import Report, Say
from tests.drills.schools import school, token
from tests.drills.stage import stage
from tests.drills.traffic import Caller, Reader, Writer, percentile, working
from tests.e2e.serving import Server
from tests.worlds import World

STUCK: Final = 100
MOST_GROWTH: Final = 100_000_000
"""A megabyte each."""
PATIENCE: Final = 90.0
GIVES_UP: Final = hasattr(socket, "TCP_USER_TIMEOUT")
"""Whether the kernel gives up a client that takes nothing."""
_A_SCHOOL: Final = 17
_WRITING: Final = 25.0
_PAUSE: Final = 2.0
_ALIASES: Final = 90
_PEOPLE: Final = ("teacher", "maths-lead")
_LOOK: Final = 0.2

# An event is more than ten kilobytes, so that what nobody takes fills every buffer on the way.
_MORE: Final = " ".join(
    f"a{number}: mark {{ id score learner {{ id }} assessment {{ name }} }}" for number in range(_ALIASES)
)
MARKS: Final = f"subscription {{ markRecorded {{ id {_MORE} }} }}"


def drill(seed: int, say: Say) -> Report:
    """100 followers, half over WebSocket and half over server-sent events, while marks are saved."""
    del seed
    report = Report("stuck")
    with stage("stuck", say) as on:
        worlds = [school(on.app_url, f"stuck {number}") for number in range(-(-STUCK // _A_SCHOOL))]
        measure(report, on.server, worlds, STUCK, _WRITING, say)
    return report


def measure(report: Report, server: Server, worlds: Sequence[World], count: int, writing: float, say: Say) -> None:
    """So many stuck followers beside a healthy one, readers and a writer in each school; then wait until they are cut.

    `writing`: seconds at most; it ends sooner where all of them are cut.
    """
    others = [Reader(Caller(server.url, token(server.home, world, "english")), pause=0.2) for world in worlds[:2]]
    at_work = [
        Writer(Caller(server.url, token(server.home, world, "teacher")), world, "stuck", 0, pause=_PAUSE)
        for world in worlds
    ]
    heard: list[float] = []
    port = server.listener.getsockname()[1]
    with ExitStack() as stack:
        stack.enter_context(listening(server, worlds[0], heard))
        before = resident_bytes(server.pid)
        say(f"{count} followers that never read")
        theirs = {
            stack.enter_context(stuck(server, worlds[number // _A_SCHOOL], _PEOPLE[number % 2], number % 4 < 2))
            for number in range(count)
        }
        opened = connections(port, theirs)
        most = 0
        with working([*at_work, *others]) as check:
            deadline = time.monotonic() + writing
            while time.monotonic() < deadline and (connections(port, theirs) or _idle([*at_work, *others])):
                check()
                most = max(most, resident_bytes(server.pid))
                time.sleep(_LOOK)
        written = sum(len(writer.acknowledged) for writer in at_work)
        marks = 6 * len(at_work[0].acknowledged)
        ended = time.monotonic()
        say(f"{written} batches were saved: waiting until all of them are cut")
        left = _wait(lambda: connections(port, theirs), PATIENCE)
        report.asks("followers that never read", opened, f"{count}", holds=opened == count)
        report.asks("of these cut", f"{opened - left}", "all", holds=left == 0)
        report.told("the last was cut after the last batch by", f"{time.monotonic() - ended:.1f} s")
        growth = most - before
        report.asks("memory of the worker grew by", f"{growth / 1e6:.0f} MB",
                    f"at most {MOST_GROWTH / 1e6:.0f} MB", holds=growth <= MOST_GROWTH)  # fmt: skip
        _wait(lambda: marks - len(heard), PATIENCE)
    told = [told for one in others for told in one.caller.log]
    served = sum(one.served for one in told)
    report.asks("requests of others served", f"{served} of {len(told)}", "all", holds=0 < served == len(told))
    report.told("99 % of them within", f"{1000 * percentile([one.seconds for one in told], 0.99):.0f} ms")
    report.asks(
        "marks that the healthy follower was told", f"{len(heard)} of {marks}", "all", holds=len(heard) == marks
    )


@contextmanager
def stuck(server: Server, world: World, handle: str, by_socket: bool) -> Generator[int]:
    """A follower that asks, and reads nothing of what it is told; its port."""
    bearer = token(server.home, world, handle)
    parts = urlsplit(server.url)
    with socket.socket() as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        end.connect((parts.hostname, parts.port))
        if by_socket:
            end.sendall(_upgrade())
            while b"\r\n\r\n" not in end.recv(4096):
                pass
            end.sendall(_frame({"type": "connection_init", "payload": {"Authorization": f"Bearer {bearer}"}}))
            end.recv(1)
            end.sendall(_frame({"type": "subscribe", "id": "1", "payload": {"query": MARKS}}))
        else:
            end.sendall(_request(bearer))
        end.recv(1)  # the stream stands
        yield end.getsockname()[1]


@contextmanager
def listening(server: Server, world: World, heard: list[float]) -> Generator[None]:
    """A follower that takes what it is told; the moments of its events."""
    stands = threading.Event()
    headers = {"Authorization": f"Bearer {token(server.home, world, 'head')}", "Accept": "text/event-stream"}
    http = httpx.Client(base_url=server.url, timeout=120, trust_env=False)

    def listen() -> None:
        document = {"query": "subscription { markRecorded { id } }"}
        try:
            with http.stream("POST", "/graphql", json=document, headers=headers) as response:
                for line in response.iter_lines():
                    stands.set()
                    if line.startswith("event: next"):
                        heard.append(time.monotonic())
        except (httpx.HTTPError, RuntimeError):
            return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        if not stands.wait(60):
            raise RuntimeError("the healthy follower's stream does not stand")
        yield
    finally:
        http.close()


def patience(server: Server) -> float:
    """Seconds after which the kernel gives up a client of that server; 0 where nobody asked for it."""
    return server.listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) / 1000


def connections(port: int, theirs: Set[int]) -> int:
    """Established connections of the server's port from those ports, at its own end.

    One that it has closed isn't established, whatever waits in it.
    """
    local, remote = f":{port:04X}", {f"{one:04X}" for one in theirs}
    rows = (row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return sum(row[1].endswith(local) and row[2][-4:] in remote and row[3] == "01" for row in rows)


def _idle(workers: Sequence[Reader | Writer]) -> bool:
    """Whether somebody was not answered yet."""
    return not all(one.caller.log for one in workers)


def _wait(left: Callable[[], int], seconds: float) -> int:
    """Until nothing is left, or the time is up; what is left then."""
    deadline = time.monotonic() + seconds
    while (found := left()) > 0 and time.monotonic() < deadline:
        time.sleep(_LOOK)
    return found


def _upgrade() -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        "GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    ).encode()


def _frame(message: object) -> bytes:
    """A text frame of RFC 6455, 5.2, under a mask of zeros."""
    body = json.dumps(message).encode()
    size = bytes((0x80 | len(body),)) if len(body) < 126 else b"\xfe" + len(body).to_bytes(2, "big")
    return b"\x81" + size + bytes(4) + body


def _request(bearer: str) -> bytes:
    body = json.dumps({"query": MARKS})
    return (
        f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bearer}\r\nContent-Type: application/json\r\n"
        f"Accept: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
