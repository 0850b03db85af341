"""usher account provider: what an operator registers for a school, and what is refused."""

from __future__ import annotations

import shlex
from datetime import date
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from server.cli import call
from tests.e2e.accounts import holder
from tests.e2e.examples import blocks, read
from tests.worlds import World, insert_world, small_school

ISSUER = "https://accounts.google.com"
SECRET = "c4nary-of-the-operator"


@pytest.fixture(autouse=True)
def own_database(monkeypatch: pytest.MonkeyPatch, app_url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("USHER_DATABASE_URL", app_url)
    monkeypatch.setenv("USHER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USHER_ISSUER", "https://usher.example")


@pytest.fixture
def school(app_url: str, today: date) -> World:
    """With an account, by whose hat it is known."""
    world = small_school(f"providers {uuid4()}", today)
    insert_world(app_url, world)
    holder(app_url, (world, "head"))
    return world


@pytest.fixture
def secret(tmp_path: Path) -> str:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    return str(path)


def rows(app_url: str, school: World) -> list[tuple[str, ...]]:
    with psycopg.connect(app_url) as connection:
        statement = (
            "SELECT provider_id::text, sealed FROM usher.school_provider WHERE school_id = %s AND ended_at IS NULL"
        )
        return connection.execute(statement, [school.school_id]).fetchall()


def test_a_provider_is_registered_listed_and_ended(
    app_url: str, school: World, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The secret is encrypted and printed nowhere; the address to register there is told."""
    name = f"sch_{school.school_id.hex}"
    options = ["--issuer", ISSUER, "--client", "usher", "--secret-file", secret, "--tenant", "hd=school.example"]
    assert call(["account", "provider", name, *options, "--factor", "mfa"]) == 0
    told = capsys.readouterr().out
    [(key, sealed)] = rows(app_url, school)
    assert f"https://usher.example/sign-in/school/{key}/back" in told
    assert SECRET not in sealed + told
    assert call(["account", "provider", name]) == 0
    listed = capsys.readouterr().out
    assert "hd=school.example" in listed
    assert SECRET not in listed
    assert call(["account", "provider", "--end", key]) == 0
    assert rows(app_url, school) == []
    assert call(["account", "provider", "--end", key]) == 1


def test_the_page_is_so(
    app_url: str, school: World, secret: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """docs/school-sign-in.md: each of its commands."""
    [block] = [one.text for one in blocks(read("docs/school-sign-in.md")) if one.language == "sh"]
    for name in ("google.secret", "microsoft.secret"):
        (tmp_path / name).write_bytes(Path(secret).read_bytes())
    for line in block.replace("\\\n", " ").replace("TENANT", "0190-tenant").splitlines():
        program, *words = shlex.split(line)
        assert program == "usher"
        known = {"Ashgrove School": f"sch_{school.school_id.hex}", "ID": "an-id"}
        if "--end" in words:
            known["ID"] = rows(app_url, school)[0][0]
        given = [str(tmp_path / word) if word.endswith(".secret") else known.get(word, word) for word in words]
        assert call(given) == 0, capsys.readouterr()
    [_] = rows(app_url, school)


@pytest.mark.parametrize(
    "changed",
    [
        {"--issuer": "http://accounts.google.com"},
        {"--issuer": "https://127.0.0.1:9000"},
        {"--issuer": "https://localhost"},
        {"--issuer": "https://accounts.google.com?a=b"},
        {"--issuer": "accounts.google.com"},
        {"--tenant": None},
        {"--tenant": "school.example"},
        {"--tenant": "email=school.example"},
        {"--tenant": "hd="},
        {"--client": ""},
        {"--client": "a b"},
        {"--factor": "two factors"},
        {"--client": None},
    ],
)
def test_mistakes_change_nothing(app_url: str, school: World, secret: str, changed: dict[str, str | None]) -> None:
    """Among them a provider of everybody's without the school's tenant."""
    given = {
        "--issuer": ISSUER,
        "--client": "usher",
        "--secret-file": secret,
        "--tenant": "hd=school.example",
    } | changed
    options = [word for name, value in given.items() if value is not None for word in (name, value)]
    assert call(["account", "provider", f"sch_{school.school_id.hex}", *options]) == 1
    assert rows(app_url, school) == []


def test_unknown_schools_and_secrets_are_refused(app_url: str, school: World, secret: str, tmp_path: Path) -> None:
    """One sentence each."""
    options = ["--issuer", "https://id.school.example", "--client", "usher", "--secret-file"]
    (tmp_path / "bad").write_bytes(b"\xff")
    (tmp_path / "long").write_text("x" * 5000)
    assert call(["account", "provider", f"sch_{uuid4().hex}", *options, secret]) == 1
    for file in ("bad", "long", "missing"):
        assert call(["account", "provider", f"sch_{school.school_id.hex}", *options, str(tmp_path / file)]) != 0
    assert rows(app_url, school) == []
    assert call(["account", "provider", f"sch_{school.school_id.hex}", *options, secret]) == 0
    assert len(rows(app_url, school)) == 1
