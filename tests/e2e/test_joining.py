"""From a code to an account over the pages, without JavaScript: what works, what is refused, and what nobody learns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server import tables
from server.database.pool import Pool
from tests.e2e.access_desk import AccessDesk
from tests.e2e.accounts import PASSWORD, Holder, holder
from tests.e2e.pages import Person, Shown
from tests.e2e.serving import Server
from tests.e2e.test_invitations import inviting, sent
from tests.letters import waiting_letters
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

WRONG = "This code doesn't count"


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    """Each test joins as another person of it."""
    world = wide_school(f"joining {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def own_school(app_url: str, today: date) -> World:
    world = wide_school(f"joining, of its own {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def desk(pool: Pool, school: World, owner_url: str) -> AccessDesk:
    return AccessDesk(school, pool, owner_url)


@pytest.fixture
def own_desk(pool: Pool, own_school: World, owner_url: str) -> AccessDesk:
    return AccessDesk(own_school, pool, owner_url)


@pytest.fixture
def person(server: Server) -> Person:
    return Person(server.http)


async def guardian_code(desk: AccessDesk, guardian: str, learner: str) -> dict[str, Any]:
    """The invitation as it is printed, with its codes."""
    given = inviting(desk, "links", [desk.link(guardian, learner)])
    [made] = (await sent(desk, "data-manager", "inviteGuardians", **given))["invitations"]
    return made


async def learner_code(desk: AccessDesk, learner: str) -> dict[str, Any]:
    given = inviting(desk, "learners", [desk.id(learner, "lrn")])
    [made] = (await sent(desk, "data-manager", "inviteLearners", **given))["invitations"]
    return made


def born(desk: AccessDesk, learner: str) -> date:
    rows = desk.world.rows[tables.LearnerRow]
    found: date = next(row["date_of_birth"] for row in rows if row["learner_id"] == desk.world.ids[learner])
    return found


def type_code(person: Person, code: str) -> Shown:
    return person.send(person.open("/join").form(), code=code)


def type_birth(person: Person, page: Shown, given: date) -> Shown:
    return person.send(page.form(), day=str(given.day), month=str(given.month), year=str(given.year))


def number_for(owner_url: str, email: str) -> str:
    text = [one for kind, one in waiting_letters(owner_url, email) if kind == "joining_number"][-1].text
    [number] = re.findall(r"^\d{6}$", text, re.MULTILINE)
    return number


def confirmed(person: Person, owner_url: str, code: str, name: str, email: str) -> Shown:
    """The page after the round trip by mail."""
    page = type_code(person, code)
    page = person.send(page.form(), identity=name, email=email)
    assert page.path == "/join/number", page.text
    return person.send(page.form("/join/number"), number=number_for(owner_url, email))


def fresh() -> tuple[str, str]:
    """A user name and an address."""
    name = f"joiner-{uuid4().hex[:12]}"
    return name, f"{name}@home.example"


def without_account(desk: AccessDesk, *handles: str) -> None:
    """As if nobody had ever signed in as them."""
    with psycopg.connect(desk.owner_url) as connection:
        for handle in handles:
            given = [desk.world.school_id, desk.world.ids[handle]]
            connection.execute("DELETE FROM usher.login_identity WHERE school_id = %s AND person_id = %s", given)


async def as_(desk: AccessDesk, handle: str, capacity: str) -> tuple[str, set[str], bool]:
    """What a token of that hat says: the capacity, whom it sees, and whether marks of anybody."""
    document = "{ viewer { capacity } learners { nodes { givenName marks { nodes { id } } } } }"
    body = (await desk.ask(handle, document, capacity=capacity))["data"]
    learners = body["learners"]["nodes"]
    marks = any(one["marks"]["nodes"] for one in learners)
    return body["viewer"]["capacity"], {one["givenName"] for one in learners}, marks


def hats_of(desk: AccessDesk, name: str) -> list[tuple[Any, ...]]:
    return desk.rows(
        "SELECT person_id, capacity FROM usher.login_identity WHERE school_id = %s AND identity = %s ORDER BY 2", name
    )


def status_of(desk: AccessDesk, made: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Whether it was redeemed."""
    key = made["id"].removeprefix("inv_")
    return desk.rows(
        "SELECT account_id FROM usher.invitation_redemption WHERE school_id = %s AND invitation_id = %s::uuid", key
    )


