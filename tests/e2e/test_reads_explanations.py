"""The executor's road: Grade.explanation and introspection, beside rows that the statement has answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from server import tables
from server.database.pool import Pool
from server.policies.rule import Rule
from server.policies.shipped import starting_book
from server.resolvers.grades import explanations
from tests.oracle.desk import Desk
from tests.oracle.publishing import publish
from tests.oracle.served import Served
from tests.wire_tap import WireTap
from tests.worlds import World, insert_world, small_school

GRADES = """{ learners(first: 10) { nodes { givenName grades { value explanation { grade status steps { kind text value }
  routes { grade marks moves { component marks raisesTo } } } withheld { element reason } } } } }"""


@pytest.fixture
def world(owner_url: str, today: date, request: pytest.FixtureRequest) -> World:
    """Two learners of one class have the same marks."""
    world = small_school(f"explained {request.node.name}", today)
    scores = {row["assessment_id"]: row["score"] for row in _marks(world, "ann")}
    for row in _marks(world, "bob"):
        row["score"] = scores[row["assessment_id"]]
    insert_world(owner_url, world)
    return world


def _marks(world: World, handle: str) -> list[dict[str, Any]]:
    maths = world.ids["maths-10"]
    rows = world.rows[tables.MarkRow]
    return [row for row in rows if row["learner_id"] == world.ids[handle] and row["course_id"] == maths]


@pytest_asyncio.fixture
async def desk(pool: Pool, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    yield Desk(Served(pool, monkeypatch, world), world)


@pytest.fixture
def explained(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each set of inputs was explained."""
    counted: Counter[str] = Counter()
    explain = explanations._explain  # pyright: ignore[reportPrivateUsage]

    def watched(inputs: Mapping[str, Any]) -> dict[str, object] | None:
        counted[str(inputs)] += 1
        return explain(inputs)

    monkeypatch.setattr(explanations, "_explain", watched)
    return counted


async def test_equal_explanations_are_made_once(desk: Desk, explained: Counter[str]) -> None:
    """Of two learners with the same marks, and of one grade under two names."""
    document = GRADES.replace("grades {", "grades { again: explanation { grade }", 1)
    nodes = (await desk.ask("head", document))["learners"]["nodes"]
    grades = [grade for node in nodes for grade in node["grades"]]
    assert all(grade["again"]["grade"] == grade["explanation"]["grade"] for grade in grades)
    assert set(explained.values()) == {1}
    assert len(explained) == len(grades) - 1


async def test_an_explanation_needs_the_marks(desk: Desk, owner_url: str, explained: Counter[str]) -> None:
    """Who may read grades and no marks is told which element is missing, and nothing is explained."""
    book = starting_book()
    closed = Rule("no-marks", "staff", "mark", "read", "school", effect="deny")
    with psycopg.connect(owner_url) as owner:
        publish(owner, desk.world, replace(book, rules=(*book.rules, closed)))
    nodes = (await desk.ask("head", GRADES))["learners"]["nodes"]
    grades = [grade for node in nodes for grade in node["grades"]]
    assert grades
    assert all(grade["value"] and grade["explanation"] is None for grade in grades)
    assert all([one["element"] for one in grade["withheld"]] == ["MARK"] for grade in grades)
    assert not explained


async def test_hidden_inputs_never_leave(desk: Desk) -> None:
    """The inputs come with the statement; the answer has nothing but the members that were asked for."""
    document = "{ learners { nodes { grades { explanation { grade } } } } }"
    nodes = (await desk.ask("head", document))["learners"]["nodes"]
    found = [grade["explanation"] for node in nodes for grade in node["grades"]]
    assert found
    assert all(set(one) == {"grade"} for one in found)


async def test_an_explanation_is_one_statement_too(
    wire_tap: WireTap, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        desk = Desk(Served(pool, monkeypatch, world), world)
        await desk.ask("head", GRADES)
        wire_tap.clear()
        await desk.ask("head", GRADES)
    assert len(wire_tap.statements) == 1


async def test_explanations_agree_with_the_grades(desk: Desk) -> None:
    """What is explained is the grade that is shown, for marks that were not changed since."""
    nodes = (await desk.ask("head", GRADES))["learners"]["nodes"]
    shown = {
        node["givenName"]: (grade["value"], grade["explanation"]["grade"])
        for node in nodes
        for grade in node["grades"]
        if node["givenName"] != "Bob"
    }
    assert shown
    assert all(value == grade for value, grade in shown.values())


async def test_introspection_beside_data(desk: Desk) -> None:
    """Types of nodes included, which the executor has to tell apart."""
    document = """query($ids: [ID!]!) { __schema { queryType { name } } __type(name: "Grade") { fields { name } }
      nodes(ids: $ids) { __typename id ... on Learner { givenName } ... on Class { name } } learners(first: 1) {
        totalCount nodes { givenName } } }"""
    ids = [desk.id("lrn", "ann"), desk.id("cls", "10/Ma1"), "lrn_" + "0" * 32]
    data = await desk.ask("head", document, {"ids": ids})
    assert data["__schema"] == {"queryType": {"name": "Query"}}
    assert "explanation" in [field["name"] for field in data["__type"]["fields"]]
    assert data["nodes"] == [
        {"__typename": "Learner", "id": ids[0], "givenName": "Ann"},
        {"__typename": "Class", "id": ids[1], "name": "10/Ma1"},
        None,
    ]
    assert list(data) == ["__schema", "__type", "nodes", "learners"]
    plain = await desk.ask("head", "{ learners(first: 1) { totalCount nodes { givenName } } }")
    assert data["learners"] == plain["learners"]


async def test_introspection_tells_everybody_the_same(desk: Desk) -> None:
    """The schema is no secret, and holds none: it is one for all roles."""
    document = '{ __schema { types { name fields { name } } } __type(name: "Learner") { fields { name description } } }'
    told = [await desk.ask(handle, document, capacity=capacity) for handle, capacity in (
        ("head", "STAFF"), ("pat", "PARENT"), ("ann", "LEARNER"), ("mis", "CLIENT")
    )]  # fmt: skip
    assert all(one == told[0] for one in told)
