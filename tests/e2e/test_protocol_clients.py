"""urql, Apollo Client, Relay, graphql-ws and graphql-sse, unadapted: a query, pages both ways, a refusal and an event each."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest

from server.cli import call
from server.identity.oauth.documents import Mode
from tests.e2e.npm_clients import FOLDER, conversed, missing, without_proxies
from tests.e2e.programs import Program, registered
from tests.e2e.recording import mark, record
from tests.e2e.serving import ROOT, Client, Server
from tests.e2e.trusted import Registry, digest, person_token
from tests.leaks.watching import WATCH, reader_of
from tests.worlds import World, insert_world, small_school

PAGE: Final = 3
CLIENTS: Final = ("graphql-ws", "graphql-sse", "urql", "apollo", "relay")
# As Apollo Client prints it.
REGISTERED: Final = "query Registered {\n  viewer {\n    roles\n    __typename\n  }\n}"
ALL: Final = "{ learners(first: 500) { nodes { id givenName } } }"


@dataclass(frozen=True)
class Compiled:
    """What relay-compiler made: a folder of artifacts, and the texts of their operations by their SHA-256."""

    artifacts: Path
    file: Path

    @property
    def documents(self) -> dict[str, str]:
        return json.loads(self.file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module", autouse=True)
def clients() -> None:
    lacking = missing()
    if lacking is not None:
        pytest.skip(f"no JavaScript clients: {lacking}")


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"protocol {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def compiled(clients: None, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The project in clients/relay against schema.graphql as it is printed."""
    folder = tmp_path_factory.mktemp("relay")
    shutil.copytree(FOLDER / "relay", folder / "src", ignore=shutil.ignore_patterns("*.json"))
    shutil.copy(FOLDER / "relay" / "relay.config.json", folder)
    shutil.copy(ROOT / "schema.graphql", folder)
    (folder / "artifacts").mkdir()
    (folder / "documents.json").write_text("{}", encoding="utf-8")
    compiler = FOLDER / "node_modules" / "relay-compiler" / "cli.js"
    done = subprocess.run(
        ["node", str(compiler), "--noWatchman", "relay.config.json"],
        cwd=folder,
        env=without_proxies(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Compiled(folder / "artifacts", folder / "documents.json")


@pytest.fixture(scope="module")
def program(app_url: str, server: Server) -> Program:
    """The app that people sign in to with all of these libraries."""
    return registered(app_url, server.http)


@pytest.fixture(scope="module")
def head(server: Server, school: World, program: Program) -> Client:
    """As the app has it: who asks nothing but what is registered once that is enforced."""
    return Client(server.http, person_token(server, school, "head", "STAFF", program.client_id))


def writing(server: Server, school: World, score: str) -> Callable[[str], str]:
    """Records a mark when it is told that all streams stand."""

    def write(said: str) -> str:
        assert said == "standing"
        answer = record(server.client(school, "teacher"), mark(school, score=score)).data["recordMarks"]
        assert answer["userErrors"] == []
        return "written"

    return write


def asked_of(head: Client, compiled: Compiled, **more: Any) -> dict[str, Any]:
    return {
        "url": f"{str(head.http.base_url).rstrip('/')}/graphql",
        "token": head.token,
        "artifacts": str(compiled.artifacts),
        "documents": compiled.documents,
        "documentId": digest(REGISTERED),
    } | more


def heard(head: Client, told: dict[str, Any]) -> dict[str, Any]:
    WATCH.hear(json.dumps(told), reader_of({"authorization": f"Bearer {head.token}"}))
    return told


def pages_of(ids: list[str]) -> list[list[str]]:
    return [ids[place : place + PAGE] for place in range(0, len(ids), PAGE)]


def pages_from_the_end(ids: list[str]) -> list[list[str]]:
    """The last page first, each in the list's own order."""
    ends = range(len(ids), 0, -PAGE)
    return [ids[max(0, end - PAGE) : end] for end in ends]


def test_each_client_asks_pages_and_follows(
    server: Server, school: World, head: Client, compiled: Compiled, program: Program, app_url: str
) -> None:
    """What they are told is what a plain request is told, and they agree with one another."""
    Registry(app_url, program).add(REGISTERED)
    rows = head.ask(ALL).data["learners"]["nodes"]
    ids = [row["id"] for row in rows]
    assert len(pages_of(ids)) > 2
    roles = head.ask("{ viewer { roles } }").data["viewer"]["roles"]
    told = heard(head, conversed("protocol.mjs", asked_of(head, compiled), writing(server, school, "17")))
    assert set(told) == set(CLIENTS)
    for name, client in told.items():
        assert client["roles"] == roles, name
        assert client["onward"] == pages_of(ids), name
        assert client["back"] == pages_from_the_end(ids), name
        assert client["refused"] == "BAD_USER_INPUT", name
        assert client["event"]["mark"]["score"] == "17", name
    assert len({client["event"]["id"] for client in told.values()}) == 1
    assert told["relay"]["node"] == rows[0]
    assert told["urql"]["byId"] == roles
    persisted = {"registered": roles, "other": "DOCUMENT_NOT_REGISTERED", "retried": roles}
    assert told["apollo"]["persisted"] == persisted
    assert told["graphql-sse"]["singleConnection"] == 405


def test_relay_asks_by_ids_alone(
    server: Server,
    school: World,
    head: Client,
    compiled: Compiled,
    program: Program,
    app_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """relay-compiler's file is registered as it is; then the same comes of ids, where nothing else is answered."""
    monkeypatch.setenv("USHER_DATABASE_URL", app_url)
    monkeypatch.setenv("USHER_HOME", str(tmp_path / "home"))
    Registry(app_url, program).mode(Mode.ENFORCED)
    [roles] = [text for text in compiled.documents.values() if text.startswith("query learnersRolesQuery")]
    assert head.ask(roles).codes == ["DOCUMENT_NOT_REGISTERED"]
    assert call(["client", "documents", program.client_id, "--add", str(compiled.file), "--purpose", "teaching"]) == 0
    asked = asked_of(head, compiled, documents=None, clients=["relay"])
    [client] = heard(head, conversed("protocol.mjs", asked, writing(server, school, "18"))).values()
    ids = [one for page in client["onward"] for one in page]
    assert (client["roles"], client["onward"]) == (["head", "policy_approver"], pages_of(ids))
    assert client["back"] == pages_from_the_end(ids)
    assert client["event"]["mark"]["score"] == "18"
    assert head.ask("{ viewer { capacity } }").codes == ["DOCUMENT_NOT_REGISTERED"]
