"""Queued letters on their way: what is sent, tried again, given up, taken up again and forgotten."""

from __future__ import annotations

import asyncio
import email
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from typer.testing import CliRunner

from server.cli import usher
from server.commands.jobs.job import Desk
from server.commands.jobs.letters import WAITS, forget_letters, recover_letters, send_letter
from server.commands.jobs.sending import keep_sending
from server.commands.letters import queue_letter
from server.compliance.mail import Mailer
from server.database.pool import Pool
from server.identity.keys import new_token_key
from server.identity.letters.letter import Letter, write
from tests.database import Database
from tests.database import Server as DatabaseServer
from tests.e2e.mail_server import Letters, mail_server
from tests.letters import keep_letter_key, letter_key

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
"""Long ago: what the queue is to do after a wait is due at once, by the database's own clock."""
SENDER = "usher@letters.test"


@dataclass
class Reported:
    sent: int = 0
    failures: list[Exception] = field(default_factory=list[Exception])

    def done(self, job: str, count: int, milliseconds: float) -> None:
        assert (job, count) == ("send_letter", 1)
        assert milliseconds > 0
        self.sent += count

    def failed(self, job: str, error: Exception) -> None:
        assert job == "send_letter"
        self.failures.append(error)


@dataclass
class Post:
    """A database of its own, a mail server, and a desk between them."""

    database: Database
    letters: Letters
    desk: Desk
    reported: Reported = field(default_factory=Reported)

    async def queue(self, to: str | None = None) -> tuple[UUID, Letter]:
        link = f"https://usher.test/confirm/{uuid4().hex}"
        letter = Letter("confirm_address", to or f"{uuid4().hex}@mail.test", {"link": link, "until": NOW})
        async with self.desk.pool.connection() as connection, connection.transaction():
            return await queue_letter(connection, letter, NOW), letter

    @asynccontextmanager
    async def sending(self, workers: int = 1) -> AsyncGenerator[asyncio.Event]:
        """Workers that take what is queued, stopped and awaited at the end."""
        stopped = asyncio.Event()
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(keep_sending(self.desk, self.reported, stopped, tick=0.02, clock=lambda: NOW))
            try:
                yield stopped
            finally:
                stopped.set()

    async def until(self, letter_id: UUID, outcome: str | None, attempts: int | None = None) -> tuple[Any, ...]:
        """The letter's row once it is as said: outcome, attempts, fault and whether its content is there."""
        async with asyncio.timeout(60):
            while (row := self.row(letter_id))[0] != outcome or (attempts is not None and row[1] != attempts):  # noqa: ASYNC110
                await asyncio.sleep(0.02)  # another process's row tells nobody that it changed
        return row

    def row(self, letter_id: UUID) -> tuple[Any, ...]:
        query = "SELECT outcome, attempts, fault, sealed IS NOT NULL FROM usher.letter WHERE letter_id = %s"
        return self.ask(query, letter_id)[0]

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database.owner_url) as connection:
            connection.execute("SET LOCAL search_path = procrastinate")  # for its triggers
            cursor = connection.execute(query.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def jobs(self) -> list[tuple[Any, ...]]:
        return self.ask("SELECT status::text, attempts FROM procrastinate.procrastinate_jobs")


@pytest.fixture(scope="module")
def apart(database_server: DatabaseServer) -> Generator[Database]:
    """A database in which no other test's letters wait."""
    if not database_server.can_create:
        pytest.skip("needs an owner with CREATEDB")
    made = database_server.make()
    yield made
    database_server.drop(made)


@pytest.fixture
async def post(apart: Database, tmp_path: Path) -> AsyncGenerator[Post]:
    keep_letter_key(tmp_path)
    async with mail_server() as letters, Pool(apart.app_url, min_size=1, max_size=6) as pool:
        yield Post(apart, letters, Desk(pool, None, tmp_path, Mailer(letters.url, SENDER, tmp_path / "mail")))
    with psycopg.connect(apart.owner_url) as connection:
        connection.execute("TRUNCATE usher.letter, procrastinate.procrastinate_jobs CASCADE")


async def test_a_letter_is_sent_and_forgotten_but_for_its_row(post: Post) -> None:
    """As written, to its one address, with an id that follows from its own; nothing of it is left in the database."""
    letter_id, letter = await post.queue()
    async with post.sending():
        row = await post.until(letter_id, "SENT")
    assert row == ("SENT", 1, None, False)
    (taken,) = post.letters.to(letter.to)
    written = write(letter)
    assert [taken[name] for name in ("From", "To", "Subject")] == [SENDER, letter.to, written.subject]
    assert taken["Message-ID"] == f"<{letter_id}@letters.test>"
    assert taken["Auto-Submitted"] == "auto-generated"
    assert taken.get_content().replace("\r\n", "\n") == written.text
    assert post.jobs() == []
    assert (post.reported.sent, post.reported.failures) == (1, [])


async def test_of_many_letters_each_goes_once(post: Post) -> None:
    """Twenty, queued at the same time, with two processes that take them."""
    async with post.sending(workers=2):
        queued = await asyncio.gather(*(post.queue() for _ in range(20)))
        for letter_id, _ in queued:
            await post.until(letter_id, "SENT")
    assert sorted(len(post.letters.to(letter.to)) for _, letter in queued) == [1] * 20
    assert len(post.letters.taken) == 20


async def test_twenty_acts_at_once_queue_one_letter_each_or_none(post: Post) -> None:
    """Of transactions that commit a letter goes, of those that don't, none; of no act two."""
    kept, undone = uuid4().hex, uuid4().hex

    async def act(number: int) -> None:
        to = f"{number}.{kept if number % 2 else undone}@mail.test"
        letter = Letter("confirm_address", to, {"link": "https://usher.test/x", "until": NOW})
        async with post.desk.pool.connection() as connection, connection.transaction(force_rollback=number % 2 == 0):
            await queue_letter(connection, letter, NOW)

    await asyncio.gather(*(act(number) for number in range(40)))
    assert post.ask("SELECT count(*) FROM usher.letter") == [(20,)]
    assert post.jobs() == [("todo", 0)] * 20
    async with post.sending(), asyncio.timeout(60):
        while len(post.letters.taken) < 20 or post.jobs():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert {to[0].partition(".")[2] for _, to, _ in post.letters.taken} == {f"{kept}@mail.test"}
    assert len({to[0] for _, to, _ in post.letters.taken}) == len(post.letters.taken) == 20


async def later(_letters: Letters) -> str:
    return "451 try again later"


async def test_what_the_server_puts_off_comes_again_under_the_same_id(post: Post) -> None:
    """After an answer of 4yz, and after a connection that is cut in the middle."""
    post.letters.behaviours.append(later)
    post.letters.dropping = 1
    letter_id, letter = await post.queue()
    async with post.sending():
        row = await post.until(letter_id, "SENT")
    assert row == ("SENT", 3, None, False)
    assert len(post.reported.failures) == 2
    assert {taken["Message-ID"] for taken in post.letters.to(letter.to)} == {f"<{letter_id}@letters.test>"}
    assert len(post.letters.to(letter.to)) == 2  # the one that was put off, and the one that was taken


async def test_an_address_that_is_refused_is_not_tried_again(post: Post) -> None:
    """550 ends it at once; its content stays for a while, so that an operator may try again."""
    post.letters.refusing = True
    letter_id, _ = await post.queue()
    async with post.sending():
        row = await post.until(letter_id, "GIVEN_UP")
    assert row == ("GIVEN_UP", 1, "The mail server refuses the address for good.", True)
    assert (post.letters.tried, post.jobs(), post.letters.taken) == (1, [], [])


async def test_a_server_that_stays_away_is_given_up_after_a_day(post: Post) -> None:
    """Tried nine times with waits that never shrink; the row says why, in words without an address."""
    assert sorted(WAITS) == list(WAITS)
    assert timedelta(hours=20) < sum(WAITS, timedelta()) < timedelta(hours=25)
    desk = replace(post.desk, mailer=Mailer("smtp://127.0.0.1:1", SENDER, post.desk.home))
    letter_id, letter = await post.queue()
    waits = [await send_letter(desk, letter_key(), letter_id, NOW) for _ in range(len(WAITS) + 1)]
    assert waits == [*WAITS, None]
    outcome, attempts, fault, kept = post.row(letter_id)
    assert (outcome, attempts, kept) == ("GIVEN_UP", len(WAITS) + 1, True)
    assert "ConnectionRefusedError" in fault
    assert letter.to not in fault
    assert await send_letter(post.desk, letter_key(), letter_id, NOW) is None
    assert post.letters.taken == []


async def test_the_queue_waits_as_long_as_the_letter_says(post: Post) -> None:
    """The moment of the next try stands in the queue; before it nothing is tried."""
    post.letters.behaviours.append(later)
    letter_id, _ = await post.queue()
    ahead, stopped = datetime.now(UTC) + timedelta(days=1), asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(keep_sending(post.desk, post.reported, stopped, tick=0.02, clock=lambda: ahead))
        while post.jobs() != [("todo", 1)]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        stopped.set()
    assert post.ask("SELECT scheduled_at FROM procrastinate.procrastinate_jobs") == [(ahead + WAITS[0],)]
    assert post.row(letter_id)[:2] == (None, 1)
    assert len(post.letters.taken) == 1


async def test_a_letter_that_cuts_its_sender_off_each_time_ends(post: Post) -> None:
    """Whatever it is about it: no tenth try begins."""
    letter_id, _ = await post.queue()
    post.ask("UPDATE usher.letter SET attempts = %s", len(WAITS) + 1)
    assert await send_letter(post.desk, letter_key(), letter_id, NOW) is None
    assert post.row(letter_id)[:3] == ("GIVEN_UP", len(WAITS) + 2, "Each try was cut off.")
    assert post.letters.taken == []


async def test_whoever_has_another_key_leaves_a_letter_to_its_owner(post: Post) -> None:
    """It says so, sends nothing, and the letter waits."""
    letter_id, letter = await post.queue()
    assert await send_letter(post.desk, new_token_key(), letter_id, NOW) == WAITS[0]
    assert post.row(letter_id) == (None, 1, "It was sealed to a key that isn't in USHER_HOME/keys here.", True)
    assert post.letters.taken == []
    assert await send_letter(post.desk, letter_key(), letter_id, NOW) is None
    assert len(post.letters.to(letter.to)) == 1


async def test_a_doubled_job_sends_nothing_twice(post: Post) -> None:
    """What was sent is no letter any more, whoever still has a job for it."""
    letter_id, _ = await post.queue()
    for _ in range(2):
        assert await send_letter(post.desk, letter_key(), letter_id, NOW) is None
    assert len(post.letters.taken) == 1


async def test_a_letter_under_way_is_finished_when_the_jobs_stop(post: Post) -> None:
    """Told to stop while the mail server thinks, the process waits for its answer and notes it."""
    thinking, answered = asyncio.Event(), asyncio.Event()

    async def slowly(_letters: Letters) -> None:
        thinking.set()
        await answered.wait()

    post.letters.behaviours.append(slowly)
    letter_id, _ = await post.queue()
    async with post.sending() as stopped:
        await thinking.wait()
        stopped.set()
        assert post.row(letter_id)[:2] == (None, 1)
        answered.set()
    assert post.row(letter_id)[:2] == ("SENT", 1)
    assert post.jobs() == []


async def test_letters_go_on_after_the_database_was_away(post: Post, database_server: DatabaseServer) -> None:
    """Every connection is ended under the worker, as when PostgreSQL starts anew."""
    if database_server.superuser_url is None:
        pytest.skip("needs a superuser")
    first, _ = await post.queue()
    async with post.sending():
        await post.until(first, "SENT")
        with psycopg.connect(database_server.superuser_url) as superuser:
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'usher' AND datname = %s"
            assert superuser.execute(query, [post.database.name]).fetchall()
        while True:  # the pool's own dead connections are the first askers' loss
            try:
                second, _ = await post.queue()
                break
            except psycopg.OperationalError:
                await asyncio.sleep(0.02)
        await post.until(second, "SENT")
    assert len(post.letters.taken) == 2


async def test_what_a_killed_process_had_in_hand_is_sent_again(post: Post, tmp_path: Path) -> None:
    """Killed outright once the mail server had the letter: it comes twice, recognisably, and is noted once.

    The killed process logged neither address nor link.
    """
    begun: list[subprocess.Popen[bytes]] = []

    async def kill(_letters: Letters) -> str:
        begun[0].kill()
        await asyncio.to_thread(begun[0].wait, 30)
        return "250 ok"

    post.letters.behaviours.append(kill)
    letter_id, letter = await post.queue()
    log = tmp_path / "jobs.log"
    await asyncio.to_thread(_run_jobs, post, tmp_path, log, begun)
    assert begun[0].returncode == -signal.SIGKILL, log.read_text()
    assert post.row(letter_id) == (None, 1, None, True)
    assert post.jobs() == [("doing", 0)]
    assert await recover_letters(post.desk, datetime.now(UTC)) == 0  # its last sign of life is fresh
    assert await recover_letters(post.desk, datetime.now(UTC) + timedelta(minutes=2)) == 1
    post.ask("UPDATE procrastinate.procrastinate_jobs SET scheduled_at = now()")
    async with post.sending():
        await post.until(letter_id, "SENT", attempts=2)
    taken = post.letters.to(letter.to)
    assert [one["Message-ID"] for one in taken] == [f"<{letter_id}@letters.test>"] * 2
    said = log.read_text()
    assert letter.to.partition("@")[0] not in said
    assert str(letter.values["link"]).rpartition("/")[2] not in said


def _run_jobs(post: Post, home: Path, log: Path, begun: list[subprocess.Popen[bytes]]) -> None:
    """The process of the jobs as `usher run` starts it, until it ends."""
    lifeline, held = os.pipe()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("USHER_")}
    named = {"DATABASE_URL": post.database.app_url, "HOME": str(home), "SMTP_URL": post.letters.url}
    given = {f"USHER_{name}": value for name, value in {**named, "MAIL_FROM": SENDER, "LOG_LEVEL": "debug"}.items()}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "server.cli.jobs_process", str(lifeline)],
            env=kept | given,
            pass_fds=[lifeline],
            stdout=output,
            stderr=output,
        )
        begun.append(process)
        process.wait(120)
    os.close(held)
    os.close(lifeline)


