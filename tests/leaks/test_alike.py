"""What the matrix does not pack: writes, keys, headers, explanations and defaults that are chosen from rows."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from server import tables
from server.database.pool import Pool
from server.policies.shipped import starting_book
from server.resolvers.execution import Execution
from tests.leaks.hidden import Account, Hidden
from tests.oracle.desk import Desk
from tests.oracle.publishing import publish
from tests.oracle.served import KEY, Served
from tests.wire_tap import WireTap
from tests.worlds import World, insert_rows, insert_world, small_school
from tests.worlds.attainment import grade_values

NOBODY = "0190" + "0" * 24 + "dead"
RECORD = """mutation($input: RecordMarksInput!) { recordMarks(input: $input) { replayed wouldWrite
  marks { id score state version withheld { element } history { version score reason } }
  grades { value subjectMark withheld { element } } conflicting { id version score } userErrors { code message path } } }"""
DONE = "mutation($input: RecordMarksInput!) { recordMarks(input: $input) { batch userErrors { code } } }"
UNDO = """mutation($input: UndoMarksInput!) { undoMarks(input: $input) { batch wouldWrite marks { id } staying { id }
  userErrors { code message path } } }"""
EXPLAIN = """query($p: ID!, $l: ID!) { explain(person: $p, element: EDUCATION, learner: $l) { visible exists decision sentence
  relations learner { name } granting { rule } blocking { rule } missing { sentence } changes { sentence }
  hindering { sentence } } }"""


@pytest.fixture
def world(owner_url: str, today: date) -> World:
    world = small_school(f"alike {uuid4()}", today)
    insert_world(owner_url, world)
    return world


@pytest_asyncio.fixture
async def desk(wire_tap: WireTap, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        served = Served(pool, monkeypatch, world)
        served.execution = Execution(pool, KEY)
        yield Desk(served, world)


def write_only(owner_url: str, world: World) -> None:
    """Class teachers write marks as before, and read neither marks nor grades."""
    book = starting_book()
    closed = ("mark", "grade", "attainment", "all_data", "personal")
    kept = tuple(
        rule
        for rule in book.rules
        if not (rule.role in ("class_teacher", "staff") and rule.action == "read" and rule.element in closed)
    )
    with psycopg.connect(owner_url) as owner:
        publish(owner, world, replace(book, rules=kept))


def entry(world: World, learner: str, score: str, **more: Any) -> dict[str, Any]:
    return {
        "learner": f"lrn_{world.ids[learner].hex}",
        "assessment": f"asm_{world.ids['maths-10 paper 1'].hex}",
        "score": score,
    } | more


async def said(desk: Desk, tap: WireTap, handle: str, *entries: dict[str, Any], **more: Any) -> tuple[Any, int]:
    """A dry run's whole answer and how many statements it took."""
    given = {"marks": list(entries), "idempotencyKey": f"k{uuid4()}", "dryRun": True, **more}
    tap.clear()
    body = await desk.body(handle, RECORD, {"input": given})
    return body, len(tap.statements)


async def test_who_writes_without_reading_is_told_nothing_of_what_stood_there(
    desk: Desk, wire_tap: WireTap, world: World, owner_url: str
) -> None:
    """A right guess, a wrong one, the same version or another: payload, conflicts, counts and errors are one answer."""
    write_only(owner_url, world)
    hidden = [
        await said(desk, wire_tap, "teacher", entry(world, "ann", guess, **more))
        for guess in ("31", "32")
        for more in ({}, {"expectedVersion": 1})
    ]
    with psycopg.connect(owner_url) as owner:
        owner.execute(
            "UPDATE usher.mark SET score = 32, version = 1 WHERE school_id = %s AND mark_id = %s",
            [world.school_id, world.ids["mark ann maths-10 1"]],
        )
    after = [
        await said(desk, wire_tap, "teacher", entry(world, "ann", guess, **more))
        for guess in ("31", "32")
        for more in ({}, {"expectedVersion": 1})
    ]
    assert all("errors" not in body for body, _ in (*hidden, *after)), hidden[0]
    assert {json.dumps(body) for body, _ in (*hidden, *after)} == {json.dumps(hidden[0][0])}


async def test_who_writes_without_reading_undoes_nothing(desk: Desk, world: World, owner_url: str) -> None:
    """Whether a batch changed a mark would tell whether the mark stood there already."""
    write_only(owner_url, world)
    told: list[str] = []
    for score in ("40", "40", "41"):  # a change, none, a change
        given = {"marks": [entry(world, "ann", score)], "idempotencyKey": f"k{uuid4()}"}
        recorded = (await desk.body("teacher", DONE, {"input": given}))["data"]["recordMarks"]
        assert recorded["userErrors"] == []
        for dry in (True, False):
            undoing = {"batch": recorded["batch"], "idempotencyKey": f"k{uuid4()}", "dryRun": dry}
            body = await desk.body("teacher", UNDO, {"input": undoing})
            told.append(json.dumps([dry, body]))
    assert len(set(told)) == 2, told
    assert all("NO_SUCH_BATCH" in one for one in told)


