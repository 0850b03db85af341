"""What must not leak through reads. Hidden values are changed behind a person's back: no answer may tell."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from psycopg.types.json import Jsonb

from server import tables
from server.database.pool import Pool
from server.policies.rule import Rule
from server.policies.shipped import starting_book
from tests.oracle.asker import asker
from tests.oracle.desk import Desk
from tests.oracle.documents import DOCUMENTS
from tests.oracle.enforcing import Books
from tests.oracle.publishing import publish
from tests.oracle.rows import Rows
from tests.oracle.served import Served
from tests.oracle.things import Thing
from tests.oracle.visibility import Visibility
from tests.properties.reads.mutants import MUTANTS
from tests.worlds import World, insert_world, small_school

PROBES = {
    "filters": """{ a: learners(filter: {gender: {eq: "F"}}) { nodes { id } }
      b: learners(filter: {gender: {ne: "F"}}) { nodes { id } } c: learners(filter: {attendance: {gt: "94"}}) { nodes { id } }
      d: learners(filter: {attendance: {lte: "94"}}) { nodes { id } }
      e: learners(filter: {any: [{yearGroup: {in: ["10"]}}, {gender: {in: ["M"]}}]}) { nodes { id } totalCount partial } }""",
    "orders": """{ a: learners(orderBy: [{field: ATTENDANCE}]) { nodes { id } }
      b: learners(orderBy: [{field: YEAR_GROUP}]) { nodes { id } }
      c: learners(first: 2, orderBy: [{field: ATTENDANCE, direction: DESC}]) { nodes { id } pageInfo { hasNextPage } } }""",
    "marks": """{ learners { nodes { id marks(filter: {score: {gte: "40"}}, orderBy: [{field: SCORE, direction: DESC}]) {
      totalCount partial nodes { id } } } } }""",
    "figures": "{ learners { totalCount } classes { nodes { name gradeDistribution { value count } } } }",
    **dict.fromkeys(("personal", "special", "marks of all", "grades", "markbook", "explanations"), ""),
}
PEOPLE = (("teacher", "STAFF"), ("tutor", "STAFF"), ("english", "STAFF"), ("pat", "PARENT"), ("ann", "LEARNER"))


@pytest.fixture
def world(owner_url: str, today: date, request: pytest.FixtureRequest) -> World:
    world = small_school(f"leaks {request.node.name}", today)
    insert_world(owner_url, world)
    return world


@pytest_asyncio.fixture
async def desk(pool: Pool, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    yield Desk(Served(pool, monkeypatch, world), world)


async def told(desk: Desk, handle: str, capacity: str) -> dict[str, str]:
    """Every probe's answer, without cursors, which differ each time."""
    found: dict[str, str] = {}
    for name, probe in PROBES.items():
        document = probe or DOCUMENTS.get(name, DOCUMENTS["marks"])(desk.world)
        body = await desk.body(handle, document, capacity=capacity)
        found[name] = re.sub(r'"[A-Za-z0-9_-]{60,}"', '"cursor"', json.dumps(body))
    return found


def hidden(world: World, handle: str, capacity: str) -> Iterator[tuple[str, Any, str]]:
    """(element, row, table) of every cell that the person may not see, by the oracle."""
    rows = Rows(world)
    visibility = Visibility(rows, Books(starting_book()), asker(rows, world.ids[handle], capacity))
    for table, type_name, elements in (
        ("learner", "Learner", ("gender", "date_of_birth", "identifier", "first_language", "learner_address",
                                "attendance", "ethnicity", "sen_provision", "pupil_premium")),
        ("mark", "Mark", ("mark",)),
        ("grade", "Grade", ("grade",)),
        ("target", "Target", ("target",)),
        ("behaviour_event", "BehaviourEvent", ("behaviour",)),
    ):  # fmt: skip
        for row in rows.all(table):
            thing = Thing(type_name, row, rows.today)
            for element in elements:
                # Who may read the age is told that much of the date of birth.
                of_age = element == "date_of_birth" and visibility.can(thing, "age")
                if not visibility.can(thing, element) and not of_age:
                    yield element, row, table


