"""The learners' list as everybody sees it, against the oracle."""

from collections.abc import AsyncGenerator
from datetime import date

import pytest
import pytest_asyncio

from server import tables
from server.database.pool import Pool
from server.policies.shipped import starting_book
from tests.oracle.comparing import Case, Comparison
from tests.oracle.served import Served
from tests.worlds import World, insert_world, small_school

DOCUMENT = """{ learners { totalCount partial pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node { id givenName familyName preferredName dateOfBirth age gender upn misId yearGroup { name } admittedOn leftOn
    keyStage2 firstLanguage ethnicity lookedAfter freeSchoolMeals pupilPremium { reason } serviceChild medical { conditions }
    accessArrangements sen { provision needs } contact { address email phone }
    attendance { possible attended percentage } tutorGroup { name } classes { name subject }
    withheld { element reason } } } } }"""


@pytest.fixture(scope="module")
def world(app_url: str, owner_url: str, today: date) -> World:
    world = small_school("thin", today)
    insert_world(owner_url, world)
    return world


@pytest_asyncio.fixture
async def comparison(pool: Pool, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Comparison]:
    yield Comparison(Served(pool, monkeypatch, world), world, starting_book())


async def test_every_account_sees_what_the_oracle_says(comparison: Comparison, world: World) -> None:
    found = {}
    for row in world.rows[tables.AccessProfileRow]:
        case = Case(row["person_id"], row["capacity"], DOCUMENT, {})
        handle = next(name for name, one in world.ids.items() if one == row["person_id"])
        difference = await comparison.difference(case)
        if difference:
            found[handle, row["capacity"]] = difference
    assert not found
