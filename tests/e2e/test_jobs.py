"""The process of the jobs: who runs what when, and what is left when something dies."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from server import tables
from server.commands.jobs.audit import mail_heads, seal_audit
from server.commands.jobs.glass import mail_broken_glass
from server.commands.jobs.job import DAY, MINUTE, Desk, Job
from server.commands.jobs.leases import end, give_back, take
from server.commands.jobs.listed import JOBS
from server.commands.jobs.loop import keep_running, run_once
from server.compliance.heads import kept_heads
from server.compliance.mail import Mailer
from server.database.pool import Pool
from server.errors import Unavailable
from tests.database import Database
from tests.database import Server as DatabaseServer
from tests.drills.shifted import shifted
from tests.e2e.mail_server import mail_server
from tests.worlds import World, insert_rows, insert_world, small_school

NOW = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


async def nothing(_desk: Desk, _now: datetime) -> int:
    return 0


def job(run: Callable[[Desk, datetime], Any] = nothing, **facts: Any) -> Job:
    named: dict[str, Any] = {"name": f"test {uuid4()}", "every": MINUTE, "run": run, **facts}
    return Job(**named)


@dataclass
class Reported:
    """What the loop told."""

    lines: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    failures: list[Exception] = field(default_factory=list[Exception])

    def done(self, job: str, count: int, milliseconds: float) -> None:
        assert milliseconds >= 0
        self.lines.append((job, count))

    def failed(self, job: str, error: Exception) -> None:
        assert job.startswith("test ")
        self.failures.append(error)


@pytest.fixture
def desk(pool: Pool, database: Database, tmp_path: Path) -> Desk:
    return Desk(pool, database.audit_url, tmp_path, Mailer(None, "usher@school.example", tmp_path / "mail"))


@pytest.mark.parametrize(
    ("every", "at", "since"),
    [
        (MINUTE, "00:00", datetime(2026, 11, 21, 12, 0, tzinfo=UTC)),
        (timedelta(hours=1), "00:00", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        (DAY, "05:00", datetime(2026, 11, 21, 5, tzinfo=UTC)),
        (DAY, "12:00", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        (DAY, "23:00", datetime(2026, 11, 20, 23, tzinfo=UTC)),
    ],
)
def test_a_job_is_due_since_its_last_moment(every: timedelta, at: str, since: datetime) -> None:
    """On the minute, the hour, or the hour of the day; before it, since yesterday's."""
    hour, minute = map(int, at.split(":"))
    assert job(every=every, at=datetime(2000, 1, 1, hour, minute).time()).due_since(NOW) == since  # noqa: DTZ001


async def test_a_lease_is_one_process_s(pool: Pool) -> None:
    """Taken once; due again after its time; taken over only when its holder was too slow, who then ends nothing."""
    one = job(lease=timedelta(minutes=10))
    assert await take(pool, one, NOW)
    assert not await take(pool, one, NOW + SECOND)
    assert not await take(pool, one, NOW + MINUTE)
    await end(pool, one, NOW)
    assert not await take(pool, one, NOW + SECOND)
    taken = NOW + MINUTE
    assert await take(pool, one, taken)
    late = taken + timedelta(minutes=10)
    assert not await take(pool, one, late - SECOND)
    assert await take(pool, one, late)
    await end(pool, one, taken)
    assert not await take(pool, one, late + MINUTE)
    await give_back(pool, one, late, late + MINUTE)
    assert not await take(pool, one, late + MINUTE - SECOND)
    assert await take(pool, one, late + MINUTE)


async def test_of_many_processes_one_runs_a_job(desk: Desk) -> None:
    """Eight that look at the same moment."""
    begun = 0

    async def run(_desk: Desk, _now: datetime) -> int:
        nonlocal begun
        begun += 1
        await asyncio.sleep(0)
        return 7

    one, reported = job(run), Reported()
    ran = await asyncio.gather(*(run_once(desk, one, reported, lambda: NOW) for _ in range(8)))
    assert (sum(ran), begun, reported.lines) == (1, 1, [(one.name, 7)])


