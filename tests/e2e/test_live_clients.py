"""The clients that the world uses, npm's `graphql-ws` and `graphql-sse`, follow the real server without adaptation."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from server.identity.oauth.documents import Mode
from tests.e2e.npm_clients import following, missing
from tests.e2e.programs import registered
from tests.e2e.recording import mark, record
from tests.e2e.serving import Client, Server
from tests.e2e.trusted import Registry, person_token
from tests.worlds import World, insert_world, small_school

GRADES = "subscription($after: ID) { gradeUpdated(after: $after) { id grade { id version learner { id } } } }"
MARKS = "subscription($after: ID) { markRecorded(after: $after) { id mark { score } } }"
TRANSPORTS = pytest.mark.parametrize("transport", ["ws", "sse"])


@pytest.fixture(scope="module", autouse=True)
def clients() -> None:
    lacking = missing()
    if lacking is not None:
        pytest.skip(f"no JavaScript clients: {lacking}")


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"live clients {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def mortal(servers: list[Server]) -> Generator[Server]:
    """A server that is killed, and started again on the same listening socket."""
    yield servers[-1]
    servers[-1].ready()


def written(client: Client, school: World, score: str) -> dict[str, Any]:
    payload = record(client, mark(school, score=score)).data["recordMarks"]
    assert payload["userErrors"] == []
    return payload


@TRANSPORTS
def test_a_trusted_document_is_followed_by_its_id(app_url: str, server: Server, school: World, transport: str) -> None:
    """Of an app that may ask nothing else; it ends with the document."""
    registry = Registry(app_url, registered(app_url, server.http))
    key = registry.add(GRADES)
    registry.mode(Mode.ENFORCED)
    client = Client(server.http, person_token(server, school, "teacher", "STAFF", registry.program.client_id))
    with following(server, client, transport, "", documentId=key) as live:
        said = live.next()
        assert "standing" in said, said
        registry.end(key)
        said = live.next()
        while "ended" not in said and "errors" not in said.get("event", {}):
            said = live.next()
        assert "DOCUMENT_NOT_REGISTERED" in str(said)


@TRANSPORTS
def test_a_grade_is_told(servers: list[Server], school: World, transport: str) -> None:
    """A mark that is written over HTTP, at one worker; its grade at a client of another."""
    score = {"ws": "11", "sse": "12"}[transport]
    teacher = servers[0].client(school, "teacher")
    with following(servers[1], servers[1].client(school, "teacher"), transport, GRADES) as live:
        assert live.next()["standing"].startswith("evt_")
        [grade] = written(teacher, school, score)["grades"]
        event = live.event()
        assert event["grade"]["id"] == grade["id"]
        assert event["grade"]["learner"]["id"] == f"lrn_{school.ids['ann'].hex}"


@TRANSPORTS
def test_it_goes_on_by_itself_when_its_worker_was_killed(
    servers: list[Server], mortal: Server, school: World, transport: str
) -> None:
    """With the id of the last event in the variables, and nothing else: what was missed is told once, in order."""
    first, *missed = {"ws": ("21", "22", "23"), "sse": ("31", "32", "33")}[transport]
    teacher = servers[0].client(school, "teacher")
    with following(mortal, mortal.client(school, "teacher"), transport, MARKS, attempts=1000) as live:
        assert "standing" in live.next()
        written(teacher, school, first)
        assert live.event()["mark"]["score"] == first
        mortal.kill()
        for score in missed:
            written(teacher, school, score)
        mortal.start()
        told = [live.event() for _ in missed]
    # A row is read as it is when it is told.
    assert [event["mark"]["score"] for event in told] == [missed[-1]] * len(missed)
    assert len({event["id"] for event in told}) == len(missed)


@TRANSPORTS
def test_without_a_token_it_is_refused(server: Server, school: World, transport: str) -> None:
    """By the close code of the protocol, or by the status."""
    with following(server, Client(server.http, "none"), transport, MARKS) as live:
        said = live.next()
        while "ended" not in said:
            assert set(said) == {"closed"}
            said = live.next()
        assert said["ended"] == {"code": {"ws": 4403, "sse": 401}[transport]}


@TRANSPORTS
def test_what_it_may_not_follow_is_an_error_with_a_code(server: Server, school: World, transport: str) -> None:
    with following(
        server, server.client(school, "teacher"), transport, "subscription { policyPublished { id } }"
    ) as live:
        said = live.next()
        errors = (said["event"] if "event" in said else said["ended"])["errors"]
        assert errors[0]["extensions"]["code"] == "FORBIDDEN"


def test_a_page_of_another_origin_is_refused(server: Server, school: World) -> None:
    teacher = server.client(school, "teacher")
    with following(server, teacher, "ws", MARKS, origin="https://evil.example") as live:
        while "ended" not in (said := live.next()):
            assert set(said) == {"closed"}
    with following(server, teacher, "ws", MARKS, origin=server.url) as live:
        assert "standing" in live.next()
