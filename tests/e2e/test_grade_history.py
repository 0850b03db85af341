"""Grade.history and attempts: what stood before is kept, and the specification says which attempt counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from uuid import uuid4

import pytest

from server.database.pool import Pool
from server.grading.specification import Retake
from tests.oracle.desk import Desk as Reader
from tests.oracle.served import Served
from tests.unit.commands.desk import Desk, batch
from tests.worlds import World, insert_world, small_school
from tests.worlds.own_qualification import own_qualification

PAPER_1, PAPER_2 = "maths-10 paper 1", "maths-10 paper 2"

HISTORY = """{ learners(first: 20) { nodes { givenName grades { value version
  history { version value subjectMark series specification replacedAt computedAt } } } } }"""


@pytest.fixture
def new_desk(
    pool: Pool, app_url: str, owner_url: str, today: date, request: pytest.FixtureRequest
) -> Callable[..., Desk]:
    """Makes a desk in a school of its own; `change` may change its rows first."""

    def make(change: Callable[[World], object] | None = None) -> Desk:
        world = small_school(f"{request.node.nodeid}/{uuid4()}", today)
        if change is not None:
            change(world)
        insert_world(app_url, world)
        return Desk(world, pool, owner_url)

    return make


async def test_what_a_result_replaces_stays_readable(
    new_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newest first, each as it stood; a result that stays the same leaves nothing behind."""
    desk = new_desk()
    before = desk.grade_of("ann")
    for name, score in (("a", "70"), ("b", "70"), ("c", "10")):
        await desk.record("teacher", batch(name, desk.entry("ann", PAPER_1, score)))
    reader = Reader(Served(desk.pool, monkeypatch, desk.world), desk.world)
    nodes = (await reader.ask("head", HISTORY))["learners"]["nodes"]
    [grade] = [grade for node in nodes if node["givenName"] == "Ann" for grade in node["grades"]]
    assert (grade["value"], grade["version"]) == ("2", 3)
    told = [(one["version"], one["value"], one["subjectMark"]) for one in grade["history"]]
    assert told == [(2, "6", "102"), (1, before[0], before[2]), (0, before[0], before[2])]
    assert {(one["specification"], one["series"]) for one in grade["history"]} == {("0001", "2025-06")}
    assert all(one["computedAt"] <= one["replacedAt"] for one in grade["history"])


async def test_the_specification_says_which_attempt_counts(new_desk: Callable[..., Desk]) -> None:
    """A worse resit lowers a grade under `newest`, and nothing under `best`; an absence lowers neither."""
    totals: dict[Retake, list[str]] = {}
    for retake in Retake:
        desk = new_desk(partial(own_qualification, retake=retake))
        totals[retake] = []
        for attempt, score in ((2, "20"), (3, None), (4, "60")):
            entry = desk.entry("ann", PAPER_1, score, attempt=attempt)
            await desk.record("teacher", batch(f"{retake}-{attempt}", entry))
            totals[retake].append(desk.grade_of("ann")[2])
    assert totals == {Retake.NEWEST: ["52", "52", "92"], Retake.BEST: ["63", "63", "92"]}


async def test_an_explanation_takes_the_attempt_that_the_grade_took(
    new_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under `best` the worse resit is explained as little as it counts."""
    desk = new_desk(partial(own_qualification, retake=Retake.BEST))
    await desk.record("teacher", batch("worse", desk.entry("ann", PAPER_1, "20", attempt=2)))
    reader = Reader(Served(desk.pool, monkeypatch, desk.world), desk.world)
    document = (
        "{ learners(first: 20) { nodes { givenName grades { subjectMark explanation { steps { kind value } } } } } }"
    )
    nodes = (await reader.ask("head", document))["learners"]["nodes"]
    [grade] = [grade for node in nodes if node["givenName"] == "Ann" for grade in node["grades"]]
    [total] = [step["value"] for step in grade["explanation"]["steps"] if step["kind"] == "total"]
    assert grade["subjectMark"] == total == "63"