async def test_a_parent_joins(desk: AccessDesk, person: Person) -> None:
    """Code, name, number, date of birth, password: then the link is verified, and they sign in."""
    made = await guardian_code(desk, "quinn", "cat")
    link = "SELECT verified_at FROM usher.guardian_link WHERE school_id = %s AND link_id = %s::uuid"
    name, email = fresh()
    page = confirmed(person, desk.owner_url, made["code"].lower().replace("-", " "), name.upper(), email)
    assert (page.path, page.heading) == ("/join/birth", "Your child's date of birth")
    version = desk.version("quinn")
    page = type_birth(person, page, born(desk, "cat"))
    assert (page.path, page.heading) == ("/join/finish", "Choose a password")
    page = person.send(page.form(), password="short")
    assert page.errors == {"password": "A password has 12 to 128 characters."}
    page = person.send(page.form(), password=PASSWORD)
    assert (page.path, page.heading) == ("/joined", "You have joined")
    assert hats_of(desk, name) == [(desk.world.ids["quinn"], "PARENT")]
    assert len(status_of(desk, made)) == 1
    assert desk.rows(link, made["of"].removeprefix("gdn_"))[0][0] is not None
    assert desk.version("quinn") == [version[0] + 1]
    account = Holder(status_of(desk, made)[0][0], name)
    page = account.sign_in(person)
    assert page.heading == "Your account"
    assert "parent or carer" in page.text
    assert email in page.text
    written = desk.rows(
        "SELECT person_id, capacity, elements FROM usher.audit_operation WHERE school_id = %s"
        " AND details ->> 'change' = 'invitationRedeemed'"
    )
    learner = [str(desk.world.ids["cat"])]
    assert (desk.world.ids["quinn"], "PARENT", {"account": learner, "parent_link": learner}) in written


async def test_a_learner_joins_and_sees_themselves(desk: AccessDesk, person: Person) -> None:
    made = await learner_code(desk, "bob")
    name, email = fresh()
    page = confirmed(person, desk.owner_url, made["code"], name, email)
    assert page.heading == "Your date of birth"
    page = type_birth(person, page, born(desk, "bob"))
    page = person.send(page.form(), password=PASSWORD)
    assert page.path == "/joined"
    assert hats_of(desk, name) == [(desk.world.ids["bob"], "LEARNER")]


async def test_staff_join_by_the_letter_to_their_address(desk: AccessDesk, person: Person) -> None:
    """Without a date of birth, which the school has of learners alone."""
    await sent(desk, "head", "inviteStaff", **inviting(desk, "staff", [desk.id("cover", "stf")], "MAIL"))
    letters = [
        one.text for kind, one in waiting_letters(desk.owner_url, "cover@school.example") if kind == "staff_invitation"
    ]
    [code] = re.findall(r"^\w{5}-\w{5}-\w{5}-\w{5}$", letters[-1], re.MULTILINE)
    name, email = fresh()
    page = confirmed(person, desk.owner_url, code, name, email)
    assert page.path == "/join/finish"
    assert person.send(page.form(), password=PASSWORD).path == "/joined"
    assert hats_of(desk, name) == [(desk.world.ids["cover"], "STAFF")]


async def test_somebody_without_an_address_confirms_by_a_second_letter(desk: AccessDesk, person: Person) -> None:
    """The two codes come apart; one of them is not enough."""
    made = await learner_code(desk, "gus")
    name, _ = fresh()
    page = type_code(person, made["code"])
    page = person.send(page.form(), identity=name, email="", confirmation="")
    assert list(page.errors) == ["email"]
    page = person.send(page.form(), identity=name, email="", confirmation=made["code"][:11])
    assert list(page.errors) == ["confirmation"]
    page = person.send(page.form(), identity=name, email="", confirmation=made["confirmation"])
    assert page.path == "/join/birth"
    page = type_birth(person, page, born(desk, "gus"))
    assert person.send(page.form(), password=PASSWORD).path == "/joined"
    assert desk.rows("SELECT email FROM usher.account WHERE %s::uuid IS NOT NULL AND identity = %s", name) == [(None,)]


