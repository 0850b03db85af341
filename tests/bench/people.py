"""What an officer's questions about people cost: impact, replay, explanation, and the nightly snapshot, on real rows.

Whole answers as a resolver makes them, statements included, on one connection alone; books as administration.py makes them.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from uuid import UUID

from server.database.context import Context, Isolation
from server.database.pool import Pool, PoolConnection
from server.database.unit_of_work import UnitOfWork
from server.identity.accounts import Directory
from server.policies.planner import Planner
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling
from server.queries.reach.explaining import Question, explain
from server.queries.reach.impact_on_people import impact_on_people
from server.queries.reach.people import Person, people_of
from server.queries.reach.school import school_of
from server.queries.reach.who_can_see import what_can_see, who_can_see
from server.queries.standing import load_standing
from tests.bench.administration import RULES, Administration, book_of, exchanged, with_another
from tests.bench.dataset import Dataset

_REPEATS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """The largest school, a teacher of it and a learner, for whom the questions are asked."""

    connection: PoolConnection
    school_id: UUID
    now: datetime
    teacher: Person
    learner_id: UUID


# From planners of a book, and of the same with one rule more, outside the measurement, to the work that is measured.
Step = Callable[[Asked, Planner, Planner], Awaitable[object]]


async def people(data: Dataset, pool: Pool) -> list[Administration]:
    """Medians of milliseconds by the number of rules; the planner of the book in force is new, so that plans are cold."""
    now = datetime.now(UTC)
    directory = Directory(data.app_url)
    officer, teacher = (directory.find(name + data.school.suffix) for name in ("dpo", "teacher"))
    standing = await load_standing(pool, officer.school_id, officer.person_id, officer.capacity, now)
    context = Context(
        officer.school_id, officer.person_id, officer.capacity, standing.policy_version, standing.profile_version
    )
    async with UnitOfWork(pool, context, isolation=Isolation.INQUIRY) as unit:
        school = await school_of(unit.connection, officer.school_id)
        everybody = await people_of(unit.connection, officer.school_id, now)
        person = next(one for one in everybody if one.person_id == teacher.person_id)
        learner_id = school.learner_ids(1)[0]
        asked = Asked(unit.connection, officer.school_id, now, person, learner_id)
        return [
            Administration(name, {rules: await _cost(step, asked, book_of(rules)) for rules in RULES})
            for name, step in STEPS.items()
        ]


async def _impact_of_one(asked: Asked, old: Planner, new: Planner) -> object:
    return await impact_on_people(asked.connection, asked.school_id, asked.now, old, new)


async def _impact_of_all(asked: Asked, old: Planner, _: Planner) -> object:
    other = RuleBook((), old.book.role_groups, old.book.element_groups)
    none = Planner(other, old.ceiling)
    return await impact_on_people(asked.connection, asked.school_id, asked.now, old, none)


async def _impact_of_exchange(asked: Asked, old: Planner, _: Planner) -> object:
    new = Planner(exchanged(old.book), old.ceiling)
    return await impact_on_people(asked.connection, asked.school_id, asked.now, old, new)


async def _explain(asked: Asked, old: Planner, _: Planner) -> object:
    question = Question(asked.teacher, "sen_needs", "read", asked.learner_id)
    return await explain(asked.connection, asked.school_id, asked.now, old, question)


async def _who(asked: Asked, old: Planner, _: Planner) -> object:
    return await who_can_see(asked.connection, asked.school_id, asked.now, old, asked.learner_id, "sen_needs", "read")


async def _what(asked: Asked, old: Planner, _: Planner) -> object:
    return await what_can_see(asked.connection, asked.school_id, asked.now, old, asked.teacher, "read")


STEPS: dict[str, Step] = {
    "impact on people, one rule changed": _impact_of_one,
    "impact on people, the book exchanged": _impact_of_exchange,
    "impact on people, the whole book": _impact_of_all,
    "explain, of a person and a learner": _explain,
    "whoCanSee": _who,
    "whatCanSee": _what,
}


async def _cost(step: Step, asked: Asked, book: RuleBook) -> float:
    times: list[float] = []
    for _ in range(_REPEATS):
        old = Planner(book, shipped_ceiling())
        new = Planner(with_another(book), shipped_ceiling())
        begun = time.perf_counter()
        await step(asked, old, new)
        times.append((time.perf_counter() - begun) * 1000)
    return median(times)
