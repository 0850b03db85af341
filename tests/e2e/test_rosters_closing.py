"""What leaves by a program's word, what waits for a person, and whose word counts for a field."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.e2e.programs import registered
from tests.e2e.rosters import ANN, Source, codes, outcomes
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

WAITING = "{ rosterClosings(waiting: true) { id kind program count waiting records { record of on } decision } }"
DECIDE = "mutation($i: %sInput!) { %s(input: $i) { id userErrors { code } } }"
REASON = "The year group has left, as the MIS says."
CLOSING = "results { position id outcome record } closing replayed userErrors { code message path }"


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = wide_school(f"closing {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def source(app_url: str, server: Server, school: World) -> Source:
    program = registered(app_url, server.http, school)
    return Source(Client(server.http, program.token(school.school_id)))


_LIKE: LiteralString = """\
FROM usher.external_id AS x WHERE x.school_id = %(school)s AND x.source_id = %(like)s"""
_OLD_PERSON: LiteralString = f"""\
INSERT INTO usher.person SELECT (jsonb_populate_record(p, jsonb_build_object('person_id', %(key)s::text))).*
FROM usher.person AS p WHERE p.school_id = %(school)s AND p.person_id = (SELECT x.record_id {_LIKE})"""
_OLD_LEARNER: LiteralString = f"""\
INSERT INTO usher.learner SELECT (jsonb_populate_record(l, jsonb_build_object('learner_id', %(key)s::text))).*
FROM usher.learner AS l WHERE l.school_id = %(school)s AND l.learner_id = (SELECT x.record_id {_LIKE})"""
_OLD_ID: LiteralString = f"""\
INSERT INTO usher.external_id SELECT (jsonb_populate_record(x,
    jsonb_build_object('record_id', %(key)s::text, 'source_id', %(name)s::text, 'naming_id', %(key)s::text))).*
{_LIKE}"""


def close(source: Source, kind: str, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    document = f"mutation($i: CloseRecordsInput!) {{ closeRecords(input: $i) {{ {CLOSING} }} }}"
    given = {"system": source.system, "kind": kind, "rows": list(rows), "idempotencyKey": str(uuid4()), **more}
    found: dict[str, Any] = source.client.ask(document, {"i": given}).data["closeRecords"]
    return found


def decide(client: Client, mutation: str, closing: str) -> Any:
    title = mutation[0].upper() + mutation[1:]
    return client.ask(DECIDE % (title, mutation), {"i": {"closing": closing, "reason": REASON}})


def many(source: Source, count: int) -> list[str]:
    """Ids of so many new learners."""
    rows = [{"id": f"n{number}", **ANN, "givenName": f"N{number}"} for number in range(count)]
    assert set(outcomes(source.learners(*rows))) == {"CREATED"}
    return [row["id"] for row in rows]


def long_here(source: Source, owner_url: str, world: World, count: int) -> list[str]:
    """Ids of so many learners who were there before yesterday, as their keys tell."""
    [like] = many(source, 1)
    made = [
        (f"n{number}", UUID(int=(0x0190_0000_0000 << 80) | (7 << 76) | (2 << 62) | number))
        for number in range(1, count + 1)
    ]
    with psycopg.connect(owner_url) as connection:
        for name, key in made:
            named = {"key": str(key), "name": name, "school": world.school_id, "like": like}
            for statement in (_OLD_PERSON, _OLD_LEARNER, _OLD_ID):
                connection.execute(statement, named)
    return [name for name, _ in made]


def gone(owner_url: str, world: World) -> int:
    with psycopg.connect(owner_url) as connection:
        [count] = connection.execute(
            "SELECT count(*) FROM usher.learner WHERE school_id = %s AND left_on IS NOT NULL AND upn IS NULL",
            [world.school_id],
        ).fetchone() or (-1,)
    return int(count)


def test_a_twentieth_leaves_and_the_rest_waits(
    source: Source, server: Server, school: World, owner_url: str, today: date
) -> None:
    """Two of fifty leave at once; the third within the day waits, and only a person lets it go, once."""
    ids = long_here(source, owner_url, school, 42)
    on = today.isoformat()
    first = close(source, "LEARNER", {"id": ids[0], "on": on}, {"id": ids[1], "on": on})
    assert (outcomes(first), first["closing"]) == (["CLOSED", "CLOSED"], None)
    assert outcomes(close(source, "LEARNER", {"id": ids[0], "on": on})) == ["UNCHANGED"]
    more = close(source, "LEARNER", *({"id": one, "on": on} for one in ids[2:6]))
    assert outcomes(more) == ["WAITING"] * 4
    assert gone(owner_url, school) == 2
    manager = server.client(school, "data-manager")
    [waiting] = manager.ask(WAITING).data["rosterClosings"]
    assert (waiting["id"], waiting["count"], waiting["waiting"]) == (more["closing"], 4, True)
    assert [one["record"] for one in waiting["records"]] == [row["record"] for row in more["results"]]
    for handle in ("teacher", "mis", "pat"):
        assert decide(server.client(school, handle), "approveClosing", more["closing"]).codes == ["FORBIDDEN"]
    assert gone(owner_url, school) == 2
    done = decide(manager, "approveClosing", more["closing"]).data["approveClosing"]
    assert done == {"id": more["closing"], "userErrors": []}
    assert gone(owner_url, school) == 6
    again = decide(server.client(school, "head"), "refuseClosing", more["closing"]).data["refuseClosing"]
    assert again["userErrors"] == [{"code": "ALREADY_DECIDED"}]
    assert manager.ask(WAITING).data["rosterClosings"] == []


def test_who_was_made_up_today_counts_for_nobody(source: Source, owner_url: str, school: World, today: date) -> None:
    """A hundred new learners open no door to those who were there."""
    ids = long_here(source, owner_url, school, 12)
    rows = [{"id": f"m{number}", **ANN, "givenName": f"M{number}"} for number in range(100)]
    assert set(outcomes(source.learners(*rows))) == {"CREATED"}
    on = today.isoformat()
    assert outcomes(close(source, "LEARNER", *({"id": one, "on": on} for one in ids[:4]))) == ["WAITING"] * 4
    assert outcomes(close(source, "LEARNER", *({"id": row["id"], "on": on} for row in rows[:4]))) == ["WAITING"] * 4
    assert gone(owner_url, school) == 0


def test_what_is_refused_stays(source: Source, server: Server, school: World, owner_url: str, today: date) -> None:
    """Two of a handful are too many, in one call or in two; the head refuses, and nobody has left."""
    ids = many(source, 2)
    rows = [{"id": one, "on": today.isoformat()} for one in ids]
    waits = [close(source, "LEARNER", row) for row in rows]
    assert [outcomes(one) for one in waits] == [["WAITING"]] * 2
    for one in waits:
        decide(server.client(school, "head"), "refuseClosing", one["closing"])
    assert gone(owner_url, school) == 0
    told = server.client(school, "head").ask("{ notices(read: false) { kind } }").data["notices"]
    assert [one["kind"] for one in told].count("closingRequested") == 2


def test_links_places_and_classes_end(source: Source, server: Server, school: World, today: date) -> None:
    """Approved by a person; the guardian, the teacher and the learner lose what they had through them."""
    on = today.isoformat()
    sent: dict[str, list[dict[str, Any]]] = {
        "upsertStaff": [{"id": "s1", "givenName": "Ada", "familyName": "King"}],
        "upsertLearners": [{"id": "l1", **ANN}],
        "upsertGuardians": [{"id": "g1", "givenName": "Moll", "familyName": "Gwyn", "learners": [
            {"learner": "l1", "relationship": "MOTHER"}]}],
        "upsertClasses": [{"id": "c1", "academicYear": school.year, "name": "7x/Dr1", "course": "Drama 7",
            "subject": "Drama", "department": "Arts", "yearGroup": "7", "teachers": [{"staff": "s1", "kind": "TEACHER"}]}],
        "upsertEnrolments": [{"id": "e1", "class": "c1", "learner": "l1", "from": (today - timedelta(days=9)).isoformat()}],
    }  # fmt: skip
    made = {name: source.send(name, rows)["results"][0]["record"] for name, rows in sent.items()}
    manager = server.client(school, "data-manager")
    for kind, row in (
        ("GUARDIAN_LINK", {"id": "g1", "of": "l1", "on": on}),
        ("TEACHING", {"id": "c1", "of": "s1", "on": on}),
        ("ENROLMENT", {"id": "e1", "on": on}),
    ):
        asked = close(source, kind, row)
        assert outcomes(asked) in (["WAITING"], ["CLOSED"]), (kind, asked)
        if asked["closing"]:
            assert decide(manager, "approveClosing", asked["closing"]).data["approveClosing"]["userErrors"] == []
    seen = manager.ask(
        "query($id: ID!) { class(id: $id) { teachers { familyName } learners { givenName } } }",
        {"id": made["upsertClasses"]},
    )
    assert seen.data["class"] == {"teachers": [], "learners": []}
    child = manager.ask(
        "query($id: ID!) { learner(by: {id: $id}) { guardians { id } } }", {"id": made["upsertLearners"]}
    )
    assert child.data["learner"]["guardians"] == []
    assert codes(close(source, "GUARDIAN_LINK", {"id": "g1", "on": on})) == [("BAD_VALUE", "0", "of")]
    assert codes(close(source, "ENROLMENT", {"id": "nothing", "on": on})) == [("UNKNOWN_REFERENCE", "0", "id")]


def test_one_master_a_field(source: Source, server: Server, school: World) -> None:
    """The program that was granted first; then whom the head sets, and at last the school's own people."""
    assert outcomes(source.learners({"id": "1", **ANN, "preferredName": "Nelly"})) == ["CREATED"]
    head = server.client(school, "head")
    other = f"prg_{school.ids['mis-gradebook'].hex}"
    change = "mutation($i: SetFieldMasterInput!) { setFieldMaster(input: $i) { id userErrors { code } } }"

    def set_master(client: Client, program: str | None) -> Any:
        given = {"kind": "LEARNER", "fields": ["preferredName"], "program": program}
        return client.ask(change, {"i": given})

    assert set_master(source.client, other).codes == ["FORBIDDEN"]
    for program in (other, None):
        assert set_master(head, program).data["setFieldMaster"] == {"id": program, "userErrors": []}
        refused = source.learners({"id": "1", "preferredName": "Other", "givenName": f"Nell{len(program or '')}"})
        assert (outcomes(refused), codes(refused)) == (["CHANGED"], [("NOT_MASTER", "0", "preferredName")])
        alone = source.learners({"id": "1", "preferredName": "Nelly"})
        assert (outcomes(alone), codes(alone)) == (["UNCHANGED"], [("NOT_MASTER", "0", "preferredName")])
    asked = head.ask("{ fieldMasters(kind: LEARNER) { field program byDefault } }").data["fieldMasters"]
    by_field = {one["field"]: one for one in asked}
    assert by_field["preferredName"] == {"field": "preferredName", "program": None, "byDefault": False}
    assert by_field["givenName"]["byDefault"]
    assert by_field["givenName"]["program"] == f"prg_{school.ids['mis'].hex}"
    mine = f"prg_{school.ids['mis'].hex}"
    set_master(head, mine)
    assert outcomes(source.learners({"id": "1", "preferredName": "Other"})) == ["CHANGED"]
    bad = head.ask(change, {"i": {"kind": "LEARNER", "fields": ["nothing"]}}).data["setFieldMaster"]
    assert bad["userErrors"] == [{"code": "UNKNOWN_FIELD"}]


