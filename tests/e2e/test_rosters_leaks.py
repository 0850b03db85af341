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
from tests.worlds.opt_outs import opt_out


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = small_school(f"roster leaks {uuid4()}", today)
    opt_out(world, "mis", "hal")
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
    gus, hal, ann, bob = (stored(school, handle) for handle in ("gus", "hal", "ann", "bob"))
    before = snapshot(owner_url, school)
    alone = [
        source.learners({"id": "1", "upn": gus["upn"], "givenName": "X"}),
        source.learners({"id": "4", "upn": hal["upn"], "givenName": "X"}),
        source.learners({"id": "5", **ANN, "misId": hal["mis_id"]}),
        source.learners({"id": "3", **ANN, "misId": bob["mis_id"]}),
        source.learners({"id": "2", **ANN, "upn": ann["upn"], "dateOfBirth": "2001-01-01"}, dryRun=True),
    ]
    assert [codes(one) for one in alone] == [[("CONFLICT", "0")]] * 5
    assert len({one["userErrors"][0]["message"] for one in alone}) == 1
    assert [outcomes(one) for one in alone] == [["ERROR"]] * 5
    assert snapshot(owner_url, school) == before


def named(world: World, learner: str, source_id: str) -> None:
    """The learner has an id in the program's system, from before the family opted out."""
    world.add(tables.SourceSystemRow, system="sims", program=world.ids["mis"], since=world.morning)
    row = {"naming_id": world.new_id(), "kind": "LEARNER", "system": "sims", "source_id": source_id}
    world.add(tables.ExternalIdRow, **row, record_id=world.ids[learner], begun_at=world.morning, ended_at=None)


def test_who_opted_out_looks_like_nobody(app_url: str, server: Server, today: date, owner_url: str) -> None:
    """Guardians and places that name a learner who opted out, and one who never was: the same answer."""
    world = small_school(f"roster opted out {uuid4()}", today)
    named(world, "gus", "was-there")
    insert_world(app_url, world)
    program = registered(app_url, server.http, world)
    source = Source(Client(server.http, program.token(world.school_id)))
    room = {"academicYear": world.year, "name": "x", "course": "y", "subject": "z", "department": "d", "yearGroup": "7"}
    assert outcomes(source.send("upsertClasses", [{"id": "c1", **room}])) == ["CREATED"]
    before = snapshot(owner_url, world)
    guardian = {"id": "g1", "givenName": "Una", "familyName": "Who"}
    place = {"id": "e1", "class": "c1", "from": today.isoformat()}
    for mutation, rows in (
        ("upsertGuardians", [{**guardian, "learners": [{"learner": one, "relationship": "MOTHER"}]} for one in NOBODY]),
        ("upsertEnrolments", [{**place, "learner": one} for one in NOBODY]),
    ):
        answers = [source.send(mutation, [row]) for row in rows]
        assert [codes(one)[0][0] for one in answers] == ["UNKNOWN_REFERENCE"] * 2
        assert answers[0] == answers[1]
    assert codes(source.learners({"id": "was-there", "givenName": "X"})) == [("CONFLICT", "0")]
    closing = "mutation($i: CloseRecordsInput!) { closeRecords(input: $i) { results { outcome } userErrors { code message } } }"
    rekey = "mutation($i: RekeyInput!) { rekey(input: $i) { record userErrors { code message } } }"
    asked: list[list[Any]] = [[], []]
    for one in NOBODY:
        leaves = {"system": "sims", "kind": "LEARNER", "rows": [{"id": one, "on": today.isoformat()}]}
        asked[0].append(source.client.ask(closing, {"i": {**leaves, "idempotencyKey": str(uuid4())}}).body)
        asked[1].append(
            source.client.ask(rekey, {"i": {"system": "sims", "kind": "LEARNER", "from": one, "to": "x"}}).body
        )
    for answers in asked:
        assert answers[0] == answers[1]
        assert "data" in answers[0]
    assert snapshot(owner_url, world) == before


NOBODY = ("was-there", "never-was")


