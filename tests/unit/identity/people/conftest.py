"""A transaction in the worker's database that is rolled back, and an account in it."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest

from server.database.blocking_pool import BlockingConnection as Connection
from server.identity.people.accounts import Account, make_account

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture
def connection(app_url: str) -> Generator[Connection]:
    with psycopg.connect(app_url) as connection, connection.transaction(force_rollback=True):
        yield connection


@pytest.fixture
def ann(connection: Connection) -> Account:
    return make_account(connection, f"ann-{uuid4()}", "ann@school.example", NOW)