CHANGES = {
    "gender": "UPDATE usher.learner SET gender = CASE gender WHEN 'F' THEN 'M' ELSE 'F' END WHERE {}",
    "date_of_birth": "UPDATE usher.learner SET date_of_birth = date_of_birth - 900 WHERE {}",
    "identifier": "UPDATE usher.learner SET mis_id = 'changed ' || mis_id WHERE {}",
    "first_language": "UPDATE usher.learner SET first_language = 'POL' WHERE {}",
    "learner_address": "UPDATE usher.learner_contact SET address = 'elsewhere' WHERE {}",
    "attendance": "UPDATE usher.attendance SET attended = 100 - attended WHERE {}",
    "mark": "UPDATE usher.mark SET state = 'SCORED', score = 80 - coalesce(score, 0), version = 7 WHERE {}",
    "grade": "UPDATE usher.grade SET value = '1', points = 1 WHERE {}",
    "target": "UPDATE usher.target SET value = '1' WHERE {}",
    "behaviour": "UPDATE usher.behaviour_event SET points = -9 WHERE {}",
}
KEYS = {"mark": "mark_id", "grade": "grade_id", "target": "target_id", "behaviour_event": "behaviour_event_id"}


def change_what_is_hidden(owner_url: str, world: World, handle: str, capacity: str) -> int:
    """Give every hidden cell another value; tells how many there were."""
    changed = 0
    with psycopg.connect(owner_url) as owner:
        for element, row, table in hidden(world, handle, capacity):
            key = KEYS.get(table, "learner_id")
            if element in CHANGES:
                statement = CHANGES[element].format(f"school_id = %s AND {key} = %s")
                owner.execute(statement.encode(), [world.school_id, row[key]])
            else:
                owner.execute(
                    "INSERT INTO usher.learner_special (school_id, special_id, learner_id, element, value, recorded_at,"
                    " recorded_by, source) VALUES (%s, %s, %s, %s, %s, now(), %s, 'test')",
                    [world.school_id, world.new_id(), row[key], element, Jsonb("E"), world.ids["head"]],
                )
            changed += 1
    return changed


@pytest.mark.parametrize(("handle", "capacity"), PEOPLE)
async def test_no_answer_depends_on_a_hidden_value(
    desk: Desk, world: World, owner_url: str, handle: str, capacity: str
) -> None:
    """Filters, negations, ranges, orders, pages, totals and grouped counts included."""
    before = await told(desk, handle, capacity)
    assert change_what_is_hidden(owner_url, world, handle, capacity) > 20
    assert await told(desk, handle, capacity) == before


