"""An officer's transaction at a school, and all that reach is reckoned from there."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time

from server.database.context import Context, Isolation
from server.database.pool import Pool, PoolConnection
from server.database.unit_of_work import UnitOfWork
from server.policies.planner import Planner
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling, starting_book
from server.queries.reach.access import Sight, Viewpoint
from server.queries.reach.people import Person, people_of
from server.queries.reach.plans import Plans
from server.queries.reach.relations import KEYS, Relations, relations_of
from server.queries.reach.school import School, school_of
from tests.worlds import World


@dataclass(frozen=True)
class Everything:
    """A school as reach knows it."""

    people: tuple[Person, ...]
    school: School
    relations: Relations

    def view(self, person: Person) -> Viewpoint:
        return Viewpoint(self.school, self.relations, person.person_id)

    def sight(self, person: Person, plans: Plans) -> Sight:
        return Sight(self.view(person), person.profile, plans)


def noon(world: World) -> datetime:
    return datetime.combine(world.today, time(12), UTC)


def plans(book: RuleBook | None = None) -> Plans:
    return Plans(Planner(book or starting_book(), shipped_ceiling()))


@asynccontextmanager
async def at_the_desk(pool: Pool, world: World) -> AsyncGenerator[PoolConnection]:
    """The school's officer in an open transaction of the application's role."""
    context = Context(world.school_id, world.ids["dpo"], "STAFF", 1, 1)
    async with UnitOfWork(pool, context, isolation=Isolation.INQUIRY) as unit:
        yield unit.connection


async def everything(connection: PoolConnection, world: World) -> Everything:
    return Everything(
        await people_of(connection, world.school_id, noon(world)),
        await school_of(connection, world.school_id),
        await relations_of(connection, world.school_id, world.today, KEYS),
    )
