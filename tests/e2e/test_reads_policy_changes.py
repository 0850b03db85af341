"""A change of rules or of a person's standing holds for the very next operation, whatever a server remembers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date

import psycopg
import pytest
import pytest_asyncio

from server import tables
from server.database.pool import Pool
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book
from tests.oracle.desk import Desk
from tests.oracle.publishing import publish
from tests.oracle.served import Served
from tests.worlds import World, insert_world, small_school

GENDERS = "{ learners { nodes { givenName gender } } }"
NEEDS = "{ learners { nodes { givenName sen { provision } withheld { reason } } } }"
BY_BIRTH = "{ learners(orderBy: [{field: DATE_OF_BIRTH}]) { nodes { id } } }"


@pytest.fixture
def world(owner_url: str, today: date, request: pytest.FixtureRequest) -> World:
    world = small_school(f"changes {request.node.name}", today)
    insert_world(owner_url, world)
    return world


@pytest_asyncio.fixture
async def desk(pool: Pool, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    yield Desk(Served(pool, monkeypatch, world), world)


def with_rules(*rules: Rule) -> RuleBook:
    book = starting_book()
    return replace(book, rules=(*book.rules, *rules))


def put(owner_url: str, world: World, book: RuleBook) -> None:
    with psycopg.connect(owner_url) as owner:
        publish(owner, world, book)


async def genders(desk: Desk, handle: str = "teacher") -> set[str]:
    nodes = (await desk.ask(handle, GENDERS))["learners"]["nodes"]
    return {node["givenName"] for node in nodes if node["gender"] is not None}


async def test_a_narrower_book_holds_at_once(desk: Desk, owner_url: str) -> None:
    assert await genders(desk)
    put(owner_url, desk.world, with_rules(Rule("no", "staff", "gender", "read", "school", effect="deny")))
    assert await genders(desk) == set()


async def test_a_wider_book_holds_at_once(desk: Desk, owner_url: str) -> None:
    narrow = await genders(desk)
    put(owner_url, desk.world, with_rules(Rule("all", "staff", "gender", "read", "school")))
    assert await genders(desk) > narrow


async def test_a_book_put_back_holds_at_once(desk: Desk, owner_url: str) -> None:
    """A version with old content: what was compiled for it may be used again."""
    before = await genders(desk)
    put(owner_url, desk.world, with_rules(Rule("no", "staff", "gender", "read", "school", effect="deny")))
    assert await genders(desk) == set()
    put(owner_url, desk.world, starting_book())
    assert await genders(desk) == before


async def test_an_argument_is_refused_at_once(desk: Desk, owner_url: str) -> None:
    put(owner_url, desk.world, with_rules(Rule("all", "staff", "date_of_birth", "read", "school")))
    assert await desk.ask("teacher", BY_BIRTH)
    put(owner_url, desk.world, with_rules(Rule("no", "staff", "date_of_birth", "read", "school", effect="deny")))
    assert await desk.code("teacher", BY_BIRTH) == "FORBIDDEN_ARGUMENT"


async def test_an_argument_is_accepted_at_once(desk: Desk, owner_url: str) -> None:
    """Also where this person's last operation was refused under the old book."""
    put(owner_url, desk.world, with_rules(Rule("no", "staff", "date_of_birth", "read", "school", effect="deny")))
    assert await desk.code("teacher", BY_BIRTH) == "FORBIDDEN_ARGUMENT"
    put(owner_url, desk.world, with_rules(Rule("all", "staff", "date_of_birth", "read", "school")))
    assert await desk.ask("teacher", BY_BIRTH)


async def test_one_schools_book_is_not_anothers(desk: Desk, owner_url: str, today: date) -> None:
    """Version 2 of one school and version 2 of another, by one server."""
    other = small_school("changes elsewhere", today)
    insert_world(owner_url, other)
    put(owner_url, desk.world, with_rules(Rule("no", "staff", "gender", "read", "school", effect="deny")))
    put(owner_url, other, with_rules(Rule("all", "staff", "gender", "read", "school")))
    assert await genders(desk) == set()
    assert len(await genders(Desk(desk.served, other))) > 4


