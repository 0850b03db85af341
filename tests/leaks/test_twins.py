"""The check of the matrix can fail: for each position a naive twin tells what is hidden, by the same two changes.

The compiler without one of its tests of visibility is such a twin, too: it is asked the matrix's own probes.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import date

import pytest
import pytest_asyncio

from server.database.pool import Pool
from tests.leaks.asking import Asking, differences, packed, parted, sample
from tests.leaks.hidden import Account, Hidden, Owner
from tests.leaks.matrix import probes
from tests.leaks.twins import NAIVE, Naive
from tests.leaks.watching import WATCH
from tests.oracle.desk import Desk
from tests.oracle.served import Served
from tests.properties.reads.mutants import MUTANTS
from tests.wire_tap import WireTap
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

TEACHER = Account("teacher", "STAFF")
# Where a mutant is noticed: its name, and positions of which one must differ.
NOTICED = {
    "leaf": {"select"}, "leaf of a group": {"select"}, "filter": {"filter", "range", "negation"}, "order": {"order", "page"},
    "existence": {"hop", "count"}, "existence in a count": {"count"}, "existence in a tally": {"group"},
}  # fmt: skip
PLACES = {"Query", "Query.learners", "Query.learners.marks", "Query.classes"}
OTHER_POSITIONS = {"average", "cursor", "version", "error", "suggestion", "derived"}


@pytest.fixture(scope="module")
def world(owner_url: str, today: date) -> World:
    world = wide_school("the twins", today, 5)
    insert_world(owner_url, world)
    return world


@pytest_asyncio.fixture
async def desk(tap: WireTap, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    async with Pool(tap.url, min_size=1, max_size=1) as pool:
        yield Desk(Served(pool, monkeypatch, world), world)


@pytest.mark.parametrize("position", NAIVE)
def test_a_naive_twin_tells_what_is_hidden(world: World, position: str) -> None:
    """Its answer is another once hidden values are others, or once hidden rows are gone."""
    hidden = Hidden(world, TEACHER)
    as_is, changed, removed = (NAIVE[position](Naive(rows, hidden.visibility)) for rows in hidden.in_memory())
    assert as_is == NAIVE[position](Naive(hidden.in_memory()[0], hidden.visibility))
    assert as_is != changed or as_is != removed


def test_every_position_has_a_twin(world: World) -> None:
    positions = {probe.position for probe in probes(world)}
    assert positions == set(NAIVE) - OTHER_POSITIONS


@pytest.mark.parametrize("mutant", NOTICED)
async def test_the_matrix_notices_a_compiler_without_a_test(
    desk: Desk, tap: WireTap, world: World, owner: Owner, monkeypatch: pytest.MonkeyPatch, mutant: str
) -> None:
    monkeypatch.setattr(WATCH, "deaf", True)
    MUTANTS[mutant].mutate(monkeypatch)
    hidden = Hidden(world, TEACHER)
    asking = Asking(desk, tap, TEACHER)
    allowed, _ = parted(probes(world), hidden)
    wanted = [one for one in allowed if one.position in NOTICED[mutant] and one.place.name in PLACES]
    operations = list(packed(sample(wanted, mutant, lambda one: f"{one.position} {one.place.name} {one.element}")))
    before = await asking.all(operations)
    with hidden.changed(owner):
        found = differences(operations, before, await asking.all(operations))
    with hidden.removed(owner):
        found += differences(operations, before, await asking.all(operations))
    assert found != []
