"""Root fields that Python answers, and mutations: each has its tests, and no inquiry depends on what is hidden."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio

from server.database.pool import Pool
from server.resolvers.execution import Execution
from server.resolvers.inquiries import INQUIRIES
from server.resolvers.live.subscriptions import SUBSCRIPTIONS
from server.resolvers.mutations import MUTATIONS
from tests.leaks.asking import Asking, code_of
from tests.leaks.hidden import Account, Hidden, Owner
from tests.leaks.inquiring import operations
from tests.leaks.roots import CHANGED, FOLLOWED, INQUIRED
from tests.leaks.test_lines import ROOT, functions
from tests.oracle.desk import Desk
from tests.oracle.served import KEY, Served
from tests.wire_tap import WireTap
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

REFUSALS = {"FORBIDDEN", "FORBIDDEN_ARGUMENT"}
OFFICER = Account("dpo", "STAFF")
ANALYSED = {
    "questionAnalysis", "gradeDistribution", "marksToNext", "compareGroups", "compareSnapshots", "valueAdded",
    "measures",
}  # fmt: skip
ANSWERED = {  # not refused, at the least: a refusal tells nothing anyhow
    "teacher": {"explain", "statistics", *ANALYSED, "notices", "supportSessions", "whatIf", "bothTiers"},
    "pat": {"notices"},
    "ann": {"notices"},
    "dpo": {name for name in INQUIRIES if name.startswith("policy")}
    | {"explain", "whoCanSee", "whatCanSee", "notices"},
}
TEACHER, PARENT, LEARNER = Account("teacher", "STAFF"), Account("pat", "PARENT"), Account("ann", "LEARNER")


def test_every_inquiry_and_every_mutation_has_an_entry() -> None:
    """A new one is not in the schema before somebody has said what it must not leak."""
    assert INQUIRED.keys() == INQUIRIES.keys()
    assert CHANGED.keys() == MUTATIONS.keys()
    assert FOLLOWED.keys() == SUBSCRIPTIONS.keys()


@pytest.mark.parametrize("name", [*INQUIRED, *CHANGED, *FOLLOWED])
def test_its_tests_exist(name: str) -> None:
    """A name that is none would hold nothing."""
    tests = {**INQUIRED, **CHANGED, **FOLLOWED}[name]
    assert tests
    for one in tests:
        file, _, function = one.partition("::")
        assert function in functions(ROOT / file), one


@pytest.fixture(scope="module")
def world(owner_url: str, today: date) -> World:
    world = wide_school("the roots", today)
    insert_world(owner_url, world)
    return world


@pytest.fixture(scope="module")
def elsewhere(owner_url: str, today: date) -> World:
    world = wide_school("the roots, elsewhere", today)
    insert_world(owner_url, world)
    return world


@pytest_asyncio.fixture
async def served(tap: WireTap, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Served]:
    async with Pool(tap.url, min_size=1, max_size=1) as pool:
        served = Served(pool, monkeypatch, world)
        moment = datetime.now(UTC)  # held, for some answers say when they were reckoned
        served.execution = Execution(pool, KEY, clock=lambda: moment)
        yield served


@pytest.mark.parametrize(
    ("account", "hides"),
    [(TEACHER, TEACHER), (PARENT, PARENT), (LEARNER, LEARNER), (OFFICER, TEACHER)],
    ids=["teacher", "parent", "learner", "another school's officer"],
)
async def test_no_inquiry_depends_on_what_is_hidden(
    served: Served, tap: WireTap, world: World, elsewhere: World, owner: Owner, account: Account, hides: Account
) -> None:
    """Byte for byte the same before, while hidden values are others, and while hidden rows are gone."""
    own = world if account == hides else elsewhere
    asking, hidden = Asking(Desk(served, own), tap, account), Hidden(world, hides)
    assert len(hidden) > 20
    asked = [one for name in INQUIRIES for one in operations(name, world, account.handle)]
    before = {one: (await asking.told(one)).text for one in asked}
    codes = {one: code_of(await asking.told(one)) for one in asked}
    assert set(codes.values()) <= REFUSALS | {None}, codes
    answered = {name for name in INQUIRIES for one in operations(name, world, account.handle) if codes[one] is None}
    assert answered >= ANSWERED[account.handle], answered
    with hidden.changed(owner):
        found = await _apart(asking, before)
        assert not found, "\n".join(found[0])
    with hidden.removed(owner):
        found = await _apart(asking, before)
        assert not found, "\n".join(found[0])


async def _apart(asking: Asking, before: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Operations that are answered otherwise, with both answers."""
    after = {one: (await asking.told(one)).text for one in before}
    return [(one, before[one], after[one]) for one in before if before[one] != after[one]]
