"""accessLog: the officer finds who looked at whom, at what and when; nobody else finds anything."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.database import Database
from tests.e2e.audit_desk import Desk
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world, small_school

EVERYTHING = """query Log($learner: ID, $person: ID, $element: DataElement, $filter: AuditEntryFilter) {
  accessLog(learner: $learner, person: $person, element: $element, filter: $filter, first: 500) {
    totalCount partial nodes { reference occurredAt kind capacity roles person client address elements purpose reason
      operation document policyVersion profileVersion staff { familyName } learners { id givenName }
      withheld { element reason } } } }"""


@pytest.fixture(scope="module")
def world(database: Database, today: Any) -> World:
    world = small_school("access log", today)
    insert_world(database.app_url, world)
    insert_world(database.app_url, small_school("access log, the other one", today))
    return world


@pytest.fixture(scope="module")
def desk(database: Database, world: World) -> Desk:
    if database.audit_url is None:
        pytest.skip("needs USHER_AUDIT_DATABASE_URL")
    return Desk(world, database.app_url, database.audit_url, database.owner_url, world.morning - timedelta(days=20))


@pytest.fixture(scope="module")
def rows(desk: Desk, world: World) -> dict[str, str]:
    """Handle -> audit id: some are sealed, some aren't."""
    ann, bob = (str(world.ids[name]) for name in ("ann", "bob"))
    found = {
        "sen of ann": desk.write(1, elements={"sen_needs": [ann]}, person_id=world.ids["senco"]),
        "marks of both": desk.write(2, elements={"mark": [ann, bob]}, kind="write", person_id=world.ids["teacher"]),
    }
    asyncio.run(desk.seal(3))
    found |= {
        "sen of bob, marks of ann": desk.write(4, elements={"sen_needs": [bob], "mark": [ann]}, purpose="teaching"),
        "of nobody": desk.write(5, elements={}, kind="export", person_id=world.ids["head"]),
    }
    return {name: str(key) for name, key in found.items()}


@pytest.fixture
def officer(server: Server, world: World) -> Client:
    return server.client(world, "dpo")


def lrn(world: World, handle: str) -> str:
    return f"lrn_{world.ids[handle].hex}"


def ask(client: Client, **variables: Any) -> list[dict[str, Any]]:
    return client.ask(EVERYTHING, variables).data["accessLog"]["nodes"]


def references(client: Client, rows: dict[str, str], **variables: Any) -> list[str]:
    """Handles of the known rows among the answer, in its order."""
    handles = {key: name for name, key in rows.items()}
    return [handles[one["reference"]] for one in ask(client, **variables) if one["reference"] in handles]


def test_everything_newest_first(officer: Client, rows: dict[str, str], world: World) -> None:
    """All rows of the school, and each field as it was stored."""
    assert references(officer, rows) == ["of nobody", "sen of bob, marks of ann", "marks of both", "sen of ann"]
    last = next(one for one in ask(officer) if one["reference"] == rows["sen of ann"])
    assert last["occurredAt"].endswith("Z")
    assert (last["kind"], last["capacity"], last["roles"]) == ("read", "STAFF", ["senco"])
    assert (last["elements"], last["address"], last["client"]) == (["SEN_NEEDS"], "192.0.2.7", None)
    assert last["learners"] == [{"id": lrn(world, "ann"), "givenName": last["learners"][0]["givenName"]}]
    assert last["staff"] == {"familyName": "Care"}
    assert (last["policyVersion"], last["withheld"]) == (1, [])


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"learner": "ann"}, ["sen of bob, marks of ann", "marks of both", "sen of ann"]),
        ({"learner": "bob"}, ["sen of bob, marks of ann", "marks of both"]),
        ({"learner": "ann", "element": "SEN_NEEDS"}, ["sen of ann"]),
        ({"learner": "bob", "element": "SEN_NEEDS"}, ["sen of bob, marks of ann"]),
        ({"learner": "cat"}, []),
        ({"element": "SEN_NEEDS"}, ["sen of bob, marks of ann", "sen of ann"]),
        ({"element": "ETHNICITY"}, []),
        ({"person": "teacher"}, ["marks of both"]),
        ({"person": "teacher", "learner": "ann"}, ["marks of both"]),
        ({"person": "head", "learner": "ann"}, []),
        ({"filter": {"kind": {"in": ["write", "export"]}}}, ["of nobody", "marks of both"]),
        ({"filter": {"purpose": {"eq": "teaching"}}}, ["sen of bob, marks of ann"]),
    ],
)
def test_filters_find_exactly_what_was_asked_for(
    officer: Client, rows: dict[str, str], world: World, given: dict[str, Any], found: list[str]
) -> None:
    """Whether a row is sealed or not; a learner and an element must stand together."""
    variables = dict(given)
    variables |= {"learner": lrn(world, given["learner"])} if "learner" in given else {}
    variables |= {"person": f"stf_{world.ids[given['person']].hex}"} if "person" in given else {}
    assert references(officer, rows, **variables) == found


def test_a_stretch_of_time(officer: Client, rows: dict[str, str], desk: Desk) -> None:
    """From and to are both within."""
    between = {"from": desk.after(2).isoformat(), "to": desk.after(4).isoformat()}
    assert references(officer, rows, filter={"occurredAt": between}) == ["sen of bob, marks of ann", "marks of both"]