@pytest.mark.parametrize("missing", ["filter", "order", "leaf", "existence in a tally"])
async def test_a_naive_twin_leaks(
    desk: Desk, world: World, owner_url: str, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """Without the one test, the same probes show that something hidden has changed."""
    MUTANTS[missing].mutate(monkeypatch)
    before = await told(desk, "teacher", "STAFF")
    change_what_is_hidden(owner_url, world, "teacher", "STAFF")
    assert await told(desk, "teacher", "STAFF") != before


@pytest.mark.parametrize(
    ("handle", "arguments"),
    [
        ("teacher", 'filter: {ethnicity: {eq: "WBRI"}}'),
        ("teacher", 'filter: {ethnicity: {ne: "WBRI"}}'),
        ("teacher", 'filter: {any: [{yearGroup: {eq: "10"}}, {lookedAfter: {eq: "Y"}}]}'),
        ("teacher", "filter: {freeSchoolMeals: {in: []}}"),
        ("teacher", "orderBy: [{field: NAME}, {field: PUPIL_PREMIUM}]"),
        ("senco-untrained", "orderBy: [{field: SEN_PROVISION}]"),
    ],
)
async def test_an_argument_may_not_read_what_its_caller_never_may(desk: Desk, handle: str, arguments: str) -> None:
    assert await desk.code(handle, f"{{ learners({arguments}) {{ nodes {{ id }} }} }}") == "FORBIDDEN_ARGUMENT"


async def test_a_refusal_does_not_depend_on_the_value_that_was_asked_for(desk: Desk) -> None:
    """Nor does it repeat the value."""
    document = "query($e: String) { learners(filter: {ethnicity: {eq: $e}}) { nodes { id } } }"
    said = [await desk.body("teacher", document, {"e": value}) for value in ("WBRI", "no such code")]
    assert said[0] == said[1]
    assert "WBRI" not in str(said[0])


async def test_a_filter_that_reads_some_rows_says_so(desk: Desk) -> None:
    """The list of SEN support that a trained teacher of some gets is not the school's."""
    document = '{ learners(filter: {senProvision: {in: ["K", "E", "N"]}}) { partial nodes { givenName } } }'
    english = (await desk.ask("english", document))["learners"]
    senco = (await desk.ask("senco", document))["learners"]
    assert english == {"partial": True, "nodes": [{"givenName": "Ann"}]}
    assert senco["partial"] is False or len(senco["nodes"]) >= len(english["nodes"])


async def test_a_number_names_nobody_to_those_who_may_not_read_it(desk: Desk) -> None:
    """Whether the number exists or not."""
    ann = next(row for row in desk.world.rows[tables.LearnerRow] if row["learner_id"] == desk.world.ids["ann"])
    document = "query($by: LearnerBy!) { learner(by: $by) { id } }"
    for by in ({"upn": ann["upn"]}, {"upn": "Z999999999999"}, {"misId": ann["mis_id"]}, {"misId": "nobody"}):
        assert await desk.code("teacher", document, {"by": by}) == "FORBIDDEN_ARGUMENT"


@pytest.mark.parametrize(
    ("handle", "children"), [("pat", {"Ann"}), ("quinn", {"Cat"}), ("teacher", {"Bob"})]
)  # pat: an ended and an unverified link; quinn: one that has not begun
async def test_parents_see_their_verified_current_children(desk: Desk, handle: str, children: set[str]) -> None:
    data = await desk.ask(handle, "{ learners { nodes { givenName } } reports { nodes { learner { givenName } } } }",
                          capacity="PARENT")  # fmt: skip
    assert {node["givenName"] for node in data["learners"]["nodes"]} == children
    assert {node["learner"]["givenName"] for node in data["reports"]["nodes"]} <= children


async def test_parents_see_no_other_guardian(desk: Desk) -> None:
    """Cat has two guardians: quinn, and pat whose link nobody verified."""
    data = await desk.ask(
        "quinn", "{ learners { nodes { guardians { givenName contact { email } } } } }", capacity="PARENT"
    )
    (cat,) = data["learners"]["nodes"]
    assert cat["guardians"] == [{"givenName": "Quinn", "contact": {"email": "quinn@home.example"}}]


async def test_each_hop_is_planned_anew(desk: Desk) -> None:
    """The way over a class leads to learners whose guardians' contact the teacher may not read."""
    data = await desk.ask(
        "teacher",
        "{ learners { nodes { classes { learners { givenName dateOfBirth guardians { contact { email } } } } } } }",
    )
    nodes: list[dict[str, Any]] = data["learners"]["nodes"]
    classes: list[dict[str, Any]] = [of for node in nodes for of in node["classes"] or ()]
    hops: list[dict[str, Any]] = [one for of in classes for one in of["learners"]]
    assert hops
    assert all(g["contact"]["email"] is None for one in hops for g in one["guardians"])


async def test_a_program_without_a_grant_is_told_nothing(desk: Desk) -> None:
    document = "{ learners { nodes { id } totalCount } staff { nodes { id } } classes { nodes { id } } }"
    data = await desk.ask("support", document, capacity="OPERATOR")
    assert all(part["nodes"] == [] for part in data.values())


async def test_two_people_share_a_statement_and_nothing_else(desk: Desk) -> None:
    """Two class teachers of one profile, asked in turn by one server: each sees their own."""
    document = "{ learners { nodes { givenName gender } } }"
    for _ in range(2):
        for handle, taught in (("teacher", {"Ann", "Bob", "Eve", "Gus"}), ("english", {"Ann", "Cat"})):
            nodes = (await desk.ask(handle, document))["learners"]["nodes"]
            assert {node["givenName"] for node in nodes if node["gender"]} <= taught


async def test_schools_share_nothing(desk: Desk, owner_url: str, today: date) -> None:
    """The same document of the same role in another school, by the same server."""
    other = small_school("leaks elsewhere", today)
    for row in other.rows[tables.LearnerRow]:
        row["given_name"] = "Elsewhere"
    insert_world(owner_url, other)
    there = Desk(desk.served, other)
    document = "{ learners { nodes { id givenName } } school { id } }"
    here, away = await desk.ask("head", document), await there.ask("head", document)
    assert {node["givenName"] for node in away["learners"]["nodes"]} == {"Elsewhere"}
    assert "Elsewhere" not in str(here)
    ids = [node["id"] for node in away["learners"]["nodes"]]
    found = await desk.ask("head", "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})
    assert found["nodes"] == [None] * len(ids)


async def test_parents_and_learners_are_not_told_what_is_withheld(desk: Desk) -> None:
    document = "{ learners { nodes { dateOfBirth ethnicity upn withheld { element reason } } } }"
    for handle, capacity in (("pat", "PARENT"), ("ann", "LEARNER")):
        nodes = (await desk.ask(handle, document, capacity=capacity))["learners"]["nodes"]
        assert nodes
        assert all(node["withheld"] == [] for node in nodes)


async def test_a_protected_child_shows_no_reason_of_its_own(desk: Desk, owner_url: str) -> None:
    """Eve is protected and in the tutor's form. Withheld of her is what is withheld of dan, who is not in it."""
    closed = Rule("protected", "staff", "personal", "read", "protected", effect="deny")
    named = Rule("named", "staff", "name", "read", "school")
    book = starting_book()
    kept = tuple(rule for rule in book.rules if rule.effect == "allow")
    opened = replace(book, rules=(*kept, named, *_denials(closed)))
    with psycopg.connect(owner_url) as owner:
        publish(owner, desk.world, opened)
    document = """query($id: ID!) { learner(by: {id: $id}) { contact { address email } attendance { attended }
      yearGroup { name } withheld { element reason } } }"""
    eve = (await desk.ask("tutor", document, {"id": desk.id("lrn", "eve")}))["learner"]
    dan = (await desk.ask("tutor", document, {"id": desk.id("lrn", "dan")}))["learner"]
    assert {one["element"] for one in dan["withheld"]} >= {"EDUCATION", "ATTENDANCE"}
    assert eve == dan


def _denials(closed: Rule) -> list[Rule]:
    """Everything but the name is closed."""
    elements = ("education", "attendance", "learner_address", "learner_contact")
    return [replace(closed, id=f"protected-{element}", element=element) for element in elements]


async def test_left_learners_are_gone_from_lists_counts_and_ids(desk: Desk) -> None:
    """For the teacher who once taught fay."""
    fay = desk.id("lrn", "fay")
    data = await desk.ask("teacher", f'{{ node(id: "{fay}") {{ id }} learners {{ totalCount nodes {{ id }} }} }}')
    listed = [node["id"] for node in data["learners"]["nodes"]]
    assert (data["node"] is None) == (fay not in listed)
    assert data["learners"]["totalCount"] in (None, len(listed))