async def test_a_job_in_hand_for_too_long_is_taken_up_again(post: Post) -> None:
    """Its worker lives, but lost the database just when it would have noted the end."""
    letter_id, _ = await post.queue()
    post.ask("INSERT INTO procrastinate.procrastinate_workers DEFAULT VALUES")
    post.ask(
        "UPDATE procrastinate.procrastinate_jobs SET status = 'doing', worker_id = "
        "(SELECT max(id) FROM procrastinate.procrastinate_workers)"
    )
    assert await recover_letters(post.desk, datetime.now(UTC)) == 0
    post.ask("UPDATE procrastinate.procrastinate_events SET at = at - interval '16 minutes'")
    assert await recover_letters(post.desk, datetime.now(UTC)) == 1
    assert post.jobs() == [("todo", 1)]
    assert post.row(letter_id)[0] is None


async def test_a_letter_without_a_job_is_queued_anew(post: Post) -> None:
    """As where the queue's tables were lost and ours were not; one that was queued just now is left alone."""
    letter_id, _ = await post.queue()
    post.ask("DELETE FROM procrastinate.procrastinate_jobs")
    assert await recover_letters(post.desk, NOW + timedelta(minutes=14)) == 0
    assert await recover_letters(post.desk, NOW + timedelta(minutes=16)) == 1
    assert await recover_letters(post.desk, NOW + timedelta(minutes=16)) == 0
    async with post.sending():
        await post.until(letter_id, "SENT")
    assert len(post.letters.taken) == 1


