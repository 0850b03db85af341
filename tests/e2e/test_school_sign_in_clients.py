"""A provider that others wrote, npm's `oidc-provider`, signs a school's people in without adaptation."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest

from tests.e2e.accounts import holder
from tests.e2e.npm_clients import FOLDER, missing, without_proxies
from tests.e2e.pages import Person, Shown
from tests.e2e.school_provider import CLIENT, DOMAIN, SECRET, away, is_signed_in, registered
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school


@dataclass
class School:
    """The provider's process."""

    key: UUID
    process: subprocess.Popen[str]

    def says(self) -> dict[str, Any]:
        """The next line of ours; it writes warnings of its own."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise AssertionError("the provider said nothing more")

    def will_be(self, **who: Any) -> None:
        """Whoever comes from now on."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(who) + "\n")
        self.process.stdin.flush()
        assert self.says() == {"set": True}

    def sign_in(self, person: Person, path: str = "/sign-in/school", having: str = "Go on") -> Shown:
        """There and back."""
        url = away(person, self.key, path, having).url
        with httpx.Client(trust_env=False, timeout=30) as browser:
            for _ in range(10):
                if urlsplit(url).path.endswith("/back"):
                    break
                response = browser.get(url)
                assert response.status_code in (302, 303), response.text
                url = str(httpx.URL(url).join(response.headers["location"]))
        parts = urlsplit(url)
        assert parts.path == f"/sign-in/school/{self.key}/back", url
        return person.open(f"{parts.path}?{parts.query}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextmanager
def running(server: Server, key: UUID, issuer: str) -> Generator[School]:
    asked = {
        "issuer": issuer,
        "clientId": CLIENT.replace(" ", "-"),
        "secret": SECRET.replace(" ", "-"),
        "redirect": f"{server.url}/sign-in/school/{key}/back",
    }
    process = subprocess.Popen(
        ["node", "school.mjs", json.dumps(asked)],
        cwd=FOLDER,
        env=without_proxies(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        school = School(key, process)
        assert school.says() == {"ready": True}
        yield school
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            stream.close()


@pytest.fixture(scope="module")
def world(app_url: str, today: date) -> World:
    world = small_school(f"oidc-provider {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def school(app_url: str, server: Server, world: World) -> Generator[School]:
    lacking = missing()
    if lacking is not None:
        pytest.skip(f"no JavaScript clients: {lacking}")
    issuer = f"http://127.0.0.1:{_free_port()}"
    key = registered(app_url, server, world, issuer, factor="mfa")
    with running(server, key, issuer) as made:
        yield made


def test_it_signs_in_whoever_linked_their_account(app_url: str, server: Server, world: World, school: School) -> None:
    """By its subject and the school's domain; a stranger, another domain, and who said no there, are nobody."""
    pat, browser, person = holder(app_url, (world, "pat")), Person(server.http), Person(server.http)
    pat.sign_in(browser)
    subject = f"subject-{uuid4()}"
    school.will_be(sub=subject, claims={"hd": DOMAIN, "email": "pat@school.example"})
    assert "Your school's account is linked." in school.sign_in(browser, "/account/school", "Link").text
    page = school.sign_in(person, "/sign-in/school?next=/account/factors")
    assert page.path == "/account/factors"
    assert pat.name in person.open("/account").text

    strangers: list[dict[str, Any]] = [
        {"sub": "somebody else", "claims": {"hd": DOMAIN, "email": "pat@school.example"}},
        {"sub": subject, "claims": {"hd": "elsewhere.example"}},
        {"sub": subject, "claims": {}},
        {"error": "access_denied"},
    ]
    for who in strangers:
        school.will_be(**who)
        stranger = Person(server.http)
        assert school.sign_in(stranger).status == 403, who
        assert not is_signed_in(stranger)


def test_its_two_factors_count(app_url: str, server: Server, world: World, school: School) -> None:
    """As the school registered it: an officer goes on without a second step here, and without them doesn't."""
    head, browser = holder(app_url, (world, "head")), Person(server.http)
    head.sign_in(browser)
    subject = f"subject-{uuid4()}"
    school.will_be(sub=subject, claims={"hd": DOMAIN})
    assert "is linked" in school.sign_in(browser, "/account/school", "Link").text
    assert school.sign_in(Person(server.http)).heading == "Second step at sign-in"
    school.will_be(sub=subject, claims={"hd": DOMAIN}, amr=["pwd", "mfa"])
    assert school.sign_in(Person(server.http)).heading == "Your account"
