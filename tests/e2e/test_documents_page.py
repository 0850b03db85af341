"""docs/documents.md, line by line: a program registers a document, asks it by its id, and its school reads what it asks for."""

from __future__ import annotations

import json
import secrets
import shlex
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from server.cli import call
from server.identity.oauth.clients import new_secret, register_client
from tests.e2e.examples import blocks, read
from tests.e2e.serving import Server
from tests.e2e.trusted import digest
from tests.worlds import insert_world, small_school

ADDRESS = "https://usher.example"
NAMES = "query Names { learners(first: 5) { nodes { givenName } } }"
ROLES = "query Roles { viewer { roles } }"


def told(language: str) -> list[str]:
    return [block.text for block in blocks(read("docs/documents.md")) if block.language == language]


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash, as the page does")
def test_the_page_is_so(
    app_url: str,
    server: Server,
    today: date,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each command and query of it, by a program of its own."""
    monkeypatch.setenv("USHER_DATABASE_URL", app_url)
    monkeypatch.setenv("USHER_HOME", str(tmp_path / "home"))
    world = small_school(f"documents page {uuid4()}", today)
    insert_world(app_url, world)
    client, secret = f"acme-{secrets.token_hex(4)}-legacy", new_secret()
    with psycopg.connect(app_url) as connection:
        register_client(connection, client, "Acme", datetime.now(UTC), secret)
        connection.execute(
            "INSERT INTO usher.login_identity (identity, school_id, person_id, capacity, school_name)"
            " VALUES (%s, %s, %s, 'CLIENT', 'A school')",
            [client, world.school_id, world.ids["mis"]],
        )
    issuer = server.http.get("/.well-known/oauth-authorization-server").json()["issuer"]
    environment = {"SECRET": secret, "SCHOOL": f"sch_{world.school_id.hex}", "PATH": "/usr/local/bin:/usr/bin:/bin"}

    def run(block: str) -> str:
        script = block.replace("acme-legacy", client).replace(ADDRESS, issuer)
        done = subprocess.run(
            ["bash", "-euc", script], env=environment, capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout

    registering, operating, manifest, asking = told("sh")
    [one] = json.loads(run(registering))["documents"]
    assert (one["documentId"], one["name"], one["purpose"]) == (digest(NAMES), "Names", "teaching")
    (tmp_path / "names.graphql").write_text("{ school { name } }\n")
    (tmp_path / "documents.json").write_text(json.dumps({digest(ROLES): ROLES}))
    for line in (operating + manifest).replace("acme-legacy", client).replace("acme-app", client).splitlines():
        program, *words = shlex.split(line)
        assert program == "usher"
        assert call([str(tmp_path / word) if word.endswith((".graphql", ".json")) else word for word in words]) == 0
    assert "report-only was chosen" in capsys.readouterr().out
    answer = json.loads(run(asking.replace("DIGEST", digest(NAMES))))
    assert len(answer["data"]["learners"]["nodes"]) == 5
    [reading] = told("graphql")
    found = server.client(world, "dpo").ask(reading.replace("acme-legacy", client)).data["clientDocuments"]
    assert found["mode"] == found["modeForFamilies"] == "report-only"
    assert {row["documentId"] for row in found["documents"]} == {
        digest(NAMES), digest("{ school { name } }\n"), digest(ROLES),
    }  # fmt: skip
