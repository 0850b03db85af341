"""forget_events: old events go, streams that would need one are told to ask anew, and facts stay."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server.commands.access.notice_kinds import NoticeKind
from server.commands.jobs.events import forget_events
from server.commands.jobs.job import DAY, Desk
from server.commands.old_events import forget_events_before
from server.commands.outbox import Event, write_events_now
from server.compliance.mail import Mailer
from server.database.pool import Pool
from server.migrations.event_walls import READ_AS_FACTS
from server.migrations.walls import SNAPSHOT_JOB
from tests.e2e.live import events, socket
from tests.e2e.recording import mark, record
from tests.e2e.serving import Server
from tests.worlds import World, acting, insert_world, small_school

MARKS = "subscription($after: ID) { markRecorded(after: $after) { id mark { score } } }"
_DELETE = "DELETE FROM usher.outbox_event WHERE school_id = %s"
_SERVER = Path(__file__).parents[2] / "server"


class Outbox:
    """A school's events, told by their numbers."""

    def __init__(self, world: World, owner_url: str, app_url: str, pool: Pool) -> None:
        self.world, self.pool = world, pool
        self._owner_url, self.app_url = owner_url, app_url

    def write(self, ages: Sequence[int], kind: str = "markRecorded") -> None:
        """One event for each age in days, as if written then; ids of nothing."""
        with psycopg.connect(self._owner_url) as connection:
            for age in ages:
                event = Event(kind, {"mark": str(uuid4()), "year": self.world.year, "assignment": str(uuid4())})
                write_events_now(connection, self.world.school_id, [event], self.now - timedelta(days=age))

    @property
    def now(self) -> datetime:
        return self.world.morning + timedelta(days=400)

    def kept(self) -> list[tuple[int, str]]:
        query = "SELECT sequence, kind FROM usher.outbox_event WHERE school_id = %s ORDER BY 1"
        return self._rows(query)

    def told_from(self) -> int | None:
        return self._rows("SELECT told_from FROM usher.outbox_head WHERE school_id = %s")[0][0]

    def last(self) -> int:
        return self._rows("SELECT last_sequence FROM usher.outbox_head WHERE school_id = %s")[0][0]

    async def forget(self, days: int = 30, at_once: int = 2) -> int:
        return await forget_events_before(
            self.pool, self.world.school_id, self.now - timedelta(days=days), at_once=at_once
        )

    def make_young(self, behind: int) -> None:
        with psycopg.connect(self._owner_url) as connection:
            connection.execute(
                "UPDATE usher.outbox_event SET occurred_at = %s WHERE school_id = %s AND sequence > %s",
                [self.now, self.world.school_id, behind],
            )

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._owner_url) as connection:
            return connection.execute(query.encode(), [self.world.school_id]).fetchall()


@pytest.fixture
def outbox(pool: Pool, app_url: str, owner_url: str, today: date) -> Outbox:
    world = small_school(f"old events {uuid4()}", today)
    insert_world(app_url, world)
    return Outbox(world, owner_url, app_url, pool)


async def test_old_events_go_and_young_ones_stay(outbox: Outbox) -> None:
    """Batch by batch; twice is as once; and the school of the numbers goes on where it was."""
    first = outbox.last() + 1
    outbox.write([40, 39, 38, 31, 20, 1])
    deleted = await outbox.forget()
    kept = [number for number, _ in outbox.kept()]
    assert (kept, outbox.told_from()) == ([first + 4, first + 5], first + 4)
    assert deleted == first + 3
    assert await outbox.forget() == 0
    outbox.write([0])
    assert [number for number, _ in outbox.kept()] == [first + 4, first + 5, first + 6]


async def test_an_old_event_behind_a_young_one_stays(outbox: Outbox) -> None:
    """Streams count on numbers without gaps, and transactions needn't commit in the order in which they began."""
    first = outbox.last() + 1
    outbox.write([40, 1, 39, 38])
    await outbox.forget()
    assert [number for number, _ in outbox.kept()] == [first + 1, first + 2, first + 3]


async def test_where_all_are_old_none_is_left(outbox: Outbox) -> None:
    outbox.write([40, 40, 40])
    last = outbox.last()
    await outbox.forget()
    assert (outbox.kept(), outbox.told_from()) == ([], last + 1)


