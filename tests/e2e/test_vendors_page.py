"""docs/vendors.md, line by line, from registration to the first question and the end; docs/access.md for its school."""

from __future__ import annotations

import json
import secrets
import shlex
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from joserfc.jwk import ECKey

from server.cli import call
from tests.e2e.examples import blocks, read
from tests.e2e.programs import registered
from tests.e2e.serving import Client, Server
from tests.worlds import insert_world, small_school

ADDRESS = "https://usher.example"
GRANT = 'until: "2027-08-31"'
MARK = "-- the next block --"


def told(page: str, language: str) -> list[str]:
    return [block.text for block in blocks(read(page)) if block.language == language]


def run_usher(block: str, files: Path, kid: str) -> None:
    """Its lines, as the operator types them."""
    for line in block.replace('"$KID"', kid).splitlines():
        program, *words = shlex.split(line)
        assert program == "usher"
        assert call([str(files / word) if word.endswith(".jwk.json") else word for word in words]) == 0


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash, as the page does")
def test_the_pages_lead_from_registration_to_the_end(
    app_url: str,
    server: Server,
    today: date,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every command and query of the pages, in their order, against a server; two programs of names of their own."""
    monkeypatch.setenv("USHER_DATABASE_URL", app_url)
    monkeypatch.setenv("USHER_HOME", str(tmp_path / "home"))
    world = small_school(f"vendors {uuid4()}", today)
    insert_world(app_url, world)
    own = f"acme-{secrets.token_hex(4)}"
    keys = [ECKey.generate_key("P-256", auto_kid=True) for _ in range(2)]
    for key, name in zip(keys, ("sync", "sync-2"), strict=True):
        (tmp_path / f"{own}-{name}.jwk.json").write_text(json.dumps(key.as_dict(private=False)))
    issuer = server.http.get("/.well-known/oauth-authorization-server").json()["issuer"]
    shell = [block.replace("acme-", f"{own}-").replace(ADDRESS, issuer) for block in told("docs/vendors.md", "sh")]
    registering, others = [[b for b in shell if b.startswith("usher ") == first] for first in (True, False)]
    assert (len(registering), len(others)) == (2, 4)
    for block in registering:
        run_usher(block, tmp_path, str(keys[0].kid))
    secret = capsys.readouterr().out.split("shown this once: ")[1].split()[0]

    [grant] = [one for one in told("docs/vendors.md", "graphql") if "grantClient" in one]
    assert GRANT in grant
    soon = f'until: "{today + timedelta(days=90)}"'
    head = server.client(world, "head")
    granted = head.ask(grant.replace("acme-", f"{own}-").replace(GRANT, soon)).data["grantClient"]
    assert granted["userErrors"] == []

    asking = others[0][others[0].index("curl -s", others[0].index(")\n")) :]
    script = f"\necho; echo '{MARK}'\n".join([*others, asking])
    environment = {"SECRET": secret, "SCHOOL": f"sch_{world.school_id.hex}", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "-euc", script], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    asked, changed, listed, revoked, refused = [text.strip() for text in done.stdout.split(MARK)]
    nodes = json.loads(asked)["data"]["learners"]["nodes"]
    assert len(nodes) == 5
    assert all(node["givenName"] and node["familyName"] for node in nodes)
    feed = json.loads(changed)["data"]["changes"]
    assert {"Learner", "Class"} <= {one["kind"] for one in feed["changes"]}
    assert (feed["more"], feed["resyncRequired"]) == (False, False)
    [school] = json.loads(listed)["grants"]
    assert (school["school"], school["status"]) == (f"sch_{world.school_id.hex}", "IN_FORCE")
    assert [one["scope"] for one in school["scopes"]] == ["gradebook.readonly", "roster-core.readonly"]
    assert json.loads(revoked or "{}") == {}
    assert json.loads(refused)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"

    reading, ending = told("docs/access.md", "graphql")
    mine = [one for one in head.ask(reading).data["clientGrants"] if one["client"] == f"{own}-legacy"]
    assert {(one["program"], one["inForce"]) for one in mine} == {(granted["id"], True)}
    assert all(one["lastTokenAt"] for one in mine)
    ended = head.ask(ending, {"program": granted["id"]}).data["endClientGrant"]
    assert ended["userErrors"] == []
    assert not any(one["inForce"] for one in head.ask(reading).data["clientGrants"] if one["client"])


def test_the_page_leads_to_the_first_synced_class(app_url: str, server: Server, today: date) -> None:
    """Every block of the page that sends rosters, in its order, with a program's own token; then the school looks."""
    world = small_school(f"first class {uuid4()}", today)
    insert_world(app_url, world)
    program = registered(app_url, server.http, world)
    client = Client(server.http, program.token(world.school_id))
    sent = [one for one in told("docs/vendors.md", "graphql") if one.startswith("mutation ") and "system: " in one]
    assert len(sent) == 7
    found = [next(iter(client.ask(one).data.values())) for one in sent]
    assert [one["userErrors"] for one in found] == [[]] * 7
    outcomes = [{row["outcome"] for row in one["results"]} for one in found[:6]]
    assert outcomes[:5] == [{"CREATED"}] * 5
    assert outcomes[5] <= {"WAITING", "CLOSED"}
    again = [next(iter(client.ask(one).data.values())) for one in sent[:5]]
    assert again == found[:5]
    [synced] = found[3]["results"]
    asked = "query($id: ID!) { class(id: $id) { name teachers { familyName } learners { givenName } } }"
    seen = server.client(world, "data-manager").ask(asked, {"id": synced["record"]}).data["class"]
    assert (seen["name"], seen["teachers"]) == ("7x/Dr1", [{"familyName": "King"}])
    assert found[6]["record"] == found[1]["results"][1]["record"]
