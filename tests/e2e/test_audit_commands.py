"""`usher audit` on a database of its own: what each command prints, its exit status, and what it refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from server.cli import call
from tests.database import Database, Server
from tests.e2e.audit_desk import Desk, run_tool
from tests.worlds import insert_world, small_school

Printed = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def database_of_one(database_server: Server) -> Generator[Database]:
    if not database_server.can_create:
        pytest.skip("needs an owner with CREATEDB")
    made = database_server.make()
    yield made
    database_server.drop(made)


@pytest.fixture(scope="module")
def desk(database_of_one: Database, today: Any) -> Desk:
    """One school with rows of four hundred days ago, of now, and of neither."""
    world = small_school("commands", today)
    insert_world(database_of_one.app_url, world)
    urls = (database_of_one.app_url, database_of_one.audit_url or "", database_of_one.owner_url)
    desk = Desk(world, *urls, datetime.now(UTC) - timedelta(days=400))
    desk.write(0)
    desk.write(1)
    asyncio.run(desk.seal(2))
    return desk


@pytest.fixture(autouse=True)
def environment(desk: Desk, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path_factory.getbasetemp() / "audit-home"
    monkeypatch.setenv("USHER_HOME", str(home))
    monkeypatch.setenv("USHER_DATABASE_URL", desk.app_url)
    monkeypatch.setenv("USHER_AUDIT_DATABASE_URL", desk.audit_url)
    monkeypatch.setenv("USHER_OWNER_DATABASE_URL", desk.owner_url)
    return home


def test_sealing_says_how_much(desk: Desk, environment: Path, capsys: Printed) -> None:
    """By school and together; a second time there is nothing left; the head is in the file."""
    desk.write(400 * 24 * 60)
    school = str(desk.world.school_id)
    assert call(["audit", "seal"]) == 0
    assert capsys.readouterr().out == f"{school}: 1 rows sealed\n1 rows sealed in 1 schools, 1 heads kept.\n"
    assert call(["audit", "seal"]) == 0
    assert capsys.readouterr().out == "0 rows sealed in 0 schools, 0 heads kept.\n"
    [head] = (environment / "audit" / f"{school}.jsonl").read_text().splitlines()
    assert json.loads(head)["school"] == school


REFUSED = {
    "reason = 'other'": "permission denied",
    "person_id = NULL": "row-level security",
    "person_id = NULL, client_id = NULL, ip_address = NULL, user_salt = gen_random_uuid()": "row-level security",
}
EMPTIED = "person_id = NULL, client_id = NULL, ip_address = NULL, user_salt = NULL"


@pytest.mark.parametrize("change", REFUSED)
def test_who_forgets_changes_nothing_else(desk: Desk, change: str) -> None:
    """Not what was done, and not the person alone; the application's role nothing at all."""
    statement = "UPDATE usher.audit_operation SET {} WHERE user_salt IS NOT NULL"
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege, match=REFUSED[change])
    with psycopg.connect(desk.audit_url) as connection, refused:
        connection.execute(statement.format(change).encode())
    with psycopg.connect(desk.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.format(EMPTIED).encode())


def test_no_young_rows_are_forgotten(desk: Desk) -> None:
    """By the database's own clock, whatever the statement says: the two of long ago alone."""
    with psycopg.connect(desk.audit_url) as connection:
        counted = b"SELECT count(*) FROM usher.audit_operation WHERE user_salt IS NOT NULL"
        assert (connection.execute(counted).fetchone() or (0,))[0] >= 3
        assert connection.execute(f"UPDATE usher.audit_operation SET {EMPTIED}".encode()).rowcount == 2
        connection.rollback()


def test_a_whole_audit_verifies(desk: Desk, capsys: Printed) -> None:
    """Exit status 0 and one line; the same for one school; the old rows are forgotten, and it still does."""
    call(["audit", "seal"])
    capsys.readouterr()
    assert call(["audit", "verify"]) == 0
    assert capsys.readouterr().out.endswith("0 forgotten: everything is as it was sealed.\n")
    assert call(["audit", "forget"]) == 0
    assert capsys.readouterr().out == "2 rows no longer say who it was.\n"
    assert call(["audit", "forget"]) == 0
    assert capsys.readouterr().out == "0 rows no longer say who it was.\n"
    assert call(["audit", "verify", "--school", str(desk.world.school_id)]) == 0
    assert capsys.readouterr().out.endswith("2 forgotten: everything is as it was sealed.\n")


def test_an_export_is_a_new_file_for_the_tool(desk: Desk, environment: Path, tmp_path: Path, capsys: Printed) -> None:
    """Private to its owner, never over another file; the tool agrees with the kept head."""
    call(["audit", "seal"])
    capsys.readouterr()
    file = tmp_path / "audit.jsonl"
    assert call(["audit", "export", str(file)]) == 0
    assert str(file) in capsys.readouterr().out
    assert file.stat().st_mode & 0o777 == 0o600
    tool = run_tool(file, environment / "audit" / f"{desk.world.school_id}.jsonl")
    assert (tool.returncode, tool.stderr) == (0, "")
    assert call(["audit", "export", str(file)]) == 1
    assert "File exists" in capsys.readouterr().err


def test_a_fault_is_a_line_and_exit_status_one(desk: Desk, capsys: Printed) -> None:
    """Its code, the school and a sentence, on standard output."""
    call(["audit", "seal"])
    with psycopg.connect(desk.owner_url) as connection:
        before = connection.execute("SELECT audit_id, reason FROM usher.audit_operation ORDER BY 1 LIMIT 1").fetchone()
        assert before is not None
        connection.execute("UPDATE usher.audit_operation SET reason = 'other' WHERE audit_id = %s", [before[0]])
    capsys.readouterr()
    assert call(["audit", "verify"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"ROW_CHANGED {desk.world.school_id}: The row {before[0]} of seal 1 was changed.")
    assert lines[-1].endswith(": 1 faults.")
    with psycopg.connect(desk.owner_url) as connection:
        connection.execute("UPDATE usher.audit_operation SET reason = %s WHERE audit_id = %s", [before[1], before[0]])
    assert call(["audit", "verify"]) == 0


def test_what_is_missing_is_named(
    desk: Desk, environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    """The school, the file of heads, the setting; never a traceback."""
    assert call(["audit", "verify", "--school", "nowhere"]) == 1
    assert "--school names no school" in capsys.readouterr().err
    monkeypatch.setenv("USHER_HOME", str(tmp_path))
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "x.jsonl").write_text("{")
    assert call(["audit", "verify"]) == 1
    assert "isn't what was kept there" in capsys.readouterr().err
    (tmp_path / "audit" / "x.jsonl").unlink()
    monkeypatch.delenv("USHER_AUDIT_DATABASE_URL")
    for command in (["seal"], ["verify"], ["export", str(tmp_path / "new")]):
        assert call(["audit", *command]) == 1
        assert "USHER_AUDIT_DATABASE_URL" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
    monkeypatch.setenv("USHER_AUDIT_DATABASE_URL", "postgresql://usher_audit:secret@127.0.0.1:1/usher")
    assert call(["audit", "verify"]) == 1
    refused = capsys.readouterr().err
    assert "doesn't answer" in refused
    assert "secret" not in refused
