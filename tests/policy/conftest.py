"""The schools of the policy cases, and the server over them that tests over HTTP have."""

from collections.abc import Callable, Generator
from datetime import date
from functools import cache

import psycopg
import pytest

from tests.database import Database
from tests.e2e.serving import Server
from tests.policy.audit_log import AuditLog
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school


@pytest.fixture(scope="session")
def server(servers: list[Server]) -> Server:
    """One of the real application's processes over the worker's database."""
    return servers[0]


@pytest.fixture(scope="session")
def school(app_url: str, today: date) -> Callable[[int], World]:
    """The school of the cases, by the number below which figures are not told."""

    @cache
    def make(smallest_figure: int) -> World:
        world = wide_school(f"policy cases, {smallest_figure}", today, smallest_figure)
        insert_world(app_url, world)
        return world

    return make


@pytest.fixture(scope="session")
def audit_log(database: Database, owner_url: str) -> Generator[AuditLog]:
    """As usher_audit; as the owner on one's own server without USHER_AUDIT_DATABASE_URL."""
    with psycopg.connect(database.audit_url or owner_url, autocommit=True) as connection:
        yield AuditLog(connection)
