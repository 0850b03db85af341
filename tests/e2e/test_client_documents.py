"""Documents are registered by the program itself or by the operator, and officers read what each of them asks for."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
import pytest

from server.cli import call
from server.identity.oauth.documents import MOST, Mode
from server.register.purposes import PURPOSES
from tests.e2e.access_desk import AccessDesk, codes
from tests.e2e.programs import Program, registered
from tests.e2e.serving import Server
from tests.e2e.test_client_grants import granted
from tests.e2e.trusted import Registry, Sender, digest

NAMES: Final = "query Names { learners { nodes { givenName dateOfBirth sen { provision } } } }"
ROLES: Final = "query Roles { viewer { roles } } query Capabilities { viewer { capabilities } }"
ASKED: Final = """query($client: String!, $after: String) { clientDocuments(client: $client, after: $after) {
  client clientName app mode modeForFamilies documents { documentId name purpose text fault registeredAt
    elements { element action sensitivity special program openTo } } } }"""
PATH: Final = "/oauth/documents"


@pytest.fixture
def program(app_url: str, server: Server) -> Program:
    return registered(app_url, server.http)


def vendor_token(program: Program) -> str:
    resource = f"{program.issuer}/vendor"
    answer = program.proved("/oauth/token", grant_type="client_credentials", resource=resource)
    return str(answer.json()["access_token"])


def bearing(program: Program) -> dict[str, str]:
    return {"Authorization": f"Bearer {vendor_token(program)}"}


def register(program: Program, *documents: tuple[str, str]) -> httpx.Response:
    body = {"documents": [{"document": text, "purpose": purpose} for text, purpose in documents]}
    return program.http.post(PATH, json=body, headers=bearing(program))


def rows(app_url: str, program: Program) -> list[tuple[Any, ...]]:
    with psycopg.connect(app_url) as connection:
        statement = "SELECT digest, purpose, ended_at IS NULL FROM usher.trusted_document WHERE client_id = %s"
        return connection.execute(statement, [program.client_id]).fetchall()


async def test_a_program_registers_lists_and_ends(program: Program, desk: AccessDesk, server: Server) -> None:
    """With its own token, at the address that the metadata tell; what it registered is asked at once."""
    metadata = program.http.get("/.well-known/oauth-authorization-server").json()
    assert metadata["documents_endpoint"] == f"{program.issuer}{PATH}"
    await granted(desk, "head", program, "roster-core")
    sender = Sender(server, program.token(desk.world.school_id))
    answer = register(program, (NAMES, "teaching"), (ROLES, "administration"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    listed = program.http.get(PATH, headers=bearing(program)).json()
    assert listed == answer.json()
    assert (listed["client"], listed["mode"]) == (program.client_id, None)
    assert [(one["documentId"], one["name"], one["purpose"]) for one in listed["documents"]] == [
        (digest(NAMES), "Names", "teaching"),
        (digest(ROLES), "Roles, Capabilities", "administration"),
    ]
    assert sender.post(documentId=digest(ROLES), operationName="Roles").codes == []
    ended = program.http.delete(f"{PATH}/{digest(ROLES)}", headers=bearing(program))
    assert [one["name"] for one in ended.json()["documents"]] == ["Names"]
    assert sender.post(documentId=digest(ROLES), operationName="Roles").codes == ["DOCUMENT_NOT_REGISTERED"]
    again = program.http.delete(f"{PATH}/{digest(ROLES)}", headers=bearing(program))
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")
    changed = register(program, (NAMES, "reporting")).json()
    assert [one["purpose"] for one in changed["documents"]] == ["reporting"]


@pytest.mark.parametrize(
    ("document", "purpose", "said"),
    [
        ("{ nothing }", "teaching", "is not valid"),
        ("{ learners(first: }", "teaching", "is not valid"),
        ("fragment F on Learner { id }", "teaching", "is not valid"),
        ("type T { a: Int }", "teaching", "is not valid"),
        ("", "teaching", "a text of 1 to"),
        (f"{{ school {{ id }} }} # {'x' * 65_536}", "teaching", "a text of 1 to"),
        ("{ school { id } } # \x00", "teaching", "NUL"),
        (f"{{ {'a' * 5} {'{ a ' * 70}{'}' * 70} }}", "teaching", "nested more than"),
        (" ".join(["{", *(f"a{i}: __typename" for i in range(101)), "}"]), "teaching", "alias"),
        ("{ school { id } }", "marketing", "no registered purpose"),
        ("{ school { id } }", "", "no registered purpose"),
    ],
)
def test_what_could_not_be_asked_is_not_registered(
    program: Program, app_url: str, document: str, purpose: str, said: str
) -> None:
    """None of those beside it either; the answer tells which it is, and why."""
    answer = register(program, (ROLES, "teaching"), (document, purpose))
    assert answer.status_code == 400
    assert said in answer.json()["error_description"]
    assert answer.json().get("argument", ["documents", 1])[:2] == ["documents", 1]
    assert rows(app_url, program) == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"7", b"{}", b'{"documents": null}', b'{"documents": []}', b'{"documents": [7]}',
        b'{"documents": [null]}', b'{"documents": [{"document": 7, "purpose": "teaching"}]}', b"\xff", b"{",
        b'{"documents": [{"document": "{ school { id } }"}]}', b'{"documents": {"document": "{ school { id } }"}}',
        b'{"documents": [{"document": "{ school { id } }", "purpose": "teaching", "more": 1}]}',
        b'{"documents": [{"document": "\\ud800", "purpose": "teaching"}]}', b"[" * 50_000,
        b'{"documents": [' + b",".join([b'{"document": "{ school { id } }", "purpose": "teaching"}'] * 51) + b"]}",
    ],
)  # fmt: skip
def test_malformed_bodies_are_refused(program: Program, app_url: str, body: bytes) -> None:
    """Never with a fault of ours."""
    headers = bearing(program) | {"Content-Type": "application/json"}
    assert program.http.post(PATH, content=body, headers=headers).status_code == 400
    assert rows(app_url, program) == []


def test_strangers_are_refused(program: Program, app_url: str, server: Server) -> None:
    """Without a token, with one of a school's, with one that was revoked, as another type, and too long."""
    body = {"documents": [{"document": ROLES, "purpose": "teaching"}]}
    revoked = vendor_token(program)
    program.proved("/oauth/revoke", token=revoked)
    for header in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {revoked}"}):
        for method in ("GET", "POST"):
            assert program.http.request(method, PATH, json=body, headers=header).status_code == 401
        assert program.http.delete(f"{PATH}/{digest(ROLES)}", headers=header).status_code == 401
    assert program.http.post(PATH, data={"a": "b"}, headers=bearing(program)).status_code == 415
    assert program.http.post(PATH, json={"documents": "x" * 2_000_000}, headers=bearing(program)).status_code == 413
    assert program.http.put(PATH, json=body, headers=bearing(program)).status_code == 405
    assert rows(app_url, program) == []
    other = registered(app_url, server.http)
    assert register(program, (ROLES, "teaching")).status_code == 200
    assert other.http.delete(f"{PATH}/{digest(ROLES)}", headers=bearing(other)).status_code == 400
    assert rows(app_url, program) == [(digest(ROLES), "teaching", True)]