def test_an_entry_s_person_can_be_asked_for(officer: Client, rows: dict[str, str]) -> None:
    """Whatever that person is: the entry names them as the argument wants it."""
    person = next(one["person"] for one in ask(officer) if one["reference"] == rows["of nobody"])
    assert references(officer, rows, person=person) == ["of nobody"]


def test_pages_follow_each_other(officer: Client, rows: dict[str, str], world: World) -> None:
    """Newest first, by cursor, under a filter; nothing twice and nothing left out."""
    document = """query P($after: String, $learner: ID!, $to: DateTime!) { accessLog(learner: $learner, first: 1,
        after: $after, filter: {kind: {in: ["read", "write"]}, occurredAt: {to: $to}}) {
        nodes { reference } pageInfo { hasNextPage endCursor } } }"""
    given = {"learner": lrn(world, "ann"), "to": (world.morning - timedelta(days=19)).isoformat()}
    found: list[str] = []
    after, more = None, True
    while more:
        page = officer.ask(document, {**given, "after": after}).data["accessLog"]
        found += [one["reference"] for one in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert found == [rows[name] for name in ("sen of bob, marks of ann", "marks of both", "sen of ann")]


def test_reading_the_log_is_logged(officer: Client, rows: dict[str, str], world: World, desk: Desk) -> None:
    """The row names the entries that were shown, and the officer."""
    assert references(officer, rows, element="SEN_NEEDS") == ["sen of bob, marks of ann", "sen of ann"]
    query = (
        "SELECT person_id, elements, ip_address FROM usher.audit_operation WHERE school_id = %s AND elements ? 'audit' "
        "ORDER BY occurred_at DESC LIMIT 1"
    )
    with psycopg.connect(desk.owner_url) as connection:
        person, elements, address = connection.execute(query, [world.school_id]).fetchone() or (None, {}, None)
    assert (person, address) == (world.ids["dpo"], "127.0.0.1")
    assert {rows["sen of bob, marks of ann"], rows["sen of ann"]} <= set(elements["audit"])
    assert references(officer, rows, element="AUDIT") == []
    assert ask(officer, element="AUDIT") != []


@pytest.mark.parametrize("handle", ["teacher", "head", "data-manager", "pat", "ann", "mis", "support", "tutor"])
def test_nobody_else_finds_an_entry(server: Server, world: World, rows: dict[str, str], handle: str) -> None:
    """An empty page, as of any list whose rows exist for nobody like them; a filter by it is refused."""
    client = server.client(world, handle)
    for variables in ({}, {"learner": lrn(world, "ann")}, {"person": f"stf_{world.ids['teacher'].hex}"}):
        answer = client.ask(EVERYTHING, variables).data["accessLog"]
        assert (answer["nodes"], answer["totalCount"]) == ([], 0)
    assert client.ask(EVERYTHING, {"filter": {"kind": {"eq": "read"}}}).codes == ["FORBIDDEN_ARGUMENT"]


def test_another_school_s_log_is_another_s(
    server: Server, database: Database, world: World, rows: dict[str, str], today: Any
) -> None:
    """Neither by a learner's id nor by a person's."""
    other = small_school("access log, the third", today)
    insert_world(database.app_url, other)
    officer = server.client(other, "dpo")
    assert references(officer, rows) == []
    assert ask(officer, learner=lrn(world, "ann")) == []
    assert ask(officer, person=f"stf_{world.ids['senco'].hex}") == []


def test_what_is_no_id_disturbs_nothing(officer: Client, rows: dict[str, str], desk: Desk, world: World) -> None:
    """An element may one day be logged with something else: such a row is listed, and names whom it names."""
    key = desk.write(7, elements={"target": ["all of them", str(world.ids["fay"])]})
    assert [entry["reference"] for entry in ask(officer, learner=lrn(world, "fay"))] == [str(key)]
    [entry] = ask(officer, element="TARGET")
    assert [one["id"] for one in entry["learners"]] == [lrn(world, "fay")]


def test_bad_arguments_are_named(officer: Client, world: World) -> None:
    """A learner that is no learner's id, a person that is no id."""
    for variables in ({"learner": f"stf_{world.ids['head'].hex}"}, {"person": "me"}, {"learner": "x"}):
        answer = officer.ask(EVERYTHING, variables)
        assert answer.codes == ["BAD_USER_INPUT"]
        assert next(iter(variables)) in answer.body["errors"][0]["message"]


def test_what_is_forgotten_is_null(officer: Client, desk: Desk, world: World) -> None:
    """Person, program and address; the rest stays."""
    key = desk.write(6, elements={"photo": [str(world.ids["dan"])]}, person_id=world.ids["senco"])
    desk.bypass(
        "UPDATE usher.audit_operation SET person_id = NULL, ip_address = NULL, user_salt = NULL WHERE audit_id = %s",
        values=[key],
    )
    [entry] = ask(officer, element="PHOTO")
    assert (entry["person"], entry["staff"], entry["address"], entry["client"]) == (None, None, None, None)
    assert entry["elements"] == ["PHOTO"]