async def test_who_is_signed_in_adds_to_their_account(own_desk: AccessDesk, person: Person, app_url: str) -> None:
    """Another hat: nothing is asked for again but what proves the child. Each token is of one hat, and sees what is its."""
    desk = own_desk
    without_account(desk, "teacher")
    made = await guardian_code(desk, "teacher", "bob")
    teacher = holder(app_url, (desk.world, "teacher"), capacities=["STAFF"])
    teacher.sign_in(person)
    page = type_code(person, made["code"])
    assert page.path == "/join/birth"
    page = type_birth(person, page, born(desk, "bob"))
    assert page.heading == "Add this to your account"
    page = person.send(page.form())
    assert page.path == "/joined"
    assert [capacity for _, capacity in hats_of(desk, teacher.name)] == ["PARENT", "STAFF"]
    assert status_of(desk, made) == [(teacher.account_id,)]
    page = person.open("/account")
    assert "parent or carer" in page.text
    assert "member of staff" in page.text
    seen = {capacity: await as_(desk, "teacher", capacity) for capacity in ("STAFF", "PARENT")}
    assert seen["PARENT"] == ("PARENT", {"Bob"}, False)
    assert seen["STAFF"][0] == "STAFF"
    assert seen["STAFF"][1] > {"Bob"}
    assert seen["STAFF"][2]


async def test_children_at_two_schools_are_of_one_account(
    desk: AccessDesk, own_desk: AccessDesk, person: Person
) -> None:
    """Signed in, the second is added; each token is of one school, and is told of the links at both."""
    without_account(own_desk, "pat")
    first = await guardian_code(own_desk, "quinn", "cat")
    name, email = fresh()
    page = confirmed(person, desk.owner_url, first["code"], name, email)
    page = type_birth(person, page, born(own_desk, "cat"))
    person.send(page.form(), password=PASSWORD)
    account = status_of(own_desk, first)[0][0]
    Holder(account, name).sign_in(person)
    without_account(desk, "pat")
    second = await guardian_code(desk, "pat", "ann")
    page = type_birth(person, type_code(person, second["code"]), born(desk, "ann"))
    assert person.send(page.form()).path == "/joined"
    assert status_of(desk, second) == status_of(own_desk, first) == [(account,)]
    children = "{ viewer { children { linkId schoolId } } }"
    both = {(second["of"], f"sch_{desk.world.school_id.hex}"), (first["of"], f"sch_{own_desk.world.school_id.hex}")}
    for one, guardian in ((desk, "pat"), (own_desk, "quinn")):
        found = (await one.ask(guardian, children))["data"]["viewer"]["children"]
        assert {(link["linkId"], link["schoolId"]) for link in found} == both


async def test_another_account_of_the_same_person_stands_in_the_way(
    own_desk: AccessDesk, server: Server, app_url: str
) -> None:
    """One person of a school, one account: else two would share what is one's."""
    made = await guardian_code(own_desk, "quinn", "cat")
    holder(app_url, (own_desk.world, "quinn"))
    person, (name, email) = Person(server.http), fresh()
    page = confirmed(person, own_desk.owner_url, made["code"], name, email)
    page = type_birth(person, page, born(own_desk, "cat"))
    page = person.send(page.form(), password=PASSWORD)
    assert (page.status, page.heading) == (409, "You have an account already")
    assert (status_of(own_desk, made), hats_of(own_desk, name)) == ([], [])
    other = holder(app_url, (own_desk.world, "pat"))
    person = Person(server.http)
    other.sign_in(person)
    page = type_birth(person, type_code(person, made["code"]), born(own_desk, "cat"))
    page = person.send(page.form())
    assert (page.status, page.heading) == (409, "You have an account already")
    assert status_of(own_desk, made) == []


