"""A school with one member of staff, by plain SQL from the owner."""

from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest

from server.database.context import Context
from tests.publishing import found_version

_SCHOOL = """
INSERT INTO usher.school (school_id, name, academic_year, suppression_threshold, created_at)
VALUES (%(school)s, 'Northfield', 2026, 5, '2026-09-01T00:00:00Z');
INSERT INTO usher.person (school_id, person_id, created_at) VALUES (%(school)s, %(person)s, '2026-09-01T00:00:00Z');
INSERT INTO usher.access_profile (school_id, person_id, capacity, profile_version, valid_from)
VALUES (%(school)s, %(person)s, 'STAFF', 7, '2026-09-01');
"""


def add_school(owner_url: str) -> Context:
    """A new school; the context of its one member of staff at the present versions."""
    context = Context(uuid4(), uuid4(), "STAFF", policy_version=1, profile_version=7)
    with psycopg.connect(owner_url, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(_SCHOOL, {"school": context.school_id, "person": context.person_id})
        found_version(connection, context.school_id, "{}")
    return context


@pytest.fixture
def context(owner_url: str) -> Context:
    return add_school(owner_url)


@pytest.fixture
def stale(context: Context) -> Context:
    """The same principal with a plan made before the profile changed."""
    return replace(context, profile_version=context.profile_version - 1)


@pytest.fixture
def event_id() -> UUID:
    return uuid4()