async def test_a_failure_is_told_and_tried_again(desk: Desk) -> None:
    """After the job's own time, not at once; the next minute needn't come first."""
    outcomes: list[Exception | None] = [ValueError("a pupil's name"), Unavailable("Try later."), None]

    async def run(_desk: Desk, _now: datetime) -> int:
        error = outcomes.pop(0)
        if error is not None:
            raise error
        return 1

    one, reported = job(run, retry=5 * SECOND), Reported()
    for moment, expected in ((0, False), (4, False), (5, False), (9, False), (10, True), (11, False)):
        now = NOW + moment * SECOND
        assert await run_once(desk, one, reported, lambda now=now: now) is expected
    assert [type(error) for error in reported.failures] == [ValueError, Unavailable]
    assert reported.lines == [(one.name, 1)]


async def test_a_long_job_keeps_no_other_waiting(desk: Desk) -> None:
    """Each has a task of its own; told to stop, the loop lets both end."""
    release, stopped = asyncio.Event(), asyncio.Event()

    async def long(_desk: Desk, _now: datetime) -> int:
        await release.wait()
        return 1

    async def short(_desk: Desk, _now: datetime) -> int:
        stopped.set()
        release.set()
        return 2

    jobs, reported = [job(long), job(short)], Reported()
    async with asyncio.timeout(20):
        await keep_running(desk, jobs, reported, stopped, tick=0.01)
    assert sorted(count for _, count in reported.lines) == [1, 2]


async def test_the_loop_outlives_its_connections(
    desk: Desk, database: Database, database_server: DatabaseServer
) -> None:
    """Every connection is ended under it, as when PostgreSQL starts anew; the next look finds new ones."""
    if database_server.superuser_url is None:
        pytest.skip("needs a superuser")
    superuser = database_server.superuser_url
    stopped, clock, runs = asyncio.Event(), [NOW], list[datetime]()

    async def run(_desk: Desk, now: datetime) -> int:
        runs.append(now)
        if len(runs) == 3:
            stopped.set()
        clock[0] = now + 2 * MINUTE
        async with await psycopg.AsyncConnection.connect(superuser, autocommit=True) as connection:
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'usher' AND datname = %s"
            await connection.execute(query, [database.name])
        return 1

    async with asyncio.timeout(30):
        await keep_running(desk, [job(run)], Reported(), stopped, tick=0.01, clock=lambda: clock[0])
    assert len(runs) == 3


def test_every_job_has_a_name_of_its_own() -> None:
    """The name is the key of its lease."""
    assert len({one.name for one in JOBS}) == len(JOBS)
    assert {"seal_audit", "mail_heads"} <= {one.name for one in JOBS}


@pytest.fixture
def alone(database_server: DatabaseServer, today: Any) -> Generator[tuple[Database, World]]:
    """A database with one school in it."""
    if not database_server.can_create:
        pytest.skip("needs an owner with CREATEDB")
    made = database_server.make()
    world = small_school("alone", today)
    insert_world(made.app_url, world)
    yield made, world
    database_server.drop(made)


async def test_heads_go_to_the_officers_once_a_day(alone: tuple[Database, World], tmp_path: Path) -> None:
    """By SMTP: to the officers' addresses, in plain words, with digests and counts and nothing else."""
    database, world = alone
    async with mail_server() as letters, Pool(database.app_url, min_size=1, max_size=2) as pool:
        desk = Desk(pool, database.audit_url, tmp_path, Mailer(letters.url, "usher@trust.example", tmp_path / "mail"))
        assert await seal_audit(desk, NOW) == 1
        letters.refusing = True
        with pytest.raises(Unavailable, match="1 of 1 letters"):
            await mail_heads(desk, NOW)
        letters.refusing = False
        assert await mail_heads(desk, NOW) == 1
        assert await mail_heads(desk, NOW + MINUTE) == 0
        assert await mail_heads(desk, NOW + DAY) == 1
    (sender, to, text), _ = letters.taken
    assert (sender, to) == ("usher@trust.example", ["dpo@school.example"])
    [head] = kept_heads(desk.heads)[str(world.school_id)]
    letter = email.message_from_string(text, policy=email.policy.default)
    body = letter.get_content()
    assert letter["Subject"] == "Audit log: 1 seals"
    assert json.loads(body.strip().splitlines()[-1]) == head
    _tells_nobody(text, world, {world.school_id})
    assert list((tmp_path / "mail").glob("*")) == []


