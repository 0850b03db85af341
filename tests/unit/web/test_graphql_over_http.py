"""GraphQL over HTTP, asked from outside."""

import json
from typing import Any

import httpx
import pytest

from tests.unit.web.fakes import CANARY, TOKEN

RESPONSE = "application/graphql-response+json"
JSON = "application/json"


def post(client: httpx.Client, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/graphql", content=content, headers={"content-type": JSON} | named)


def code(answer: httpx.Response) -> str:
    """The code of the only error of an answer without data."""
    body = answer.json()
    assert set(body) == {"errors"}
    (error,) = body["errors"]
    return error["extensions"]["code"]


def test_a_query_is_answered(client: httpx.Client) -> None:
    """Variables and operation name reach the execution."""
    document = "query A($n: String) { hello(name: $n) } query B { number }"
    answer = post(client, {"query": document, "operationName": "A", "variables": {"n": "Ada"}})
    assert (answer.status_code, answer.json()) == (200, {"data": {"hello": "Hello Ada"}})


@pytest.mark.parametrize("extra", ["operationName", "variables", "extensions"])
def test_null_parameters_are_as_good_as_none(client: httpx.Client, extra: str) -> None:
    """As the specification says of optional parameters."""
    assert post(client, {"query": "{ hello }", extra: None}).json() == {"data": {"hello": "Hello you"}}


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (RESPONSE, RESPONSE),
        (JSON, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("", JSON),
        (f"{RESPONSE}, {JSON};q=0.9", RESPONSE),
        (f"{RESPONSE};q=0.8, {JSON};q=0.9", JSON),
        (f"{JSON}, {RESPONSE}", RESPONSE),
        (f"{JSON}, multipart/mixed", JSON),
        (f"{RESPONSE}, application/graphql+json, {JSON}, text/event-stream, multipart/mixed", RESPONSE),
        (f"text/event-stream, {JSON}", JSON),
        (f"{RESPONSE};q=0, */*;q=0.1", JSON),
        ("APPLICATION/JSON ; Q=1", JSON),
    ],
)
def test_the_answer_has_the_media_type_that_was_asked_for(client: httpx.Client, accept: str, media: str) -> None:
    """JSON is preferred to event streams, and the newer type only where it is named."""
    answer = post(client, {"query": "{ hello }"}, accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{media}; charset=utf-8"


@pytest.mark.parametrize("accept", ["text/html", "text/event-stream", f"{JSON};q=0", "application/json;q=x", ","])
def test_an_answer_that_nobody_could_read_is_406(client: httpx.Client, accept: str) -> None:
    """The refusal names both media types."""
    answer = post(client, {"query": "{ hello }"}, accept=accept)
    assert (answer.status_code, code(answer)) == (406, "BAD_USER_INPUT")


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'])
def test_json_in_utf_8_is_accepted(client: httpx.Client, content_type: str) -> None:
    """With or without a charset."""
    assert post(client, {"query": "{ hello }"}, content_type=content_type).status_code == 200


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/json; charset=latin-1", "application/x-www-form-urlencoded"]
)
def test_other_content_types_are_415(client: httpx.Client, content_type: str) -> None:
    """What an HTML form can send is refused: no form of another site reaches the API."""
    answer = post(client, {"query": "{ hello }"}, content_type=content_type)
    assert (answer.status_code, code(answer)) == (415, "BAD_USER_INPUT")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_post_is_served(client: httpx.Client, method: str) -> None:
    """GET is off, and so is CORS: a preflight gets no permission."""
    headers = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}
    answer = client.request(method, "/graphql?query=%7Bhello%7D", headers=headers)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        (None, 'Bearer realm="usher"'),
        ("", 'Bearer realm="usher"'),
        ("Basic dXNlcjpwYXNz", 'Bearer realm="usher"'),
        ("Bearer", 'Bearer realm="usher"'),
        ("Bearer wrong", 'Bearer realm="usher", error="invalid_token"'),
        (f"Bearer {TOKEN}, Bearer {TOKEN}", 'Bearer realm="usher", error="invalid_token"'),
    ],
)
def test_without_a_good_token_the_answer_is_401(
    client: httpx.Client, authorization: str | None, challenge: str
) -> None:
    """RFC 6750: with a challenge, and the document isn't even read."""
    del client.headers["authorization"]
    headers = {} if authorization is None else {"authorization": authorization}
    answer = post(client, b"\xff", **headers)
    assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == challenge