def test_a_writer_without_reading_is_told_nothing_of_what_stood_there(
    app_url: str, server: Server, today: date
) -> None:
    """Neither UNCHANGED nor a version; and of special category nobody is, whatever else they read."""
    world = small_school(f"roster blind {uuid4()}", today)
    insert_world(app_url, world)
    program = registered(app_url, server.http, world)
    ann = stored(world, "ann")
    row = {"id": "a", "upn": ann["upn"], "givenName": ann["given_name"]}
    whole = Source(Client(server.http, program.token(world.school_id)))
    assert outcomes(whole.learners(row)) == ["CHANGED"]
    [known] = whole.learners(row)["results"]
    assert (known["outcome"], known["version"] is None) == ("UNCHANGED", False)
    blind = Source(Client(server.http, program.token(world.school_id, scope="roster-core.createput special-write")))
    right, wrong = (blind.learners({**row, "givenName": name}, dryRun=True) for name in (ann["given_name"], "Other"))
    assert right == wrong
    assert (outcomes(right), right["results"][0]["version"]) == (["CHANGED"], None)
    special = [whole.learners({"id": "a", "senProvision": word}, dryRun=dry) for word in "KEN" for dry in (True, False)]
    assert {outcomes(one)[0] for one in special} == {"CHANGED"}
    assert {one["results"][0]["version"] for one in special} == {None}


def test_who_was_left_out_of_the_programs_data_is_refused_alike(
    source: Source, server: Server, school: World, owner_url: str
) -> None:
    """By the wall, of this program alone: what it sends of the learner, by a known id or by number, is one refusal."""
    ann, bob = stored(school, "ann"), stored(school, "bob")
    assert outcomes(source.learners({"id": "a", "upn": ann["upn"]})) == ["CHANGED"]
    document = "mutation($i: OptOutOfClientInput!) { optOutOfClient(input: $i) { userErrors { code message } } }"
    given = {
        "program": f"prg_{school.ids['mis'].hex}",
        "learner": f"lrn_{ann['learner_id'].hex}",
        "askedBy": "GUARDIAN",
    }
    answer = server.client(school, "head").ask(document, {"i": {**given, "reason": "The family asked for it."}})
    assert answer.data["optOutOfClient"]["userErrors"] == []
    before = snapshot(owner_url, school)
    refused = [
        source.learners({"id": "a", "givenName": "Other"}),
        source.learners({"id": "b", **ANN, "upn": ann["upn"]}),
        source.learners({"id": "b", **ANN, "misId": ann["mis_id"]}),
        source.learners({"id": "b", **ANN, "upn": bob["upn"], "misId": ann["mis_id"]}),
    ]
    assert [codes(one) for one in refused] == [[("CONFLICT", "0")]] * 4
    assert len({one["userErrors"][0]["message"] for one in refused}) == 1
    assert snapshot(owner_url, school) == before


def test_guardians_of_who_was_left_out_are_nobodys_to_write(
    source: Source, server: Server, school: World, owner_url: str
) -> None:
    """A guardian all of whose children were left out is as closed to the program as they are."""
    made = source.learners({"id": "1", **ANN})["results"][0]["record"]
    tie = {"learner": "1", "relationship": "MOTHER"}
    known = {"id": "g", "givenName": "Mary", "familyName": "Gwyn", "email": "mary@home.example"}
    assert outcomes(source.send("upsertGuardians", [{**known, "learners": [tie]}])) == ["CREATED"]
    document = "mutation($i: OptOutOfClientInput!) { optOutOfClient(input: $i) { userErrors { code } } }"
    given = {
        "program": f"prg_{school.ids['mis'].hex}",
        "learner": made,
        "askedBy": "GUARDIAN",
        "reason": "They object.",
    }
    answer = server.client(school, "head").ask(document, {"i": given})
    assert answer.data["optOutOfClient"]["userErrors"] == []
    before = snapshot(owner_url, school)
    tried = [
        source.send("upsertGuardians", [{**known, "email": "thief@vendor.example"}]),
        source.send("upsertGuardians", [known], dryRun=True),
    ]
    assert [codes(one) for one in tried] == [[("CONFLICT", "0")]] * 2
    assert snapshot(owner_url, school) == before