def _tells_nobody(text: str, world: World, allowed: set[UUID]) -> None:
    for key in {*world.ids.values()} - allowed:
        assert str(key) not in text
        assert key.hex not in text
    for name in ("Ash", "Cedar", "Dee Post", "dpo@", "Small School"):
        assert name not in text


async def test_no_letter_goes_that_could_not_be_noted(alone: tuple[Database, World], tmp_path: Path) -> None:
    """Where nothing can be written, as on a disk that is read only: else the same letter would go again each minute."""
    database, world = alone
    moment = datetime.now(UTC)
    row = {
        "school_id": world.school_id, "glass_id": uuid4(), "person_id": world.ids["senco"], "capacity": "STAFF",
        "reason": "Ann Ash has collapsed.", "started_at": moment, "ends_at": moment + timedelta(hours=2),
    }  # fmt: skip
    with psycopg.connect(database.owner_url) as connection:
        insert_rows(connection, tables.BreakGlassRow, [row])
    (tmp_path / "audit").write_text("no folder")
    async with mail_server() as letters, Pool(database.app_url, min_size=1, max_size=2) as pool:
        mailer = Mailer(letters.url, "usher@trust.example", tmp_path / "mail")
        desk = Desk(pool, database.audit_url, tmp_path, mailer)
        with pytest.raises(FileExistsError):
            await seal_audit(desk, moment)
        for run in (mail_broken_glass, mail_heads):
            with pytest.raises(FileExistsError):
                await run(desk, moment)
            assert letters.taken == []


async def test_broken_glass_goes_to_the_officers_once(alone: tuple[Database, World], tmp_path: Path) -> None:
    """By letter too, tried again until it is taken: that and when, not who, why or about whom."""
    database, world = alone
    moment = datetime.now(UTC)
    row = {
        "school_id": world.school_id, "glass_id": uuid4(), "person_id": world.ids["senco"], "capacity": "STAFF",
        "reason": "Ann Ash has collapsed.", "started_at": moment, "ends_at": moment + timedelta(hours=2),
    }  # fmt: skip
    async with mail_server() as letters, Pool(database.app_url, min_size=1, max_size=2) as pool:
        desk = Desk(pool, database.audit_url, tmp_path, Mailer(letters.url, "usher@trust.example", tmp_path / "mail"))
        await mail_broken_glass(desk, moment)
        before = len(letters.taken)
        with psycopg.connect(database.owner_url) as connection:
            insert_rows(connection, tables.BreakGlassRow, [row])
        letters.refusing = True
        with pytest.raises(Unavailable):
            await mail_broken_glass(desk, moment)
        letters.refusing = False
        assert [await mail_broken_glass(desk, moment + MINUTE) for _ in range(2)] == [1, 0]
    [(_, to, text)] = letters.taken[before:]
    assert to == ["dpo@school.example"]
    assert email.message_from_string(text, policy=email.policy.default)["Subject"] == "Somebody has broken the glass"
    assert str(row["glass_id"]) in text
    assert "collapsed" not in text
    _tells_nobody(text, world, {world.school_id})


async def test_without_a_mail_server_letters_are_files(alone: tuple[Database, World], tmp_path: Path) -> None:
    """One a school, readable by their owner alone, without an address in them."""
    database, world = alone
    async with Pool(database.app_url, min_size=1, max_size=2) as pool:
        desk = Desk(pool, database.audit_url, tmp_path, Mailer(None, "usher@trust.example", tmp_path / "mail"))
        await seal_audit(desk, NOW)
        assert await mail_heads(desk, NOW) == 1
    [path] = (tmp_path / "mail").glob("*.eml")
    assert path.stat().st_mode & 0o777 == 0o600
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert "nothing else is needed" in letter.get_content()
    _tells_nobody(path.read_text(), world, {world.school_id})


