"""Rosters that programs write: over HTTP, with a program's own token."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.programs import registered
from tests.e2e.rosters import ANN, Source, codes, outcomes
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world, small_school


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = small_school(f"rosters {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def source(app_url: str, server: Server, school: World) -> Source:
    program = registered(app_url, server.http, school)
    return Source(Client(server.http, program.token(school.school_id)))


def learner(client: Client, record: str, fields: str) -> dict[str, Any]:
    found: dict[str, Any] = client.ask(
        f"query($id: ID!) {{ learner(by: {{id: $id}}) {{ {fields} }} }}", {"id": record}
    ).data["learner"]
    return found


def test_a_learner_is_made_changed_and_left_alone(source: Source, server: Server, school: World) -> None:
    """By the source's id: once made, then changed, then as it was; the school's people see it."""
    made = source.learners({"id": "1", **ANN})
    assert (outcomes(made), codes(made)) == (["CREATED"], [])
    record = made["results"][0]["record"]
    again = source.learners({"id": "1", **ANN})
    assert outcomes(again) == ["UNCHANGED"]
    assert again["results"][0] | {"outcome": "CREATED"} == made["results"][0]
    changed = source.learners({"id": "1", "familyName": "Stuart"})
    assert outcomes(changed) == ["CHANGED"]
    assert changed["results"][0]["record"] == record
    assert changed["results"][0]["version"] != made["results"][0]["version"]
    seen = learner(server.client(school, "head"), record, "givenName familyName")
    assert seen == {"givenName": "Nell", "familyName": "Stuart"}


def test_a_family_a_class_and_a_place_in_it(source: Source, server: Server, school: World, today: date) -> None:
    """Each kind by the ids of the same system; the second time nothing changes."""
    year = school.year
    sent: dict[str, list[dict[str, Any]]] = {
        "upsertStaff": [{"id": "s1", "givenName": "Ada", "familyName": "King", "from": "2025-09-01"}],
        "upsertLearners": [{"id": "l1", **ANN}, {"id": "l2", **ANN, "givenName": "Rose"}],
        "upsertGuardians": [
            {
                "id": "g1", "givenName": "Moll", "familyName": "Gwyn",
                "learners": [{"learner": "l1", "relationship": "MOTHER"}, {"learner": "l2", "relationship": "MOTHER"}],
            }
        ],
        "upsertClasses": [
            {
                "id": "c1", "academicYear": year, "name": "7x/Dr1", "course": "Drama 7", "subject": "Drama",
                "department": "Arts", "yearGroup": "7", "teachers": [{"staff": "s1", "kind": "TEACHER"}],
            }
        ],
        "upsertEnrolments": [{"id": "e1", "class": "c1", "learner": "l1", "from": today.isoformat()}],
    }  # fmt: skip
    made = {name: source.send(name, rows) for name, rows in sent.items()}
    assert {name: set(outcomes(one)) for name, one in made.items()} == {name: {"CREATED"} for name in sent}, made
    again = {name: source.send(name, rows) for name, rows in sent.items()}
    assert {name: set(outcomes(one)) for name, one in again.items()} == {name: {"UNCHANGED"} for name in sent}, again
    assert [one["results"] for one in again.values()] == [
        [{**row, "outcome": "UNCHANGED"} for row in one["results"]] for one in made.values()
    ]
    seen = server.client(school, "data-manager").ask(
        "query($id: ID!) { class(id: $id) { name course { name subject } teachers { familyName }"
        " learners { givenName guardians { givenName relationship verifiedAt } } } }",
        {"id": made["upsertClasses"]["results"][0]["record"]},
    )
    mother = {"givenName": "Moll", "relationship": "MOTHER", "verifiedAt": None}
    assert seen.data["class"] == {
        "name": "7x/Dr1", "course": {"name": "Drama 7", "subject": "Drama"}, "teachers": [{"familyName": "King"}],
        "learners": [{"givenName": "Nell", "guardians": [mother]}],
    }  # fmt: skip
