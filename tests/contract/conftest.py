"""The small school of the contract tests."""

from collections.abc import Generator
from datetime import date
from typing import Any

import psycopg
import pytest

from tests.contract.catalogue import Catalogue, read_catalogue
from tests.contract.policy_life import live
from tests.contract.see import See
from tests.worlds import World, insert_world, small_school


@pytest.fixture(scope="session")
def school(app_url: str, owner_url: str, today: date) -> World:
    """A small school in the worker's database. Tests roll back what they change."""
    world = small_school("contract", today)
    insert_world(app_url, world)
    live(owner_url, world)
    return world


@pytest.fixture(scope="session")
def other_school(app_url: str, owner_url: str, today: date) -> World:
    """Another one, with the same learners under ids of its own."""
    world = small_school("contract, the other one", today)
    insert_world(app_url, world)
    live(owner_url, world)
    return world


@pytest.fixture
def see(bare_app_url: str, school: World) -> See:
    """Asks in the name of people of the school."""
    return See(bare_app_url, school)


@pytest.fixture
def owner(owner_url: str) -> Generator[psycopg.Connection[tuple[Any, ...]]]:
    """The owner's connection; what it changes is rolled back."""
    with psycopg.connect(owner_url) as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="session")
def catalogue(owner_url: str) -> Catalogue:
    """The migrated schema."""
    return read_catalogue(owner_url)