def test_a_client_has_so_many_documents(program: Program, app_url: str) -> None:
    """One more is refused, and nothing of what it came with is kept."""
    with psycopg.connect(app_url) as connection:
        connection.execute(
            "INSERT INTO usher.trusted_document (client_id, digest, name, purpose, text, registered_at)"
            " SELECT %s, 'digest ' || i, 'a', 'teaching', 'b', now() FROM generate_series(1, %s) AS i",
            [program.client_id, MOST - 1],
        )
    assert register(program, (ROLES, "teaching"), (NAMES, "teaching")).status_code == 400
    assert register(program, (ROLES, "teaching")).status_code == 200
    assert len(rows(app_url, program)) == MOST


async def asked(desk: AccessDesk, handle: str, client: str, after: str | None = None) -> dict[str, Any] | None:
    body = await desk.ask(handle, ASKED, client=client, after=after)
    assert "errors" not in body, body
    found: dict[str, Any] | None = body["data"]["clientDocuments"]
    return found


async def test_officers_read_what_each_document_asks_for(desk: AccessDesk, program: Program, app_url: str) -> None:
    """Element by element: how sensitive it is, whether the program sees any of it by today's grant, and who else would."""
    registry = Registry(app_url, program)
    key = registry.add(NAMES, "additional_needs")
    assert await asked(desk, "dpo", program.client_id) is None
    person = await granted(desk, "head", program, "roster-core")
    found = await asked(desk, "dpo", program.client_id)
    assert found is not None
    assert (found["client"], found["clientName"], found["app"]) == (program.client_id, "A vendor", False)
    assert (found["mode"], found["modeForFamilies"]) == ("open", "enforced")
    [one] = found["documents"]
    assert (one["documentId"], one["purpose"], one["text"], one["fault"]) == (key, "additional_needs", NAMES, None)
    elements = {(row["element"], row["action"]): row for row in one["elements"]}
    names, born = elements["NAME", "READ"], elements["DATE_OF_BIRTH", "READ"]
    assert (names["program"], born["program"]) == (True, False)
    assert {"senco", "class_teacher", "parent", "learner"} <= set(names["openTo"])
    assert names["special"] is False
    needs = next(row for row in elements.values() if row["element"].startswith("SEN"))
    assert (needs["special"], needs["program"]) == (True, False)
    assert "senco" in needs["openTo"]
    assert "governor" not in needs["openTo"]
    assert await granted(desk, "dpo", program, "roster-demographics") == person
    found = await asked(desk, "head", program.client_id)
    assert found is not None
    assert {row["element"]: row["program"] for row in found["documents"][0]["elements"]}["DATE_OF_BIRTH"] is True
    assert await asked(desk, "dpo", program.client_id, after=key) == found | {"documents": []}
    registry.mode(Mode.ENFORCED)
    found = await asked(desk, "dpo", program.client_id)
    assert found is not None
    assert (found["mode"], found["modeForFamilies"]) == ("enforced", "enforced")


