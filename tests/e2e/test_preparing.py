"""What `usher run` does between the demo's import and serving."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from server.cli import preparing
from server.cli.welcome import welcome
from server.errors import Unavailable
from server.settings import load_settings
from tests.database import Database
from tests.database import Server as DatabaseServer
from tests.worlds import insert_world, small_school

KNOWN = """\
SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'usher' AND c.reltuples > 0"""


@pytest.fixture
def empty(database_server: DatabaseServer) -> Generator[Database]:
    if not database_server.can_create:
        pytest.skip("needs an owner with CREATEDB")
    made = database_server.make()
    yield made
    database_server.drop(made)


@pytest.mark.parametrize("as_owner", [True, False])
def test_the_planner_knows_the_imported_tables(
    empty: Database, today: date, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_owner: bool
) -> None:
    """Where the owner's address is known; the application's role may not, and that stops nothing."""

    def load(app_url: str, *_: Any, **__: Any) -> None:
        insert_world(app_url, small_school("demo", today))

    def nothing(*_: Any) -> None: ...

    monkeypatch.setattr(preparing, "load_demo", load)
    monkeypatch.setattr(preparing, "write_files", nothing)
    monkeypatch.setattr(preparing, "publish_first_reports", nothing)
    preparing.import_demo(empty.app_url, tmp_path, empty.owner_url if as_owner else None)
    with psycopg.connect(empty.owner_url) as connection:
        known = {name for (name,) in connection.execute(KNOWN.encode()).fetchall()}
    assert ({"person", "access_profile", "teaching_assignment"} <= known) is as_owner


def test_a_database_without_tables_is_told_from_another_version(empty: Database) -> None:
    """By a run that may not migrate; both say what to do."""
    settings = load_settings()
    preparing.verify_database(settings, empty.app_url)
    with psycopg.connect(empty.owner_url) as connection:
        connection.execute("UPDATE usher.alembic_version SET version_num = '0001'")
    with pytest.raises(Unavailable, match=r"^The tables have another version than this program\. Run `usher migrate`"):
        preparing.verify_database(settings, empty.app_url)
    with psycopg.connect(empty.owner_url) as connection:
        connection.execute("DROP SCHEMA usher, procrastinate CASCADE")
    with pytest.raises(Unavailable, match=r"^The database has no tables of Usher's yet\. Run `usher migrate` first\.$"):
        preparing.verify_database(settings, empty.app_url)


def test_without_a_school_it_says_how_to_get_one(
    empty: Database, today: date, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says nothing of it where there is one."""
    welcome("http://127.0.0.1:8000", empty.app_url)
    assert "only the demo makes schools" in capsys.readouterr().out
    insert_world(empty.app_url, small_school("founded", today))
    welcome("http://127.0.0.1:8000", empty.app_url)
    assert "only the demo makes schools" not in capsys.readouterr().out
