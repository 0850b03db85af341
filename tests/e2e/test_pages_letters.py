"""The pages that letters lead to: a new password for whoever forgot it, and another e-mail address."""

from __future__ import annotations

import re
import time
from datetime import date
from uuid import uuid4

import pytest

from server.identity.letters.letter import Written
from tests.e2e.accounts import PASSWORD, Codes, Holder, holder
from tests.e2e.pages import Person, Shown
from tests.e2e.serving import Server
from tests.letters import waiting_letters
from tests.worlds import World, insert_world, small_school

NEW = "seven herons over the weir"
_SECONDS = 30.0


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"page letters {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def address() -> str:
    return f"{uuid4().hex}@school.example"


@pytest.fixture
def pat(app_url: str, school: World, address: str) -> Holder:
    return holder(app_url, (school, "pat"), email=address)


@pytest.fixture
def person(server: Server) -> Person:
    return Person(server.http)


def _letter(owner_url: str, to: str, kind: str) -> Written:
    """The last of that kind to the address: the page doesn't wait for it to be written."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        found = [written for one, written in waiting_letters(owner_url, to) if one == kind]
        if found:
            return found[-1]
        time.sleep(0.02)
    raise AssertionError(f"no letter of {kind}")


def _link(letter: Written, server: Server) -> str:
    """The path of the one link, which leads to this installation."""
    found = re.search(r"^(https?://[^/\s]+)(/\S+)$", letter.text, re.MULTILINE)
    assert found, letter
    assert found[1] == server.http.get("/.well-known/oauth-authorization-server").json()["issuer"]
    return found[2]


def _asked(person: Person, name: str) -> Shown:
    return person.send(person.open("/forgotten").form(), name=name)


def test_a_forgotten_password_is_replaced(
    person: Person, pat: Holder, address: str, owner_url: str, server: Server
) -> None:
    """By the letter's link, once; opening the page uses nothing up, nor does a word that can be no password."""
    there = Person(server.http)
    pat.sign_in(there)
    assert _asked(person, pat.name.upper()).heading == "Look at your e-mail"
    link = _link(_letter(owner_url, address, "password_reset"), server)
    assert person.open(link).heading == "Choose a new password"
    page = person.open(link)
    for wrong in ("", "short", pat.name + pat.name):
        page = person.send(page.form(), password=wrong)
        assert (page.status, list(page.errors)) == (422, ["password"])
    assert there.open("/account").heading == "Your account"
    form = page.form()
    assert person.send(form, password=NEW).heading == "Your account"
    assert there.open("/account").heading == "Sign in"
    assert pat.sign_in(Person(server.http)).status == 422
    assert Holder(pat.account_id, pat.name, NEW).sign_in(Person(server.http)).heading == "Your account"
    late = Person(server.http)
    assert (late.open(link).status, late.open(link).heading) == (410, "This link can't be used any more")
    token = late.open("/forgotten").form().fields["csrf"]
    assert late.ask("POST", link, {"csrf": token, "password": PASSWORD}).status_code == 410
    assert "password was changed" in _letter(owner_url, address, "password_changed").subject.lower()


def test_nobody_is_told_whether_there_is_such_an_account(
    person: Person, pat: Holder, address: str, owner_url: str
) -> None:
    """The page is the same for an account, a name that nobody has, and what can be no name at all."""
    pages = [_asked(person, name) for name in (f"nobody-{uuid4().hex}", "\u200b\ufeff no name", pat.name)]
    assert {page.response.text for page in pages} == {pages[0].response.text}
    assert [page.status for page in pages] == [200, 200, 200]
    assert _letter(owner_url, address, "password_reset")


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "é", "\x00", "a" * 5000, "%00", "'"])
def test_other_links_open_nothing(person: Person, token: str) -> None:
    """Neither of the two pages; the answer is one page, whatever was sent."""
    token = "".join(f"%{byte:02x}" for byte in token.encode())
    for path in (f"/reset?token={token}", f"/confirm-address?token={token}", f"/reset?token=a&token={token}"):
        page = person.open(path)
        assert (page.status, page.heading) == (410, "This link can't be used any more")


def test_an_address_counts_once_it_answers(
    person: Person, pat: Holder, address: str, owner_url: str, server: Server
) -> None:
    """Until the letter that went there is answered, letters go to the old one, which is told then."""
    pat.sign_in(person)
    page = person.open("/account/email")
    assert address in page.text
    for wrong in ("", "nobody", "a@b c", "a@b\u00e9.example"):
        page = person.send(page.form(), email=wrong)
        assert (page.status, list(page.errors)) == (422, ["email"])
        assert page.form().fields["email"] == wrong
    new = f"{uuid4().hex}@home.example"
    assert person.send(page.form(), email=f" {new} ").heading == "Look at your e-mail"
    assert address in person.open("/account").text
    link = _link(_letter(owner_url, new, "confirm_address"), server)
    phone = Person(server.http)
    page = phone.open(link)
    assert page.heading == "Confirm your e-mail address"
    assert address in person.open("/account").text
    assert phone.send(page.form()).heading == "Your e-mail address has changed"
    assert new in person.open("/account").text
    assert phone.open(link).status == 410
    assert _letter(owner_url, address, "address_changed")


def test_a_new_password_is_not_a_second_factor(
    person: Person, pat: Holder, address: str, owner_url: str, server: Server
) -> None:
    """Whoever reads the letters of an account that has one is asked for it."""
    pat.sign_in(person)
    page = person.open("/account/app")
    person.send(page.form(), code=Codes.of(page).first)
    thief = Person(server.http)
    _asked(thief, pat.name)
    page = thief.open(_link(_letter(owner_url, address, "password_reset"), server))
    assert thief.send(page.form(), password=NEW).heading == "Second step of signing in"
    assert thief.open("/account").heading == "Sign in"
