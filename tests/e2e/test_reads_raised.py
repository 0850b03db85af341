"""A school raises an element: the very next operation withholds it from the untrained, and logs those who read it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date

import psycopg
import pytest
import pytest_asyncio

from server.database.pool import Pool
from server.policies.raising import raised_sentence
from server.policies.shipped import starting_book
from server.register.elements import ELEMENTS
from tests.oracle.desk import Desk
from tests.oracle.publishing import publish
from tests.oracle.served import Served
from tests.worlds import World, insert_world, small_school

# The teacher of English holds a certificate of this course in date, the teacher of maths none.
COURSE = "sen"
GENDERS = "{ learners { nodes { id gender withheld { element reason } } } }"
BY_GENDER = '{ learners(filter: {gender: {eq: "F"}}) { nodes { id } } }'
CATALOGUE = "{ dataCatalogue { element sensitivity training handling visibleTo } }"


@pytest.fixture
def world(owner_url: str, today: date, request: pytest.FixtureRequest) -> World:
    world = small_school(f"raised {request.node.name}", today)
    insert_world(owner_url, world)
    return world


@pytest_asyncio.fixture
async def desk(pool: Pool, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    yield Desk(Served(pool, monkeypatch, world), world)


def _raise(owner_url: str, world: World, *raised: tuple[str, str]) -> None:
    with psycopg.connect(owner_url) as owner:
        publish(owner, world, replace(starting_book(), raised=raised))


async def _shown(desk: Desk, handle: str) -> tuple[set[str], set[str]]:
    """Learners whose gender is shown, and the reasons for the others."""
    nodes = (await desk.ask(handle, GENDERS))["learners"]["nodes"]
    reasons = {entry["reason"] for node in nodes for entry in node["withheld"] if entry["element"] == "GENDER"}
    return {node["id"] for node in nodes if node["gender"] is not None}, reasons


async def test_the_untrained_read_it_no_longer(desk: Desk, owner_url: str) -> None:
    """The answer says that training is what is missing, where training is; put back, all is as it was."""
    before, reasons = await _shown(desk, "teacher")
    assert before
    assert desk.served.log == {}
    _raise(owner_url, desk.world, ("gender", COURSE))
    assert await _shown(desk, "teacher") == (set(), reasons | {"TRAINING_REQUIRED"})
    assert desk.served.log == {}
    _raise(owner_url, desk.world)
    assert await _shown(desk, "teacher") == (before, reasons)


async def test_the_trained_read_what_they_read_and_it_is_logged(desk: Desk, owner_url: str) -> None:
    """The same learners as before, each named in the audit row."""
    before, reasons = await _shown(desk, "english")
    _raise(owner_url, desk.world, ("gender", COURSE))
    assert await _shown(desk, "english") == (before, reasons)
    assert before
    assert {f"lrn_{learner.replace('-', '')}" for learner in desk.served.log["gender"]} == before


async def test_the_untrained_cannot_filter_by_it(desk: Desk, owner_url: str) -> None:
    """Filtering needs a read, so that the filter is refused as for any element one may never read."""
    assert await desk.ask("teacher", BY_GENDER)
    _raise(owner_url, desk.world, ("gender", COURSE))
    assert await desk.code("teacher", BY_GENDER) == "FORBIDDEN_ARGUMENT"
    assert desk.served.log == {}


async def test_the_catalogue_tells_what_the_school_raised(desk: Desk, owner_url: str) -> None:
    """Sensitivity, course and handling of the raised element; nothing else of the register changes."""
    before = {entry["element"]: entry for entry in (await desk.ask("teacher", CATALOGUE))["dataCatalogue"]}
    _raise(owner_url, desk.world, ("gender", COURSE))
    after = {entry["element"]: entry for entry in (await desk.ask("teacher", CATALOGUE))["dataCatalogue"]}
    assert before["GENDER"]["training"] is None
    assert after.pop("GENDER") == {
        **before.pop("GENDER"),
        "sensitivity": "TREATED_AS_SPECIAL",
        "training": COURSE,
        "handling": f"{ELEMENTS['gender'].handling} {raised_sentence('gender', COURSE)}",
    }
    assert after == before