async def test_a_denial_of_one_role_beats_anothers_permission(desk: Desk, world: World, owner_url: str) -> None:
    """The head of department is a class teacher, too: both roles are one request."""
    allowed = Rule("yes", "class_teacher", "gender", "read", "school")
    denied = Rule("no", "head_of_department", "gender", "read", "school", effect="deny")
    put(owner_url, world, with_rules(allowed))
    assert await genders(desk, "maths-lead")
    put(owner_url, world, with_rules(allowed, denied))
    assert await genders(desk, "maths-lead") == set()
    assert await genders(desk, "teacher")


async def test_a_certificate_that_is_withdrawn_holds_at_once(desk: Desk, world: World, owner_url: str) -> None:
    """Whatever changes a person's standing raises its version in the same transaction."""
    before = (await desk.ask("senco", NEEDS))["learners"]["nodes"]
    assert any(node["sen"]["provision"] for node in before)
    with psycopg.connect(owner_url) as owner:
        _end_certificates(owner, world, "senco")
    after = (await desk.ask("senco", NEEDS))["learners"]["nodes"]
    assert not any(node["sen"]["provision"] for node in after)
    assert {one["reason"] for node in after for one in node["withheld"]} == {"TRAINING_REQUIRED"}


def _end_certificates(owner: psycopg.Connection[tuple[object, ...]], world: World, handle: str) -> None:
    named = [world.school_id, world.ids[handle]]
    owner.execute(
        "UPDATE usher.training_certificate SET expires_on = current_date WHERE school_id = %s AND person_id = %s", named
    )
    owner.execute(
        "UPDATE usher.access_profile SET profile_version = profile_version + 1 WHERE school_id = %s AND person_id = %s",
        named,
    )


async def test_a_link_that_ends_holds_at_once(desk: Desk, world: World, owner_url: str) -> None:
    children = "{ learners { nodes { givenName } } }"
    assert (await desk.ask("pat", children, capacity="PARENT"))["learners"]["nodes"] == [{"givenName": "Ann"}]
    with psycopg.connect(owner_url) as owner:
        owner.execute(
            "UPDATE usher.guardian_link SET valid_to = current_date WHERE school_id = %s AND guardian_id = %s",
            [world.school_id, world.ids["pat"]],
        )
    assert (await desk.ask("pat", children, capacity="PARENT"))["learners"]["nodes"] == []


async def test_a_report_that_is_withdrawn_is_gone_at_once(desk: Desk, world: World, owner_url: str) -> None:
    report = "{ reports { nodes { lines { grade } } } }"
    assert (await desk.ask("pat", report, capacity="PARENT"))["reports"]["nodes"]
    with psycopg.connect(owner_url) as owner:
        owner.execute("UPDATE usher.publication SET status = 'WITHDRAWN' WHERE school_id = %s", [world.school_id])
    assert (await desk.ask("pat", report, capacity="PARENT"))["reports"]["nodes"] == []


def test_the_world_has_what_is_changed(world: World) -> None:
    assert {row["person_id"] for row in world.rows[tables.TrainingCertificateRow]} >= {world.ids["senco"]}


async def test_a_name_that_only_a_released_result_opens_is_nobodys(desk: Desk, owner_url: str) -> None:
    """A learner's own row is never published or released: who sees a name only then sees no row of the learner."""
    book = starting_book()
    kept = tuple(rule for rule in book.rules if rule.id != "r903")
    assert len(kept) == len(book.rules) - 1
    put(owner_url, desk.world, replace(book, rules=(*kept, Rule("x", "parent", "name", "read", "own&released"))))
    mark = next(row for row in desk.world.rows[tables.MarkRow] if row["learner_id"] == desk.world.ids["ann"])
    ids = [desk.id("lrn", "ann"), desk.id("rep", "report ann"), f"mrk_{mark['academic_year']}_{mark['mark_id'].hex}"]
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } learners { nodes { id } } reports { nodes { id } } }"
    data = await desk.ask("pat", document, {"ids": ids}, capacity="PARENT")
    assert data == {"nodes": [None] * 3, "learners": {"nodes": []}, "reports": {"nodes": []}}
