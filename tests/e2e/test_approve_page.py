"""/approve: a vendor's link leads an officer to what its program asks for, and to a grant by the school's own rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote_plus
from uuid import uuid4

import psycopg
import pytest

from server.identity.oauth.clients import end_client
from server.identity.people.sessions import begin_session
from tests.e2e.accounts import Holder, holder
from tests.e2e.pages import Person, Shown
from tests.e2e.programs import Program, registered
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school

PURPOSE: Final = "Names and classes for the timetable"
DECLARED: Final = "Our contract of 1 September covers it, and so does its annex."


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"approving {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def program(app_url: str, server: Server) -> Program:
    return registered(app_url, server.http)


def link(program: Program, scopes: str = "roster-core.readonly+gradebook.readonly", **more: str) -> str:
    given = "".join(f"&{name}={quote_plus(text)}" for name, text in more.items())
    return f"/approve?client={program.client_id}&scopes={scopes}{given}"


def signed_in(app_url: str, server: Server, world: World, handle: str) -> Person:
    """A browser in which that person has signed in with two factors."""
    person = Person(server.http)
    prove(app_url, person, holder(app_url, (world, handle)))
    return person


def prove(app_url: str, person: Person, account: Holder) -> None:
    """Show both factors, as the pages for them would have it."""
    with psycopg.connect(app_url) as connection:
        now = datetime.now(UTC)
        cookie = begin_session(connection, account.account_id, now, factor=True, agent="tests")
    person.cookies["__Host-usher"] = cookie


def granted(owner_url: str, program: Program) -> list[tuple[Any, ...]]:
    query = "SELECT scope, purpose, declaration, valid_to, declared_by FROM usher.client_grant WHERE client_id = %s ORDER BY 1"
    with psycopg.connect(owner_url) as owner:
        return owner.execute(query, [program.client_id]).fetchall()


def answered(person: Person, page: Shown, **fields: str) -> Shown:
    """The form as an officer fills it in, but for what is given."""
    soon = (datetime.now(UTC).date() + timedelta(days=90)).isoformat()
    form = page.form(having="Let it in")
    hats = [one.get("value") for one in form.element.all("input") if one.get("name") == "hat"]
    return person.send(form, **({"hat": hats[0], "purpose": PURPOSE, "until": soon, "declaration": DECLARED} | fields))


def test_a_link_leads_to_a_grant(app_url: str, owner_url: str, server: Server, school: World, program: Program) -> None:
    """By way of signing in; what is asked stands there in words, and what the head declares is kept with their name."""
    person, account = Person(server.http), holder(app_url, (school, "head"))
    path = link(program, purpose=PURPOSE)
    assert person.open(path).heading == "Sign in"
    account.sign_in(person)
    prove(app_url, person, account)
    page = person.open(path)
    assert page.heading == "Let A vendor in"
    for words in (program.client_id, "reading the core roster", "reading the gradebook", PURPOSE):
        assert words in page.text
    assert "writing" not in page.text
    assert page.form(having="Let it in").fields["purpose"] == PURPOSE
    done = answered(person, page)
    assert (done.status, done.heading) == (200, "A vendor is let in")
    until = datetime.now(UTC).date() + timedelta(days=90)
    row = (PURPOSE, DECLARED, until, school.ids["head"])
    assert granted(owner_url, program) == [("gradebook.readonly", *row), ("roster-core.readonly", *row)]
    assert program.token(school.school_id)

    again = answered(person, page)
    assert again.status == 422
    assert "Granted for as long already" in " ".join(again.errors.values())
    assert len(granted(owner_url, program)) == 2


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"purpose": "short"}, "purpose"),
        ({"declaration": ""}, "declaration"),
        ({"until": "next year"}, "until"),
        ({"until": "2040-01-01"}, "until"),
        ({"until": ""}, "until"),
        ({"hat": "another school"}, "hat"),
    ],
)
def test_what_is_missing_is_named(
    app_url: str, owner_url: str, server: Server, school: World, program: Program, fields: dict[str, str], wrong: str
) -> None:
    """At its field, with what was typed still there; nothing is granted."""
    person = signed_in(app_url, server, school, "head")
    page = answered(person, person.open(link(program)), **fields)
    assert (page.status, list(page.errors)) == (422, [wrong])
    kept = page.form(having="Let it in").fields
    assert kept["declaration"] == fields.get("declaration", DECLARED)
    assert granted(owner_url, program) == []


def test_special_category_needs_a_reason_of_its_own(
    app_url: str, owner_url: str, server: Server, school: World, program: Program
) -> None:
    """It is asked for there alone."""
    person = signed_in(app_url, server, school, "head")
    assert "reason" not in person.open(link(program)).form(having="Let it in").fields
    page = person.open(link(program, "special-write"))
    assert list(answered(person, page).errors) == ["reason"]
    assert granted(owner_url, program) == []
    assert answered(person, page, reason="Its forms are where families tell us.").status == 200
    assert [row[0] for row in granted(owner_url, program)] == ["special-write"]


def test_one_factor_lets_nobody_in(
    app_url: str, owner_url: str, server: Server, school: World, program: Program
) -> None:
    """An officer who has none yet is led to set one up, also by a form that was open before."""
    account, person = holder(app_url, (school, "head")), Person(server.http)
    account.sign_in(person)
    assert person.ask("GET", link(program)).headers["location"].startswith("/account/factors?next=/approve")
    prover = signed_in(app_url, server, school, "head")
    form = prover.open(link(program)).form(having="Let it in")
    token = next(one for one in person.open("/account").root.all("input") if one.get("name") == "csrf").get("value")
    sent = {"csrf": token, "hat": f"{school.school_id}.{school.ids['head']}", "purpose": PURPOSE}
    answer = person.ask("POST", form.path, sent | {"declaration": DECLARED, "until": "2027-01-01"})
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/account/factors")
    assert granted(owner_url, program) == []


def test_who_may_not_grant_is_refused_by_the_rule_book(
    app_url: str, owner_url: str, server: Server, school: World, program: Program
) -> None:
    """A teacher, in the words of the API; a parent isn't asked."""
    person = signed_in(app_url, server, school, "teacher")
    page = answered(person, person.open(link(program)))
    assert (page.status, page.heading) == (403, "You can't let this program in")
    parent = signed_in(app_url, server, school, "pat")
    assert "on no school's staff" in parent.open(link(program)).text
    assert granted(owner_url, program) == []


