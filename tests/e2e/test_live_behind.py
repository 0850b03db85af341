"""Many streams of one worker, and a stream that is far behind: pages of bounded size, nothing held between them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from datetime import date
from uuid import UUID, uuid4

import psycopg
import pytest

from server import tables
from server.commands.outbox import Event, write_events_now
from server.database.pool import Pool
from server.identity.principal import Principal
from server.queries.event_reading import MOST_AT_ONCE
from server.queries.events import Found, Wanted, look
from server.resolvers.execution import Execution, OperationRequest
from server.resolvers.live import streams as module
from server.resolvers.live.stream import MOST_BEHIND, Stream
from server.resolvers.live.streams import Streams
from tests.e2e.live import PATIENCE, events, socket
from tests.e2e.recording import mark, record
from tests.e2e.serving import Server
from tests.worlds import World, insert_rows, insert_world, small_school
from tests.worlds.world import Values

MARKS = "subscription($after: ID) { markRecorded(after: $after) { id mark { id score } } }"
MANY = 100


class School:
    """A school of the test's own, as the worker in this process sees it."""

    def __init__(self, world: World, pool: Pool, owner_url: str) -> None:
        self.world = world
        self.pool = pool
        self.owner_url = owner_url
        self.execution = Execution(pool, bytes(32))
        [self.mark, *_] = (
            row for row in world.rows[tables.MarkRow] if row["mark_id"] == world.ids["mark ann maths-10 1"]
        )

    def request(self, after: str | None = None) -> OperationRequest:
        principal = Principal(
            self.world.school_id, self.world.ids["teacher"], "STAFF", None, "token", 2**40, factor=True
        )
        return OperationRequest(MARKS, None, {"after": after}, principal, None, None)

    def write(self, *marks: Values) -> None:
        """An event for each of these marks, and between them what a stream of marks passes over."""
        told = [self.event_of("markRecorded", one["mark_id"]) for one in marks]
        self.append([event for one in told for event in (self.event_of("gradeUpdated", uuid4()), one)])

    def append(self, events_: Sequence[Event]) -> None:
        with psycopg.connect(self.owner_url) as connection:
            write_events_now(connection, self.world.school_id, events_, self.world.morning)

    def quiet(self, count: int) -> list[Event]:
        return [self.event_of("gradeUpdated", uuid4())] * count

    def attempts(self, count: int) -> list[Values]:
        """As many further marks of ann in the same paper."""
        several = [{**self.mark, "mark_id": uuid4(), "attempt": number + 2} for number in range(count)]
        with psycopg.connect(self.owner_url) as connection:
            insert_rows(connection, tables.MarkRow, several)
        return several

    def event_of(self, kind: str, key: object) -> Event:
        shared = {"course": str(self.world.ids["maths-10"]), "learner": str(self.world.ids["ann"])}
        return Event(kind, {"year": self.world.year, "mark": str(key), **shared})


@pytest.fixture
def school(pool: Pool, app_url: str, owner_url: str, today: date) -> School:
    world = small_school(f"live behind {uuid4()}", today)
    insert_world(app_url, world)
    return School(world, pool, owner_url)


@pytest.fixture
async def streams(school: School) -> AsyncGenerator[Streams]:
    async with Streams(school.execution, most=MANY, of_one=MANY, every=0.05) as running:
        yield running


async def opened(streams: Streams, school: School, after: str | None = None) -> Stream:
    stream = await streams.open(school.request(after))
    assert isinstance(stream, Stream)
    return stream


async def place(streams: Streams, school: School) -> str:
    """Where a stream stands now, that has ended."""
    stream = await opened(streams, school)
    streams.close(stream)
    return stream.id


async def told(stream: Stream, count: int) -> list[str]:
    """The ids of the marks of as many events."""
    found: list[str] = []
    while len(found) < count:
        page = await asyncio.wait_for(stream.next(), PATIENCE)
        assert len(page) <= MOST_AT_ONCE
        found += [json.loads(one.body)["data"]["markRecorded"]["mark"]["id"] for one in page]
    return found


async def test_each_of_many_streams_has_its_event(streams: Streams, school: School) -> None:
    """Each reads for itself; the events themselves are held once."""
    several = [await opened(streams, school) for _ in range(MANY)]
    assert len({id(stream.feed) for stream in several}) == 1
    school.write(school.mark)
    found = await asyncio.gather(*(told(stream, 1) for stream in several))
    assert found == [[_id(school.mark)]] * MANY
    for stream in several:
        streams.close(stream)


async def test_a_burst_is_told_whole(streams: Streams, school: School) -> None:
    """More events at once than one statement reads, each once and in order, with none that a place stands behind twice."""
    stream = await opened(streams, school)
    marks = school.attempts(3 * MOST_AT_ONCE // 2)
    school.write(*marks)
    assert await told(stream, len(marks)) == [_id(one) for one in marks]
    streams.close(stream)


async def test_what_is_older_than_the_worker_remembers_is_told_in_pages(
    streams: Streams, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each event once and in order, though one statement reads few; no page of the table is longer."""
    start = await place(streams, school)
    marks = school.attempts(3 * MOST_AT_ONCE // 2)
    school.write(*marks)
    pages: list[int] = []

    async def counted(pool: Pool, wanted: Sequence[Wanted]) -> list[Found]:
        found = await look(pool, wanted)
        pages.extend(len(one.events) for one in found)
        return found

    monkeypatch.setattr(module, "look", counted)
    async with Streams(school.execution, every=3600) as later:
        stream = await opened(later, school, start)
        assert await told(stream, len(marks)) == [_id(one) for one in marks]
        later.close(stream)
    assert max(pages) <= MOST_AT_ONCE


async def test_whoever_is_far_behind_holds_nothing_between_pages(
    streams: Streams, school: School, owner_url: str
) -> None:
    """A client that stops listening in the midst has no connection, no transaction and no more than a page in memory."""
    start = await place(streams, school)
    marks = school.attempts(2 * MOST_AT_ONCE)
    school.write(*marks)
    async with Streams(school.execution, every=3600) as later:
        stream = await opened(later, school, start)
        first = await told(stream, 1)
        with psycopg.connect(owner_url) as connection:
            held = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND state LIKE 'idle in transaction%'"
            ).fetchone()
        assert held == (0,)
        assert first + await told(stream, len(marks) - len(first)) == [_id(one) for one in marks]
        later.close(stream)


def test_ten_thousand_events_behind_is_as_far_as_it_goes(school: School, server: Server) -> None:
    """One event more, and the client is told to ask anew; the school's other events were no use to it."""
    teacher = server.client(school.world, "teacher")
    with socket(server, teacher) as live:
        live.subscribe(MARKS)
        start = live.positions["1"]
    school.append([*school.quiet(MOST_BEHIND - 2), *_of(school)])
    with events(teacher, MARKS, last=start) as live:
        assert live.event()["mark"]["id"] == _id(school.mark)
    record(teacher, mark(school.world, score="7"))
    with events(teacher, MARKS, last=start) as live:
        assert json.loads(live.next()["data"])["errors"][0]["extensions"]["code"] == "RESYNC_REQUIRED"
    with socket(server, teacher) as live:
        live.send({"type": "subscribe", "id": "1", "payload": {"query": MARKS, "variables": {"after": start}}})
        assert live.receive()["payload"][0]["extensions"]["code"] == "RESYNC_REQUIRED"


def _of(school: School) -> list[Event]:
    return [school.event_of("markRecorded", school.mark["mark_id"])] * 2


def _id(row: Values) -> str:
    key: UUID = row["mark_id"]
    return f"mrk_{row['academic_year']}_{key.hex}"
