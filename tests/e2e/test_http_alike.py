"""What stands around an answer: headers, suggestions, and PostgreSQL's own log."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import yaml
from psycopg import sql

from server.database import embedded
from server.database.roles import APP
from tests.database import Database, folder_of
from tests.e2e.serving import Server
from tests.leaks.sentinels import PLANTED, plant
from tests.leaks.watching import words
from tests.worlds import World, acting, insert_world
from tests.worlds.wide_school import wide_school

ROOT = Path(__file__).parents[2]
# PostgreSQL's settings that keep values out of its log, as the embedded server has them.
SILENT = ("log_min_error_statement", "log_error_verbosity", "log_parameter_max_length")
NODE = "query($id: ID!) { node(id: $id) { id ... on Learner { givenName medical { conditions } } } }"


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = plant(wide_school("around an answer", today, 5), whole=True)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def elsewhere(app_url: str, today: date) -> World:
    world = wide_school("around another's answer", today, 5)
    insert_world(app_url, world)
    return world


def headers(server: Server, world: World, handle: str, learner: str) -> dict[str, str]:
    """Names and values, without the length of the body and the clock."""
    token = server.client(world, handle).token
    response = server.http.post(
        "/graphql",
        json={"query": NODE, "variables": {"id": f"lrn_{learner}"}},
        headers={"Authorization": f"Bearer {token}"},
    )
    return {name: value for name, value in response.headers.items() if name not in ("content-length", "date")}


def test_no_header_tells_what_was_found(server: Server, school: World, elsewhere: World) -> None:
    """Shown, withheld, of another school, or of nobody: cost, rate and caching are told alike, if at all."""
    ann = school.ids["ann"].hex
    seen = [headers(server, school, handle, ann) for handle in ("english", "teacher", "peripatetic", "governor", "pat")]
    seen += [headers(server, school, "english", key) for key in (elsewhere.ids["ann"].hex, uuid4().hex)]
    assert all(one == seen[0] for one in seen), seen
    assert "no-store" in seen[0]["cache-control"]
    assert not [name for name in seen[0] if "cost" in name or "rate" in name or "etag" in name]


@pytest.mark.parametrize(
    "document",
    [
        "{ learnerz { id } }",
        "{ learners { nodes { givenNam } } }",
        "{ learners(filtr: {}) { totalCount } }",
        "{ learners(orderBy: [{field: NAMES}]) { totalCount } }",
        "{ learners(filter: {gendr: {eq: null}}) { totalCount } }",
        "query($f: LearnerFilter) { learners(filter: $f) { totalCount } }",
    ],
)
def test_no_refusal_suggests_a_word(server: Server, school: World, document: str) -> None:
    """A word that is nearly right is refused as any other."""
    answer = server.client(school, "peripatetic").ask(document, {"f": {"gendr": None}})
    assert answer.codes
    assert "did you mean" not in str(answer.body).lower()


@contextmanager
def everything_logged(database: Database, superuser_url: str) -> Generator[None]:
    """An administrator looks for slow queries: PostgreSQL logs each statement of the application's role."""
    role, name = sql.Identifier(APP), sql.Identifier(database.name)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for setting in ("log_min_duration_statement = 0", "log_statement = 'all'"):
            connection.execute(
                sql.SQL("ALTER ROLE {} IN DATABASE {} SET {}").format(role, name, sql.SQL(setting))  # type: ignore[arg-type]
            )
        try:
            yield
        finally:
            connection.execute(sql.SQL("ALTER ROLE {} IN DATABASE {} RESET ALL").format(role, name))


def test_the_databases_log_holds_no_value(
    database: Database, database_server: Any, bare_app_url: str, school: World, request: pytest.FixtureRequest
) -> None:
    """Slow statements with their values, and rows that a constraint refuses: the text of statements at most."""
    if database_server.superuser_url is None:
        pytest.skip("needs the embedded PostgreSQL")
    word = next(word for word, one in PLANTED.items() if one.world is school)
    logs = folder_of(request.config) / "postgres" / "log"
    with everything_logged(database, database_server.superuser_url):
        _use(bare_app_url, school, word)
    text = "".join(path.read_text(errors="replace") for path in logs.glob("*.log"))
    assert "SELECT given_name FROM usher.learner WHERE preferred_name" in text, "nothing was logged at all"
    assert words(text) == []


def _use(url: str, world: World, word: str) -> None:
    """A read by a value, a row that is there already, one that breaks a check, and one with a value of no type."""
    mark = next(row for row in world.rows[_table(world, "mark")])
    values = {**mark, "state": word, "score": None}
    with acting(url, world, "STAFF", "head") as connection:
        connection.execute(
            "SELECT given_name FROM usher.learner WHERE preferred_name = %s AND school_id = %s", [word, world.school_id]
        )
        for row in (mark, values):
            names = sql.SQL(", ").join(map(sql.Identifier, row))
            holes = sql.SQL(", ").join(sql.Placeholder() for _ in row)
            statement = sql.SQL("INSERT INTO usher.mark ({}) VALUES ({})").format(names, holes)
            with pytest.raises(psycopg.IntegrityError), connection.transaction():
                connection.execute(statement, list(row.values()))


def _table(world: World, name: str) -> Any:
    return next(table for table in world.rows if vars(table)["__tablename__"] == name)


def test_every_delivered_database_is_silent() -> None:
    """The container's as the embedded one: an error's DETAIL quotes the row that it refused."""
    settings = vars(embedded)["_FIRST_SETTINGS"]
    compose = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))
    command = compose["services"]["database"].get("command", [])
    for name in SILENT:
        assert f"{name}={settings[name]}" in command, name
    assert all(name in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8") for name in SILENT)
