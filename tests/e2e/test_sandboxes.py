"""usher client sandbox: a school of invented people that one program alone is granted."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest

from server.cli import call
from server.demo.sandbox import sandbox_world
from tests.e2e.programs import Program, registered
from tests.e2e.serving import Server


@pytest.fixture(autouse=True)
def own_database(monkeypatch: pytest.MonkeyPatch, app_url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("USHER_DATABASE_URL", app_url)
    monkeypatch.setenv("USHER_HOME", str(tmp_path / "home"))


def grants(program: Program) -> list[dict[str, object]]:
    answer = program.proved("/oauth/token", grant_type="client_credentials", resource=f"{program.issuer}/vendor")
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    found: list[dict[str, object]] = program.http.get("/oauth/grants", headers=bearer).json()["grants"]
    return found


def learners(program: Program, school_id: UUID) -> list[dict[str, str]]:
    bearer = {"Authorization": f"Bearer {program.token(school_id)}"}
    query = "{ school { name } learners(first: 100) { nodes { id givenName dateOfBirth } } }"
    answer: httpx.Response = program.http.post("/graphql", json={"query": query}, headers=bearer)
    assert "errors" not in answer.json(), answer.text
    found: list[dict[str, str]] = answer.json()["data"]["learners"]["nodes"]
    return found


def test_a_program_is_tried_with_invented_people(
    app_url: str, owner_url: str, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """It reads and lists the school as any other, marked as what it is; nobody else is let in, and there is one.

    No person can sign in there, so that no officer can let in another program, and no file of real people comes in:
    whoever imports must be somebody of the school.
    """
    program, other = registered(app_url, server.http), registered(app_url, server.http)
    assert call(["client", "sandbox", program.client_id]) == 0
    said = capsys.readouterr().out
    school_id = UUID(re.findall(r"sch_([0-9a-f]{32})", said)[0])
    (grant,) = grants(program)
    assert (grant["sandbox"], grant["status"], grant["name"]) == (True, "IN_FORCE", f"Sandbox of {program.client_id}")
    found = learners(program, school_id)
    assert len(found) == 100
    assert all(one["givenName"] and one["dateOfBirth"] for one in found)

    assert grants(other) == []
    refused = other.proved("/oauth/token", grant_type="client_credentials", resource=other.resource(school_id))
    assert refused.json()["error"] == "invalid_target"

    assert call(["client", "sandbox", program.client_id]) == 1
    assert "has a sandbox already" in capsys.readouterr().err
    with psycopg.connect(owner_url) as owner:
        query = "SELECT identity, capacity FROM usher.login_identity WHERE school_id = %s"
        assert owner.execute(query, [school_id]).fetchall() == [(program.client_id, "CLIENT")]
        query = "SELECT count(*) FROM usher.school WHERE name = %s"
        assert owner.execute(query, [f"Sandbox of {program.client_id}"]).fetchone() == (1,)
        query = "SELECT count(*) FROM usher.course WHERE school_id = %s AND specification_id IS NOT NULL"
        assert owner.execute(query, [school_id]).fetchone() == (0,)
        query = "SELECT count(*) > 1000 FROM usher.mark WHERE school_id = %s"
        assert owner.execute(query, [school_id]).fetchone() == (True,)


def test_a_sandbox_is_its_program_s(owner_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a program of that id none is made."""
    assert call(["client", "sandbox", "nobody-of-ours"]) == 1
    assert "no client" in capsys.readouterr().err
    with psycopg.connect(owner_url) as owner:
        query = "SELECT count(*) FROM usher.school WHERE name LIKE 'Sandbox of nobody%'"
        assert owner.execute(query).fetchone() == (0,)


def test_a_sandbox_is_the_same_school_for_everybody(today: date) -> None:
    """So that what one vendor's test shows, another's shows too; and small."""
    first, second = (sandbox_world(f"Sandbox of {name}", today) for name in ("one", "other"))
    assert [one.upn for one in first.learners] == [one.upn for one in second.learners]
    assert len(first.learners) < 150