async def test_wrong_dates_of_birth_lock_the_invitation(own_desk: AccessDesk, server: Server) -> None:
    """After five, also from five browsers, and the right one comes too late; the school is told of it, and not of the date."""
    made = await guardian_code(own_desk, "quinn", "cat")
    right = born(own_desk, "cat")
    name, email = fresh()
    people = [Person(server.http) for _ in range(2)]
    pages = [confirmed(one, own_desk.owner_url, made["code"], f"{name}-{at}", email) for at, one in enumerate(people)]
    for left in (4, 3, 2, 1):
        at = left % 2
        pages[at] = type_birth(people[at], pages[at], right + timedelta(days=left))
        tries = "one try" if left == 1 else f"{left} tries"
        assert pages[at].errors == {"day": f"This isn't the date of birth. You have {tries} left."}
        assert right.isoformat() not in pages[at].response.text
    page = type_birth(people[0], pages[0], right + timedelta(days=99))
    assert (page.status, page.heading) == (403, "This invitation is locked")
    assert type_birth(people[1], pages[1], right).path == "/join"
    assert WRONG in type_code(people[1], made["code"]).text
    assert status_of(own_desk, made) == []
    assert own_desk.told("invitationLocked") >= {own_desk.world.ids["data-manager"]}
    queue = '{ invitationMismatches { invitation number signInName email } invitations(status: "LOCKED") { id } }'
    body = (await own_desk.ask("data-manager", queue))["data"]
    mine = [row for row in body["invitationMismatches"] if row["invitation"] == made["id"]]
    assert sorted(row["number"] for row in mine) == [1, 2, 3, 4, 5]
    assert {row["signInName"] for row in mine} == {f"{name}-0", f"{name}-1"}
    assert {row["email"] for row in mine} == {email}
    assert body["invitations"] == [{"id": made["id"]}]
    everything = str(own_desk.rows_of("invitation_try", "audit_operation", "outbox_event", "notice"))
    assert (right + timedelta(days=99)).isoformat() not in everything


@pytest.mark.parametrize("given", [("31", "2", "2012"), ("", "", ""), ("x", "1", "2012"), ("1", "1", "20123")])
async def test_what_is_no_date_is_no_try(desk: AccessDesk, person: Person, given: tuple[str, str, str]) -> None:
    made = await learner_code(desk, "hal")
    name, email = fresh()
    page = confirmed(person, desk.owner_url, made["code"], name, email)
    page = person.send(page.form(), **dict(zip(("day", "month", "year"), given, strict=True)))
    assert page.errors == {"day": "Write a date, such as 27 3 2012."}
    tries = "SELECT 1 FROM usher.invitation_try WHERE school_id = %s AND invitation_id = %s::uuid"
    assert desk.rows(tries, made["id"].removeprefix("inv_")) == []
    await desk.do("data-manager", "endInvitation", invitation=made["id"], reason="It was for a test.")


async def test_every_code_that_gives_nothing_reads_the_same(own_desk: AccessDesk, server: Server) -> None:
    """One that nobody has, one that was ended, one of a restricted link, one of an app that was ended, one that is over."""
    pages: list[str] = []
    codes: list[str] = ["7K3QD-0M9VX-PZ4TA-1HJ8C", "nonsense", ""]
    without_account(own_desk, "pat")
    ended = await guardian_code(own_desk, "quinn", "cat")
    await own_desk.do("data-manager", "endInvitation", invitation=ended["id"], reason="They have moved away.")
    restricted = await guardian_code(own_desk, "pat", "ann")
    await own_desk.do("dsl", "restrictGuardianLink", link=restricted["of"], kind="COURT_ORDER", evidence="Folder 7")
    learner = await learner_code(own_desk, "bob")
    await own_desk.do("head", "endApp", app="LEARNER", reason="Assessed anew by the governors.")
    codes += [ended["code"], restricted["code"], learner["code"]]
    for code in codes:
        person = Person(server.http)
        page = type_code(person, code)
        assert (page.status, page.path) == (422, "/join")
        token = page.form().fields["csrf"]
        pages.append(page.response.text.replace(f' value="{code}"', "").replace(token, ""))
    assert len(set(pages)) == 1


