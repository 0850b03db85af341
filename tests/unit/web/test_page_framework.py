"""What every page has in common: the cookie, forms that come from a page of ours, headers, and pages for what goes wrong."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route

from server.errors import Forbidden, Unavailable
from server.web.pages.cookies import form_token, new_cookie
from server.web.pages.endpoint import Form, Needs, PageEndpoint, Visit
from server.web.pages.page import page
from server.web.pages.routes import what_is_left
from server.web.pages.threads import PagesDesk
from server.web.secure_headers import SecureHeaders
from tests.unit.web.fakes import CANARY

ORIGIN = "http://127.0.0.1:8000"
COOKIE = new_cookie()
AT_HOME = {"cookie": f"__Host-usher={COOKIE}"}


class NobodyIsSignedIn:
    """In place of the desk that asks the database."""

    def now(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)

    async def run(self, _work: Callable[[Any], Any]) -> None:
        return None


async def _show(visit: Visit) -> Response:
    match visit.asked("raise"):
        case "unavailable":
            raise Unavailable("The database can't be reached.")
        case "forbidden":
            raise Forbidden("Not for you.")
        case "defect":
            raise RuntimeError(f"{CANARY} can't be saved")
        case _:
            return visit.page("problem.html", heading="A <page>", sentence="A sentence.", again="")


async def _change(visit: Visit, form: Form) -> Response:
    sentence = "|".join(f"{name}={value}" for name, value in form.items())
    return visit.page("problem.html", heading="Taken", sentence=sentence, again="")


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    desk = cast("PagesDesk", NobodyIsSignedIn())
    routes = [
        Route("/open", PageEndpoint(desk, _show, _change, needs=Needs.NOTHING)),
        Route("/shown", PageEndpoint(desk, _show, needs=Needs.NOTHING)),
        Route("/closed", PageEndpoint(desk, _show, _change)),
        *what_is_left(),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(SecureHeaders)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
        yield client


def _post(client: httpx.AsyncClient, headers: dict[str, str] | None = None, **fields: str) -> Any:
    return client.post("/open", data={"csrf": form_token(COOKIE), **fields}, headers=AT_HOME | (headers or {}))


async def test_a_stranger_is_given_a_cookie_once(client: httpx.AsyncClient) -> None:
    """Of the strictest kind that a browser knows; whoever brings one keeps it."""
    first = await client.get("/open")
    found = re.fullmatch(r"__Host-usher=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", first.headers["set-cookie"])
    assert found, first.headers
    assert "set-cookie" not in (await client.get("/open", headers=AT_HOME)).headers
    assert "set-cookie" in (await client.get("/open", headers={"cookie": "__Host-usher=short"})).headers


async def test_a_form_of_a_page_of_ours_is_taken(client: httpx.AsyncClient) -> None:
    """With its empty fields and any letter, without the token."""
    answer = await _post(client, {"sec-fetch-site": "same-origin", "origin": "null"}, name="Zoë <b>", empty="")
    assert answer.status_code == 200
    assert "name=Zoë &lt;b&gt;|empty=</p>" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "Same-Origin"},
        {"sec-fetch-site": "cross-site", "origin": ORIGIN},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:8001"},
        {"origin": f"{ORIGIN}.evil.example"},
    ],
)
async def test_a_form_from_elsewhere_is_refused(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """Even with the right cookie and token; nothing of it is read."""
    answer = await _post(client, headers, name="x")
    assert (answer.status_code, "name=x" in answer.text) == (403, False)
    assert "another site" in answer.text


async def test_a_form_needs_the_token_of_its_browser(client: httpx.AsyncClient) -> None:
    """Signed in or not, so that nobody signs another's browser in: no token, an empty one, another browser's, no cookie."""
    for token in ("", "x", "é", form_token(new_cookie()), form_token(COOKIE)[:-1]):
        answer = await _post(client, csrf=token, name="x")
        assert (answer.status_code, "out of date" in answer.text) == (403, True)
    answer = await client.post("/open?a=b%22", data={"csrf": form_token(COOKIE)})
    assert answer.status_code == 403
    assert '<a href="/open?a=b%22">Open the page again</a>' in answer.text
    assert (await client.post("/open", data={"name": "x"}, headers=AT_HOME)).status_code == 403


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"csrf=%zz&a=%ff", "application/x-www-form-urlencoded", 400),
        (b"a=1&a=2", "application/x-www-form-urlencoded", 400),
        (b"a=%00", "application/x-www-form-urlencoded", 400),
        (b"a=1&&b=2", "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"f%d=1" % n for n in range(200)), "application/x-www-form-urlencoded", 400),
        (b"a=" + b"x" * 40_000, "application/x-www-form-urlencoded", 413),
        (b'{"a": 1}', "application/json", 415),
        (b"--x\r\n", "multipart/form-data; boundary=x", 415),
        (b"", "", 415),
    ],
)
async def test_a_malformed_form_is_refused(client: httpx.AsyncClient, content: bytes, media: str, status: int) -> None:
    """With a page that says so."""
    answer = await client.post("/open", content=content, headers=AT_HOME | {"content-type": media})
    assert answer.status_code == status
    assert "<h1>The form was not taken</h1>" in answer.text


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/open"), ("DELETE", "/open"), ("OPTIONS", "/open"), ("POST", "/shown")]
)
async def test_other_methods_are_told_which_there_are(client: httpx.AsyncClient, method: str, path: str) -> None:
    """405, and a page."""
    answer = await client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == ("GET, HEAD, POST" if path == "/open" else "GET, HEAD")


async def test_head_is_get_without_a_body(client: httpx.AsyncClient) -> None:
    """Its headers are the same."""
    shown, told = await client.get("/open", headers=AT_HOME), await client.head("/open", headers=AT_HOME)
    assert told.status_code == 200
    assert told.headers["content-length"] == shown.headers["content-length"]


async def test_a_page_for_the_signed_in_leads_to_signing_in(client: httpx.AsyncClient) -> None:
    """And back, with what was asked for; a form's fields are not kept."""
    answer = await client.get("/closed?a=b%2Fc")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/closed%3Fa%3Db%252Fc")
    answer = await client.post("/closed?a=b", data={"csrf": form_token(COOKIE)}, headers=AT_HOME)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/closed")


