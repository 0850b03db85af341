"""docs/apps.md, line by line: an app is registered, signs somebody in, asks, goes on and ends, as the page has it."""

from __future__ import annotations

import json
import secrets
import shlex
import shutil
import subprocess
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from server.cli import call
from tests.e2e.accounts import holder
from tests.e2e.apps import App, allowed, code_of, signed_in
from tests.e2e.examples import blocks, read
from tests.e2e.serving import Server
from tests.worlds import insert_world, small_school

ADDRESS = "https://usher.example"


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash, as the page does")
def test_the_page_leads_from_registration_to_the_end(
    app_url: str,
    server: Server,
    today: date,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every command of the page, in its order, with an app of a name of its own."""
    monkeypatch.setenv("USHER_DATABASE_URL", app_url)
    monkeypatch.setenv("USHER_HOME", str(tmp_path / "home"))
    world = small_school(f"apps page {uuid4()}", today)
    insert_world(app_url, world)
    own = f"acme-{secrets.token_hex(4)}"
    issuer = server.http.get("/.well-known/oauth-authorization-server").json()["issuer"]
    page = [block.text for block in blocks(read("docs/apps.md")) if block.language == "sh"]
    shell = [block.replace("acme-", f"{own}-").replace(ADDRESS, issuer) for block in page]
    registering, others = [[b for b in shell if b.startswith("usher ") == first] for first in (True, False)]
    assert (len(registering), len(others)) == (2, 4)
    for line in "".join(registering).splitlines():
        assert call(shlex.split(line)[1:]) == 0
    assert "Its secret, shown this once: " in capsys.readouterr().out

    def run(block: str, **environment: str) -> str:
        known = {"PATH": "/usr/local/bin:/usr/bin:/bin", **environment}
        done = subprocess.run(
            ["bash", "-euc", block], env=known, capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout

    redeem, ask, refresh, revoke = others
    app = App(server.http, f"{own}-app", ["http://127.0.0.1:51004/callback"])
    asked = app.asks()
    code = code_of(allowed(signed_in(server.http, holder(app_url, (world, "pat"))), asked.path))
    tokens = json.loads(run(redeem, CODE=code, VERIFIER=asked.verifier))
    assert tokens["resource"] == app.resource(world.school_id)
    assert json.loads(run(ask, TOKEN=tokens["access_token"]))["data"]["viewer"]["roles"] == ["parent"]
    tokens = json.loads(run(refresh, REFRESH=tokens["refresh_token"]))
    assert json.loads(run(ask, TOKEN=tokens["access_token"]))["data"]["viewer"]["roles"] == ["parent"]
    assert run(revoke, REFRESH=tokens["refresh_token"]) == "{}"
    assert json.loads(run(ask, TOKEN=tokens["access_token"]))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert json.loads(run(refresh, REFRESH=tokens["refresh_token"]))["error"] == "invalid_grant"