async def test_what_ends_on_the_way_ends_the_way(own_desk: AccessDesk, person: Person) -> None:
    """A link that is restricted between two steps: the next step leads back to the beginning."""
    made = await guardian_code(own_desk, "quinn", "cat")
    name, email = fresh()
    page = confirmed(person, own_desk.owner_url, made["code"], name, email)
    page = type_birth(person, page, born(own_desk, "cat"))
    await own_desk.do("dsl", "restrictGuardianLink", link=made["of"], kind="PROTECTION", evidence="Folder 7")
    page = person.send(page.form(), password=PASSWORD)
    assert page.path == "/join"
    assert (status_of(own_desk, made), hats_of(own_desk, name)) == ([], [])


async def test_steps_are_not_left_out(own_desk: AccessDesk, person: Person) -> None:
    """Each page leads to the one whose turn it is, whatever is asked for or posted."""
    made = await guardian_code(own_desk, "quinn", "cat")
    later = ("/join/name", "/join/number", "/join/birth", "/join/finish")
    assert {person.open(path).path for path in later} == {"/join"}
    page = type_code(person, made["code"])
    assert {person.open(path).path for path in later} == {"/join/name"}
    form = page.form()
    for path in later[1:]:
        given = {"number": "123456", "day": "1", "month": "1", "year": "2012", "password": PASSWORD}
        response = person.ask("POST", path, {**form.fields, **given})
        assert response.status_code in (303, 422), path
    assert person.open("/join/finish").path == "/join/name"
    assert status_of(own_desk, made) == []


async def test_a_number_counts_five_tries_and_once(own_desk: AccessDesk, person: Person) -> None:
    """After five wrong ones the right one comes too late; another one is sent, five at most."""
    made = await guardian_code(own_desk, "quinn", "cat")
    name, email = fresh()
    page = person.send(type_code(person, made["code"]).form(), identity=name, email=email)
    right = number_for(own_desk.owner_url, email)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(5):
        page = person.send(page.form("/join/number"), number=wrong)
        assert page.errors == {"number": "This isn't the number in the letter."}
    page = person.send(page.form("/join/number"), number=right)
    assert page.errors == {"number": "This number doesn't count any more. Have another one sent."}
    for _ in range(4):
        page = person.send(page.form("/join/again"))
        assert page.path == "/join/number"
    assert person.send(page.form("/join/number"), number=number_for(own_desk.owner_url, email)).path == "/join/birth"


async def test_letters_to_strangers_are_few(own_desk: AccessDesk, person: Person) -> None:
    """Whoever has a code can't have us write to anybody without end."""
    made = await guardian_code(own_desk, "quinn", "cat")
    name, email = fresh()
    page = person.send(type_code(person, made["code"]).form(), identity=name, email=email)
    while page.path == "/join/number":
        page = person.send(page.form("/join/again"))
    assert (page.status, page.heading) == (429, "Too many attempts")
    assert len(waiting_letters(own_desk.owner_url, email)) <= 5


async def test_names_that_are_taken_are_nobodys_to_choose(own_desk: AccessDesk, person: Person, app_url: str) -> None:
    """Of accounts, of programs, and of people whom a roster gave a name without an account."""
    known = holder(app_url, (own_desk.world, "tutor"))
    brought = f"pat@{own_desk.world.school_id}.example"
    made = await guardian_code(own_desk, "quinn", "cat")
    page = type_code(person, made["code"])
    for name in (known.name, known.name.upper(), brought, f"mis@{own_desk.world.school_id}.example"):
        page = person.send(page.form(), identity=name, email="a@home.example", confirmation="")
        assert page.errors == {"identity": "This sign-in name is taken: choose another one."}
    page = person.send(page.form(), identity="two words", email="a@home.example", confirmation="")
    assert list(page.errors) == ["identity"]
    page = person.send(page.form(), identity=fresh()[0], email="nowhere", confirmation="")
    assert list(page.errors) == ["email"]


