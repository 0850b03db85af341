"""A signature is no figure: it is kept beside the version that it is of, and grades nobody anew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine

from server import migrations, tables
from server.cli import call
from server.commands.regrading import courses_left
from server.database.pool import Pool
from server.exchange.references import PackImport, import_pack
from server.exchange.specifications import standing
from server.grading.boundaries import BoundarySet
from server.grading.contents import boundary_content, digest, specification_content
from server.grading.files.writing import boundary_text, specification_text
from server.grading.specification import Provenance, Specification
from server.migrations import ensure_years, migrate
from tests.database import Database
from tests.worlds import World, insert_world, small_school
from tests.worlds.own_qualification import own_qualification, own_rules, own_series

Imports = Callable[..., PackImport]


@pytest.fixture
def world(today: date) -> World:
    """Its mathematics is graded by a qualification of its own."""
    world = small_school(f"sign-offs {uuid4()}", today)
    own_qualification(world)
    return world


def rules_of(world: World, **signed: str | None) -> Specification:
    return own_rules(world, provenance=Provenance(("a page",), "official", **signed))  # pyright: ignore[reportArgumentType]


def series_of(world: World, **changes: Any) -> BoundarySet:
    return replace(own_series(world), **changes)


def put_in(app_url: str, folder: Path, rules: Specification | None, series: BoundarySet) -> PackImport:
    folder = folder / uuid4().hex
    folder.mkdir()
    if rules is not None:
        (folder / "rules.toml").write_text(specification_text(rules), "utf-8")
    (folder / "series.toml").write_text(boundary_text(series), "utf-8")
    with psycopg.connect(app_url, autocommit=True) as connection:
        return import_pack(connection, folder, datetime.now(UTC))


def told(done: PackImport) -> tuple[int, int, int, int]:
    return done.specifications, done.boundary_sets, done.known, done.signed_off


async def test_who_checked_is_added_and_nobody_is_graded_anew(
    world: World, app_url: str, pool: Pool, tmp_path: Path
) -> None:
    """Once each, with when and from which file; what else a file says of its figures makes a version."""
    insert_world(app_url, world)
    unsigned = series_of(world)
    assert told(put_in(app_url, tmp_path, None, unsigned)) == (0, 0, 1, 0)
    entered = series_of(world, entered_by="A. Khan")
    assert told(put_in(app_url, tmp_path, None, entered)) == (0, 0, 1, 0)
    own = series_of(world, entered_by="A. Khan", checked_by="A. Khan")
    assert told(put_in(app_url, tmp_path, None, own)) == (0, 0, 1, 0)
    checked = series_of(world, entered_by="A. Khan", checked_by="B. Ode")
    assert told(put_in(app_url, tmp_path, None, checked)) == (0, 0, 1, 1)
    assert told(put_in(app_url, tmp_path, None, checked)) == (0, 0, 1, 0)
    assert told(put_in(app_url, tmp_path, None, series_of(world, checked_by="C. Lund"))) == (0, 0, 1, 1)
    assert await courses_left(pool, world.school_id) == []
    with psycopg.connect(app_url, autocommit=True) as connection:
        found = standing(connection, f"{unsigned.specification}:{unsigned.series}")
    assert (found.version, found.boundaries, found.signed.specification) == (1, unsigned, ())
    assert [(each.entered_by, each.checked_by) for each in found.signed.boundaries] == [
        ("A. Khan", None), ("A. Khan", "A. Khan"), ("A. Khan", "B. Ode"), (None, "C. Lund"),
    ]  # fmt: skip
    assert found.signed.boundaries[2].file == hashlib.sha256(boundary_text(checked).encode()).hexdigest()
    for changes in ({"confidence": "doubtful"}, {"note": "Read again."}, {"sources": ("another page",)}):
        assert told(put_in(app_url, tmp_path, None, series_of(world, **changes, checked_by="B. Ode"))) == (0, 1, 0, 1)
    assert await courses_left(pool, world.school_id) == [world.ids["maths-10"]]


def test_the_answer_and_the_page_say_who_signed(
    world: World, app_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a specification too; new versions hold no signature, and a folder's page has the digest of the stored one's."""
    monkeypatch.setenv("USHER_DATABASE_URL", app_url)
    rules, series = rules_of(world, checked_by="B. Ode"), series_of(world, checked_by="C. Lund")
    (tmp_path / "rules.toml").write_text(specification_text(rules), "utf-8")
    (tmp_path / "series.toml").write_text(boundary_text(series), "utf-8")
    pages: list[str] = []
    assert call(["grading", "import", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "1 specifications, 1 boundary sets" in said
    assert "0 known already, 2 signed off" in said
    row = f"{rules.identity}:{series.series}"
    for arguments in ([], ["--folder", str(tmp_path)]):
        assert call(["grading", "sheet", row, *arguments]) == 0
        pages.append(capsys.readouterr().out)
        assert "Checked by, specification   B. Ode" in pages[-1]
        assert "Checked by, boundaries      C. Lund" in pages[-1]
    stored, folder = ([line for line in page.splitlines() if line.startswith("SHA-256 of this copy")] for page in pages)
    assert len(stored) == 2
    assert stored == folder
    with psycopg.connect(app_url) as connection:
        rows = connection.execute(
            "SELECT s.digest, s.content FROM usher.specification AS s WHERE s.code = %s UNION ALL "
            "SELECT b.digest, b.content FROM usher.boundary_set AS b JOIN usher.specification AS s USING (specification_id) "
            "WHERE s.code = %s",
            [rules.identity, rules.identity],
        ).fetchall()
    assert {line.split()[-1] for line in stored} <= {digest for digest, _ in rows}
    assert not any("Ode" in content or "Lund" in content for _, content in rows)


async def test_versions_of_before_stay_the_versions_that_they_are(
    make_database: Callable[[], Database], today: date, tmp_path: Path
) -> None:
    """Stored with signatures in their contents and digests: after the upgrade the same files, signed anew or not signed at
    all, add no version and move no course. Their signatures are kept."""
    database = make_database()
    world = small_school(f"signed before {uuid4()}", today)
    rules = rules_of(world, entered_by="A. Khan", checked_by="B. Ode")
    series = series_of(world, entered_by="A. Khan", checked_by="B. Ode")
    own_qualification(world)
    _as_before(world, rules, series)
    _up_to(database.owner_url, "0019", today)
    _without_later_rows(database.owner_url, world)
    insert_world(database.app_url, world, families=False)
    migrate(database.owner_url, today=today)
    assert told(put_in(database.app_url, tmp_path, rules, series)) == (0, 0, 1, 0)
    again = rules_of(world, entered_by="A. Khan", checked_by="C. Lund")
    assert told(put_in(database.app_url, tmp_path, again, series_of(world, checked_by="C. Lund"))) == (0, 0, 1, 2)
    assert told(put_in(database.app_url, tmp_path, rules_of(world), series_of(world))) == (0, 0, 1, 0)
    assert told(put_in(database.app_url, tmp_path, None, series_of(world))) == (0, 0, 1, 0)
    async with Pool(database.app_url, min_size=0, max_size=1) as pool:
        assert await courses_left(pool, world.school_id) == []
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        found = standing(connection, f"{rules.identity}:{series.series}")
    assert [each.checked_by for each in found.signed.specification] == ["B. Ode", "C. Lund"]
    assert [(each.checked_by, each.file is None) for each in found.signed.boundaries] == [
        ("B. Ode", True), ("C. Lund", False),
    ]  # fmt: skip


def _without_later_rows(owner_url: str, world: World) -> None:
    """What versions after the database's own brought."""
    with psycopg.connect(owner_url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'usher'").fetchall()
    there = {name for (name,) in found}
    for table in [table for table in world.rows if table.__tablename__ not in there]:
        del world.rows[table]
    for row in world.rows.get(tables.ForecastConfirmationRow, ()):
        row.pop("shift", None)


def _as_before(world: World, rules: Specification, series: BoundarySet) -> None:
    """Contents with the signatures, and digests of them."""
    for row, content in (
        (world.rows[tables.SpecificationRow][-1], specification_content(rules)),
        (world.rows[tables.BoundarySetRow][-1], boundary_content(series)),
    ):
        row.update(content=content, digest=digest(content), imported_at=datetime(2025, 9, 1, tzinfo=UTC))


def _up_to(owner_url: str, version: str, today: date) -> None:
    """An empty database of an older version."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("DROP SCHEMA usher, procrastinate CASCADE")
        connection.execute("CREATE SCHEMA usher")
    config = migrations._config()  # pyright: ignore[reportPrivateUsage]
    engine = create_engine(migrations._sqlalchemy_url(owner_url))  # pyright: ignore[reportPrivateUsage]
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        ensure_years(connection, today)
    engine.dispose()