def test_a_link_that_asks_for_nothing_real_leads_nowhere(
    app_url: str, server: Server, school: World, program: Program
) -> None:
    """An unknown program, one that ended, and scopes that there aren't; all in the same words."""
    person = signed_in(app_url, server, school, "head")
    ended = registered(app_url, server.http)
    with psycopg.connect(app_url) as connection:
        end_client(connection, ended.client_id, datetime.now(UTC))
    links = [
        "/approve",
        "/approve?client=nobody-of-ours&scopes=roster-core.readonly",
        link(ended),
        link(program, ""),
        link(program, "everything"),
        link(program, "roster-core.readonly+everything"),
        link(program, "%3Cb%3E"),
        link(program, scopes="roster-core.readonly", client="acme"),
    ]
    pages = [person.open(path) for path in links]
    assert {(page.status, page.heading) for page in pages} == {(404, "This link doesn't work")}
    assert len({page.text for page in pages}) == 1


def test_a_vendor_s_words_are_text(app_url: str, server: Server, school: World, program: Program) -> None:
    """Markup in a link is shown as it is, quoted as the vendor's."""
    person = signed_in(app_url, server, school, "head")
    page = person.open(link(program, purpose="<a href='https://evil.example'>sign in</a>"))
    assert "says it is for: “<a href='https://evil.example'>sign in</a>”" in page.text
    assert [one.get("href") for one in page.root.first("main").all("a") if one.get("href").startswith("https:")] == []


HOSTILE: Final = (
    "", "%00", "%ff", "%ed%a0%80", "%E2%80%AE", "a" * 20_000, "null", "' OR 1=1 --", "2027-02-30", "9999-12-31", "2027-W01-1",
    "%0d%0aBcc: x",
)  # fmt: skip


def test_no_malformed_link_or_form_is_a_defect(
    app_url: str, owner_url: str, server: Server, school: World, program: Program
) -> None:
    """Each part of the link and of the form in turn: a page that says no, and nothing granted."""
    person = signed_in(app_url, server, school, "head")
    page = person.open(link(program, "special-write"))
    form = page.form(having="Let it in")
    good = {"csrf": form.fields["csrf"], "hat": f"{school.school_id}.{school.ids['head']}", "purpose": PURPOSE}
    good |= {"declaration": DECLARED, "reason": DECLARED, "until": "2020-01-01"}  # of itself too early
    cookie = {"cookie": f"__Host-usher={person.cookies['__Host-usher']}", "sec-fetch-site": "same-origin"}
    media = {"content-type": "application/x-www-form-urlencoded"}
    for text in HOSTILE:
        raw = text.replace(" ", "+").replace("'", "%27")
        for query in (f"client={raw}&scopes=special-write", f"client={program.client_id}&scopes={raw}", raw):
            answer = server.http.get(f"/approve?{query}", headers=cookie)
            assert answer.status_code in (303, 404), (query[:80], answer.status_code)
        for name in ("hat", "purpose", "until", "csrf"):
            pairs = [f"{key}={raw if key == name else quote_plus(value)}" for key, value in good.items()]
            answer = server.http.post(form.path, content="&".join(pairs), headers=cookie | media)
            assert 400 <= answer.status_code < 500, (name, text[:80], answer.status_code)
    assert granted(owner_url, program) == []
