"""npm graphql-http's audits of GraphQL over HTTP, all of them, against the real server: as it stands, and with GET on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import pytest

from tests.e2e.npm_clients import missing, told
from tests.e2e.recording import RECORD, mark
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Client, Server
from tests.worlds import World

ROLES: Final = "query Roles($not: Boolean = false) { viewer { roles capabilities @skip(if: $not) } }"
LEVELS: Final = {"MUST": 13, "SHOULD": 23, "MAY": 25}
"""Audits of each level in graphql-http 1.23.1: a version with others is to be looked at, not passed."""
BY_GET: Final = {"5A70", "6A70", "D6D5"}


@pytest.fixture(scope="module")
def by_get(servers: list[Server]) -> Generator[Server]:
    """One that answers queries by GET, for as long as this module runs."""
    server = servers[-1]
    server.kill()
    server.start(USHER_GET_QUERIES="true")
    server.ready()
    yield server
    server.kill()
    server.start()
    server.ready()


@pytest.fixture
def teacher(by_get: Server, quiet: World) -> Client:
    return by_get.client(quiet, "teacher")


def audited(server: Server, token: str) -> dict[str, str]:
    """The status of each audit by its id. Each names its level first."""
    lacking = missing()
    if lacking is not None:
        pytest.skip(f"no JavaScript clients: {lacking}")
    results = told("audits.mjs", {"url": f"{server.url}/graphql", "token": token})["audits"]
    assert Counter(one["name"].split()[0] for one in results) == LEVELS
    found = {one["id"]: one["status"] for one in results}
    assert len(found) == len(results) == 61
    return found


def test_every_audit_is_ok(by_get: Server, teacher: Client) -> None:
    """61 of 61, where GET is on."""
    assert set(audited(by_get, teacher.token).values()) == {"ok"}


def test_as_it_stands_only_get_is_missing(server: Server, quiet: World) -> None:
    """58 of 61: what else an audit may want is there without a setting, and the three others are no more than MAY."""
    found = audited(server, server.client(quiet, "teacher").token)
    assert {one for one, status in found.items() if status != "ok"} == BY_GET
    assert {found[one] for one in BY_GET} == {"notice"}


def get(client: Client, *, accept: str = "application/graphql-response+json", **parameters: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {client.token}", "Accept": accept}
    return client.http.get(f"/graphql?{urlencode(parameters)}", headers=headers)


def code(answer: httpx.Response) -> str:
    [error] = answer.json()["errors"]
    assert "data" not in answer.json()
    return error["extensions"]["code"]


def test_a_query_is_answered_alike(teacher: Client) -> None:
    """By GET and by POST, with variables and a name."""
    several = f"{ROLES} query Other {{ viewer {{ roles }} }}"
    for variables in ({}, {"not": True}, {"not": False}):
        asked = {"query": several, "operationName": "Roles"}
        posted = teacher.http.post(
            "/graphql",
            json=asked | {"variables": variables},
            headers={"Authorization": f"Bearer {teacher.token}"},
        )
        answer = get(teacher, **asked, variables=json.dumps(variables), extensions="{}")
        assert answer.status_code == 200
        assert answer.json()["data"] == posted.json()["data"]
        assert ("capabilities" in answer.json()["data"]["viewer"]) == (not variables.get("not", False))
        assert answer.headers["cache-control"] == "no-store"


def test_nothing_but_queries_is_answered_by_get(teacher: Client, quiet: World, owner_url: str) -> None:
    """405, whatever the media type, the name chosen among several, or the variables; and nothing was changed."""
    variables: dict[str, dict[str, Any]] = {"input": {"marks": [mark(quiet)], "idempotencyKey": "by-get"}}
    before = snapshot(owner_url, quiet)
    for accept in ("application/json", "application/graphql-response+json", "*/*"):
        for asked in (
            {"query": RECORD, "variables": json.dumps(variables)},
            {"query": RECORD},
            {"query": f"{ROLES} mutation M {{ __typename }}", "operationName": "M"},
            {"query": "mutation { __typename }"},
            {"query": "subscription { markRecorded { id } }"},
        ):
            answer = get(teacher, accept=accept, **asked)
            assert (answer.status_code, code(answer), answer.headers["allow"]) == (405, "BAD_USER_INPUT", "POST")
        assert (
            get(teacher, accept=accept, query=f"{ROLES} mutation M {{ __typename }}", operationName="Roles").status_code
            == 200
        )
    tried = teacher.ask(RECORD, {"input": variables["input"] | {"dryRun": True}}).data["recordMarks"]
    assert (tried["userErrors"], tried["wouldWrite"]) == ([], 1)  # by POST it would have been written
    assert snapshot(owner_url, quiet) == before


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("query=", 400),
        ("query=%7B", 400),
        ("query=%ff", 400),
        ("query=%ED%A0%80", 400),
        ("query=%7Bviewer%7Broles%7D%7D%00", 400),
        ("query={viewer{roles}}&query={viewer{roles}}", 400),
        ("query={viewer{roles}}&variables=[]", 400),
        ("query={viewer{roles}}&variables=x", 400),
        ("query={viewer{roles}}&variables=%22%5Cud800%22", 400),
        ("query={viewer{roles}}&variables=" + "[" * 5000, 400),
        ("query={viewer{roles}}&extensions=1", 400),
        ("query={viewer{roles}}&operationName=Other", 400),
        ("&".join(f"a{number}=1" for number in range(101)), 400),
        ("query={viewer{roles}}&b=" + "x" * 16_384, 414),
        ("query={viewer{roles}}&variables=&operationName=&other=1", 200),
        ("query={viewer{roles}}&variables=&other=1", 200),
        ("query={viewer{roles}}&variables=null", 200),
    ],
)
def test_addresses_that_cannot_be_read(teacher: Client, query: str, status: int) -> None:
    """400 or 414, never a fault of ours; what isn't a parameter of GraphQL's counts for nothing."""
    headers = {"Authorization": f"Bearer {teacher.token}", "Accept": "application/graphql-response+json"}
    answer = teacher.http.get(f"/graphql?{query}", headers=headers)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert code(answer) in ("BAD_USER_INPUT", "LIMIT_EXCEEDED")


def test_get_is_a_request_like_any_other(by_get: Server, teacher: Client) -> None:
    """It needs a token, an answer that can be read, and is no way to a stream; other methods stay refused."""
    bare = by_get.http.get("/graphql?query={viewer{roles}}")
    assert (bare.status_code, code(bare)) == (401, "UNAUTHENTICATED")
    assert get(teacher, query=ROLES, accept="text/event-stream").status_code == 406
    for method in ("HEAD", "PUT", "DELETE", "OPTIONS"):
        answer = by_get.http.request(method, "/graphql", headers={"Authorization": f"Bearer {teacher.token}"})
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


def test_nothing_of_an_address_is_logged(by_get: Server, teacher: Client) -> None:
    """Which holds what a body holds elsewhere."""
    canary = "Zebrina"
    get(teacher, query=f'{{ learners(filter: {{givenName: {{startsWith: "{canary}"}}}}) {{ nodes {{ id }} }} }}')
    get(teacher, query=f"{{ {canary} }}")
    assert canary not in by_get.log.read_text()
