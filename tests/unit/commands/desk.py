"""A school and its people at their desks: commands run for them as the edge would run them."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql

from server import tables
from server.commands.actor import Actor
from server.commands.marks import MarkEntry, Mode, RecordMarks, RecordMarksOutcome, record_marks
from server.commands.reports import (
    AcknowledgeReport,
    AcknowledgeReportOutcome,
    PublishReports,
    PublishReportsOutcome,
    acknowledge_report,
    publish_reports,
)
from server.database.context import Context
from server.database.pool import Pool
from server.database.unit_of_work import UnitOfWork
from server.grading.marks import MarkState
from server.policies.permit import Permit
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import Capacity
from server.queries.ids import GlobalId
from server.tables import metadata
from tests.worlds import World
from tests.worlds.classes import CLASSES
from tests.worlds.people import STAFF

COORDINATES = (("mark", "write"), ("mark", "read"), ("grade", "export"), ("grade", "read"))

Snapshot = dict[str, list[tuple[Any, ...]]]


@cache
def planner(book: RuleBook | None = None) -> Planner:
    return Planner(book or starting_book(), shipped_ceiling())


@dataclass(frozen=True)
class Desk:
    """One school in a database. `now` is the moment of every command."""

    world: World
    pool: Pool
    owner_url: str
    book: RuleBook | None = None
    coordinates: tuple[tuple[str, str], ...] = COORDINATES
    now: datetime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "now", datetime.combine(self.world.today, time(12), UTC))

    def context(self, handle: str) -> Context:
        return Context(self.world.school_id, self.world.ids[handle], self.capacity(handle), 1, 1)

    def capacity(self, handle: str) -> str:
        if handle in STAFF:
            return "STAFF"
        return "PARENT" if handle in ("pat", "quinn") else "LEARNER"

    def permit(self, handle: str) -> Permit:
        roles = STAFF[handle][1] if handle in STAFF else (self.capacity(handle).lower(),)
        profile = Profile.of(Capacity(self.capacity(handle)), roles)
        return planner(self.book).permit(profile, self.coordinates)

    def actor(self, handle: str) -> Actor:
        permit = self.permit(handle)
        return Actor(
            person_id=self.world.ids[handle],
            capacity=self.capacity(handle),
            profile_version=1,
            policy_version=1,
            ceiling_digest=permit.ceiling_digest,
            document_digest="d0c",
            client_id="app",
            role_names=STAFF[handle][1] if handle in STAFF else (),
            operation_name="Save",
            footprint={"mark": ["write"]},
            purpose="teaching",
        )

    def unit(self, handle: str) -> UnitOfWork:
        return UnitOfWork(self.pool, self.context(handle))

    async def record_in(self, unit: UnitOfWork, handle: str, command: RecordMarks) -> RecordMarksOutcome:
        return await record_marks(command, unit, self.permit(handle), self.actor(handle), self.now)

    async def record(self, handle: str, command: RecordMarks) -> RecordMarksOutcome:
        async with self.unit(handle) as unit:
            outcome = await self.record_in(unit, handle, command)
            await unit.commit()
        return outcome

    async def publish(self, handle: str, command: PublishReports) -> PublishReportsOutcome:
        async with self.unit(handle) as unit:
            outcome = await publish_reports(command, unit, self.permit(handle), self.actor(handle), self.now)
            await unit.commit()
        return outcome

    async def acknowledge(self, handle: str, report: UUID) -> AcknowledgeReportOutcome:
        async with self.unit(handle) as unit:
            command = AcknowledgeReport(GlobalId("rep", report))
            outcome = await acknowledge_report(command, unit, self.permit(handle), self.actor(handle), self.now)
            await unit.commit()
        return outcome

    def entry(self, learner: str | UUID, assessment: str | UUID, score: object = None, **more: Any) -> MarkEntry:
        """`learner` and `assessment` by handle or key, such as "ann" and "maths-10 paper 1"."""
        entry = MarkEntry(
            GlobalId("lrn", self.world.ids[learner] if isinstance(learner, str) else learner),
            GlobalId("asm", self.world.ids[assessment] if isinstance(assessment, str) else assessment),
            score=None if score is None else Decimal(str(score)),
            state=MarkState.ABSENT if score is None else MarkState.SCORED,
        )
        return replace(entry, **more)

    def snapshot(self, *names: str) -> Snapshot:
        """All rows of the school, as their owner sees them, by table: what a refused or killed write must not change."""
        with psycopg.connect(self.owner_url) as connection:
            return {
                name: connection.execute(
                    sql.SQL("SELECT t::text FROM usher.{} AS t WHERE school_id = %s ORDER BY 1").format(
                        sql.Identifier(name)
                    ),
                    [self.world.school_id],
                ).fetchall()
                for name in (names or _TENANT_TABLES)
            }

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """A query of the test's own, as the owner; its first parameter is the school."""
        with psycopg.connect(self.owner_url) as connection:
            return connection.execute(query.encode(), [self.world.school_id, *values]).fetchall()

    def events(self) -> list[tuple[Any, ...]]:
        """(sequence, kind, payload) in order, without the one that the school was made with."""
        return self.rows(
            "SELECT sequence, kind, payload FROM usher.outbox_event WHERE school_id = %s AND sequence > 1 ORDER BY 1"
        )

    def grade_of(self, learner: str, course: str = "maths-10") -> tuple[Any, ...]:
        """(value, status, subject_mark, version) of the autumn grade."""
        [found] = self.rows(
            "SELECT value, status, subject_mark, version FROM usher.grade"
            " WHERE school_id = %s AND learner_id = %s AND course_id = %s AND window_id = %s",
            self.world.ids[learner],
            self.world.ids[course],
            self.world.ids["autumn"],
        )
        return found


