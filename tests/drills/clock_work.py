"""What is written, followed, sealed and run by two servers, or two processes of the jobs, whose clocks differ."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import psycopg

from server.commands.jobs.job import MINUTE, Desk, Job
from server.commands.jobs.loop import run_once
from server.compliance.audit_export import audit_connection, exported
from server.compliance.mail import Mailer
from server.compliance.sealing import LATE, seal_school
from server.compliance.verification import Verdict, verified
from server.database.pool import Pool
from tests.drills.report import Report
from tests.drills.shifted import shifted
from tests.drills.sides import SEEN, Places, Side, outcome
from tests.drills.traffic import A_BATCH, PAPERS
from tests.e2e.live import socket
from tests.e2e.marks_ledger import Batch, Ledger
from tests.e2e.serving import Client, Server
from tests.worlds import World

MARKS: Final = "subscription($after: ID) { markRecorded(after: $after) { id mark { id } } }"


def writes(report: Report, places: Places, world: World, here: Side, there: Side, name: str) -> None:
    """Batches sent to both under one key, and a stream that goes on at the other: nothing lost, nothing doubled."""
    clients = {side.ahead: side.client(world, "teacher") for side in (here, there)}
    batches = [_batch(number) for number in range(3)]
    followed: list[tuple[str, str]] = []
    replayed: list[bool] = []
    last: str | None = None
    for number, (batch, at) in enumerate(zip(batches, (here, there, here), strict=True)):
        sides = (there, here, there) if number % 2 == 0 else (here, there, here)

        def send(batch: Batch = batch, sides: tuple[Side, ...] = sides) -> None:
            for place, side in enumerate(sides):
                told = batch.send(clients[side.ahead], world).data["recordMarks"]
                replayed.append(told["replayed"] is (place > 0) and told["userErrors"] == [])

        last = _follow(at, clients[at.ahead], last, send, followed)
    report.asks(f"{name}: replays told as such", sum(replayed), f"{len(replayed)}", holds=all(replayed))
    report.none_of(f"{name}: batches lost, doubled or unaudited", Ledger(places.owner_url, world).findings(batches))
    wanted = 3 * A_BATCH
    once = len({id_ for id_, _ in followed}) == len(followed) == wanted
    whole = once and [mark for _, mark in followed] == _sent(places, world)
    report.asks(f"{name}: events, resumed at the other server twice", len(followed), f"{wanted} in order", holds=whole)


def _follow(
    at: Side, client: Client, last: str | None, send: Callable[[], None], followed: list[tuple[str, str]]
) -> str | None:  # fmt: skip
    """A stream's events of a batch, which came before it where there was one to go on from, else while it stands."""
    if last is not None:
        send()
    with socket(at.server, client) as live:
        live.subscribe(MARKS, {"after": last})
        if last is None:
            send()
        for _ in range(A_BATCH):
            event = live.event()
            last = event["id"]
            followed.append((event["id"], event["mark"]["id"].rpartition("_")[2]))
    return last


def _sent(places: Places, world: World) -> list[str]:
    query = "SELECT payload ->> 'mark' FROM usher.outbox_event WHERE school_id = %s AND kind = 'markRecorded' ORDER BY sequence"
    with psycopg.connect(places.owner_url) as connection:
        return [str(mark).replace("-", "") for (mark,) in connection.execute(query, [world.school_id]).fetchall()]


def _batch(number: int) -> Batch:
    scores = {f"crowd {place}": 10 * number + place for place in range(A_BATCH)}
    return Batch(f"clock {number}", f"key-clock-{number}", PAPERS[number % 2], scores)


def seals(report: Report, places: Places, world: World, here: Side, there: Side, name: str) -> None:
    """Rows of both are sealed by a clock that is right, twice: the chain verifies."""
    for _ in range(2):
        asyncio.run(_seal(places, world))
        for side in (there, here):
            side.client(world, "teacher").ask(SEEN)
            side.client(world, "head").ask("{ learners(first: 5) { nodes { id dateOfBirth } } }")
            outcome(_batch(3 if side is here else 4).send(side.client(world, "teacher"), world))
    asyncio.run(_seal(places, world))
    verdict = _verdict(places, world)
    faults = [fault.sentence for fault in verdict.faults]
    report.told(f"{name}: rows of the audit, seals", f"{verdict.rows + verdict.waiting}, {verdict.seals}")
    if there.ahead >= -LATE.total_seconds():
        report.none_of(f"{name}: faults of the chain, and rows without a seal", [*faults, *["waits"] * verdict.waiting])
        return
    # Why it isn't ready. Nobody's row is lost, but no seal holds it.
    told = {fault.code for fault in verdict.faults}
    report.asks(f"{name}: it isn't ready, and is asked even so: audit verify", told, "at most ROW_INSERTED",
                holds=told <= {"ROW_INSERTED"})  # fmt: skip


async def _seal(places: Places, world: World) -> None:
    async with await psycopg.AsyncConnection.connect(places.audit_url, autocommit=True) as connection:
        await seal_school(connection, world.school_id, datetime.now(UTC))


def _verdict(places: Places, world: World) -> Verdict:
    with audit_connection(places.audit_url) as connection:
        now = datetime.now(UTC)
        return verified(list(exported(connection, [world.school_id], now)), now, {})


async def leases(report: Report, places: Places, server: Server, skew: int, name: str) -> None:
    """While one process runs a job, none with another clock does; nor again in its minute; each is told one hour."""
    moments: list[float] = []
    both: list[bool] = []

    async def run(desk: Desk, now: datetime) -> int:
        moments.append(abs(now.timestamp() - _real()))
        if len(moments) == 1:
            with shifted(skew):
                both.append(await run_once(desk, job, _Quiet()))
        return 1

    job = Job(f"drill clock {uuid4()}", 24 * 60 * MINUTE, run, lease=timedelta(seconds=20))
    async with Pool(places.app_url, min_size=0, max_size=2) as pool:
        desk = Desk(pool, None, server.home, Mailer(None, "usher@school.example", server.home / "mail"))
        done = await run_once(desk, job, _Quiet())
        with shifted(skew):
            both.append(await run_once(desk, job, _Quiet()))
    report.asks(
        f"{name}: runs of a job, of which one was due", len(moments), "1", holds=done and both == [False, False]
    )
    report.at_most(f"{name}: the hour that a job is told is wrong by", max(moments, default=0.0), 2)


def _real() -> float:
    """What no shift turns: the clock of the system's own files would be another way."""
    return time.clock_gettime(time.CLOCK_REALTIME)


class _Quiet:
    def done(self, job: str, count: int, milliseconds: float) -> None:
        pass

    def failed(self, job: str, error: Exception) -> None:
        raise AssertionError(job) from error