async def test_what_is_read_as_a_fact_stays(outbox: Outbox) -> None:
    """That a role was ended by hand, though the streams begin behind it."""
    for kind in READ_AS_FACTS:
        outbox.write([40], kind)
    outbox.write([40, 1])
    await outbox.forget()
    assert [kind for _, kind in outbox.kept()] == [*READ_AS_FACTS, "markRecorded"]
    assert outbox.told_from() == outbox.last()


def test_what_is_read_as_a_fact_is_listed() -> None:
    """Whoever else reads events of one kind, long after they were written, must list it: else its rows go."""
    readers = {
        str(path.relative_to(_SERVER))
        for path in _SERVER.rglob("*.py")
        if re.search(r"FROM usher\.outbox_event", path.read_text(encoding="utf-8"))
    }
    of_streams, of_facts = {"queries/events.py", "commands/old_events.py"}, {"exchange/ended_roles.py"}
    assert readers == of_streams | of_facts | {"commands/policy/overdue.py", "commands/policy/stuck.py"}
    told = {NoticeKind.POLICY_STUCK.value, NoticeKind.POLICY_UNCONFIRMED.value}
    assert set(READ_AS_FACTS) == told | {"roleEnded"}


async def test_another_school_keeps_its_own(
    outbox: Outbox, pool: Pool, app_url: str, owner_url: str, today: date
) -> None:
    """The job walks over all schools; `events_kept` says how long."""
    other = small_school(f"old events, elsewhere {uuid4()}", today)
    insert_world(app_url, other)
    elsewhere = Outbox(other, owner_url, app_url, pool)
    outbox.write([40, 1])
    elsewhere.write([40, 1])
    before = elsewhere.kept()
    await outbox.forget()
    assert (elsewhere.kept(), elsewhere.told_from()) == (before, None)
    mailer = Mailer(None, "usher@school.example", Path("/nonexistent"))
    desk = Desk(pool, None, Path("/nonexistent"), mailer, 30 * DAY)
    assert await forget_events(desk, outbox.now) >= 1
    assert [number for number, _ in elsewhere.kept()] == [elsewhere.last()]


async def test_only_the_job_deletes_and_only_what_no_stream_is_told(outbox: Outbox) -> None:
    """The wall, without any statement of ours: no session, no event that streams are told, no fact."""
    outbox.write([40, 40], "roleEnded")
    outbox.write([40, 1])
    everything = outbox.kept()
    for capacity, person in (("STAFF", "head"), ("STAFF", "dpo"), ("OPERATOR", "support"), (SNAPSHOT_JOB, "dpo")):
        with acting(outbox.app_url, outbox.world, capacity, person) as connection:
            assert connection.execute(_DELETE, [outbox.world.school_id]).rowcount == 0
    assert outbox.kept() == everything
    await outbox.forget()
    kept = outbox.kept()
    with acting(outbox.app_url, outbox.world, SNAPSHOT_JOB, "dpo") as connection:
        assert connection.execute(_DELETE, [outbox.world.school_id]).rowcount == 0
    assert outbox.kept() == kept


async def test_a_stream_that_would_need_one_is_told_to_ask_anew(outbox: Outbox, server: Server) -> None:
    """By a code, over either transport; one that stands right before the oldest that is kept goes on."""
    teacher = server.client(outbox.world, "teacher")
    ids: list[str] = []
    with events(teacher, MARKS) as live:
        ids.append(live.response.headers["last-event-id"])
        for score in ("21", "22", "23"):
            record(teacher, mark(outbox.world, score=score))
            ids.append(live.event()["id"])
    numbers = [number for number, kind in outbox.kept() if kind == "markRecorded"]
    outbox.make_young(behind=numbers[-2])
    await outbox.forget()
    with events(teacher, MARKS, last=ids[0]) as live:
        assert json.loads(live.next()["data"])["errors"][0]["extensions"]["code"] == "RESYNC_REQUIRED"
        assert live.next()["event"] == "complete"
    with socket(server, teacher) as live:
        payload = {"query": MARKS, "variables": {"after": ids[1]}}
        live.send({"type": "subscribe", "id": "1", "payload": payload})
        assert live.receive()["payload"][0]["extensions"]["code"] == "RESYNC_REQUIRED"
        live.subscribe(MARKS, {"after": ids[2]}, key="2")
        assert live.event("2")["id"] == ids[3]