async def test_a_stale_version_shows_no_score_to_who_may_not_read_it(
    desk: Desk, wire_tap: WireTap, world: World, owner_url: str
) -> None:
    """The writer learns that the mark has moved, which the write needs; not where to, and not how often."""
    write_only(owner_url, world)
    told: list[str] = []
    for version, score in ((4, 50), (9, 70)):
        with psycopg.connect(owner_url) as owner:
            owner.execute(
                "UPDATE usher.mark SET score = %s, version = %s WHERE school_id = %s AND mark_id = %s",
                [score, version, world.school_id, world.ids["mark ann maths-10 1"]],
            )
        body, _ = await said(desk, wire_tap, "teacher", entry(world, "ann", "40", expectedVersion=1))
        told.append(json.dumps(body))
    assert told[0] == told[1]


async def test_another_persons_key_is_nobodys(desk: Desk, world: World) -> None:
    """Who repeats the key of somebody else gets an outcome of their own, whatever that one held."""
    key = f"shared-{uuid4()}"
    first = {"marks": [entry(world, "ann", "44")], "idempotencyKey": key}
    assert (await desk.ask("teacher", RECORD, {"input": first}))["recordMarks"]["replayed"] is False
    other = {"marks": [entry(world, "cat", "45")], "idempotencyKey": key}
    told = (await desk.ask("maths-lead", RECORD, {"input": other}))["recordMarks"]
    assert (told["replayed"], told["userErrors"]) == (False, [])


async def test_explain_tells_of_a_stranger_what_it_tells_of_nobody(
    desk: Desk, wire_tap: WireTap, world: World, owner_url: str, today: date
) -> None:
    """Out of reach, of another school, or made up: staff who ask about themselves are told the same of all three."""
    elsewhere = small_school(f"elsewhere {uuid4()}", today)
    insert_world(owner_url, elsewhere)
    person = f"per_{world.ids['tutor'].hex}"
    told: list[tuple[str, int]] = []
    for key in (NOBODY, elsewhere.ids["dan"].hex):
        variables = {"p": person, "l": f"lrn_{key}"}
        await desk.body("tutor", EXPLAIN, variables)
        wire_tap.clear()
        told.append((json.dumps(await desk.body("tutor", EXPLAIN, variables)), len(wire_tap.statements)))
    assert told[0] == told[1]
    assert '"errors"' not in told[0][0]


@pytest.mark.parametrize("handle", ["tutor", "head"])
async def test_explain_does_not_tell_that_a_child_is_protected(desk: Desk, world: World, handle: str) -> None:
    """Dan and eve stand in the same relations to nobody in particular; she is protected, he is not."""
    person = f"per_{world.ids[handle].hex}"
    told = await desk.ask(handle, EXPLAIN, {"p": person, "l": desk.id("lrn", "eve")})
    assert "protected" not in json.dumps(told)
    assert "restricted" not in json.dumps(await desk.ask(handle, EXPLAIN, {"p": person, "l": desk.id("lrn", "gus")}))


async def test_parents_and_learners_are_explained_nothing(desk: Desk, world: World) -> None:
    """Their own child, another's, and nobody's: one refusal, before any row is read."""
    for handle, capacity in (("pat", "PARENT"), ("ann", "LEARNER")):
        bodies = {
            json.dumps(
                await desk.body(
                    handle, EXPLAIN, {"p": f"per_{world.ids[handle].hex}", "l": f"lrn_{key}"}, capacity=capacity
                )
            )
            for key in (world.ids["ann"].hex, world.ids["dan"].hex, NOBODY)
        }
        assert len(bodies) == 1
        assert "FORBIDDEN" in bodies.pop()


async def test_the_window_that_is_meant_does_not_follow_from_hidden_grades(
    desk: Desk, world: World, owner_url: str
) -> None:
    """Where no window is asked for: a grade in a later one, of a learner whose grades the teacher may not read."""
    document = "{ classes { nodes { name gradeDistribution { value count } } } }"
    before = await desk.ask("teacher", document)
    assert not Hidden(world, Account("teacher", "STAFF")).shown(
        "Grade", "grade", next(row for row in world.rows[tables.GradeRow] if row["learner_id"] == world.ids["cat"])
    )
    later = {
        "school_id": world.school_id,
        "academic_year": world.year,
        "learner_id": world.ids["cat"],
        "course_id": world.ids["maths-10"],
        **grade_values(world, "cat"),
        "window_id": world.ids["spring"],
    }
    with psycopg.connect(owner_url) as owner:
        insert_rows(owner, tables.GradeRow, [later])
    assert await desk.ask("teacher", document) == before
