"""Who may count and not read gets no figure out of lists: every total, page, filter and tally, asked and subtracted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import date
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from psycopg.types.json import Jsonb

from server import tables
from server.database.pool import Pool
from server.policies.plan import OPEN, Plan
from server.queries import answer, page
from server.queries.noun import Many
from server.queries.nouns import NOUNS
from server.queries.roots import ROOTS
from tests.oracle.desk import Desk
from tests.oracle.served import Served
from tests.worlds import World, insert_world
from tests.worlds.counted_school import counted_school

OPERANDS = {
    "TextFilter": 'startsWith: "n"', "LabelFilter": 'contains: "1"', "CodeFilter": 'in: ["N", "Y", "10", "K", "F"]',
    "DateFilter": 'from: "2000-01-01"', "DateTimeFilter": 'from: "2000-01-01T00:00:00Z"', "DecimalFilter": 'gte: "0"',
    "IntFilter": "in: [2025, 2026, 2027]",
}  # fmt: skip
STRUCTURE = {"school_structure", "reference"}
LISTS = [root for root in ROOTS.values() if isinstance(root.edge, Many) and root.edge.paged]


def filtered() -> list[tuple[str, str]]:
    """Every filter by a governed element of every root list, with some operation."""
    return [
        (root.edge.name, f"filter: {{{one.name}: {{{OPERANDS[one.kind]}}}}}")
        for root in LISTS
        for one in NOUNS[root.edge.target].filters
        if one.kind in OPERANDS and one.element not in STRUCTURE
    ]


@pytest.fixture
def world(owner_url: str, today: date, request: pytest.FixtureRequest) -> World:
    world = counted_school(f"count only {request.node.name}", today, number=20)
    insert_world(owner_url, world)
    return world


@pytest_asyncio.fixture
async def desk(pool: Pool, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    yield Desk(Served(pool, monkeypatch, world), world)


def totals(arguments: str = "") -> str:
    return f"""{{ learners{arguments} {{ totalCount partial nodes {{ id }} edges {{ cursor }}
      pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""


@pytest.mark.parametrize("arguments", ["", "(first: 1)", "(last: 1)", "(first: 0)", "(orderBy: [{field: NAME}])"])
async def test_a_list_tells_a_governor_nothing(desk: Desk, arguments: str) -> None:
    """No total, and no next page that would be one."""
    body = await desk.body("governor", totals(arguments))
    if "errors" in body:
        assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN_ARGUMENT"
        return
    found = body["data"]["learners"]
    assert (found["totalCount"], found["nodes"], found["edges"]) == (None, [], [])
    assert found["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}


async def test_no_filter_counts_for_who_may_not_read(desk: Desk) -> None:
    """Each filter by a governed element is refused, whatever it asks: nothing can be subtracted."""
    asked = filtered()
    assert len(asked) >= 10
    for root, arguments in asked:
        body = await desk.body("governor", f"{{ {root}({arguments}) {{ totalCount }} }}")
        refused = [error["extensions"]["code"] for error in body.get("errors", ())]
        assert refused == ["FORBIDDEN_ARGUMENT"] or body["data"][root]["totalCount"] is None, (root, arguments)


async def test_tallies_and_nested_totals_are_empty(desk: Desk) -> None:
    """Of classes, which governors read, by any day."""
    document = """{ classes { nodes { learners { id } gradeDistribution { value count } then: learners(asOf: "2026-10-01") { id }
      markbook { __typename } } } reports { totalCount } staff { totalCount } }"""
    data = await desk.ask("governor", document)
    assert data["classes"]["nodes"]
    for one in data["classes"]["nodes"]:
        assert (one["learners"], one["then"], one["gradeDistribution"], one["markbook"]) == ([], [], [], [])
    assert data["reports"]["totalCount"] is None
    assert not data["staff"]["totalCount"]


async def test_no_answer_to_a_governor_depends_on_a_learner(desk: Desk, world: World, owner_url: str) -> None:
    """Every value of every learner is changed, some leave: nothing that a list says moves."""
    document = """{ learners { totalCount partial pageInfo { hasNextPage } } staff { totalCount } reports { totalCount }
      classes { totalCount nodes { name gradeDistribution { value count } learners { id } } }
      statistics(by: [GENDER]) { cells { figure } } }"""
    before = await desk.body("governor", document)
    with psycopg.connect(owner_url) as owner:
        for row in world.rows[tables.LearnerRow]:
            for element in ("ethnicity", "sen_provision", "looked_after", "free_school_meals"):
                owner.execute(
                    "INSERT INTO usher.learner_special (school_id, special_id, learner_id, element, value, recorded_at,"
                    " recorded_by, source) VALUES (%s, %s, %s, %s, %s, now(), %s, 'test')",
                    [world.school_id, world.new_id(), row["learner_id"], element, Jsonb("Y"), world.ids["head"]],
                )
        owner.execute("UPDATE usher.learner SET gender = 'U', year_group = '9' WHERE school_id = %s", [world.school_id])
        owner.execute("UPDATE usher.grade SET value = '1' WHERE school_id = %s", [world.school_id])
        owner.execute(
            "UPDATE usher.learner SET left_on = admitted_on WHERE school_id = %s AND mis_id LIKE 'L10%%'",
            [world.school_id],
        )
    assert await desk.body("governor", document) == before


async def test_a_naive_count_is_differenced(desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin counts whatever may be counted and leaves out small numbers alone: two totals give a third, a small one."""
    for module, name, said in (
        (page, "_exists", list[Any]()),
        (page, "_argument", Plan((OPEN, OPEN))),
        (answer, "_countable", True),
    ):
        monkeypatch.setattr(module, name, _always(said))
    data = await desk.ask(
        "governor",
        '{ all: learners { totalCount } boys: learners(filter: {gender: {eq: "M"}}) { totalCount }'
        ' girls: learners(filter: {gender: {eq: "F"}}) { totalCount } few: learners(filter: {gender: {eq: "U"}}) { totalCount } }',
    )
    rest = data["all"]["totalCount"] - data["boys"]["totalCount"] - data["girls"]["totalCount"]
    unknown = sum(row["gender"] not in ("F", "M") for row in world.rows[tables.LearnerRow])
    assert data["few"]["totalCount"] is None
    assert rest == unknown < 5


def _always(said: object) -> Callable[..., object]:
    def answers(*_: object) -> object:
        return said

    return answers
