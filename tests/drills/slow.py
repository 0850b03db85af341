"""Clients that send a byte a second: their connections are closed, and whoever sends whole requests is served meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from tests.drills.report import Report, Say
from tests.drills.schools import school, token
from tests.drills.stage import stage
from tests.drills.traffic import Caller, Reader, percentile, working

SLOW: Final = 500
PATIENCE: Final = 25.0
"""Seconds in which all of them must be closed: heads and bodies have 10 each, and there are many of them."""
_BYTE: Final = 1.0
_AT_ONCE: Final = 50


@dataclass
class Slow:
    """Connections of one kind: how each ended, and after how many seconds."""

    kind: str
    ends: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])

    async def run(self, url: str, head: bytes, count: int, patience: float) -> None:
        """All of them at once; each sends `head`, then a byte a second until it is closed or patience ends."""
        gate = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(self._one(url, head, patience, gate) for _ in range(count)))

    async def _one(self, url: str, head: bytes, patience: float, gate: asyncio.Semaphore) -> None:
        parts = urlsplit(url)
        async with gate:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            writer.write(head)
        begun = time.monotonic()
        answer = asyncio.create_task(reader.read(65536))
        try:
            while not answer.done() and time.monotonic() - begun < patience:
                await asyncio.wait({answer}, timeout=_BYTE)
                if not answer.done():
                    writer.write(b"x")
            how = _how(answer) if answer.done() else "still open"
            self.ends.append((how, time.monotonic() - begun))
        finally:
            answer.cancel()
            writer.transport.abort()


def drill(seed: int, say: Say) -> Report:
    """500 slow bodies and 500 slow heads at once, and two healthy clients."""
    del seed
    report = Report("slow")
    with stage("slow", say) as on:
        world = school(on.app_url, "slow")
        bearer = token(on.server.home, world, "teacher")
        healthy = [Reader(Caller(on.server.url, bearer), pause=0.02) for _ in range(2)]
        with working(healthy):
            time.sleep(5)
            before = [told.seconds for one in healthy for told in one.caller.log[10:]]
            say(f"{SLOW} slow bodies and {SLOW} slow heads")
            begun = time.monotonic()
            found = slow(on.server.url, bearer, SLOW, PATIENCE)
            ended = time.monotonic()
        for one in found:
            judge(report, one, SLOW)
        told = [told for one in healthy for told in one.caller.log if begun <= told.at <= ended]
        served = sum(one.served for one in told)
        report.asks(
            "healthy clients' requests served", f"{served} of {len(told)}", "all", holds=0 < served == len(told)
        )
        for name, seconds in (("before", before), ("meanwhile", [one.seconds for one in told])):
            half, most = (1000 * percentile(seconds, part) for part in (0.5, 0.99))
            report.told(f"a healthy client's answers {name}", f"half within {half:.1f} ms, 99 % within {most:.1f} ms")
    return report


def slow(url: str, bearer: str, count: int, patience: float) -> list[Slow]:
    """So many of each kind, at once, in this thread."""
    head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bearer}\r\nContent-Type: application/json\r\n"
    bodies, heads = Slow("slow bodies"), Slow("slow heads")

    async def both() -> None:
        await asyncio.gather(
            bodies.run(url, f"{head}Content-Length: 1000\r\n\r\n{{".encode(), count, patience),
            heads.run(url, f"{head}X-Slow: ".encode(), count, patience),
        )

    asyncio.run(both())
    return [bodies, heads]


def judge(report: Report, found: Slow, count: int) -> None:
    """All of them were closed; how, and when the last was."""
    closed = [seconds for how, seconds in found.ends if how != "still open"]
    how = Counter(how for how, _ in found.ends)
    report.asks(f"{found.kind} closed", f"{len(closed)} of {count}", "all", holds=len(closed) == count)
    report.told(f"{found.kind} ended", ", ".join(f"{kind}: {number}" for kind, number in how.items()))
    report.told(f"{found.kind}: the last was closed after", f"{max(closed, default=0.0):.1f} s")


def _how(answer: asyncio.Task[bytes]) -> str:
    try:
        text = answer.result()
    except OSError:
        return "reset"
    return text.split(b"\r\n", 1)[0].decode("latin-1") or "closed"
