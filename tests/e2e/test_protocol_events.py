"""Server-sent events as graphql-sse has them, in "distinct connections mode", and who gets them."""

from __future__ import annotations

import json
from typing import Any, Final

import httpx
import pytest

from tests.e2e.live import events
from tests.e2e.serving import Client, Server
from tests.worlds import World

MARKS: Final = "subscription { markRecorded { id } }"
ROLES: Final = "{ viewer { roles } }"
STREAM: Final = "text/event-stream"
JSON: Final = "application/json"
RESPONSE: Final = "application/graphql-response+json"
# As they send it: urql, Apollo Client, graphql-sse.
URQL: Final = f"{RESPONSE}, application/graphql+json, {JSON}, {STREAM}, multipart/mixed"


@pytest.fixture(scope="module")
def teacher(server: Server, quiet: World) -> Client:
    return server.client(quiet, "teacher")


def post(client: Client, body: Any, accept: str, **headers: str) -> httpx.Response:
    stated = {"Authorization": f"Bearer {client.token}", "Accept": accept, "Content-Type": JSON} | headers
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.http.post("/graphql", content=content, headers=stated)


def told(answer: httpx.Response) -> dict[str, Any]:
    """The one response of a stream that has one, byte for byte between its two events."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{STREAM}; charset=utf-8"
    head, _, rest = answer.text.partition("event: next\ndata: ")
    data, _, tail = rest.partition("\n")
    assert (head, tail) == ("", "\nevent: complete\ndata:\n\n")
    return json.loads(data)


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (STREAM, STREAM),
        ("Text/Event-Stream; Q=0.5", STREAM),
        (f"{STREAM}, multipart/mixed", STREAM),
        (f"{STREAM}, {JSON};q=0", STREAM),
        (f"{STREAM}, {JSON}", JSON),
        (f"{STREAM}, {JSON};q=0.1", JSON),
        (f"{STREAM}, */*", JSON),
        (f"{RESPONSE}, {STREAM}", RESPONSE),
        (URQL, RESPONSE),
        (f"{RESPONSE},{JSON};q=0.9", RESPONSE),
    ],
)
def test_a_stream_is_for_those_who_take_nothing_else(teacher: Client, accept: str, media: str) -> None:
    """JSON, if it is accepted too, however little: many clients name the event stream in every request."""
    answer = post(teacher, {"query": ROLES}, accept)
    assert answer.headers["content-type"].split(";")[0] == media
    body = told(answer) if media == STREAM else answer.json()
    assert body["data"] == {"viewer": {"roles": ["class_teacher"]}}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("accept", [f"{STREAM};q=0", f"{STREAM};q=0, text/html", f"{STREAM};q=x", "text/event-streams"])
def test_a_stream_that_is_declined_is_not_sent(teacher: Client, accept: str) -> None:
    """406, as for whatever else nobody here could read."""
    assert post(teacher, {"query": ROLES}, accept).status_code == 406


@pytest.mark.parametrize(
    "query", ["{", "{ zebra }", "query($i: ID!) { node(id: $i) { id } }", "subscription { policyPublished { id } }"]
)
def test_what_is_refused_is_a_response_too(teacher: Client, query: str) -> None:
    """`next` with errors, then `complete`: an event stream has one status for all that it may tell."""
    [error, *_] = told(post(teacher, {"query": query}, STREAM))["errors"]
    assert error["extensions"]["code"] in ("BAD_USER_INPUT", "FORBIDDEN")


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (401, {"query": MARKS}, {"Authorization": "Bearer none"}),
        (400, b"{", {}),
        (400, {"query": None}, {}),
        (400, {"query": MARKS, "variables": []}, {}),
        (415, {"query": MARKS}, {"Content-Type": "text/plain"}),
    ],
)
def test_what_is_no_operation_has_a_status(teacher: Client, status: int, body: Any, headers: dict[str, str]) -> None:
    """Which clients look at before they read a stream."""
    answer = post(teacher, body, STREAM, **headers)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(JSON)
    assert answer.json()["errors"]


def test_a_stream_says_at_once_that_it_stands(teacher: Client) -> None:
    """Its place in a header and a comment for whatever stands between, which is told not to hold it back."""
    with events(teacher, MARKS) as live:
        headers = live.response.headers
        assert headers["last-event-id"].startswith("evt_")
        assert (headers["x-accel-buffering"], headers["cache-control"]) == ("no", "no-store")
        assert next(live.response.iter_raw()) == b":\n\n"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_streams_are_not_reserved(server: Server, teacher: Client, method: str) -> None:
    """graphql-sse's "single connection mode" begins with PUT: it isn't served, and says so."""
    headers = {"Authorization": f"Bearer {teacher.token}", "Accept": STREAM}
    answer = server.http.request(method, "/graphql", headers=headers)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
