"""Headers of every answer of every route, whatever the method; and of those that no route gave."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from typing import Final

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from server.app import build_app
from server.settings import Settings
from server.web.leaving import Leaving
from server.web.secure_headers import DEFAULTS
from tests.e2e.serving import Server
from tests.e2e.test_pages_malformed import PATHS
from tests.fuzz.forms import OTHERS
from tests.fuzz.shot import Shot
from tests.fuzz.wire import fired

pytestmark = pytest.mark.asyncio(loop_scope="module")
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "STRANGE")
SECRET: Final = "Quagga-of-the-defect"
_PARAMETER: Final = re.compile(r"\{(\w+)(:\w+)?\}")
_KEPT: Final = {"/pages/style.css": "no-cache", "/pages/passkeys.js": "no-cache"}
"""What may be kept by a browser, which asks each time whether it has changed."""
_SOURCE: Final = re.compile(r"'none'|'self'|data:")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(app_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Starlette]:
    """As people reach it by https, with its routes."""
    settings = Settings(
        usher_database_url=SecretStr(app_url),
        usher_home=tmp_path_factory.mktemp("every-answer"),
        usher_issuer="https://usher.example",
        usher_pool_min=1,
        usher_pool_max=2,
    )
    app = build_app(settings, Leaving())
    async with app.router.lifespan_context(app):
        yield app


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(app: Starlette) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://usher.example") as client:
        yield client


def paths(app: Starlette) -> list[str]:
    """Of each route, as the application has it."""
    return sorted({route.path for route in app.router.routes if isinstance(route, Route | WebSocketRoute)})


def check(answer: httpx.Response, hsts: bool = True) -> None:
    """No header that should be there lacks or is there twice; none lets anything in."""
    where = f"{answer.request.method} {answer.request.url.path} {answer.status_code}"
    names = [name for name, _ in DEFAULTS] + ([b"strict-transport-security"] if hsts else [])
    for name in names:
        assert len(answer.headers.get_list(name.decode())) == 1, (where, name)
    for name, value in DEFAULTS:
        if name not in (b"cache-control", b"content-security-policy"):
            assert answer.headers[name.decode()] == value.decode(), (where, name)
    kept = _KEPT.get(answer.request.url.path) if answer.status_code == 200 else None
    assert answer.headers["cache-control"] == (kept or "no-store"), where
    if hsts:
        assert answer.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains", where
    check_policy(answer.headers["content-security-policy"], where)
    assert "access-control-allow-origin" not in answer.headers, where
    assert "server" not in answer.headers, where
    media = answer.headers.get("content-type", "")
    assert not answer.content or media, where
    assert not media.startswith("text/") or "charset=utf-8" in media, (where, media)


def check_policy(policy: str, where: str) -> None:
    """It begins with nothing at all, and what it lets in is ours: nothing inline, nothing that is evaluated."""
    directives = {name: sources for name, *sources in (one.split() for one in policy.split(";"))}
    assert directives["default-src"] == directives["frame-ancestors"] == directives["base-uri"] == ["'none'"], where
    assert directives["form-action"] in (["'none'"], ["'self'"]), (where, policy)
    assert all(_SOURCE.fullmatch(one) for sources in directives.values() for one in sources), (where, policy)
    assert "data:" not in directives.get("script-src", ()), where


async def test_every_answer_of_every_route_carries_them(app: Starlette, client: httpx.AsyncClient) -> None:
    """Each path that the application has, what is below and beside it, by every method; to somebody without a token."""
    found: set[int] = set()
    for path in paths(app):
        plain = _PARAMETER.sub("x", path)
        for method in METHODS:
            answer = await client.request(method, plain)
            assert answer.status_code < 500, (method, path)
            check(answer)
            found.add(answer.status_code)
        check(await client.get(plain.rstrip("/") + "/nowhere"))
        check(await client.post(plain + "/", content=b"x"))
    assert found >= {200, 303, 400, 401, 404, 405}


async def test_no_answer_leads_to_the_host_that_was_named(app: Starlette, client: httpx.AsyncClient) -> None:
    """A slash too many is another address, and none is made of what the request says of itself."""
    for path in paths(app):
        plain = _PARAMETER.sub("x", path)
        for other in (plain, plain + "/", plain.rstrip("/")):
            answer = await client.get(
                other or "/", headers={"host": "evil.example", "x-forwarded-host": "evil.example"}
            )
            assert "evil.example" not in str(answer.headers), other
            assert "evil.example" not in answer.text, other


async def test_trace_is_answered_nowhere(app: Starlette, client: httpx.AsyncClient) -> None:
    """Nobody is shown what they sent: their cookie would be in it."""
    for path in paths(app):
        answer = await client.request("TRACE", _PARAMETER.sub("x", path), headers={"cookie": f"a={SECRET}"})
        assert SECRET not in answer.text
        assert answer.status_code in (404, 405), path


async def test_a_defect_in_any_endpoint_is_masked(
    app: Starlette, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the headers, a reference and no text, where the endpoint masks nothing itself."""

    async def fail(_: Request) -> Response:
        raise RuntimeError(SECRET)

    app.router.routes.append(Route("/defective", fail))
    answer = await client.get("/defective")
    app.router.routes.pop()
    check(answer)
    assert answer.status_code == 500
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL_ERROR"
    assert SECRET not in answer.text
    printed = capsys.readouterr()
    assert error["extensions"]["reference"] in printed.out + printed.err
    assert SECRET not in printed.out + printed.err


