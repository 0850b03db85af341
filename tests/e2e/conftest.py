"""The schools of tests over HTTP, and one of the servers that all such tests share: each test has schools of its own."""

from collections.abc import Generator
from datetime import date
from uuid import uuid4

import pytest

from server.database.pool import Pool
from tests.e2e.access_desk import AccessDesk
from tests.e2e.row_counts import Snapshot, snapshot
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world, small_school
from tests.worlds.wide_school import wide_school


@pytest.fixture(scope="session")
def server(servers: list[Server]) -> Server:
    """One of them. What it logs stands in `server.log`."""
    return servers[0]


@pytest.fixture(scope="module")
def one_school(app_url: str, today: date) -> World:
    world = small_school(f"bad input {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def other_school(app_url: str, today: date) -> World:
    world = small_school(f"bad input, elsewhere {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def as_they_were(one_school: World, other_school: World, owner_url: str) -> list[Snapshot]:
    return [snapshot(owner_url, world) for world in (one_school, other_school)]


@pytest.fixture
def unchanged(one_school: World, other_school: World, owner_url: str, as_they_were: list[Snapshot]) -> Generator[None]:
    """Every row of both schools is as it was before the first test of the module."""
    yield
    assert [snapshot(owner_url, world) for world in (one_school, other_school)] == as_they_were


@pytest.fixture
def teacher(server: Server, one_school: World, unchanged: None) -> Client:
    return server.client(one_school, "teacher")


@pytest.fixture
async def desk(pool: Pool, app_url: str, owner_url: str, today: date) -> AccessDesk:
    """A wide school of the test's own, to change access in."""
    world = wide_school(f"access {uuid4()}", today)
    insert_world(app_url, world)
    return AccessDesk(world, pool, owner_url)


@pytest.fixture(scope="module")
def quiet(app_url: str, today: date) -> World:
    """A wide school in which the tests of refusals change nothing."""
    world = wide_school(f"quiet {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
async def quiet_desk(pool: Pool, quiet: World, owner_url: str) -> AccessDesk:
    return AccessDesk(quiet, pool, owner_url)
