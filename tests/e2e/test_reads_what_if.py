"""What a what-if costs and leaves: one statement for its inputs, and an audit row where a rule has one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from server.database.pool import Pool
from server.policies.rule import Rule
from server.policies.shipped import starting_book
from tests.oracle.desk import Desk
from tests.oracle.publishing import publish
from tests.oracle.served import Served
from tests.wire_tap import WireTap
from tests.worlds import World, insert_world
from tests.worlds.tiered import EARLIER, tiered_school

ASK = """query ($learner: ID!, $course: ID!, $overlays: [WhatIfOverlay!]!) {
  whatIf(learner: $learner, course: $course, overlays: $overlays) { results { value refusal { code } } } }"""


@pytest.fixture
def world(owner_url: str, today: date) -> World:
    world = tiered_school(f"what if reads {uuid4()}", today)
    insert_world(owner_url, world)
    return world


@pytest_asyncio.fixture
async def desk(pool: Pool, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    yield Desk(Served(pool, monkeypatch, world), world)


def given(desk: Desk, number: int, learner: str = "ann") -> dict[str, Any]:
    changes = [
        {"series": EARLIER},
        {"tier": "F"},
        {"boundaryShift": 3},
        {"marks": [{"component": "0002/1H", "score": "9"}]},
    ]
    overlays = [{"name": str(place), **changes[place % 4]} for place in range(number)]
    return {"learner": desk.id("lrn", learner), "course": desk.id("crs", "maths-10"), "overlays": overlays}


async def statements(wire_tap: WireTap, world: World, monkeypatch: pytest.MonkeyPatch, number: int) -> list[Any]:
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        desk = Desk(Served(pool, monkeypatch, world), world)
        await desk.ask("teacher", ASK, given(desk, number))
        wire_tap.clear()
        found = (await desk.ask("teacher", ASK, given(desk, number)))["whatIf"]["results"]
    assert [one["refusal"] for one in found] == [None] * number
    return [one for one in wire_tap.statements if "usher.grade" in str(one)]


async def test_fifty_overlays_are_one_statement(
    wire_tap: WireTap, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As is one of them."""
    assert len(await statements(wire_tap, world, monkeypatch, 1)) == 1
    assert len(await statements(wire_tap, world, monkeypatch, 50)) == 1


async def test_a_logged_element_leaves_one_row_with_the_learner(desk: Desk, owner_url: str) -> None:
    """And nothing else is written; where nothing was found, no learner is named."""
    book = starting_book()
    logged = Rule("logged-marks", "head", "mark", "read", "school", duties=("log",))
    with psycopg.connect(owner_url) as owner:
        publish(owner, desk.world, replace(book, rules=(*book.rules, logged)))
    before = _rows(owner_url, desk.world)
    await desk.ask("head", ASK, given(desk, 2))
    await desk.ask("head", ASK, given(desk, 2, learner="dan"))
    ann = str(desk.world.ids["ann"])
    assert _rows(owner_url, desk.world)[len(before) :] == [
        ("read", {"mark": [ann]}, {"fields": ["whatIf"]}),
        ("read", {"mark": []}, {"fields": ["whatIf"]}),
    ]


def _rows(owner_url: str, world: World) -> list[Any]:
    with psycopg.connect(owner_url) as connection:
        return connection.execute(
            "SELECT kind, elements, details FROM usher.audit_operation WHERE school_id = %s ORDER BY audit_id",
            [world.school_id],
        ).fetchall()
