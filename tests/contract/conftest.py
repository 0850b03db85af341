"""The small school of the contract tests."""

from datetime import date

import pytest

from tests.worlds import World, insert_world, small_school


@pytest.fixture(scope="session")
def school(app_url: str, today: date) -> World:
    """A small school in the worker's database. Tests roll back what they change."""
    world = small_school("contract", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="session")
def other_school(app_url: str, today: date) -> World:
    """Another one, with the same learners under ids of its own."""
    world = small_school("contract, the other one", today)
    insert_world(app_url, world)
    return world