async def test_a_document_that_a_new_schema_leaves_behind_is_told(
    desk: AccessDesk, program: Program, app_url: str, capsys: pytest.CaptureFixture[str], own_database: None
) -> None:
    """To officers and to the operator, without a word of what it would ask for."""
    del own_database
    await granted(desk, "head", program, "roster-core")
    Registry(app_url, program).add("{ learners { nodes { formerField } } }")
    found = await asked(desk, "dpo", program.client_id)
    assert found is not None
    [one] = found["documents"]
    assert one["elements"] == []
    assert "formerField" in one["fault"]
    assert call(["client", "documents", program.client_id]) == 0
    assert "formerField" in capsys.readouterr().out


async def test_others_are_told_nothing(desk: AccessDesk, program: Program, app_url: str) -> None:
    """Nobody but head and officer; the program not even of itself."""
    Registry(app_url, program).add(NAMES)
    await granted(desk, "head", program, "roster-core")
    for handle in ("teacher", "data-manager", "dsl", "governor", "pat", "ann", "mis", "support-granted"):
        body = await desk.ask(handle, ASKED, client=program.client_id)
        assert codes(body) == ["FORBIDDEN"] or body["data"] == {"clientDocuments": None}, handle


async def test_a_client_that_the_school_never_let_in_looks_like_none(
    desk: AccessDesk, program: Program, app_url: str, server: Server
) -> None:
    """Another school's program, one that was never registered, and what is no id: null, byte for byte."""
    Registry(app_url, program).add(NAMES)
    own = registered(app_url, server.http, desk.world)
    assert await asked(desk, "dpo", own.client_id) is not None
    for client in (program.client_id, "nobody-registered-it", "", "x" * 500, "\u00e4'\";--"):
        assert await asked(desk, "dpo", client) is None


async def test_an_app_has_to_do_with_every_school(desk: AccessDesk, program: Program, app_url: str) -> None:
    """People sign in to it wherever they are; it sees nothing for itself."""
    Registry(app_url, program).add(NAMES)
    with psycopg.connect(app_url) as connection:
        connection.execute(
            "INSERT INTO usher.oauth_redirect (client_id, uri, added_at) VALUES (%s, 'https://app.example/back', %s)",
            [program.client_id, desk.now - timedelta(days=1)],
        )
    found = await asked(desk, "dpo", program.client_id)
    assert found is not None
    assert found["app"] is True
    assert {row["program"] for row in found["documents"][0]["elements"]} == {None}


@pytest.fixture
def own_database(monkeypatch: pytest.MonkeyPatch, app_url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("USHER_DATABASE_URL", app_url)
    monkeypatch.setenv("USHER_HOME", str(tmp_path / "home"))


def test_an_operator_registers_too(
    own_database: None, program: Program, app_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a file, byte for byte; ends it; and chooses the mode."""
    del own_database
    client, file = program.client_id, tmp_path / "names.graphql"
    file.write_text(NAMES + "\n")
    assert call(["client", "documents", client, "--add", str(file), "--purpose", "teaching"]) == 0
    assert digest(NAMES + "\n") in capsys.readouterr().out
    assert call(["client", "documents", client, "--mode", "enforced"]) == 0
    assert "enforced was chosen" in capsys.readouterr().out
    assert call(["client", "documents", client]) == 0
    assert f"{digest(NAMES + chr(10))}  Names  teaching" in capsys.readouterr().out
    assert call(["client", "documents", client, "--mode", "default"]) == 0
    assert "nobody chose" in capsys.readouterr().out
    assert call(["client", "documents", client, "--end", digest(NAMES + "\n")]) == 0
    assert rows(app_url, program) == [(digest(NAMES + "\n"), "teaching", False)]
    assert call(["client", "documents", client, "--end", digest(NAMES + "\n")]) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--add", "FILE"],
        ["--purpose", "teaching"],
        ["--add", "FILE", "--purpose", "marketing"],
        ["--add", "BAD", "--purpose", "teaching"],
        ["--mode", "strict"],
        ["--end", "x"],
    ],
)
def test_an_operators_mistakes_change_nothing(
    own_database: None, program: Program, app_url: str, tmp_path: Path, arguments: list[str]
) -> None:
    """One sentence each."""
    del own_database
    (tmp_path / "FILE").write_text(ROLES)
    (tmp_path / "BAD").write_bytes(b"\xff")
    given = [str(tmp_path / one) if one in ("FILE", "BAD") else one for one in arguments]
    assert call(["client", "documents", program.client_id, *given]) == 1
    assert call(["client", "documents", f"nobody-{secrets.token_hex(4)}", *given]) == 1
    assert rows(app_url, program) == []


def test_every_purpose_can_be_stated(program: Program) -> None:
    """That the register has."""
    documents = [(f"query P{i} {{ school {{ id }} }}", purpose) for i, purpose in enumerate(PURPOSES)]
    assert {one["purpose"] for one in register(program, *documents).json()["documents"]} == set(PURPOSES)
