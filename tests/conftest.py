"""Fixtures of all tests: databases, statement recorder, and a generous, repeatable hypothesis."""

import logging
from collections.abc import Generator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.database import Database
    from tests.e2e.serving import Server

pytest_plugins = ["tests.depth", "tests.database", "tests.statement_recorder", "tests.leaks.sweeping"]

# Examples follow from the test's own source, so a red run is red again; slow machines are no failure.
settings.register_profile(
    "usher",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
settings.load_profile("usher")

# It makes the whole demo and waits for its seals.
LONGEST = "test_the_demo_is_there_for_every_account"
SERVERS = 4


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest test is the first, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.name != LONGEST)


@pytest.fixture(autouse=True)
def logs_as_before() -> Generator[None]:
    """What a test, or a command that it calls, sends log lines to and from which level on ends with the test."""
    root, structured = logging.getLogger(), structlog.get_config()
    level, handlers = root.level, list(root.handlers)
    yield
    if structlog.get_config() != structured:
        structlog.configure(**structured)
    if (root.level, root.handlers) != (level, handlers):
        root.setLevel(level)
        root.handlers[:] = handlers


@pytest.fixture(scope="session")
def today() -> date:
    """The database's day, which walls compare with."""
    return datetime.now(UTC).date()


@pytest.fixture(scope="session")
def database(database: "Database", request: pytest.FixtureRequest) -> "Generator[Database]":
    """The worker's database; what the application's role is told passes the statement recorder."""
    from tests.leaks.listening import listening
    from tests.leaks.watching import WATCH
    from tests.statement_recorder import recording  # a plugin: pytest imports it first

    WATCH.owner_url = database.owner_url
    with listening(), recording(database, request.config) as recorded:
        yield recorded


@pytest.fixture(scope="session")
def servers(bare_app_url: str, tmp_path_factory: pytest.TempPathFactory) -> "Generator[list[Server]]":
    """Four processes of the real application over the worker's database, each on a port of its own."""
    from tests.e2e.serving import serving

    with serving(bare_app_url, tmp_path_factory.mktemp("serving"), SERVERS) as servers:
        assert len({server.pid for server in servers}) == SERVERS
        yield servers
