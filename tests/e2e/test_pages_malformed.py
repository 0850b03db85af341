"""What nobody's browser sends: each page answers it with a page, never with a defect, and nothing of it reaches a log."""

from __future__ import annotations

import random
from collections.abc import Generator
from datetime import date
from typing import Final
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from server.web.pages.cookies import form_token
from tests.e2e.accounts import Holder, holder
from tests.e2e.pages import Person, read
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school

PATHS: Final = (
    "/sign-in", "/sign-in/factor", "/sign-in/recovery", "/sign-in/passkey", "/sign-in/nowhere", "/sign-out", "/forgotten",
    "/reset", "/confirm-address", "/account", "/account/sessions", "/account/password", "/account/email",
    "/account/factors", "/account/apps", "/account/app", "/account/passkey", "/account/remove", "/account/recovery-codes",
    "/pages/style.css", "/pages/nothing", "/oauth/authorize", "/approve", "/join", "/join/name", "/join/number", "/join/again",
    "/join/birth", "/join/finish", "/joined",
)  # fmt: skip
CANARY: Final = "Canary-5f3e"
FORM: Final = "application/x-www-form-urlencoded"
FIELDS: Final = (
    "name", "password", "old", "code", "passkey", "label", "email", "end", "decision", "hat", "factor",
    "identity", "confirmation", "number", "day", "month", "year", "birth", "school",
)  # fmt: skip
VALUES: Final = (
    CANARY, "", " ", "%00", "%ed%a0%80", "%ff", "%F0%9F%A6%89", "%E2%80%AE", "a" * 30_000, "-1", "null", "[" * 5000, "{}", "[]",
    '{"id": 1}', '{"id": "a", "response": {"clientDataJSON": "e30"}}', '{"id": "a", "response": {"clientDataJSON": 1}}',
    '{"id": "%00", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiAiYSJ9"}}', '{"a": ' + "9" * 5000 + "}",
    '{"id": "a", "response": {"clientDataJSON": "W10"}}', "' OR 1=1 --", "%F0%90%80", "%", "%zz", "\xe9",
)  # fmt: skip
# Those of which a form can be made that is one.
_ENCODED: Final = tuple(
    value if value.startswith("%") else quote(value)
    for value in VALUES
    if len(value) < 9000 and value not in ("%00", "%ed%a0%80", "%ff", "%F0%90%80", "%", "%zz")
)
QUERIES: Final = (
    "", "next=//evil.example", "next=%00", "next=%ff", f"next=/{'a' * 9000}", "next=a&next=b", "token=%00&token=x", "&&&=&=",
    f"token={CANARY}", "factor=%00", f"factor={CANARY}", "done=%ff", "%", "a" * 20_000, "next=/%5C%5Cevil", "factor=app&factor=app",
)  # fmt: skip
_COOKIES: Final = (
    "", "__Host-usher=", f"__Host-usher={CANARY}{'x' * 40}", f"__Host-usher={'a' * 8000}", "__Host-usher=\xff\xfe", ";;;===",
    "__Host-usher=a; __Host-usher=b", f"__Host-usher-browser={'x' * 43}", "=; =x; __Host-usher",
)  # fmt: skip
_MEDIA: Final = (
    FORM, FORM, FORM, FORM, f"{FORM}; charset=utf-16", "application/json", "multipart/form-data; boundary=x", "", "\xff",
)  # fmt: skip
_METHODS: Final = ("POST", "POST", "POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "STRANGE")


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"malformed {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def pat(app_url: str, school: World) -> Holder:
    return holder(app_url, (school, "pat"))


def _requests(path: str, chance: random.Random, mine: str) -> Generator[httpx.Request]:
    """Twenty-five of anybody, and as many of whoever is signed in, whose form has its token and is read to the end."""
    for number in range(50):
        method, headers, content = _read_to_the_end(chance, mine) if number % 2 else _of_anybody(chance)
        sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        address = f"http://server{path}?{chance.choice(QUERIES)}"
        yield httpx.Request(method, address, headers=sent, content=content)


def _read_to_the_end(chance: random.Random, mine: str) -> tuple[str, dict[str, str], bytes]:
    pairs = [f"{name}={chance.choice(_ENCODED)}" for name in FIELDS if chance.random() < 0.7]
    content = "&".join([f"csrf={form_token(mine)}", *pairs]).encode("ascii")
    return "POST", {"content-type": FORM, "cookie": f"__Host-usher={mine}"}, content


def _of_anybody(chance: random.Random) -> tuple[str, dict[str, str], bytes]:
    pairs = [f"{chance.choice(FIELDS)}={chance.choice(VALUES)}" for _ in range(chance.choice((0, 1, 2, 3, 120)))]
    content = "&".join(pairs).encode("latin-1")
    headers = {"content-type": chance.choice(_MEDIA), "cookie": chance.choice(_COOKIES)}
    headers |= chance.choice(({}, {"sec-fetch-site": "cross-site"}, {"origin": "\xff"}, {"content-length": "9"}))
    if "content-length" in headers:
        content = content[:9].ljust(9)
    return chance.choice(_METHODS), headers, content


@pytest.mark.parametrize("path", PATHS)
def test_fifty_malformed_requests_are_answered(path: str, server: Server, pat: Holder) -> None:
    """Below 500 each, with a page that is one; the server goes on, and so does the session."""
    person, chance = Person(server.http), random.Random(path)
    pat.sign_in(person)
    mine = person.cookies["__Host-usher"]
    for request in _requests(path, chance, mine):
        target = request.url.raw_path.decode("ascii")
        answer = server.http.request(request.method, target, headers=request.headers.raw, content=request.content)
        assert answer.status_code < 500, (request.method, target[:200], request.content[:200], answer.text[-500:])
        if answer.headers.get("content-type", "").startswith("text/html") and request.method != "HEAD":
            read(path, answer)
    assert person.open("/account").heading in ("Your account", "Sign in")


def test_no_log_holds_what_was_sent(server: Server, pat: Holder) -> None:
    """Neither a name nor a password, a code, a cookie, nor the token of a letter: not even at the level of debug."""
    person = Person(server.http)
    pat.sign_in(person)
    person.open(f"/reset?token={CANARY}-token")
    page = person.open("/sign-in")
    person.send(page.form(having="Sign in"), name=f"{CANARY}-name", password=f"{CANARY}-password")
    log = server.log.read_text(encoding="utf-8", errors="replace")
    for secret in (CANARY, pat.password, pat.name, *person.cookies.values()):
        assert secret not in log
