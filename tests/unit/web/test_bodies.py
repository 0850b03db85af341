"""Bodies that are too long, too slow, cut short or no GraphQL request, sent to a real server."""

import json
import socket
from typing import Any

import httpx
import pytest

from server.web.bodies import MAXIMUM_BYTES
from server.web.json_input import MAXIMUM_DEPTH
from tests.unit.web.conftest import AUTHORISED, Served

HEAD = (
    b"POST /graphql HTTP/1.1\r\nHost: usher\r\nAuthorization: "
    + AUTHORISED["Authorization"].encode()
    + b"\r\nContent-Type: application/json\r\n"
)


def post(client: httpx.Client, body: Any) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/graphql", content=content, headers={"content-type": "application/json"})


def code(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    return error["extensions"]["code"]


def raw(served: Served, *parts: bytes) -> bytes:
    """What the server answers until it closes the connection, or says nothing for 20 s."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        for part in parts:
            connection.sendall(part)
        return connection.makefile("rb").readline()


def test_a_body_of_the_greatest_length_is_read(client: httpx.Client) -> None:
    """Exactly 256 KiB are allowed."""
    query = b'{"query":"{ hello } #'
    body = query + b"x" * (MAXIMUM_BYTES - len(query) - 2) + b'"}'
    assert len(body) == MAXIMUM_BYTES == 262144
    assert post(client, body).status_code == 200


def test_a_longer_body_is_413(client: httpx.Client) -> None:
    """One byte more, with its length told or in chunks of unknown number."""
    body = b" " * (MAXIMUM_BYTES + 1)
    told = post(client, body)
    assert (told.status_code, code(told)) == (413, "LIMIT_EXCEEDED")
    headers = {"content-type": "application/json"}
    chunked = client.post(
        "/graphql", content=(body[i : i + 65536] for i in range(0, len(body), 65536)), headers=headers
    )
    assert (chunked.status_code, code(chunked)) == (413, "LIMIT_EXCEEDED")
    assert told.headers["connection"] == chunked.headers["connection"] == "close"


def test_a_huge_body_is_refused_before_it_is_sent(served: Served) -> None:
    """The promise of 200 MB alone is enough."""
    assert raw(served, HEAD + b"Content-Length: 200000000\r\n\r\n").split()[1] == b"413"


@pytest.mark.parametrize("framing", [b"Content-Length: 50\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n5\r\n"])
def test_a_body_that_does_not_arrive_is_408(served: Served, framing: bytes) -> None:
    """After half a second here, ten in earnest."""
    assert raw(served, HEAD + framing, b'{"q').split()[1] == b"408"


def test_a_client_that_goes_away_harms_nobody(served: Served, client: httpx.Client) -> None:
    """A half body and a closed connection: no answer, no log line, and the next request is served."""
    before = served.log.stat().st_size
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", served.port)) as connection:
            connection.sendall(HEAD + b'Content-Length: 50\r\n\r\n{"q')
    assert post(client, {"query": "{ hello }"}).status_code == 200
    assert served.log.stat().st_size == before


DEEP = b"[" * (MAXIMUM_DEPTH + 1)
MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a number": b"7",
    "a string": b'"{ hello }"',
    "a boolean": b"true",
    "a list": b"[]",
    "a batch": b'[{"query":"{ hello }"}]',
    "no query": b"{}",
    "null query": b'{"query":null}',
    "a query object": b'{"query":{}}',
    "a variables list": b'{"query":"{ hello }","variables":[]}',
    "a variables string": b'{"query":"{ hello }","variables":"{}"}',
    "a name number": b'{"query":"{ hello }","operationName":1}',
    "an extensions list": b'{"query":"{ hello }","extensions":[]}',
    "half an object": b'{"query":',
    "two values": b'{"query":"{ hello }"} {}',
    "a trailing comma": b'{"query":"{ hello }",}',
    "bad UTF-8": b'{"query":"\xff"}',
    "half of UTF-8": b'{"query":"{ hello }","variables":{"a":"\xe2\x82"}}',
    "UTF-16": '{"query":"{ hello }"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"query":"{ hello }"}',
    "an encoded surrogate": b'{"query":"{ hello }","variables":{"a":"\xed\xa0\x80"}}',
    "an escaped surrogate": b'{"query":"{ hello }","variables":{"a":"\\ud800"}}',
    "a surrogate as key": b'{"query":"{ hello }","variables":{"\\udc00":1}}',
    "an escaped NUL": b'{"query":"{ hello }","variables":{"a":["\\u0000"]}}',
    "a raw NUL": b'{"query":"{ hello }\x00"}',
    "a NUL in GraphQL": b'{"query":"{ hello(name: \\"\\\\u0000\\") }"}',
    "a NUL in GraphQL's braces": b'{"query":"{ hello(name: \\"\\\\u{000}\\") }"}',
    "an integer of 5,000 digits": b'{"query":"{ hello }","variables":{"a":' + b"9" * 5000 + b"}}",
    "an integer of 4,000 digits": b'{"query":"{ hello }","variables":{"a":' + b"9" * 4000 + b"}}",
    "an endless number": b'{"query":"{ hello }","variables":{"a":1e999}}',
    "NaN": b'{"query":"{ hello }","variables":{"a":NaN}}',
    "Infinity": b'{"query":"{ hello }","variables":{"a":-Infinity}}',
    "deep lists": b'{"query":"{ hello }","variables":{"a":' + DEEP + b"]" * len(DEEP) + b"}}",
    "very deep lists": b"[" * 100_000,
    "very deep objects": b'{"a":' * 40_000,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_body_that_is_no_request_is_400(client: httpx.Client, name: str) -> None:
    """With a code, in either media type, and never a 500."""
    for media in ("application/json", "application/graphql-response+json"):
        client.headers["accept"] = media
        answer = post(client, MALFORMED[name])
        assert (answer.status_code, code(answer)) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("document", ["{ nested " * 65 + "hello" + " }" * 65, "{" * 20_000, "{ hello(a: " + "[" * 65])
def test_a_document_too_deep_to_be_parsed_is_refused(client: httpx.Client, document: str) -> None:
    """The parser, which recurses, never sees it."""
    client.headers["accept"] = "application/graphql-response+json"
    answer = post(client, {"query": document})
    assert (answer.status_code, code(answer)) == (400, "LIMIT_EXCEEDED")


def test_text_of_all_planes_is_let_through(client: httpx.Client) -> None:
    """Escaped pairs, quotes, emoji and braces in strings are no reason to refuse."""
    name = '𝕬da 👩🏽‍🏫 \\ " {{[[' + "{" * 100
    document = "query($n: String) { hello(name: $n) } # " + "{" * 100
    body = json.dumps({"query": document, "variables": {"n": name}}).encode()
    assert b"\\ud835" in body
    assert post(client, body).json() == {"data": {"hello": f"Hello {name}"}}