def test_the_scheme_of_the_token_is_read_without_case(client: httpx.Client) -> None:
    """RFC 9110: `bearer` is `Bearer`."""
    assert post(client, {"query": "{ hello }"}, authorization=f"bEARER {TOKEN}").status_code == 200


@pytest.mark.parametrize("name", ["Authorization", "Usher-Purpose", "Usher-Reason", "Content-Type"])
def test_a_header_that_stands_twice_is_refused(client: httpx.Client, name: str) -> None:
    """Which of two tokens or purposes counts is nobody's guess."""
    request = client.build_request("POST", "/graphql", content=b"{}", headers={"content-type": JSON})
    others = [pair for pair in request.headers.multi_items() if pair[0] != name.lower()]
    request.headers = httpx.Headers([*others, (name, "a"), (name, "b")])
    answer = client.send(request)
    assert (answer.status_code, code(answer)) == (400, "BAD_USER_INPUT")


def test_purpose_and_reason_reach_the_execution(client: httpx.Client) -> None:
    """Without them they are None; umlauts survive."""
    query = {"query": "{ purpose }"}
    assert post(client, query).json()["data"]["purpose"] == "None|None"
    headers = [(b"Usher-Purpose", b"safeguarding"), (b"Usher-Reason", "Referral Nº 7, Zoë".encode())]
    answer = client.post("/graphql", json=query, headers=headers)
    assert answer.json()["data"]["purpose"] == "safeguarding|Referral Nº 7, Zoë"


@pytest.mark.parametrize(
    ("name", "value"),
    [("Usher-Reason", b"\xff"), ("Usher-Reason", b"a" * 501), ("Usher-Purpose", b"a" * 101), ("Usher-Reason", b"a\tb")],
)
def test_a_purpose_that_cannot_be_stored_is_refused(client: httpx.Client, name: str, value: bytes) -> None:
    """The refusal names the header."""
    answer = client.post("/graphql", json={"query": "{ hello }"}, headers=[(name.encode(), value)])
    assert (answer.status_code, code(answer)) == (400, "BAD_USER_INPUT")
    assert name in answer.text


@pytest.mark.parametrize("document", ["{", "{ nothing }", "query($n: Int!) { number(of: $n) }"])
def test_a_request_that_fails_before_execution(client: httpx.Client, document: str) -> None:
    """Parse, validation, coercion: 400 in the newer media type, 200 in the older, and never `data`."""
    for media, status in ((RESPONSE, 400), (JSON, 200)):
        answer = post(client, {"query": document}, accept=media)
        assert answer.status_code == status
        assert set(answer.json()) == {"errors"}


@pytest.mark.parametrize(
    ("name", "strict", "loose", "expected"),
    [
        ("unavailable", 503, 503, "UNAVAILABLE"),
        ("policy", 503, 503, "POLICY_UNAVAILABLE"),
        ("forbidden", 403, 200, "FORBIDDEN"),
    ],
)
def test_expected_failures_have_a_code(
    client: httpx.Client, name: str, strict: int, loose: int, expected: str
) -> None:  # fmt: skip
    """Those that pass by themselves say when to come back."""
    for media, status in ((RESPONSE, strict), (JSON, loose)):
        answer = post(client, {"query": "{ hello }", "operationName": name}, accept=media)
        assert (answer.status_code, code(answer)) == (status, expected)
        assert ("retry-after" in answer.headers) == (status == 503)


def test_a_defect_is_masked_with_a_reference_that_the_log_knows(client: httpx.Client, served: Any) -> None:
    """The caller learns the reference; the log has type and place under it; the text of the exception is nowhere."""
    answer = post(client, {"query": "{ hello }", "operationName": "defect"})
    assert (answer.status_code, code(answer)) == (500, "INTERNAL_ERROR")
    reference = answer.json()["errors"][0]["extensions"]["reference"]
    log = served.log.read_text()
    (line,) = (json.loads(line) for line in log.splitlines() if reference in line)
    assert (line["event"], line["error"], line["level"]) == ("defect", "RuntimeError", "error")
    assert line["frames"][-1].endswith(" run")
    assert CANARY not in log + answer.text


def test_every_answer_carries_the_security_headers(client: httpx.Client) -> None:
    """Whoever wrote it: endpoint, page, health, router."""
    paths = ("/", "/graphql", "/livez", "/readyz", "/nowhere", "/graphiql/start.js")
    for answer in (*(client.get(path) for path in paths), post(client, {"query": "{ hello }"})):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "server" not in answer.headers
