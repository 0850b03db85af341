"""No mutation tells whether there is what its asker may not know of: probes of each id of each mutation's input."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from server.database.pool import Pool
from server.database.unit_of_work import UnitOfWork
from server.resolvers.execution import Execution
from server.resolvers.mutations import MUTATIONS
from tests.e2e.policy_desk import document as policy_document
from tests.e2e.row_counts import snapshot
from tests.leaks.asking import deep
from tests.leaks.hidden import Account, alike, books
from tests.leaks.knowing import KNOWN, WITHOUT
from tests.leaks.meddling import Place, document, elsewhere, given, nobodys, places, unknown
from tests.leaks.sentinels import plant
from tests.leaks.stored import stored
from tests.oracle.asker import asker
from tests.oracle.desk import Desk
from tests.oracle.rows import Rows
from tests.oracle.served import KEY, Served
from tests.oracle.visibility import Visibility
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

PLACES = [place for name in MUTATIONS for place in places(name)]
WHY = "Said so at the meeting of the governors"
PROFILES = alike(wide_school("everybody", date(2026, 9, 21)))
# By default one account of each profile, which rules can't tell apart; all of them in a deep run.
EVERYBODY = [account for several in PROFILES for account in (several if deep() else several[:1])]


async def begun(app_url: str, owner_url: str, world: World) -> Rows:
    """A school in which there is a draft, a submission and an example, too: its rows."""
    insert_world(owner_url, world)
    async with Pool(app_url, min_size=1, max_size=1) as pool:
        with pytest.MonkeyPatch.context() as patch:
            served = Served(pool, patch, world)
            served.execution = Execution(pool, KEY)
            desk = Desk(served, world)

            async def do(mutation: str, **values: Any) -> Any:
                payload = (await desk.ask("dpo", policy_document(mutation), {"i": values}))[mutation]
                assert payload["userErrors"] == []
                return payload

            edits = [{"remove": "r116"}]
            first, _ = [(await do("editPolicyDraft", edits=edits))["draft"] for _ in range(2)]
            await do("submitPolicy", draft=first["id"], expectedRevision=first["revision"], reason=WHY)
            example = {"capacity": "STAFF", "roles": ["cover_teacher"], "element": "sen_needs", "action": "read"}
            await do("addPolicyExample", name="Cover", visible=False, facts=[], relations=["school"], **example)
    return stored(owner_url, world)[0]


@dataclass
class Schools:
    """The school that is asked of and its rows, and those of another."""

    world: World
    rows: Rows
    other: World
    other_rows: Rows
    _seen: dict[Account, Visibility] = field(default_factory=dict[Account, Visibility])

    def visibility(self, account: Account) -> Visibility:
        if account not in self._seen:
            asks = asker(self.rows, self.world.ids[account.handle], account.capacity)
            self._seen[account] = Visibility(self.rows, books(), asks)
        return self._seen[account]

    def addressed(self, account: Account, one: str) -> bool:
        """Whether it is a notice to the account: nobody else is told of it."""
        person = self.world.ids[account.handle]
        return any(f"ntc_{row['notice_id'].hex}" == one for row in self.rows.where("notice", person_id=person))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def schools(app_url: str, owner_url: str, today: date) -> Schools:
    world, other = (plant(wide_school(f"meddling, {one}", today), whole=True) for one in ("here", "elsewhere"))
    return Schools(world, await begun(app_url, owner_url, world), other, await begun(app_url, owner_url, other))


@pytest_asyncio.fixture
async def desk(bare_app_url: str, schools: Schools, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    async with Pool(bare_app_url, min_size=1, max_size=1) as pool:
        served = Served(pool, monkeypatch, schools.world)
        served.execution = Execution(pool, KEY)
        yield Desk(served, schools.world)


def test_every_id_of_every_mutation_is_asked() -> None:
    """A mutation without any id is named; a new id has no prefix until somebody has said of what it is."""
    assert {name for name in MUTATIONS if not places(name)} == WITHOUT
    assert all(place.prefix for place in PLACES)


@pytest.mark.parametrize("place", PLACES, ids=str)
async def test_what_may_not_be_known_is_answered_like_nobodys(
    desk: Desk, schools: Schools, owner_url: str, place: Place
) -> None:
    """Of the school, of another, or nobody's: one answer, one code, and no row of either school is another."""
    world = schools.world
    before = [snapshot(owner_url, one) for one in (world, schools.other)]
    for account in EVERYBODY:
        nobody = await told(desk, account, place, nobodys(place, schools.world))
        assert await told(desk, account, place, elsewhere(place, schools.other_rows)) == nobody, account
        if account.handle not in knowing(place):
            for one in unknown(place, schools.rows, schools.visibility(account)):
                if not (place.prefix == "ntc" and schools.addressed(account, one)):
                    assert await told(desk, account, place, one) == nobody, (account, one)
    assert [snapshot(owner_url, one) for one in (world, schools.other)] == before


@pytest.mark.parametrize("place", [place for place in PLACES if str(place) in KNOWN], ids=str)
async def test_who_may_know_is_answered_otherwise(
    desk: Desk, schools: Schools, monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    """The control: the probes find what is told; and nobody is excepted who need not be. Nothing is committed."""

    async def undone(work: UnitOfWork, recheck: bool = True) -> None:
        vars(work)["_open"] = False

    monkeypatch.setattr(UnitOfWork, "commit", undone)
    found: set[str] = set()
    for account in (one for several in PROFILES for one in several):
        if account.handle in knowing(place):
            nobody = await told(desk, account, place, nobodys(place, schools.world))
            existing = unknown(place, schools.rows, schools.visibility(account))
            if {await told(desk, account, place, one) for one in existing} - {nobody}:
                found.add(account.handle)
    assert found == set(knowing(place))


def test_the_exceptions_are_of_places() -> None:
    assert set(KNOWN) <= {str(place) for place in PLACES}


def knowing(place: Place) -> tuple[str, ...]:
    return KNOWN[str(place)].handles if str(place) in KNOWN else ()


async def told(desk: Desk, account: Account, place: Place, one: str) -> str:
    """The answer, with the id that was given taken out of it."""
    variables = {"input": given(place, desk.world, one)}
    body = await desk.body(account.handle, document(place.mutation), variables, capacity=account.capacity)
    return json.dumps(body).replace(one, "ID").replace(one[4:], "KEY")