async def test_a_mail_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    """In a sentence without address or password; a wrong URL is named too."""
    for url, words in (("smtp://me:secret@127.0.0.1:1", "doesn't take the letter"), ("http://x", "USHER_SMTP_URL")):
        with pytest.raises(Unavailable, match=words) as refused:
            await Mailer(url, "a@b.example", tmp_path).send(["c@d.example"], "Subject", "Text", NOW)
        assert "secret" not in refused.value.message
        assert "c@d.example" not in refused.value.message


async def test_nothing_is_sealed_without_the_role(pool: Pool, tmp_path: Path) -> None:
    """And the setting is named."""
    desk = Desk(pool, None, tmp_path, Mailer(None, "", tmp_path))
    with pytest.raises(Unavailable, match="USHER_AUDIT_DATABASE_URL"):
        await seal_audit(desk, NOW)


def test_a_killed_process_is_followed_by_the_next(alone: tuple[Database, World], tmp_path: Path) -> None:
    """Killed outright after a seal: what it left is whole, its successor seals what came later, the log names nobody."""
    database, world = alone
    heads = tmp_path / "audit" / f"{world.school_id}.jsonl"
    with Process(database, tmp_path) as (first, before):
        _until(heads.exists, before)
        first.kill()
        first.wait(30)
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(
            "INSERT INTO usher.audit_operation SELECT (jsonb_populate_record(a, jsonb_build_object('audit_id', %s::uuid, "
            "'occurred_at', now()))).* FROM usher.audit_operation AS a",
            [world.new_id()],
        )
        connection.execute("DELETE FROM usher.job WHERE name = 'seal_audit'")  # or the minute must be over
    with Process(database, tmp_path) as (second, log):
        _until(lambda: heads.read_text().count("\n") == 2, log)
        second.send_signal(signal.SIGTERM)
        assert second.wait(30) == 0
    said = before.read_text() + log.read_text()
    lines = [json.loads(line) for line in said.splitlines()]
    assert "seal_audit" in {line.get("job") for line in lines}
    _tells_nobody(said, world, set())


class Process:
    """The jobs' process as `usher run` starts it, and what it logs."""

    def __init__(self, database: Database, home: Path) -> None:
        self._lifeline, self._held = os.pipe()
        self.log = home / f"jobs-{time.monotonic_ns()}.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("USHER_")}
        urls = {"USHER_DATABASE_URL": database.app_url, "USHER_AUDIT_DATABASE_URL": database.audit_url or ""}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server.cli.jobs_process", str(self._lifeline)],
                env=kept | urls | {"USHER_HOME": str(home), "USHER_LOG_LEVEL": "debug"},
                pass_fds=[self._lifeline],
                stderr=output,
                stdout=output,
            )

    def __enter__(self) -> tuple[subprocess.Popen[bytes], Path]:
        return self.process, self.log

    def __exit__(self, *_: object) -> None:
        os.close(self._held)
        os.close(self._lifeline)
        self.process.wait(30)


def _until(condition: Callable[[], object], log: Path) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@pytest.mark.parametrize("ahead", [7200, -7200])
async def test_processes_whose_clocks_differ_share_a_lease(desk: Desk, ahead: int) -> None:
    """While one runs a job, nobody else's wrong clock ends its lease, nor makes it due once more; its hour is right."""
    begun: list[datetime] = []

    async def run(desk: Desk, now: datetime) -> int:
        begun.append(now)
        if len(begun) == 1:
            with shifted(ahead):
                assert not await run_once(desk, one, Reported())
        return 1

    one = job(run, every=DAY)
    real = datetime.now(UTC)
    assert await run_once(desk, one, Reported())
    with shifted(ahead):
        assert not await run_once(desk, one, Reported())
    assert len(begun) == 1
    assert abs(begun[0] - real) < MINUTE
