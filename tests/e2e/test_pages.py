"""The pages over HTTP, as somebody without JavaScript sees them: signing in and out, the account and its sessions."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest

from tests.e2e.accounts import PASSWORD, Holder, holder
from tests.e2e.pages import Person
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"pages {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def pat(app_url: str, school: World) -> Holder:
    """A parent, who needs no second factor."""
    return holder(app_url, (school, "pat"))


@pytest.fixture
def person(server: Server) -> Person:
    return Person(server.http)


def test_a_password_leads_to_the_account(person: Person, pat: Holder) -> None:
    """With where the person may act; the cookie is another one than before."""
    person.open("/sign-in")
    before = dict(person.cookies)
    page = pat.sign_in(person)
    assert (page.status, page.heading) == (200, "Your account")
    assert "School 1: parent or carer" in page.text
    assert pat.name in page.text
    assert person.cookies["__Host-usher"] != before["__Host-usher"]


def test_signing_out_ends_the_session(person: Person, pat: Holder, server: Server) -> None:
    """At the server, too: the cookie of before opens nothing."""
    pat.sign_in(person)
    thief = Person(server.http)
    thief.cookies = dict(person.cookies)
    assert thief.open("/account").heading == "Your account"
    page = person.open("/account")
    header = next(form for form in page.root.all("form") if form.get("action") == "/sign-out")
    token = header.first("input").get("value")
    assert person.ask("POST", "/sign-out", {"csrf": token}).headers["location"] == "/sign-in"
    for one in (thief, person):
        assert one.open("/account").heading == "Sign in"


def test_a_wrong_password_and_an_unknown_name_read_the_same(server: Server, pat: Holder) -> None:
    """The whole page, but for what was typed; nobody is signed in."""
    found: list[str] = []
    for name, password in ((pat.name, "another password"), (f"person-{uuid4().hex[:12]}", PASSWORD)):
        person = Person(server.http)
        page = Holder(pat.account_id, name, password).sign_in(person)
        assert page.status == 422
        assert page.title == "Error: Sign in – Usher"
        assert list(page.errors) == ["name"]
        found.append(
            page.response.text.replace(name, "NAME").replace(person.open("/sign-in").form().fields["csrf"], "")
        )
        assert person.open("/account").heading == "Sign in"
        assert password not in page.response.text
    assert found[0] == found[1]


def test_what_is_missing_is_named(person: Person) -> None:
    """Each field by a link to it; what was typed stays, but for the password."""
    page = person.send(person.open("/sign-in").form(), name="somebody", password="")
    assert page.errors == {"password": "Enter your password."}
    assert page.form().fields["name"] == "somebody"
    page = person.send(page.form(), name=" ", password="x")
    assert page.errors == {"name": "Enter your user name."}


@pytest.mark.parametrize(
    "text",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/account",
        "/%09/evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/%2f%2fevil.example",
        "%2F%2Fevil.example",
        "/..//evil.example",
        "https:evil.example",
    ],
)
def test_signing_in_leads_nowhere_else(person: Person, pat: Holder, text: str) -> None:
    """To the account, for everything that isn't a path of ours; also in the link for whoever is signed in already."""
    for address in (quote(text), quote(quote(text))):
        path = f"/sign-in?next={address}"
        form = person.open(path).form()
        answer = person.ask("POST", path, {**form.fields, "name": pat.name, "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        assert person.open(path).link("Go on as") == "/account"


def test_signing_in_leads_back(person: Person, pat: Holder) -> None:
    """To what was asked for, with its query; also where that is the way to another site's page."""
    assert person.open("/account/password").heading == "Sign in"
    page = pat.sign_in(person, "/sign-in?next=/account/password")
    assert page.heading == "Change your password"
    path = "/oauth/authorize?client_id=a&redirect_uri=https%3A%2F%2Fb.example%2Fc"
    page = pat.sign_in(person, f"/sign-in?next={quote(path)}")
    assert page.link("Go on") == path
    assert page.root.first("meta")
    assert f"0; url={path}" in [meta.get("content") for meta in page.root.all("meta")]


def test_sessions_are_listed_and_ended(server: Server, pat: Holder) -> None:
    """Of all browsers of the account and of nobody else's; one of them, or all others."""
    people = [Person(server.http) for _ in range(3)]
    for person in people:
        pat.sign_in(person)
    here, there, elsewhere = people
    page = here.open("/account")
    listed = [entry for entry in page.root.all("li") if "Since" in entry.text]
    assert len(listed) == 3
    assert sum("(this browser)" in entry.text for entry in listed) == 1
    other = next(entry for entry in listed if "(this browser)" not in entry.text)
    ended = other.first("button").get("value")
    page = here.send(page.form("/account/sessions"), end=ended)
    assert "Signed out there." in page.text
    still = [one for one in (there, elsewhere) if one.open("/account").heading == "Your account"]
    assert len(still) == 1
    here.send(page.form("/account/sessions"), end="others")
    assert [one.open("/account").heading for one in (here, there, elsewhere)] == ["Your account", "Sign in", "Sign in"]


def test_nobody_ends_sessions_of_another(server: Server, pat: Holder, app_url: str, school: World) -> None:
    """An id that isn't one of the account's does nothing."""
    quinn = holder(app_url, (school, "quinn"))
    hers, his = Person(server.http), Person(server.http)
    quinn.sign_in(hers)
    pat.sign_in(his)
    page = hers.open("/account")
    entry = next(entry for entry in page.root.all("li") if "(this browser)" in entry.text)
    for end in (entry.first("button").get("value"), "x", str(uuid4())):
        his.ask("POST", "/account/sessions", {**his.open("/account").form("/account/sessions").fields, "end": end})
    assert hers.open("/account").heading == "Your account"


def test_a_password_is_changed(server: Server, pat: Holder) -> None:
    """By whoever knows it; all other browsers are signed out, and it alone works from then on."""
    here, there = Person(server.http), Person(server.http)
    pat.sign_in(there)
    pat.sign_in(here)
    new = "quite another phrase of words"
    page = here.open("/account/password")
    for old, chosen, wrong in (("not mine", new, "old"), (PASSWORD, "short", "password"), (PASSWORD, "", "password")):
        page = here.send(page.form(), old=old, password=chosen)
        assert (page.status, list(page.errors)) == (422, [wrong])
        assert there.open("/account").heading == "Your account"
    page = here.send(page.form(), old=PASSWORD, password=new)
    assert "Your password has changed." in page.text
    assert there.open("/account").heading == "Sign in"
    assert pat.sign_in(Person(server.http)).status == 422
    assert Holder(pat.account_id, pat.name, new).sign_in(Person(server.http)).heading == "Your account"


def test_a_hat_that_is_over_is_not_shown(person: Person, pat: Holder, owner_url: str, school: World) -> None:
    """Where the school ended it."""
    pat.sign_in(person)
    assert "School 1: parent or carer" in person.open("/account").text
    who = [school.school_id, school.ids["pat"]]
    with psycopg.connect(owner_url, autocommit=True) as connection:
        profile = "UPDATE usher.access_profile SET valid_to = {} WHERE school_id = %s AND person_id = %s"
        connection.execute(profile.format("valid_from").encode(), who)
        over = person.open("/account").text
        connection.execute(profile.format("NULL").encode(), who)
    assert "At no school at present." in over