def test_others_read_nothing_of_closings(source: Source, server: Server, school: World, today: date) -> None:
    """Neither what waits, nor whose word counts, nor whether a closing of another program's is there."""
    [one] = many(source, 1)
    asked = close(source, "LEARNER", {"id": one, "on": today.isoformat()})
    assert source.client.ask(WAITING).data["rosterClosings"][0]["id"] == asked["closing"]
    assert server.client(school, "mis-gradebook").ask(WAITING).data["rosterClosings"] == []
    for handle in ("teacher", "pat", "ann"):
        client = server.client(school, handle)
        assert client.ask(WAITING).codes == ["FORBIDDEN"]
        assert client.ask("{ fieldMasters(kind: LEARNER) { field } }").codes == ["FORBIDDEN"]
        assert decide(client, "refuseClosing", asked["closing"]).codes == ["FORBIDDEN"]
    unknown = decide(server.client(school, "head"), "refuseClosing", f"rcl_{uuid4().hex}").data["refuseClosing"]
    assert unknown["userErrors"] == [{"code": "NOT_FOUND"}]


def test_a_place_is_not_ended_by_beginning_later(source: Source, today: date) -> None:
    """Who has a place keeps it until it is closed: a first day in the future would end it, and nobody would be asked."""
    source.learners({"id": "l", **ANN})
    of_class = {"id": "c", "academicYear": 2026, "name": "9z/Ab", "course": "Abacus", "subject": "Abacus"}
    made = source.send("upsertClasses", [{**of_class, "department": "Counting", "yearGroup": "9"}])
    assert outcomes(made) == ["CREATED"]
    place = {"id": "e", "class": "c", "learner": "l"}
    begun, later = ((today + timedelta(days=days)).isoformat() for days in (-3, 30))
    assert outcomes(source.send("upsertEnrolments", [{**place, "from": begun}])) == ["CREATED"]
    moved = source.send("upsertEnrolments", [{**place, "from": later}])
    assert (outcomes(moved), codes(moved)) == (["ERROR"], [("CONFLICT", "0")])
    assert outcomes(source.send("upsertEnrolments", [{**place, "from": begun}])) == ["UNCHANGED"]
    assert outcomes(source.send("upsertEnrolments", [{**place, "from": today.isoformat()}])) == ["CHANGED"]