_TENANT_TABLES = sorted(table.name for table in metadata.tables.values() if table.info["tenant"])


def batch(key: str, *entries: MarkEntry, mode: Mode = Mode.ATOMIC, dry_run: bool = False) -> RecordMarks:
    return RecordMarks(entries, key, mode, dry_run)


def codes(outcome: RecordMarksOutcome) -> list[tuple[int, str]]:
    return [(error.position, error.code) for error in outcome.errors]


def crowd(world: World, count: int, name: str = "10/Ma1") -> list[str]:
    """So many more learners in a class, without marks; their handles."""
    handles = [f"crowd {place}" for place in range(count)]
    for handle in handles:
        _add_learner(world, handle, name)
    return handles


def _add_learner(world: World, handle: str, name: str) -> None:
    learner_id = world.name(handle)
    world.add(tables.PersonRow, person_id=learner_id, created_at=world.morning)
    world.add(
        tables.LearnerRow,
        learner_id=learner_id,
        given_name="One",
        family_name="Many",
        sort_key="many",
        date_of_birth=date(world.year - 15, 1, 1),
        year_group="10",
        admitted_on=world.days(-700),
        version=1,
    )
    world.add(
        tables.EnrolmentRow,
        enrolment_id=world.new_id(),
        class_id=world.name(name),
        learner_id=learner_id,
        course_id=world.name(CLASSES[name]),
        academic_year=world.year,
        source="timetable",
        valid_from=world.days(-90),
    )


async def waits_for_lock(owner_url: str, unit: UnitOfWork) -> None:
    """Returns once PostgreSQL says that the unit's connection waits for another's lock. Raises TimeoutError."""
    query = "SELECT count(*) > 0 FROM pg_locks WHERE pid = %s AND NOT granted"
    await _until(owner_url, query, unit.connection.info.backend_pid)


async def backend_ended(owner_url: str, pid: int) -> None:
    """Returns once PostgreSQL has noticed that the client of that backend is gone. Raises TimeoutError."""
    await _until(owner_url, "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = %s", pid)


async def _until(owner_url: str, query: LiteralString, pid: int) -> None:
    async with asyncio.timeout(20), await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as watcher:
        # What is waited for happens in PostgreSQL, which tells nobody.
        while (await (await watcher.execute(query, [pid])).fetchone()) != (True,):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def keys(found: Iterable[Any]) -> list[UUID]:
    return [each.key for each in found]
