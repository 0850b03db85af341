"""No family's answer depends on who is protected, on concerns, or on what safeguarding did: by any log, under any book."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid4

import pytest
from hypothesis import Phase, find, given, settings
from psycopg.types.json import Jsonb

from server import tables
from server.commands.keys import new_key
from server.commands.statements import execute, fetch
from server.commands.summary_counts import count
from server.database.pool import Pool, PoolConnection
from server.policies.shipped import shipped_ceiling
from server.policies.withholding import Withholding, withholding
from server.queries.steering import steering
from tests.properties.summaries.logs import Case, Logged, Secrets, cases, logged, planner
from tests.properties.summaries.naive import NAIVE, naive_values
from tests.worlds import World, insert_world, small_school

Told = Mapping[tuple[UUID, str], int]

_NOTHING = (
    "DELETE FROM usher.audit_operation WHERE school_id = $1::uuid",
    "DELETE FROM usher.learner_flag WHERE school_id = $1::uuid AND kind = 'PROTECTED'",
    "DELETE FROM usher.access_summary WHERE school_id = $1::uuid",
)
_PROTECT = """\
INSERT INTO usher.learner_flag (school_id, flag_id, learner_id, kind, valid_from, valid_to, decided_by)
VALUES ($1::uuid, $2::uuid, $3::uuid, 'PROTECTED', $4::date, $5::date, $6::uuid)"""
_LOG = """\
INSERT INTO usher.audit_operation (school_id, audit_id, occurred_at, person_id, capacity, roles, facts, profile_version,
    policy_version, guardrail_digest, kind, document_digest, footprint, purpose, elements, salt, user_salt)
VALUES ($1::uuid, $2::uuid, $3::timestamptz, $4::uuid, 'STAFF', $5::text[], $6::text[], 1, 1, '', 'read', '', $7::jsonb,
    $8::text, $9::jsonb, $10::uuid, $10::uuid)"""
_TOLD = "SELECT learner_id, who, times FROM usher.access_summary WHERE school_id = $1::uuid AND times > 0"


class Families:
    """What the families of one school are told of a log; each asking leaves the school as it was."""

    def __init__(self, world: World, owner_url: str, runner: asyncio.Runner) -> None:
        self._world = world
        self._runner = runner
        self._pool = Pool(owner_url, min_size=1, max_size=1)
        runner.run(self._pool.__aenter__())

    def close(self) -> None:
        self._runner.run(self._pool.__aexit__(None, None, None))

    def told(self, rows: list[Logged], secrets: Secrets, withheld: Withholding | None, *, days: bool = False) -> Told:
        """By the naive twin where nothing is withheld."""
        return self._runner.run(self._told(rows, secrets, withheld, days))

    async def _told(self, rows: list[Logged], secrets: Secrets, withheld: Withholding | None, days: bool) -> Told:
        school_id = self._world.school_id
        # Never committed: the jobs of servers beside this test would seal the rows, or reckon them by the school's own book.
        async with self._pool.connection() as connection, connection.transaction(force_rollback=True):
            for statement in _NOTHING:
                await execute(connection, statement, [school_id])
            await self._arrange(connection, rows, secrets)
            if withheld is None:
                found = await fetch(connection, NAIVE, naive_values(school_id, days))
            else:
                await count(connection, school_id, self._moment(30), withheld)
                found = await fetch(connection, _TOLD, [school_id])
        return {(learner_id, who): times for learner_id, who, times in found}

    async def _arrange(self, connection: PoolConnection, rows: list[Logged], secrets: Secrets) -> None:
        ids, school_id = self._world.ids, self._world.school_id
        for learner, (first, last) in secrets.protected.items():
            span = [self._day(first), self._day(last + 1)]
            await execute(connection, _PROTECT, [school_id, uuid4(), ids[learner], *span, ids["head"]])
        for row in rows:
            elements = {element: [str(ids[one]) for one in named] for element, named in row.elements.items()}
            op = row.op
            who = [ids["senco"], sorted(op.roles), sorted({*op.facts, "trained:safeguarding"})]
            said = [Jsonb({"read": op.asked}), op.purpose, Jsonb(elements), uuid4()]
            await execute(connection, _LOG, [school_id, new_key(), self._moment(op.day), *who, *said])

    def _day(self, number: int) -> date:
        return self._world.days(number - 30)

    def _moment(self, number: int) -> datetime:
        return datetime.combine(self._day(number), time(12), UTC)


@pytest.fixture(scope="module")
def families(app_url: str, owner_url: str, today: date) -> Generator[Families]:
    world = small_school(f"families {uuid4()}", today)
    world.rows[tables.AccessSummaryRow] = []
    insert_world(app_url, world)
    with asyncio.Runner() as runner:
        families = Families(world, owner_url, runner)
        yield families
        families.close()


def _both(case: Case) -> tuple[list[Logged], list[Logged]]:
    asked = planner(case.book)
    return list(logged(asked, case.ops, case.one)), list(logged(asked, (*case.ops, *case.hidden), case.other))


def _differ(families: Families, case: Case, withheld: Withholding | None, *, days: bool = False) -> bool:
    first, second = _both(case)
    one = families.told(first, case.one, withheld, days=days)
    return one != families.told(second, case.other, withheld, days=days)


@settings(max_examples=60)
@given(case=cases())
def test_no_answer_depends_on_what_families_must_not_learn(families: Families, case: Case) -> None:
    """Protection from any day to any day, concerns, and operations that safeguarding did besides."""
    assert not _differ(families, case, withholding([case.book], shipped_ceiling()))


def _mutants(withheld: Withholding) -> dict[str, Withholding | None]:
    open_ = {role: elements - steering() for role, elements in withheld.by_role.items()}
    return {
        "by days": None,
        "by names": None,
        "withheld elements count": replace(withheld, by_role={}),
        "elements that decide don't matter": replace(withheld, by_role=open_),
        "concerns matter where one is": replace(withheld, openings=frozenset()),
    }


@pytest.mark.parametrize("mutant", _mutants(Withholding({}, frozenset())))
def test_twins_that_hint_are_found(families: Families, mutant: str) -> None:
    """What is reckoned by days of protection, or with any part of the rule left out, differs for some log."""

    def hints(case: Case) -> bool:
        withheld = _mutants(withholding([case.book], shipped_ceiling()))[mutant]
        return _differ(families, case, withheld, days=mutant == "by days")

    assert find(cases(), hints, settings=settings(max_examples=1000, phases=[Phase.generate]))


@settings(max_examples=15)
@given(case=cases())
def test_something_is_told(families: Families, case: Case) -> None:
    """Of who looked at what no rule withholds, one by one: the rule isn't kept by telling nothing."""
    withheld = withholding([case.book], shipped_ceiling())
    for op in case.ops:
        plain = replace(op, deciding=frozenset(), shown=op.shown - withheld.elements - {"safeguarding"} - steering())
        rows = list(logged(planner(case.book), (plain,), Secrets({}, frozenset())))
        free = not any("name" in withheld.by_role.get(role, ()) for role in op.roles)
        told = families.told(rows, Secrets({}, frozenset()), withheld)
        assert len(told) == (len({one for row in rows for ids in row.elements.values() for one in ids}) if free else 0)
