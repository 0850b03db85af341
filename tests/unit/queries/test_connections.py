"""Standing and rule book over a database that is busy, was restarted, or stays away."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from server.database.pool import Pool
from server.errors import Unavailable
from server.policies.shipped import shipped_ceiling
from server.queries.rule_books import load_planner
from server.queries.standing import load_standing
from tests.wire_tap import WireTap
from tests.worlds import World, insert_world, small_school

Load = Callable[[Pool], Awaitable[object]]


@pytest.fixture(scope="module")
def world(app_url: str, today: date) -> World:
    world = small_school("connections", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(params=["standing", "rule book"])
def load(request: pytest.FixtureRequest, world: World) -> Load:
    """The road to what is asked for."""
    if request.param == "standing":
        return lambda pool: load_standing(pool, world.school_id, world.ids["teacher"], "STAFF", world.morning)
    return lambda pool: load_planner(pool, world.school_id, 1, shipped_ceiling(), {})


async def test_cut_connections_are_not_noticed(wire_tap: WireTap, load: Load) -> None:
    """The server restarted between two requests: twenty callers are all answered."""
    async with Pool(wire_tap.url, min_size=4, max_size=4) as pool:
        await pool.wait()
        wire_tap.cut()
        answers = await asyncio.gather(*(load(pool) for _ in range(20)))
    assert None not in answers


async def test_a_database_that_stays_away_is_unavailable(app_url: str, load: Load) -> None:
    """The caller is told to come back, with a code."""
    with WireTap(app_url) as tap:
        pool = Pool(tap.url, min_size=1, max_size=1, timeout=0.2)
        await pool.open(wait=True)
    with pytest.raises(Unavailable):
        await load(pool)
    await pool.close()


async def test_an_exhausted_pool_is_unavailable(app_url: str, load: Load) -> None:
    """Waiting for a free connection ends with a code; the connection then serves."""
    async with Pool(app_url, min_size=1, max_size=1, timeout=0.05) as pool:
        connection = await pool.take()
        with pytest.raises(Unavailable, match="busy"):
            await load(pool)
        await pool.putconn(connection)
        await load(pool)


async def test_no_transaction_stays_open_and_prepared_statements_survive(wire_tap: WireTap, load: Load) -> None:
    """psycopg forgets every prepared statement at a ROLLBACK that passes through its cursors: ours does not."""
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        connection = await pool.take()
        await connection.execute("SELECT 'prepared'", prepare=True)
        await pool.putconn(connection)
        await load(pool)
        wire_tap.clear()
        connection = await pool.take()
        await connection.execute("SELECT 'prepared'", prepare=True)
        await pool.putconn(connection)
    assert wire_tap.prepared == []
    assert wire_tap.control == []
