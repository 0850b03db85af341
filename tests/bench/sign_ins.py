"""People signing in by name and password over HTTP, beside the bare Argon2id of as many at a time, and the memory it takes."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import psycopg

from server.identity.people.accounts import make_account
from server.identity.people.hashing import AT_A_TIME, hasher
from server.identity.people.passwords import set_password
from server.web.pages.cookies import VISITOR, form_token, new_cookie
from tests.bench import processor_time
from tests.bench.dataset import Dataset
from tests.bench.http_client import Connection
from tests.bench.load import Measured, drive
from tests.bench.usher_server import UsherServer

LANES: Final = 16
_PEOPLE: Final = 32
_ROUNDS: Final = 3
_SECONDS: Final = 2.0
_SEE_OTHER: Final = b"303"


@dataclass(frozen=True, slots=True)
class SignIns:
    """`hashes` is the rate of the bare hash in as many threads as may hash at a time; memory in bytes."""

    asked: Measured
    hashes: float
    before: int
    most: int

    def data(self) -> dict[str, object]:
        memory = {"memory_before": self.before, "memory_most": self.most}
        return {**self.asked.data(), "hashes_per_second": self.hashes, **memory}

    def said(self) -> str:
        one = self.asked
        return (
            f"Sign-ins: {one.rate:.0f}/s on {LANES} connections ({one.rate / self.hashes:.2f} x {self.hashes:.0f} bare "
            f"Argon2id/s in {AT_A_TIME} threads), p50 {one.percentile(0.5):.0f} ms, p99 {one.percentile(0.99):.0f} ms, CPU each: "
            f"server {one.server_cpu:.1f} ms, database {one.database_cpu:.2f} ms; the process holds "
            f"{self.before / 2**20:.0f} MiB before and {self.most / 2**20:.0f} MiB at most"
        )


async def sign_ins(data: Dataset, server: UsherServer) -> SignIns:
    files, forms = data.cluster.files.data, _forms(data.app_url)
    connections = [Connection(server.port, _SEE_OTHER) for _ in range(LANES)]

    async def ask(lane: int) -> None:
        await connections[lane].ask(next(forms))

    def cpu() -> tuple[float, float]:
        return processor_time.of_process(server.pid), processor_time.of_database(files)

    before = _memory(server.pid)
    with _watched(server.pid) as seen:
        rounds = [await drive(ask, LANES, _SECONDS, cpu) for _ in range(_ROUNDS + 1)]
    for connection in connections:
        connection.close()
    return SignIns(Measured("sign-in", rounds[1:]), await asyncio.to_thread(_bare), before, max(seen))


def _forms(app_url: str) -> Iterator[bytes]:
    """Of people who exist, each in a browser that comes for the first time."""
    now, people = datetime.now(UTC), list[tuple[str, str]]()
    with psycopg.connect(app_url) as connection:
        for _ in range(_PEOPLE):
            name, password = f"bench-{secrets.token_hex(6)}", secrets.token_urlsafe(12)
            set_password(connection, make_account(connection, name, None, now).account_id, password, now)
            people.append((name, password))
    for name, password in cycle(people):
        cookie = new_cookie()
        body = urlencode({"name": name, "password": password, "csrf": form_token(cookie)}).encode()
        head = (
            f"POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: {VISITOR}={cookie}\r\nsec-fetch-site: same-origin\r\n"
            f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


def _bare() -> float:
    """Checks of one hash a second, after it was made."""
    hash_, counted = hasher().hash("a password of the bench"), [0] * AT_A_TIME
    until = time.perf_counter() + _SECONDS

    def work(thread: int) -> None:
        while time.perf_counter() < until:
            assert hasher().verify("a password of the bench", hash_)
            counted[thread] += 1

    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        list(threads.map(work, range(AT_A_TIME)))
    return sum(counted) / (time.perf_counter() - begun)


@contextlib.contextmanager
def _watched(pid: int) -> Generator[list[int]]:
    """What the process holds, looked at all the time."""
    seen = [_memory(pid)]

    async def watch() -> None:
        while True:
            seen.append(_memory(pid))
            await asyncio.sleep(0.02)

    task = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        task.cancel()


def _memory(pid: int) -> int:
    """Resident bytes: proc(5), status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