_SHAKES: Final = (
    b"GET /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
)
RAW: Final = {
    "no HTTP": b"\xff\xfe\r\n\r\n",
    "a method that is none": b"GE\x00T / HTTP/1.1\r\n\r\n",
    "two lengths": b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    "a length and chunks": (
        b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
    ),
    "chunks of no size": b"POST /graphql HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a page of another origin": _SHAKES + b"Origin: https://evil.example\r\n\r\n",
    "an old version of WebSocket": _SHAKES.replace(b"13", b"8", 1) + b"\r\n",
    "a WebSocket elsewhere": _SHAKES.replace(b"/graphql", b"/livez") + b"\r\n",
    "a WebSocket with a long header": _SHAKES + b"X-Long: " + b"x" * 30_000 + b"\r\n\r\n",
    "a WebSocket with many headers": _SHAKES + b"X-Many: x\r\n" * 300 + b"\r\n",
}


@pytest.mark.parametrize("what", RAW)
async def test_what_reaches_no_application_is_answered_with_them(server: Server, what: str) -> None:
    """By the HTTP parser, and by the WebSocket's handshake."""
    outcome = await fired(server.listener.getsockname()[1], Shot((RAW[what],)))
    assert 400 <= outcome.status < 500, outcome
    request = httpx.Request("GET", "http://usher/raw")
    check(httpx.Response(outcome.status, headers=outcome.headers, content=outcome.body, request=request), hsts=False)


async def test_without_https_no_browser_is_told_to_use_it(server: Server) -> None:
    """On one's own machine there is no certificate."""
    for path in ("/", "/graphql", "/nowhere"):
        check(server.http.get(path), hsts=False)
        assert "strict-transport-security" not in server.http.get(path).headers


async def test_mutated_requests_reach_every_route(app: Starlette) -> None:
    """What tests/fuzz sends to are all the paths there are, one for each that has a part of its own."""
    sent = {*PATHS, *OTHERS, "/oauth/documents/x", "/oauth/purges/x/x"}
    sent |= {f"{one}/x" for one in PATHS}  # tests/fuzz goes below each
    patterns = {path: re.compile(re.sub(r"\\\{.*?\\\}", ".+", re.escape(path))) for path in paths(app)}
    missing = [path for path, pattern in patterns.items() if not any(map(pattern.fullmatch, sent))]
    assert missing == [], " ".join(missing)
