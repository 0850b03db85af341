"""The queue of work that requests cause stands in a schema of its own, and may do there what `usher` forbids.

Triggers are forbidden in the schema usher, where the application writes everything itself. procrastinate's tables have
some, which tell listeners and keep a list of events: they are that library's own, touch no table of usher, and whatever
they did wrong, a letter's row would still be there, from which it is queued anew.
"""

from collections.abc import Generator
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from procrastinate.schema import SchemaManager

from server.database.roles import APP, AUDIT
from tests.database import Database

# Of procrastinate 3.10.0. With another release this differs: write a version with what its sql/migrations hold since
# then, for databases where 0027 executed the older one, and only then the new digest.
SCHEMA = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"


@pytest.fixture(scope="module")
def owner(database: Database) -> Generator[psycopg.Connection[tuple[Any, ...]]]:
    with psycopg.connect(database.owner_url) as connection:
        yield connection


def test_the_schema_is_that_of_the_release_it_was_written_for() -> None:
    """Another release of the library isn't installed without a version that brings databases to it."""
    assert sha256(SchemaManager.get_schema().encode()).hexdigest() == SCHEMA


def test_what_happens_by_itself_stays_in_its_schema(owner: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Triggers call functions of their own schema, on tables of their own; no foreign key leads in or out."""
    query = """\
SELECT c.relnamespace::regnamespace::text, p.pronamespace::regnamespace::text FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"""
    assert set(owner.execute(query).fetchall()) == {("procrastinate", "procrastinate")}
    query = """\
SELECT count(*) FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_class AS f ON f.oid = k.confrelid
WHERE 'procrastinate'::regnamespace IN (c.relnamespace, f.relnamespace) AND c.relnamespace <> f.relnamespace"""
    assert owner.execute(query).fetchone() == (0,)


def test_functions_have_their_callers_rights(owner: psycopg.Connection[tuple[Any, ...]]) -> None:
    """None is SECURITY DEFINER, so that through them nobody does more than they may themselves."""
    query = "SELECT count(*), count(*) FILTER (WHERE prosecdef) FROM pg_proc WHERE pronamespace = 'procrastinate'::regnamespace"
    assert owner.execute(query).fetchone() == (18, 0)


def test_the_application_uses_the_queue_and_owns_nothing_of_it(owner: psycopg.Connection[tuple[Any, ...]]) -> None:
    """It reads and writes rows, makes nothing, and nobody else comes in."""
    query = """\
SELECT has_schema_privilege(%s, 'procrastinate', 'USAGE'), has_schema_privilege(%s, 'procrastinate', 'CREATE'),
       bool_or(has_table_privilege(%s, c.oid, 'TRUNCATE, REFERENCES, TRIGGER')), bool_or(c.relowner = %s::regrole)
FROM pg_class AS c WHERE c.relnamespace = 'procrastinate'::regnamespace AND c.relkind = 'r'"""
    assert owner.execute(query, [APP] * 4).fetchone() == (True, False, False, False)
    assert owner.execute(query, [AUDIT] * 4).fetchone() == (False, False, False, False)
    query = "SELECT has_schema_privilege('public', 'procrastinate', 'USAGE')"
    assert owner.execute(query).fetchone() == (False,)


def test_no_data_of_a_person_is_in_the_queue(owner: psycopg.Connection[tuple[Any, ...]]) -> None:
    """A job's arguments are ids: of the columns that could hold more, all others are the library's own words."""
    query = """\
SELECT a.attname FROM pg_attribute AS a WHERE a.attrelid = 'procrastinate.procrastinate_jobs'::regclass
AND a.attnum > 0 AND a.atttypid = 'jsonb'::regtype"""
    assert owner.execute(query).fetchall() == [("args",)]
    found = owner.execute("SELECT DISTINCT task_name, jsonb_object_keys(args) FROM procrastinate.procrastinate_jobs")
    assert set(found.fetchall()) <= {("send_letter", "letter_id")}