@pytest.mark.parametrize(("kind", "status"), [("unavailable", 503), ("forbidden", 403), ("defect", 500)])
async def test_what_goes_wrong_gets_a_page(client: httpx.AsyncClient, kind: str, status: int) -> None:
    """A defect with a reference; never with its text."""
    answer = await client.get(f"/open?raise={kind}")
    assert answer.status_code == status
    assert answer.text.startswith("<!doctype html>")
    assert CANARY not in answer.text
    assert (re.search(r"reference: <strong class=\"code\">[0-9a-f]{12}<", answer.text) is not None) == (status == 500)
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    "path", ["/sign-in/nowhere", "/account/no/where", "/pages/templates/base.html", "/reset/a/b/c"]
)
async def test_an_unknown_path_gets_a_page(client: httpx.AsyncClient, path: str) -> None:
    """404, which doesn't repeat the path."""
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "<h1>Page not found</h1>" in answer.text
    assert path not in answer.text


async def test_every_answer_has_the_headers(client: httpx.AsyncClient) -> None:
    """No script, no frame, no trace in caches, and no address told to anybody."""
    for path in ("/open", "/open?raise=defect", "/account/nowhere", "/closed"):
        headers = (await client.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy


def test_the_policy_names_what_a_page_needs() -> None:
    """The script of passkeys, or where a form leads to, on that page alone."""
    values: dict[str, Any] = {"heading": "x", "sentence": "y", "again": ""}
    plain = page("problem.html", **values).headers["content-security-policy"]
    assert plain.endswith("form-action 'self'")
    leading = page("problem.html", forms_lead_to=["https://vendor.example"], **values)
    assert leading.headers["content-security-policy"] == f"{plain} https://vendor.example"
    scripted = page("problem.html", script=True, **values)
    assert scripted.headers["content-security-policy"] == f"{plain}; script-src 'self'; connect-src 'self'"
    assert b'src="/pages/passkeys.js"' in bytes(scripted.body)


async def test_style_and_script_are_served(client: httpx.AsyncClient) -> None:
    """As what they are."""
    style, script = await client.get("/pages/style.css"), await client.get("/pages/passkeys.js")
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert (script.status_code, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
