"""What a program learns of learners whose records are not for it: nothing, in the same words for all of them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from server import tables
from tests.e2e.programs import registered
from tests.e2e.rosters import ANN, Source, codes, outcomes
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world, small_school


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = small_school(f"roster leaks {uuid4()}", today)
    world.add(
        tables.LearnerFlagRow,
        flag_id=world.new_id(),
        learner_id=world.ids["dan"],
        kind="OPTED_OUT",
        valid_from=world.days(-30),
        decided_by=world.ids["head"],
    )
    insert_world(app_url, world)
    return world


@pytest.fixture
def source(app_url: str, server: Server, school: World) -> Source:
    program = registered(app_url, server.http, school)
    return Source(Client(server.http, program.token(school.school_id)))


def stored(world: World, handle: str) -> dict[str, Any]:
    [row] = [row for row in world.rows[tables.LearnerRow] if row["learner_id"] == world.ids[handle]]
    return dict(row)


def test_what_is_not_for_the_program_is_refused_in_one_way(source: Source, school: World, owner_url: str) -> None:
    """Who opted out, who was born on another day, and whose number somebody else has: one code, one sentence."""
    dan, ann, bob = (stored(school, handle) for handle in ("dan", "ann", "bob"))
    before = snapshot(owner_url, school)
    alone = [
        source.learners({"id": "1", "upn": dan["upn"], "givenName": "X"}),
        source.learners({"id": "3", **ANN, "misId": bob["mis_id"]}),
        source.learners({"id": "2", **ANN, "upn": ann["upn"], "dateOfBirth": "2001-01-01"}, dryRun=True),
    ]
    assert [codes(one) for one in alone] == [[("CONFLICT", "0")]] * 3
    assert len({one["userErrors"][0]["message"] for one in alone}) == 1
    assert [outcomes(one) for one in alone] == [["ERROR"]] * 3
    assert snapshot(owner_url, school) == before