async def test_rows_are_forgotten_after_a_month_and_contents_after_a_week(post: Post) -> None:
    """Of letters that ended; one that waits is never forgotten."""
    post.letters.refusing = True
    given_up, _ = await post.queue()
    assert await send_letter(post.desk, letter_key(), given_up, NOW) is None
    post.letters.refusing = False
    sent, _ = await post.queue()
    assert await send_letter(post.desk, letter_key(), sent, NOW) is None
    waiting, _ = await post.queue()
    assert await forget_letters(post.desk, NOW + timedelta(days=6)) == 0
    assert post.row(given_up)[3]
    assert await forget_letters(post.desk, NOW + timedelta(days=8)) == 0
    assert not post.row(given_up)[3]
    assert await forget_letters(post.desk, NOW + timedelta(days=29)) == 0
    assert await forget_letters(post.desk, NOW + timedelta(days=31)) == 2
    assert post.ask("SELECT letter_id FROM usher.letter") == [(waiting,)]


async def test_without_a_mail_server_a_letter_is_one_file(post: Post) -> None:
    """Readable by its owner alone; a second try of the same letter replaces it."""
    folder = post.desk.home / "mail"
    desk = replace(post.desk, mailer=Mailer(None, SENDER, folder))
    letter_id, letter = await post.queue()
    assert await send_letter(desk, letter_key(), letter_id, NOW) is None
    post.ask("UPDATE usher.letter SET outcome = NULL, ended_at = NULL, sealed = %s", "no letter any more")
    assert await desk.mailer.post(letter.to, "Subject", "Text", letter_id, NOW)
    (file,) = folder.iterdir()
    assert file.name == f"{letter_id}.eml"
    assert file.stat().st_mode & 0o077 == 0
    assert email.message_from_bytes(file.read_bytes())["Subject"] == "Subject"


