"""Generated operations of all accounts under generated rule books: the compiled answer is the oracle's.

Each example is one rule book at one school and a few operations under it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from server import tables
from server.database.pool import Pool
from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book
from tests.depth import DEEP
from tests.oracle.comparing import Case, Comparison, Counted
from tests.oracle.publishing import publish
from tests.oracle.rows import Rows
from tests.oracle.served import Served
from tests.properties.reads.books import mutated
from tests.properties.reads.choosing import Choosing
from tests.properties.reads.operations import operation
from tests.properties.reads.things_to_name import Names
from tests.worlds import World, insert_world, small_school, varied_school

EXAMPLES = 40
VARIED = 10 if DEEP else 2
OPERATIONS = 6
EVERY_CHECK: list[Any] = list(HealthCheck)


@dataclass
class Schools:
    """Schools that one server serves, and what was compared at them."""

    runner: asyncio.Runner
    pool: Pool
    served: Served
    owner: psycopg.Connection[tuple[object, ...]]
    worlds: list[World]
    counted: Counted

    def names(self, world: World) -> Names:
        other = self.worlds[self.worlds.index(world) - 1]
        return Names(world, Rows(world), Rows(other))


@pytest.fixture(scope="module")
def schools(app_url: str, owner_url: str, today: date) -> Generator[Schools]:
    worlds = [
        small_school("plain", today),
        *(varied_school(f"varied {number}", today) for number in range(1, VARIED + 1)),
    ]
    for world in worlds:
        insert_world(owner_url, world)
    with (
        asyncio.Runner() as runner,
        pytest.MonkeyPatch.context() as monkeypatch,
        psycopg.connect(owner_url) as owner,
    ):
        pool = Pool(app_url, min_size=1, max_size=2)
        runner.run(pool.__aenter__())
        served = Served(pool, monkeypatch, worlds[0])
        found = Schools(runner, pool, served, owner, worlds, Counted())
        yield found
        runner.run(pool.__aexit__(None, None, None))
    print(f"\n{found.counted}")  # noqa: T201


def planned(schools: Schools, seed: int) -> tuple[World, RuleBook, list[Case]]:
    """A school, a book for it, and operations of its people."""
    choosing = Choosing(seed)
    world = choosing.one(schools.worlds)
    book = starting_book() if choosing.once_in(4) else mutated(choosing)
    names = schools.names(world)
    cases: list[Case] = []
    for _ in range(OPERATIONS):
        account, made = choosing.one(world.rows[tables.AccessProfileRow]), operation(choosing, names)
        reason = "a reason" if choosing.once_in(5) else None
        cases.append(Case(account["person_id"], account["capacity"], made.document, made.variables, reason))
    return world, book, cases


def test_compiled_answers_are_the_oracles(schools: Schools, part: int) -> None:
    """Also after each change of the rule book, which the very next operation obeys."""

    @seed(part)
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=EVERY_CHECK)
    @given(chosen=st.integers(0, 2**63))
    def check(chosen: int) -> None:
        world, book, cases = planned(schools, chosen)
        publish(schools.owner, world, book)
        comparison = Comparison(schools.served, world, book)
        comparison.counted = schools.counted
        for case in cases:
            try:
                difference = schools.runner.run(comparison.difference(case))
            except Exception as error:
                raise AssertionError(_told(world, case, repr(error))) from error
            assert difference is None, _told(world, case, difference)

    check()
    assert schools.counted.operations >= EXAMPLES


def _told(world: World, case: Case, difference: str) -> str:
    handle = next(name for name, key in world.ids.items() if key == case.person)
    return f"{world.seed}, {handle} as {case.capacity}: {difference}\n{case.document}\n{case.variables}"
