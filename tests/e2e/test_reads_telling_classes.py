"""A class that tells something of its learners is as closed as what it tells, by every way that leads to it."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from server import tables
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

TELLING = "10/En1"
WAYS = """query($id: ID!, $ids: [ID!]!, $learner: ID!, $assessment: ID!) {
  class(id: $id) { name } node(id: $id) { id } nodes(ids: $ids) { id } classes { nodes { name } totalCount }
  named: classes(filter: {name: {startsWith: "10/E"}}) { nodes { name } }
  learner(by: {id: $learner}) { classes { name course { classes { name } } } }
  assessment(id: $assessment) { classes { name } }
  filtered: learners(filter: {class: {eq: $id}}) { nodes { id } } }"""


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = wide_school("telling classes", today)
    for row in world.rows[tables.ClassRow]:
        row["reveals"] = "sen_needs" if row["class_id"] == world.ids[TELLING] else None
    insert_world(app_url, world)
    return world


def given(school: World) -> dict[str, Any]:
    class_id = f"cls_{school.ids[TELLING].hex}"
    learner = next(
        row["learner_id"]
        for row in school.rows[tables.EnrolmentRow]
        if row["class_id"] == school.ids[TELLING] and row["valid_to"] is None
    )
    sat = next(
        row["assessment_id"] for row in school.rows[tables.AssessmentClassRow] if row["class_id"] == school.ids[TELLING]
    )
    return {
        "id": class_id, "ids": [class_id], "learner": f"lrn_{learner.hex}", "assessment": f"asm_{sat.hex}",
    }  # fmt: skip


def names(client: Client, school: World) -> tuple[bool, dict[str, Any]]:
    """Whether the answer names the class anywhere, and the answer."""
    data = client.ask(WAYS, given(school)).data
    found = repr(data)
    return f"'{TELLING}'" in found or given(school)["id"] in found, data


@pytest.mark.parametrize("handle", ["senco", "english"])
def test_who_may_read_what_it_tells_sees_it(server: Server, school: World, handle: str) -> None:
    """The SEN coordinator, who may read everybody's needs, and the class's own trained teacher."""
    seen, data = names(server.client(school, handle), school)
    assert seen
    assert data["class"] == {"name": TELLING}
    assert [one["id"] for one in data["nodes"]] == [given(school)["id"]]


@pytest.mark.parametrize("handle", ["senco-untrained", "teacher", "dpo", "head"])
def test_who_may_not_finds_it_nowhere(server: Server, school: World, handle: str) -> None:
    """Not by id, list, filter, count, learner, course or assessment; nor by filtering learners by it."""
    seen, data = names(server.client(school, handle), school)
    assert not seen
    assert (data["class"], data["node"], data["nodes"]) == (None, None, [None])
    assert data["classes"]["totalCount"] in (None, len(data["classes"]["nodes"]))
    assert data["filtered"]["nodes"] == []


def test_a_reason_opens_it_to_the_head(server: Server, school: World) -> None:
    """The head reads needs with a reason, and so the class."""
    document = "query($id: ID!) { class(id: $id) { name } }"
    head = server.client(school, "head")
    assert head.ask(document, {"id": given(school)["id"]}).data["class"] is None
    assert head.ask(document, {"id": given(school)["id"]}, reason="A complaint.").data["class"] == {"name": TELLING}


def test_learners_shown_beside_it_are_in_the_audit(server: Server, school: World, owner_url: str) -> None:
    """Whoever sees a learner in the class has read what it tells, whichever of the two leads to the other."""
    senco, values = server.client(school, "senco"), given(school)
    below = senco.ask("query($id: ID!) { class(id: $id) { learners { id } } }", {"id": values["id"]}).data
    learners = {one["id"] for one in below["class"]["learners"]}
    assert values["learner"] in learners
    above = "query($id: ID!) { learner(by: {id: $id}) { classes { name } } }"
    senco.ask(above, {"id": values["learner"]}).data  # noqa: B018
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(
            "SELECT elements FROM usher.audit_operation WHERE school_id = %s ORDER BY audit_id", [school.school_id]
        ).fetchall()
    told = [{f"lrn_{one.replace('-', '')}" for one in elements["sen_needs"]} for (elements,) in rows[-2:]]
    assert told == [learners, {values["learner"]}]


def test_a_filter_by_it_finds_nobody_for_anyone(server: Server, school: World) -> None:
    """A list filtered by the class would tell without naming it: so it is no filter."""
    for handle in ("senco", "english"):
        _, data = names(server.client(school, handle), school)
        assert data["filtered"]["nodes"] == []
