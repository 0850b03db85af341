"""Ids that change, and two records that were one child's."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server import tables
from tests.e2e.programs import registered
from tests.e2e.rosters import ANN, Source, outcomes
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world, small_school

REKEY = "mutation($i: RekeyInput!) { rekey(input: $i) { record userErrors { code } } }"
MERGE = "mutation($i: MergeLearnersInput!) { mergeLearners(input: $i) { id userErrors { code } } }"
OPT_OUT = "mutation($i: OptOutOfClientInput!) { optOutOfClient(input: $i) { userErrors { code } } }"
HELD = (
    "mark", "mark_version", "grade", "report", "enrolment", "tutor_membership", "guardian_link", "learner_special",
)  # fmt: skip


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = small_school(f"merging {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def source(app_url: str, server: Server, school: World) -> Source:
    program = registered(app_url, server.http, school)
    return Source(Client(server.http, program.token(school.school_id)))


def merge(client: Client, keep: str, merged: str) -> Any:
    return client.ask(MERGE, {"i": {"keep": keep, "merge": merged}})


def held(owner_url: str, world: World, learner: str) -> dict[str, int]:
    """How many rows of each table are of the learner with that key in hexadecimal."""
    with psycopg.connect(owner_url) as connection:
        found: dict[str, int] = {}
        for table in HELD:
            query = f"SELECT count(*) FROM usher.{table} WHERE school_id = %s AND learner_id = %s".encode()
            [count] = connection.execute(query, [world.school_id, learner]).fetchone() or (-1,)
            found[table] = int(count)
    return found


def test_an_id_that_changes_means_the_same_record(source: Source) -> None:
    """The former id is free again; an id that is taken is not given."""
    made = source.learners({"id": "1", **ANN}, {"id": "2", **ANN})
    record = made["results"][0]["record"]
    given = {"system": "sims", "kind": "LEARNER", "from": "1", "to": "one"}
    assert source.client.ask(REKEY, {"i": given}).data["rekey"] == {"record": record, "userErrors": []}
    again = source.learners({"id": "one", **ANN})
    assert (outcomes(again), again["results"][0]["record"]) == (["UNCHANGED"], record)
    taken = source.client.ask(REKEY, {"i": {**given, "from": "one", "to": "2"}}).data["rekey"]
    assert taken["userErrors"] == [{"code": "CONFLICT"}]
    unknown = source.client.ask(REKEY, {"i": {**given, "from": "1", "to": "3"}}).data["rekey"]
    assert unknown["userErrors"] == [{"code": "NOT_FOUND"}]
    assert outcomes(source.learners({"id": "1", **ANN})) == ["CREATED"]


def test_a_program_merges_its_own_two(source: Source, server: Server, school: World, owner_url: str) -> None:
    """All that one record held is the other's: marks with their versions, grades, reports, what nobody may read."""
    made = source.learners({"id": "new", **ANN})["results"][0]["record"]
    ann = school.ids["ann"]
    before = held(owner_url, school, ann.hex)
    assert all(before.values()), before
    assert merge(source.client, made, f"lrn_{ann.hex}").data["mergeLearners"]["userErrors"] == [{"code": "NOT_FOUND"}]
    [row] = [row for row in school.rows[tables.LearnerRow] if row["learner_id"] == ann]
    assert outcomes(source.learners({"id": "old", "upn": row["upn"]})) == ["CHANGED"]
    done = merge(source.client, made, f"lrn_{ann.hex}")
    assert done.data["mergeLearners"] == {"id": made, "userErrors": []}
    assert held(owner_url, school, ann.hex) == dict.fromkeys(HELD, 0)
    assert held(owner_url, school, made.removeprefix("lrn_")) == before
    for known in ("new", "old"):
        assert source.learners({"id": known, "givenName": "Ann"})["results"][0]["record"] == made
    asked = "query($id: ID!) { learner(by: {id: $id}) { upn marks { nodes { history { version } } } } }"
    upn = server.client(school, "data-manager").ask(asked, {"id": made}).data["learner"]["upn"]
    marks = server.client(school, "head").ask(asked, {"id": made}).data["learner"]["marks"]["nodes"]
    assert (upn, bool(marks), all(mark["history"] for mark in marks)) == (row["upn"], True, True)
    again = merge(server.client(school, "data-manager"), made, f"lrn_{ann.hex}").data["mergeLearners"]
    assert again["userErrors"] == [{"code": "ALREADY_MERGED"}]


