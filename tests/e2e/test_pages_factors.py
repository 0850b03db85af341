"""The second step over HTTP: set up, shown when signing in, taken away; recovery codes; who is asked for it."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import psycopg
import pytest

from tests.e2e.accounts import PASSWORD, Codes, Holder, holder, key
from tests.e2e.pages import Person
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"factors {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def pat(app_url: str, school: World) -> Holder:
    return holder(app_url, (school, "pat"))


@pytest.fixture
def person(server: Server) -> Person:
    return Person(server.http)


def _set_up(person: Person) -> tuple[str, list[str]]:
    """A code to sign in with, and the recovery codes."""
    page = person.open("/account/app")
    codes = Codes.of(page)
    page = person.send(page.form(), code=codes.first)
    assert page.heading == "Your recovery codes", page.text
    return codes.second, [one.text for one in page.root.all("li")]


def test_an_app_is_set_up_and_asked_for(person: Person, pat: Holder, server: Server) -> None:
    """The key stays the same until it is used, a wrong code is told, codes are shown once; from then on it is asked for."""
    pat.sign_in(person)
    page = person.open("/account/app")
    secret, codes = key(page), Codes.of(page)
    picture = page.root.first("img")
    assert picture.get("src").startswith("data:image/svg+xml")
    assert secret not in picture.get("alt")
    page = person.send(page.form(), code="abc")
    assert (page.status, list(page.errors), key(page)) == (422, ["code"], secret)
    cookie = person.cookies["__Host-usher"]
    page = person.send(page.form(), code=f" {codes.first[:3]} {codes.first[3:]} ")
    assert page.heading == "Your recovery codes"
    assert len({one.text for one in page.root.all("li")}) == 10
    assert person.cookies["__Host-usher"] != cookie
    assert "10 not used yet" in person.open("/account/factors").text
    other = Person(server.http)
    page = pat.sign_in(other)
    assert page.heading == "Second step of signing in"
    assert other.open("/account").heading == "Sign in"
    for wrong in (codes.first, "12345", "", "x" * 2000):
        page = other.send(page.form(), code=wrong)
        assert (page.status, list(page.errors)) == (422, ["code"])
    assert other.send(page.form(), code=codes.second).heading == "Your account"


def test_the_way_on_is_kept(person: Person, pat: Holder, server: Server) -> None:
    """Through the second step, and through its recovery code; and never to another site."""
    pat.sign_in(person)
    code, codes = _set_up(person)
    other = Person(server.http)
    page = pat.sign_in(other, "/sign-in?next=/account/password")
    assert other.send(page.form(), code=code).heading == "Change your password"
    page = pat.sign_in(other, "/sign-in?next=/account/password")
    page = other.open(page.link("recovery code"))
    assert other.send(page.form(), code=codes[0].upper().replace("-", " ")).heading == "Change your password"
    pat.sign_in(other)
    path = "/sign-in/recovery?next=//evil.example"
    form = other.open(path).form()
    answer = other.ask("POST", path, {**form.fields, "code": codes[1]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")


def test_a_recovery_code_is_good_once(person: Person, pat: Holder, server: Server) -> None:
    """And new ones make those of before worthless."""
    pat.sign_in(person)
    _, codes = _set_up(person)
    for status in (200, 422):
        other = Person(server.http)
        page = other.open(pat.sign_in(other).link("recovery code"))
        page = other.send(page.form(), code=codes[0])
        assert page.status == status, page.text
    assert "9 not used yet" in person.open("/account/factors").text
    page = person.send(person.open("/account/recovery-codes").form())
    assert not {one.text for one in page.root.all("li")} & set(codes)
    other = Person(server.http)
    page = other.open(pat.sign_in(other).link("recovery code"))
    assert other.send(page.form(), code=codes[1]).status == 422


def test_the_second_step_needs_the_first(person: Person, pat: Holder) -> None:
    """Neither a stranger nor whoever is through can open its pages; a form sent there does nothing."""
    for path in ("/sign-in/factor", "/sign-in/recovery"):
        assert person.open(path).heading == "Sign in"
        token = person.open("/sign-in").form().fields["csrf"]
        answer = person.ask("POST", path, {"csrf": token, "code": "123456"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    pat.sign_in(person)
    assert person.open("/sign-in/factor").heading == "Sign in"


def test_an_app_is_removed(person: Person, pat: Holder) -> None:
    """After being asked whether; what isn't there can't be."""
    pat.sign_in(person)
    assert person.open("/account/remove?factor=app").status == 404
    _set_up(person)
    page = person.open("/account/remove?factor=app")
    assert page.heading == "Remove the authenticator app?"
    page = person.send(page.form())
    assert "It is removed." in page.text
    assert "Set up an authenticator app" in page.text
    for which in ("app", "nobody's", ""):
        token = page.root.first("header").first("input").get("value")
        assert person.ask("POST", f"/account/remove?factor={which}", {"csrf": token}).status_code == 400


def test_who_may_see_what_is_guarded_is_led_to_set_up(person: Person, app_url: str, school: World) -> None:
    """At sign-in and on the account's page; then on to where they were going. A parent is not."""
    head = holder(app_url, (school, "head"))
    page = head.sign_in(person, "/sign-in?next=/account/password")
    assert page.heading == "Second step at sign-in"
    assert "needs a second step" in page.text
    assert "needs a second step" in person.open("/account").text
    page = person.open(page.link("Set up an authenticator app"))
    page = person.send(page.form(), code=Codes.of(page).first)
    assert page.link("I have kept them") == "/account/password"
    assert "needs a second step" not in person.open("/account").text


def test_old_proof_is_asked_for_again(person: Person, pat: Holder, owner_url: str) -> None:
    """A quarter of an hour after signing in, changing how one is proved takes signing in again; then it goes on."""
    pat.sign_in(person)
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "UPDATE usher.browser_session SET begun_at = begun_at - interval '16 minutes' WHERE account_id = %s",
            [pat.account_id],
        )
    assert person.open("/account").heading == "Your account"
    for path in ("/account/app", "/account/email", "/account/recovery-codes", "/account/remove?factor=app"):
        assert person.open(path).heading == "Sign in"
    page = person.open("/account/app")
    assert "show once more that it is you" in page.text
    assert page.form(having="Sign in").fields["name"] == pat.name
    assert person.send(page.form(having="Sign in"), password=PASSWORD).heading == "Set up an authenticator app"


def test_guessing_is_slowed_and_told(server: Server, pat: Holder) -> None:
    """After some tries the page says how long to wait, even to the right password; a browser that is known is let in."""
    known = Person(server.http)
    pat.sign_in(known)
    stranger = Person(server.http)
    page = stranger.open("/sign-in")
    for _ in range(12):
        page = stranger.send(page.form(having="Sign in"), name=pat.name, password="a guess of mine")
        if page.status == 429:
            break
    assert page.status == 429
    assert "Too many tries. Wait " in page.text
    assert page.title == "Error: Sign in – Usher"
    assert int(page.response.headers["retry-after"]) >= 1
    assert stranger.send(page.form(having="Sign in"), name=pat.name, password=PASSWORD).status == 429
    assert pat.sign_in(known).heading == "Your account"