async def test_guardians_of_one_child_learn_nothing_of_one_another(
    own_desk: AccessDesk, server: Server, app_url: str
) -> None:
    """The pages of the second are those of the first, word by word, with the same address and another name."""
    _two_guardians(own_desk, "cat")
    seen: list[list[str]] = []
    email = fresh()[1]
    for guardian in ("quinn", "pat"):
        made = await guardian_code(own_desk, guardian, "cat")
        person, name = Person(server.http), fresh()[0]
        pages = [type_code(person, made["code"])]
        pages.append(person.send(pages[-1].form(), identity=name, email=email))
        pages.append(person.send(pages[-1].form("/join/number"), number=number_for(own_desk.owner_url, email)))
        pages.append(type_birth(person, pages[-1], born(own_desk, "cat")))
        pages.append(person.send(pages[-1].form(), password=PASSWORD))
        seen.append([page.text.replace(name, "NAME") for page in pages])
        assert pages[-1].path == "/joined"
    assert seen[0] == seen[1]
    children = "{ viewer { children { linkId } } learners { nodes { guardians { givenName } } } }"
    body = await own_desk.ask("quinn", children)
    names = {
        guardian["givenName"] for learner in body["data"]["learners"]["nodes"] for guardian in learner["guardians"]
    }
    assert names <= {"Quinn"}


def _two_guardians(desk: AccessDesk, learner: str) -> None:
    without_account(desk, "pat", "quinn")
    with psycopg.connect(desk.owner_url) as connection:
        connection.execute(
            "UPDATE usher.guardian_link SET verified_at = NULL WHERE school_id = %s AND learner_id = %s",
            [desk.world.school_id, desk.world.ids[learner]],
        )


async def test_no_secret_reaches_the_log_or_an_address(own_desk: AccessDesk, server: Server) -> None:
    """Code, number, password, address and date of birth: neither in what was logged, nor in where pages lead."""
    made = await guardian_code(own_desk, "quinn", "cat")
    name, email = fresh()
    person, paths = Person(server.http), list[str]()
    for page in _whole_way(own_desk, person, made["code"], name, email):
        paths.append(page.path)
    log = server.log.read_text(encoding="utf-8")
    secrets = (made["code"], made["code"].replace("-", ""), name, email, PASSWORD, born(own_desk, "cat").isoformat())
    for secret in secrets:
        assert secret not in log
        assert all(secret not in path for path in paths)


def _whole_way(desk: AccessDesk, person: Person, code: str, name: str, email: str) -> Iterator[Shown]:
    page = confirmed(person, desk.owner_url, code, name, email)
    yield page
    page = type_birth(person, page, born(desk, "cat") + timedelta(days=1))
    yield page
    page = type_birth(person, page, born(desk, "cat"))
    yield page
    yield person.send(page.form(), password=PASSWORD)


PAGES = (
    "/join",
    "/join/name",
    "/join/number",
    "/join/again",
    "/join/birth",
    "/join/finish",
    "/joined",
    "/join/nowhere",
)
BODIES = (
    b"", b"\x00", b"=", b"&&&", b"code", b"code=%00", b"code=%ed%a0%80", b"code=%zz", b"csrf=x&csrf=y", b"code=" + b"A" * 40_000,
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_malformed_forms_are_no_defects(path: str, person: Person) -> None:
    """Fifty and more of them, with the token of the form and without: each is refused in words."""
    token = person.open("/join").form().fields["csrf"].encode()
    cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    for body in (*BODIES, *(b"csrf=" + token + b"&" + body for body in BODIES)):
        for media in ("application/x-www-form-urlencoded", "text/plain"):
            headers = {"cookie": cookie, "content-type": media, "sec-fetch-site": "same-origin"}
            response = person.http.post(path, content=body, headers=headers)
            assert response.status_code < 500, (path, body[:40], response.text)
