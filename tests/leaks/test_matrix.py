"""The matrix: no answer, no count of statements and no refusal depends on what the account may not see.

One world in which hidden values are changed, or hidden rows taken away, behind the account's back. By default each
account is asked a sample, another for each; USHER_TEST_DEEP=1 asks everything.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import date

import pytest
import pytest_asyncio

from server import tables
from server.database.pool import Pool
from server.resolvers.execution import Execution
from tests.leaks.asking import Asking, Operation, Told, code_of, differences, half, packed, parted, sample
from tests.leaks.hidden import Account, Hidden, Owner, alike
from tests.leaks.matrix import Probe, probes
from tests.leaks.pages import following, pages, starting
from tests.oracle.desk import Desk
from tests.oracle.served import KEY, Served
from tests.wire_tap import WireTap
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

PROFILES = alike(wide_school("everybody", date(2026, 9, 21)))
REFUSALS = {"FORBIDDEN_ARGUMENT", "FORBIDDEN"}


@pytest.fixture(scope="module")
def world(owner_url: str, today: date) -> World:
    world = telling(wide_school("the matrix", today, 5))
    insert_world(owner_url, world)
    return world


def telling(world: World) -> World:
    """One class tells that its learners have special needs: to whoever may not know, it is not there."""
    row = next(row for row in world.rows[tables.ClassRow] if row["class_id"] == world.ids["10/En1"])
    row["reveals"] = "sen_needs"
    return world


@pytest.fixture(scope="module")
def every(world: World) -> list[Probe]:
    return probes(world)


@pytest_asyncio.fixture
async def desk(tap: WireTap, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    async with Pool(tap.url, min_size=1, max_size=1) as pool:
        served = Served(pool, monkeypatch, world)
        served.execution = Execution(pool, KEY)  # by the real clock, for sessions of support end within the day
        yield Desk(served, world)


@pytest.mark.parametrize("several", PROFILES, ids=lambda several: ", ".join(map(str, several)))
async def test_no_answer_depends_on_what_is_hidden(
    desk: Desk, tap: WireTap, world: World, owner: Owner, every: list[Probe], several: tuple[Account, ...]
) -> None:
    """Values, filters, negations, ranges, searches, orders, pages, counts, groups, ids and every hop."""
    for account in several:
        hidden = Hidden(world, account)
        assert len(hidden) > 20
        asking = Asking(desk, tap, account)
        allowed, refused = parted(every, hidden)
        drawn = sample(half(allowed, str(several[0])), str(several[0]), lambda probe: probe.position)
        operations = list(packed(drawn))
        refused = sample(refused, str(account), lambda probe: probe.position)
        await _unmoved(asking, hidden, owner, operations, refused)
        assert {one.position for one in every} == {one.position for one in (*allowed, *refused)}


async def _unmoved(
    asking: Asking, hidden: Hidden, owner: Owner, operations: list[Operation], refused: list[Probe]
) -> None:
    """Asked before, while hidden values are others, and while hidden rows are gone."""
    desk, account = asking.desk, asking.account
    await asking.told("{ __typename }")  # the rule book is read once
    before = await asking.all(operations)
    assert [code_of(one) for one in before] == [None] * len(before), before
    possible = (one for one in pages() if hidden.visibility.possible(one.order.element))
    walks = sample(possible, str(account), lambda one: one.edge.name)
    first = await desk.ask(account.handle, starting(walks), capacity=account.capacity)
    turned = await asking.told(*following(walks, first))
    said = [await _refusal(asking, one) for one in refused]
    with hidden.changed(owner):
        assert differences(operations, before, await asking.all(operations)) == []
        assert await asking.told(*following(walks, first)) == turned
        assert [await _refusal(asking, one) for one in refused] == said
    with hidden.removed(owner):
        assert differences(operations, before, await asking.all(operations)) == []


async def _refusal(asking: Asking, probe: Probe) -> Told:
    """Coded, and before any statement about rows."""
    told = await asking.told(probe.place.document(probe.text))
    assert code_of(told) in REFUSALS, (probe, told)
    assert told.statements == (), probe
    return told
