"""Fifty malformed requests and more to each address at which a vendor's program speaks for itself."""

from __future__ import annotations

import json
from base64 import b64encode
from itertools import product
from typing import Any, Final

import pytest

from tests.e2e.programs import Program, registered
from tests.e2e.serving import Server

TOKENS: Final = (
    "",
    "Bearer",
    "Bearer x",
    "Bearer \xff",
    "Basic Og==",
    "bearer  a.b.c",
    "Bearer " + "a" * 5000,
    "DPoP x",
)
BODIES: Final[tuple[bytes, ...]] = (
    b"", b"null", b"[]", b"{}", b"1", b'"x"', b"{", b"\x00", b"\xff\xfe", b'{"documents": null}', b'{"documents": {}}',
    b'{"documents": []}', b'{"documents": [null]}', b'{"documents": [{}]}', b'{"documents": [{"document": 1}]}',
    b'{"documents": [{"document": "{", "purpose": "teaching"}]}',
    b'{"documents": [{"document": "{ viewer { roles } }", "purpose": 1}]}',
    b'{"documents": [{"document": "{ viewer { roles } }", "purpose": "\\u0000"}]}',
    b'{"documents": [{"document": "\\ud800", "purpose": "teaching"}]}',
    b'{"documents": [{"document": "{ nothing }", "purpose": "teaching"}]}',
    b'{"documents": ' + b"[" * 2000 + b"]" * 2000 + b"}",
    json.dumps({"documents": [{"document": "{ a }", "purpose": "teaching"}] * 51}).encode(),
    b"grant_type=client_credentials", b'{"a": ' + b"9" * 5000 + b"}",
)  # fmt: skip
TYPES: Final = ("application/json", "text/plain", "", "application/json; charset=latin-1")
PLACES: Final = (
    "x",
    "..",
    "%00",
    "%ff",
    "sch_",
    "sch_" + "0" * 32,
    "0" * 64,
    "sha256:" + "g" * 64,
    "a" * 3000,
    "%2f..%2f",
    "'--",
    "\u0130",
)


@pytest.fixture
def program(app_url: str, server: Server) -> Program:
    return registered(app_url, server.http)


@pytest.fixture
def bearer(program: Program) -> str:
    resource = f"{program.issuer}/vendor"
    answer = program.proved("/oauth/token", grant_type="client_credentials", resource=resource)
    return f"Bearer {answer.json()['access_token']}"


def asked(server: Server, method: str, path: str, bearer: str, body: bytes = b"", media: str = "") -> int:
    """The status; an answer never repeats the token, and errors are JSON with a code."""
    headers: dict[str, Any] = {"authorization": bearer.encode("latin-1")} if bearer else {}
    headers |= {"content-type": media} if media else {}
    answer = server.http.request(method, path, content=body or None, headers=headers)
    assert answer.status_code < 500, (method, path[:80], body[:80], media, answer.text)
    assert bearer[-40:] not in answer.text or len(bearer) < 40
    if answer.status_code not in (200, 204, 404, 405):
        assert answer.json()["error"], answer.text
    return answer.status_code


def test_documents_take_none_of_it(server: Server, bearer: str) -> None:
    for body, media in product(BODIES, TYPES):
        assert 400 <= asked(server, "POST", "/oauth/documents", bearer, body, media) < 500, (body[:60], media)
    for token in TOKENS:
        assert asked(server, "GET", "/oauth/documents", token) == 401
    for place in PLACES:
        assert 400 <= asked(server, "DELETE", f"/oauth/documents/{place}", bearer) < 500, place
    listed = server.http.get("/oauth/documents", headers={"authorization": bearer}).json()
    assert listed["documents"] == []


def test_grants_take_none_of_it(server: Server, bearer: str) -> None:
    for token in TOKENS:
        assert asked(server, "GET", "/oauth/grants", token) == 401
    basic = "Basic " + b64encode(b"a:b").decode()
    for number, place in enumerate((*PLACES, "&after=x", "x&after=y", "%", "+", "null")):
        assert 400 <= asked(server, "GET", f"/oauth/grants?after={place}", bearer) < 500, place
        assert asked(server, "GET", f"/oauth/grants?after={place}&n={number}", basic) == 401
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert asked(server, method, "/oauth/grants", bearer, b"{}", "application/json") == 405


def test_purges_take_none_of_it(server: Server, bearer: str) -> None:
    for school, purge in product(PLACES[:8], PLACES[:7]):
        assert 400 <= asked(server, "POST", f"/oauth/purges/{school}/{purge}", bearer) < 500, (school, purge)
    for token in TOKENS:
        path = f"/oauth/purges/sch_{'0' * 32}/{'0' * 32}"
        assert asked(server, "POST", path, token) in (401, 404)
