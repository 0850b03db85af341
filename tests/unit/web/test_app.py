"""The application as it is put together: what it refuses to start with, and what keeps it from being ready."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from pydantic import SecretStr

from server.app import build_app
from server.errors import Unavailable
from server.identity.keys import token_key
from server.identity.tokens import TokenIssuer
from server.settings import Settings
from server.web.leaving import Leaving
from server.web.measuring import Metrics
from tests.database import Database
from tests.publishing import found_version

NEXT_YEAR = datetime.now(UTC).year + 1
IDENTITY = (
    "INSERT INTO usher.login_identity (identity, school_id, person_id, capacity, school_name) "
    "VALUES ('a', %s, %s, 'STAFF', 'Northfield')"
)


@asynccontextmanager
async def started(url: str, home: Path, metrics: Metrics | None = None) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the application, between the start and the end of its lifespan."""
    settings = Settings(usher_database_url=SecretStr(url), usher_home=home, usher_pool_min=1, usher_pool_max=2)
    app = build_app(settings, Leaving(), metrics)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://usher") as client,
    ):
        yield client


async def failed_checks(url: str, home: Path) -> dict[str, str]:
    async with started(url, home) as client:
        answer = await client.get("/readyz")
    failed = {name: result for name, result in answer.json()["checks"].items() if result != "ok"}
    assert answer.status_code == (503 if failed else 200)
    return failed


async def test_a_migrated_database_is_ready(app_url: str, tmp_path: Path) -> None:
    """Every check has a name, and all of them pass."""
    async with started(app_url, tmp_path) as client:
        answer = await client.get("/readyz")
    checks = dict.fromkeys(("database", "migrations", "partitions", "clock", "policies", "demo"), "ok")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "checks": checks})


@pytest.mark.parametrize(
    ("check", "statement", "sentence"),
    [
        ("migrations", "UPDATE usher.alembic_version SET version_num = '0000'", "usher migrate"),
        ("migrations", "ALTER TABLE usher.alembic_version RENAME TO lost", "usher migrate"),
        ("partitions", f"DROP TABLE usher.attendance_{NEXT_YEAR}", "usher migrate"),
        ("demo", "INSERT INTO usher.installation (name, value) VALUES ('demo_loading', 'true')", "not imported yet"),
    ],
)
async def test_what_is_missing_is_named(
    make_database: Callable[[], Database], tmp_path: Path, check: str, statement: str, sentence: str
) -> None:
    """One thing is taken away, and the check of that name alone fails, with the remedy."""
    database = make_database()
    assert await failed_checks(database.app_url, tmp_path) == {}
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(statement.encode())
    failed = await failed_checks(database.app_url, tmp_path)
    assert failed.keys() == {check}
    assert sentence in failed[check]


async def test_a_rule_book_that_cannot_be_read_is_noticed(
    make_database: Callable[[], Database], tmp_path: Path
) -> None:  # fmt: skip
    """Neither a school without a head nor one with a broken book is ready; a good book is."""
    database, school = make_database(), uuid4()
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(IDENTITY, [school, uuid4()])
    assert (await failed_checks(database.app_url, tmp_path)).keys() == {"policies"}
    with psycopg.connect(database.owner_url) as connection:
        found_version(connection, school, "{broken", "d")
    # Strangers may ask: what is wrong in the book is not for them.
    assert await failed_checks(database.app_url, tmp_path) == {"policies": "A school's rule book can't be loaded."}
    good = '{"element_groups":[],"role_groups":[],"rules":[]}'
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("UPDATE usher.policy_version SET content = %s WHERE school_id = %s", [good, school])
    assert await failed_checks(database.app_url, tmp_path) == {}


async def test_a_role_that_could_walk_round_the_walls_is_refused(database: Database, tmp_path: Path) -> None:
    """The owner's address in the application's place stops the start."""
    with pytest.raises(Unavailable, match="owns tables"):
        async with started(database.owner_url, tmp_path):
            pass


async def test_a_database_that_is_away_is_refused_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends with a sentence, and its supervisor tries again."""
    monkeypatch.setattr("server.database.start_up.open_pool.__defaults__", (0.2,))
    with pytest.raises(Unavailable, match="doesn't answer"):
        async with started("postgresql://usher_app@127.0.0.1:1/usher", tmp_path):
            pass


def test_an_address_is_needed(tmp_path: Path) -> None:
    """A worker on its own has no embedded server to fall back to."""
    with pytest.raises(Unavailable, match="USHER_DATABASE_URL"):
        build_app(Settings(usher_database_url=None, usher_home=tmp_path), Leaving())


async def test_a_token_of_this_home_is_understood_and_of_another_refused(app_url: str, tmp_path: Path) -> None:
    """The key file is the trust: a person without an account is told apart from a token that isn't ours."""
    tokens = [
        TokenIssuer(token_key(folder)).issue(uuid4(), uuid4(), "STAFF", 60)
        for folder in (tmp_path / "keys", tmp_path / "other")
    ]
    async with started(app_url, tmp_path) as client:
        ours, theirs = [
            await client.post(
                "/graphql", json={"query": "{ __typename }"}, headers={"authorization": f"Bearer {token}"}
            )
            for token in tokens
        ]
    assert theirs.status_code == 401
    assert ours.status_code != 401 or ours.json() != theirs.json()


async def test_the_limits_of_documents_are_enforced(app_url: str, tmp_path: Path) -> None:
    """The rule that measures documents is really asked."""
    token = TokenIssuer(token_key(tmp_path / "keys")).issue(uuid4(), uuid4(), "STAFF", 60)
    headers = {"authorization": f"Bearer {token}", "accept": "application/graphql-response+json"}
    async with started(app_url, tmp_path) as client:
        document = "{ " + " ".join(f"a{i}: __typename" for i in range(26)) + " }"
        answer = await client.post("/graphql", json={"query": document}, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "LIMIT_EXCEEDED")