def test_marks_that_contradict_are_for_people(source: Source, server: Server, school: World, owner_url: str) -> None:
    """Two learners who sat the same paper: nothing is merged, by nobody; others than the roster's keepers may not."""
    before = snapshot(owner_url, school)
    ann, bob = (f"lrn_{school.ids[handle].hex}" for handle in ("ann", "eve"))
    refused = merge(server.client(school, "data-manager"), ann, bob).data["mergeLearners"]
    assert refused["userErrors"] == [{"code": "CONFLICTING_MARKS"}]
    assert merge(server.client(school, "teacher"), ann, bob).codes == ["FORBIDDEN"]
    assert merge(source.client, ann, bob).data["mergeLearners"]["userErrors"] == [{"code": "NOT_FOUND"}]
    assert merge(server.client(school, "data-manager"), ann, f"lrn_{uuid4().hex}").data["mergeLearners"][
        "userErrors"
    ] == [{"code": "NOT_FOUND"}]
    assert snapshot(owner_url, school) | {"token_allowance": None} == before | {"token_allowance": None}


def test_who_was_left_out_stays_left_out(source: Source, server: Server, school: World) -> None:
    """What a family objected to under one record is objected to under the other: the program sees neither."""
    made = source.learners({"id": "new", **ANN})["results"][0]["record"]
    ann, head = f"lrn_{school.ids['ann'].hex}", server.client(school, "head")
    given = {"program": f"prg_{school.ids['mis'].hex}", "learner": ann, "askedBy": "GUARDIAN", "reason": "They object."}
    kept = {**given, "learner": made}
    assert head.ask(OPT_OUT, {"i": given}).data["optOutOfClient"]["userErrors"] == []
    seen = "query($id: ID!) { learner(by: {id: $id}) { id } }"
    assert source.client.ask(seen, {"id": made}).data["learner"] == {"id": made}
    done = merge(server.client(school, "data-manager"), made, ann)
    assert done.data["mergeLearners"] == {"id": made, "userErrors": []}
    assert source.client.ask(seen, {"id": made}).data["learner"] is None
    assert head.ask(OPT_OUT, {"i": kept}).data["optOutOfClient"]["userErrors"] == [{"code": "ALREADY_HELD"}]


def test_both_were_left_out(source: Source, server: Server, school: World) -> None:
    """Of two objections to one program one is enough."""
    made = source.learners({"id": "new", **ANN})["results"][0]["record"]
    ann, head = f"lrn_{school.ids['ann'].hex}", server.client(school, "head")
    for learner in (ann, made):
        given = {
            "program": f"prg_{school.ids['mis'].hex}",
            "learner": learner,
            "askedBy": "SCHOOL",
            "reason": "They object.",
        }
        assert head.ask(OPT_OUT, {"i": given}).data["optOutOfClient"]["userErrors"] == []
    done = merge(server.client(school, "data-manager"), made, ann)
    assert done.data["mergeLearners"] == {"id": made, "userErrors": []}
    assert source.client.ask("query($id: ID!) { learner(by: {id: $id}) { id } }", {"id": made}).data["learner"] is None


def test_a_program_merges_few_a_day(source: Source, server: Server, school: World, owner_url: str) -> None:
    """What can't be taken apart again isn't done to a whole school by a program: people go on."""
    made = [row["record"] for row in source.learners(*({"id": f"m{one}", **ANN} for one in range(3)))["results"]]
    assert merge(source.client, made[0], made[1]).data["mergeLearners"]["userErrors"] == []
    before = snapshot(owner_url, school)
    assert merge(source.client, made[0], made[2]).data["mergeLearners"]["userErrors"] == [{"code": "TOO_MANY"}]
    assert snapshot(owner_url, school) == before
    assert merge(server.client(school, "data-manager"), made[0], made[2]).data["mergeLearners"]["userErrors"] == []