async def test_operators_see_what_was_given_up_and_have_it_tried_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why, and how often it was tried; never to whom, unless they know the address, nor what it says."""
    monkeypatch.setenv("USHER_DATABASE_URL", post.database.app_url)
    monkeypatch.setenv("USHER_HOME", str(post.desk.home))
    post.letters.refusing = True
    letter_id, letter = await post.queue()
    sent, other = await post.queue()
    assert await send_letter(post.desk, letter_key(), letter_id, NOW) is None
    post.letters.refusing = False
    assert await send_letter(post.desk, letter_key(), sent, NOW) is None

    shown = await called("list")
    assert str(letter_id) in shown
    assert "refuses the address" in shown
    assert "0 wait, 1 were sent, 1 were given up" in shown
    assert str(sent) not in shown
    assert letter.to not in shown
    assert str(sent) in await called("list", "--to", other.to)

    for wrong in (["retry"], ["retry", "--all", str(letter_id)], ["retry", str(sent)], ["retry", "x"]):
        assert CliRunner().invoke(usher, ["letters", *wrong]).exit_code != 0
    assert post.row(letter_id)[0] == "GIVEN_UP"
    post.ask("DELETE FROM procrastinate.procrastinate_jobs")  # those of the two that were sent by hand
    assert "1 letter is queued again" in await called("retry", str(letter_id))
    async with post.sending():
        await post.until(letter_id, "SENT", attempts=1)
    assert len(post.letters.to(letter.to)) == 1


async def called(*words: str) -> str:
    """What `usher letters` prints."""
    done = await asyncio.to_thread(CliRunner().invoke, usher, ["letters", *words])
    assert done.exit_code == 0, done.output
    return done.output
