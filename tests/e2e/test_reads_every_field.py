"""Every field of every type, as each account sees it, against the oracle."""

from collections.abc import AsyncGenerator
from datetime import date

import pytest
import pytest_asyncio

from server import tables
from server.database.pool import Pool
from server.policies.shipped import starting_book
from tests.oracle.comparing import Case, Comparison
from tests.oracle.documents import DOCUMENTS
from tests.oracle.served import Served
from tests.worlds import World, insert_world, varied_school


@pytest.fixture(scope="module")
def world(owner_url: str, today: date) -> World:
    world = varied_school("every field", today)
    insert_world(owner_url, world)
    return world


@pytest_asyncio.fixture
async def comparison(pool: Pool, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Comparison]:
    yield Comparison(Served(pool, monkeypatch, world), world, starting_book())


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_every_account_is_told_what_the_oracle_says(comparison: Comparison, world: World, name: str) -> None:
    """A reason opens some special-category values, so those are asked for with one, too."""
    document = DOCUMENTS[name](world)
    handles = {key: handle for handle, key in world.ids.items()}
    found: dict[str, str] = {}
    for row in world.rows[tables.AccessProfileRow]:
        for reason in (None, "a reason") if name == "special" else (None,):
            case = Case(row["person_id"], row["capacity"], document, {}, reason)
            difference = await comparison.difference(case)
            if difference:
                found[f"{handles[row['person_id']]} as {row['capacity']}, {reason}"] = difference
    assert not found
    assert comparison.counted.cells > 0 or name == "catalogue"
