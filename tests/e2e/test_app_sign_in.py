"""People sign in to apps: the consent, the choice of hat, the code, the tokens, and what they are good for."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.e2e.accounts import Holder, holder
from tests.e2e.apps import CALLBACK, App, allowed, registered_app, signed_in
from tests.e2e.pages import Person
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school

WHO = "{ viewer { roles } }"


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"apps {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def pat(app_url: str, school: World) -> Holder:
    """A parent, who needs no second factor."""
    return holder(app_url, (school, "pat"))


@pytest.fixture(scope="module")
def pats_browser(server: Server, pat: Holder) -> Person:
    return signed_in(server.http, pat)


@pytest.fixture(scope="module")
def app(app_url: str, server: Server) -> App:
    return registered_app(app_url, server.http)


def test_an_app_asks_and_acts(app: App, pats_browser: Person, school: World, pat: Holder) -> None:
    """From its request to a question under its token, which is that of RFC 9068 and names no role."""
    asked = app.asks()
    page = pats_browser.open(asked.path)
    assert page.heading == "Sign in to A good app"
    assert "see what you may see" in page.text
    assert "app.example" in page.text
    answer = allowed(pats_browser, asked.path)
    assert answer[""] == CALLBACK
    assert (answer["state"], answer["iss"]) == (asked.state, app.issuer)
    body = app.redeemed(asked, answer["code"]).json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 600)
    assert body["scope"] == "offline_access read write"
    assert body["resource"] == app.resource(school.school_id)
    assert app.ask(body["access_token"], WHO).json()["data"]["viewer"]["roles"] == ["parent"]
    keys = KeySet.import_key_set(app.http.get("/oauth/jwks").json())
    token = jwt.decode(body["access_token"], keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    assert set(token.claims) == {
        "iss", "aud", "sub", "school", "capacity", "client_id", "jti", "iat", "exp", "scope", "sid", "auth_time",
    }  # fmt: skip
    assert UUID(token.claims["sid"])


def test_whoever_is_not_signed_in_comes_back(app: App, server: Server, pat: Holder) -> None:
    """By way of the page for signing in, to the very same request."""
    person, asked = Person(server.http), app.asks()
    page = pat.sign_in(person, asked.path)
    assert page.link("Go on") == asked.path
    assert "code" in allowed(person, asked.path)
