"""A thousand streams of one worker, each over a connection of its own: memory, and until each has its event."""

from __future__ import annotations

import asyncio
import resource
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg

from server.commands.outbox import Event, write_events_now
from server.identity.keys import token_key
from server.identity.tokens import MAXIMUM_LIFETIME, TokenIssuer
from server.resolvers.live.streams import MOST_OF_ONE, MOST_STREAMS
from tests.bench.dataset import Dataset
from tests.bench.live import part
from tests.bench.live_client import Follower, follower
from tests.bench.operations import current
from tests.bench.usher_server import UsherServer

_OPENING: Final = 20
_FOLLOWED: Final = {
    "STAFF": "subscription { markRecorded { id told: mark { id score } } }",
    "PARENT": "subscription { reportPublished { id told: report { id name } } }",
}
# A mark of each teacher's, of a learner whom nothing protects.
_MARKS: Final = f"""\
SELECT DISTINCT ON (t.staff_id) t.staff_id, m.mark_id, m.academic_year, m.learner_id, m.assessment_id, m.course_id
FROM usher.teaching_assignment t
JOIN usher.role_assignment r ON r.school_id = t.school_id AND r.person_id = t.staff_id AND r.role = 'class_teacher'
  AND {current("r")}
JOIN usher.class c ON c.school_id = t.school_id AND c.class_id = t.class_id
JOIN usher.enrolment e ON e.school_id = c.school_id AND e.class_id = c.class_id AND {current("e")}
JOIN usher.mark m ON m.school_id = e.school_id AND m.learner_id = e.learner_id AND m.course_id = c.course_id
WHERE t.school_id = %(school)s AND {current("t")}
  AND NOT EXISTS (SELECT FROM usher.learner_flag f WHERE f.school_id = e.school_id AND f.learner_id = e.learner_id)
  AND NOT EXISTS (SELECT FROM usher.guardian_link g WHERE g.school_id = e.school_id AND g.learner_id = e.learner_id
    AND g.guardian_id = t.staff_id)
ORDER BY t.staff_id, m.mark_id LIMIT {MOST_STREAMS // MOST_OF_ONE}"""

# A report of each parent's, where teachers are too few for as many streams as one worker takes.
_REPORTS: Final = f"""\
SELECT DISTINCT ON (g.guardian_id) g.guardian_id, r.report_id, r.publication_id, r.learner_id
FROM usher.guardian_link g
JOIN usher.report r ON r.school_id = g.school_id AND r.learner_id = g.learner_id
JOIN usher.publication p ON p.school_id = r.school_id AND p.publication_id = r.publication_id AND p.status = 'LIVE'
WHERE g.school_id = %(school)s AND g.verified_at IS NOT NULL AND {current("g")} AND g.guardian_id <> ALL(%(teachers)s)
  AND NOT EXISTS (SELECT FROM usher.link_restriction l WHERE l.school_id = g.school_id AND l.guardian_id = g.guardian_id)
ORDER BY g.guardian_id, r.report_id LIMIT %(most)s"""


@dataclass(frozen=True, slots=True)
class _Account:
    """Who follows, and the event that they are told."""

    token: str
    capacity: str
    event: Event


@dataclass(frozen=True, slots=True)
class Many:
    """`bytes_each` is what the worker's memory grew by, a stream with its connection; `had` seconds from the commit."""

    streams: int
    people: int
    opening: float
    bytes_each: float
    had: list[float]

    def data(self) -> dict[str, object]:
        return {
            "streams": self.streams,
            "people": self.people,
            "opened_ms_each": self.opening * 1000,
            "bytes_each": self.bytes_each,
            "each_had_its_event_ms": [part(self.had, 0.5), part(self.had, 0.99), max(self.had) * 1000],
        }

    def line(self) -> str:
        return (
            f"{self.streams} streams of {self.people} people at one worker: opened in {self.opening * 1000:.0f} ms each, "
            f"{self.bytes_each / 1000:.0f} kB each; all had their event: p50 {part(self.had, 0.5):.0f} ms, "
            f"p99 {part(self.had, 0.99):.0f} ms, the last {max(self.had) * 1000:.0f} ms after one commit"
        )


async def many(data: Dataset, server: UsherServer) -> Many:
    """As many as one worker takes, ten of each teacher, the rest of parents; then one transaction with all their events."""
    _open_files()
    accounts = _accounts(data)
    teachers = [one for one in accounts if one.capacity == "STAFF"]
    async with AsyncExitStack() as stack:
        first = await _opened(stack, server, accounts)  # what the first stream of each costs once
        before, begun = _memory(server), time.perf_counter()
        further = await _opened(stack, server, teachers * (MOST_OF_ONE - 1))
        opening, after = time.perf_counter() - begun, _memory(server)
        waiting = [asyncio.create_task(_had(one)) for one in (*first, *further)]
        with psycopg.connect(data.owner_url) as connection:
            write_events_now(connection, data.school.school_id, [one.event for one in accounts], datetime.now(UTC))
        committed = time.perf_counter()
        had = [moment - committed for moment in await asyncio.gather(*waiting)]
    return Many(len(had), len(accounts), opening / len(further), (after - before) / len(further), had)


def _accounts(data: Dataset) -> list[_Account]:
    issuer, school = TokenIssuer(token_key(data.home / "keys")), data.school.school_id
    with psycopg.connect(data.owner_url) as connection:
        marks = connection.execute(_MARKS.encode(), {"school": school}).fetchall()
        given = {
            "school": school,
            "teachers": [row[0] for row in marks],
            "most": MOST_STREAMS - MOST_OF_ONE * len(marks),
        }
        reports = connection.execute(_REPORTS.encode(), given).fetchall()

    def account(person: UUID, capacity: str, event: Event) -> _Account:
        return _Account(issuer.issue(school, person, capacity, MAXIMUM_LIFETIME, factor=True), capacity, event)

    return [
        *(account(row[0], "STAFF", _recorded(*row[1:])) for row in marks),
        *(account(row[0], "PARENT", _published(*row[1:])) for row in reports),
    ]


async def _opened(stack: AsyncExitStack, server: UsherServer, accounts: list[_Account]) -> list[Follower]:
    turns = asyncio.Semaphore(_OPENING)

    async def one(account: _Account) -> Follower:
        async with turns:
            return await stack.enter_async_context(follower(server, account.token, _FOLLOWED[account.capacity]))

    return list(await asyncio.gather(*map(one, accounts)))


async def _had(one: Follower) -> float:
    event = await one.event()
    assert event["told"]["id"], event
    return time.perf_counter()


def _recorded(mark: UUID, year: int, learner: UUID, assessment: UUID, course: UUID) -> Event:
    keys = {"mark": str(mark), "learner": str(learner), "assessment": str(assessment), "course": str(course)}
    return Event("markRecorded", {"year": year, **keys})


def _published(report: UUID, publication: UUID, learner: UUID) -> Event:
    return Event("reportPublished", {"report": str(report), "publication": str(publication), "learner": str(learner)})


def _memory(server: UsherServer) -> int:
    """Bytes that the worker holds of the machine's memory."""
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def _open_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
