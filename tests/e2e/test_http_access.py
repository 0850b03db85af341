"""explain, whoCanSee and whatCanSee over HTTP: governed, audited, and true of what the same server answers."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

import psycopg
import pytest

from server.database.pool import Pool
from server.queries.reach.snapshots import take_snapshot
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

WHO = "query($l: ID!, $e: DataElement!) { whoCanSee(learner: $l, element: $e) { total policyVersion people {" \
    " person { person name capacity roles } through phrases logged } } }"  # fmt: skip
WHAT = "query($p: ID!, $c: Capacity) { whatCanSee(person: $p, capacity: $c) { facts person { name } elements {" \
    " element learners staff school special logged shown { learner name } } } }"  # fmt: skip
EXPLAIN = "query($p: ID!, $l: ID, $e: DataElement!) { explain(person: $p, learner: $l, element: $e) { visible sentence" \
    " decision relations granting { rule sentence } blocking { rule } missing { sentence facts } changes { sentence }" \
    " hindering { element } against learner { name } } }"  # fmt: skip
CHANGES = "query($a: Date!, $b: Date!) { accessChanges(from: $a, to: $b) { from to policyTo changes { person {" \
    " person name } elements gained lost lostLearners { learner } causes { kind told } } } }"  # fmt: skip
FIELDS = {
    "NAME": "familyName", "GENDER": "gender", "SEN_NEEDS": "sen { needs }", "ATTENDANCE": "attendance { possible }",
    "ETHNICITY": "ethnicity", "LEARNER_ADDRESS": "contact { address }",
}  # fmt: skip


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = wide_school("access", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def officer(server: Server, school: World) -> Client:
    return server.client(school, "dpo")


def per(school: World, handle: str) -> str:
    return f"per_{school.ids[handle].hex}"


def lrn(school: World, handle: str) -> str:
    return f"lrn_{school.ids[handle].hex}"


def shown(value: Any) -> bool:
    """Whether a field, or any within a group, has a value."""
    return any(map(shown, cast("dict[str, Any]", value).values())) if isinstance(value, dict) else value is not None


def last_entry(owner_url: str, school: World) -> tuple[str, dict[str, list[str]], dict[str, Any]]:
    with psycopg.connect(owner_url) as connection:
        found = connection.execute(
            "SELECT kind, elements, details FROM usher.audit_operation WHERE school_id = %s ORDER BY audit_id DESC LIMIT 1",
            [school.school_id],
        ).fetchone()
    assert found is not None
    return found


@pytest.mark.parametrize("handle", ["teacher", "tutor-trained", "head", "pat"])
def test_what_can_see_is_what_the_server_answers(server: Server, officer: Client, school: World, handle: str) -> None:
    """Learner by learner: an element is withheld exactly where the officer is told so."""
    told = officer.ask(WHAT, {"p": per(school, handle), "c": None if handle != "pat" else "PARENT"}).data["whatCanSee"]
    seen = {one["element"]: {learner["learner"] for learner in one["shown"]} for one in told["elements"]}
    asking = server.client(school, handle)
    body = asking.ask(
        "{ learners(first: 500) { nodes { id " + " ".join(FIELDS.values()) + " withheld { element } } } }"
    ).data
    nodes = body["learners"]["nodes"]
    assert {node["id"] for node in nodes} == seen["NAME"]
    for element, field in FIELDS.items():
        values = {node["id"] for node in nodes if shown(node[field.split()[0]])}
        assert values <= seen.get(element, set()), element
        if handle != "pat":  # parents are not told what is withheld
            withheld = {node["id"] for node in nodes if element in [one["element"] for one in node["withheld"]]}
            assert {node["id"] for node in nodes} - withheld == seen.get(element, set()) & seen["NAME"], element


def test_who_can_see_names_everybody_and_why(officer: Client, school: World, owner_url: str) -> None:
    """Eve's special needs: trained people with a relation to her; the reading names her in the audit."""
    told = officer.ask(WHO, {"l": lrn(school, "ann"), "e": "SEN_NEEDS"}).data["whoCanSee"]
    people = {one["person"]["person"]: one for one in told["people"]}
    assert told["total"] == len(people) > 1
    english = people[per(school, "english")]
    assert (english["person"]["name"], english["logged"]) == ("Ewan Ink", True)
    assert english["through"] == ["taught"]
    assert english["phrases"] == ["learners they teach"]
    assert per(school, "teacher") not in people  # no certificate
    kind, elements, details = last_entry(owner_url, school)
    assert (kind, elements["audit"]) == ("read", [str(school.ids["ann"])])
    assert details["fields"] == ["whoCanSee"]
    assert officer.ask(WHO, {"l": lrn(school, "teacher"), "e": "NAME"}).data["whoCanSee"] is None


def test_explanations_give_rules_and_remedies(officer: Client, school: World, owner_url: str) -> None:
    """The untrained teacher lacks a certificate; whoever sees it is told by which rule."""
    told = officer.ask(EXPLAIN, {"p": per(school, "teacher"), "l": lrn(school, "ann"), "e": "SEN_NEEDS"}).data[
        "explain"
    ]
    assert (told["visible"], told["decision"], told["granting"]) == (False, False, [])
    assert {"trained:sen"} in [set(one["facts"]) for one in told["missing"]]
    assert "taught" in told["relations"]
    told = officer.ask(EXPLAIN, {"p": per(school, "english"), "l": lrn(school, "ann"), "e": "SEN_NEEDS"}).data[
        "explain"
    ]
    assert told["visible"] is True
    assert "SEN training" in told["granting"][0]["sentence"]
    kind, elements, details = last_entry(owner_url, school)
    assert (kind, elements["audit"], details["person"]) == (
        "read", [str(school.ids["ann"])], str(school.ids["english"]),
    )  # fmt: skip


def test_oneself_is_told_without_the_audit_and_without_protections(server: Server, school: World) -> None:
    """Staff ask about themselves; nobody but the officer asks about another; families are told nothing."""
    teacher = server.client(school, "teacher")
    told = teacher.ask(EXPLAIN, {"p": per(school, "teacher"), "l": lrn(school, "eve"), "e": "BEHAVIOUR"})
    assert told.data["explain"]["visible"] is False
    assert "protected" not in str(told)
    for asking, about in (("teacher", "head"), ("pat", "pat"), ("ann", "ann")):
        answer = server.client(school, asking).ask(EXPLAIN, {"p": per(school, about), "l": None, "e": "NAME"})
        assert (answer.codes, answer.body["data"]) == (["FORBIDDEN"], None)


@pytest.mark.parametrize("handle", ["head", "teacher", "pat", "mis-gradebook", "support-granted"])
def test_nobody_else_is_told_who_sees_what(server: Server, school: World, owner_url: str, handle: str) -> None:
    """FORBIDDEN, and no audit row tells of a reading that did not happen."""
    before = last_entry(owner_url, school)
    for document, given in (
        (WHO, {"l": lrn(school, "ann"), "e": "NAME"}),
        (WHAT, {"p": per(school, "teacher")}),
    ):
        answer = server.client(school, handle).ask(document, given)
        assert (answer.codes, answer.body["data"]) == (["FORBIDDEN"], None)
    assert last_entry(owner_url, school) == before


def test_tables_to_take_away_are_exports(officer: Client, school: World, owner_url: str) -> None:
    """The officer's CSV holds everybody, and the audit tells of an export and of whom."""
    told = officer.ask(
        "query($l: ID!) { whoCanSee(learner: $l, element: NAME) { total csv } }", {"l": lrn(school, "eve")}
    ).data["whoCanSee"]
    rows = list(csv.DictReader(io.StringIO(told["csv"])))
    assert len(rows) == told["total"]
    assert {row["person"] for row in rows} >= {per(school, "head")}
    assert last_entry(owner_url, school)[0] == "export"
    told = officer.ask(
        "query($p: ID!) { whatCanSee(person: $p) { csv elements { element learners } } }", {"p": per(school, "teacher")}
    ).data["whatCanSee"]
    rows = list(csv.DictReader(io.StringIO(told["csv"])))
    named = next(one["learners"] for one in told["elements"] if one["element"] == "NAME")
    assert [row["name"] for row in rows] == ["yes"] * named
    assert {row["learner"]: row["learner_name"] for row in rows}[lrn(school, "ann")].startswith("Ann")
    assert len(last_entry(owner_url, school)[1]["audit"]) == named


def test_changes_between_nights_are_told(
    server: Server, officer: Client, school: World, owner_url: str, app_url: str
) -> None:
    """A role that ends tonight is told tomorrow, with its cause; nobody but the officer is told."""
    morning = datetime.combine(school.today, time(2), UTC)
    _nights(app_url, school, morning)
    with psycopg.connect(owner_url) as connection:
        ended = "UPDATE usher.role_assignment SET valid_to = %s WHERE school_id = %s AND role = 'senco'"
        connection.execute(ended, [school.days(1), school.school_id])
    _nights(app_url, school, morning + timedelta(days=1))
    given = {"a": school.today.isoformat(), "b": school.days(3).isoformat()}
    told = officer.ask(CHANGES, given).data["accessChanges"]
    assert (told["from"], told["to"], told["policyTo"]) == (school.today.isoformat(), school.days(1).isoformat(), 1)
    of_senco = [one for one in told["changes"] if one["person"]["person"] == per(school, "senco")]
    lost = next(one for one in of_senco if "SEN_NEEDS" in one["elements"])
    assert lost["lost"] == len(lost["lostLearners"]) > 3
    assert {"kind": "ROLE", "told": ["Role ended: senco."]} in lost["causes"]
    assert lost["person"]["name"] == "Sena Care"
    assert last_entry(owner_url, school)[2]["fields"] == ["accessChanges"]
    early = {"a": "1999-01-01", "b": given["b"]}
    assert officer.ask(CHANGES, early).data["accessChanges"] is None
    assert server.client(school, "head").ask(CHANGES, given).codes == ["FORBIDDEN"]
    table = officer.ask(CHANGES.replace("policyTo", "policyTo csv"), given).data["accessChanges"]["csv"]
    assert len(list(csv.DictReader(io.StringIO(table)))) == len(told["changes"])


def _nights(app_url: str, school: World, now: datetime) -> None:
    async def take() -> None:
        async with Pool(app_url, min_size=1, max_size=1) as pool:
            assert await take_snapshot(pool, school.school_id, now)

    asyncio.run(take())


@pytest.mark.parametrize("given", ["cls_" + "0" * 32, "nobody", "lrn_" + "g" * 32, ""])
def test_ids_of_other_things_are_refused(officer: Client, given: str) -> None:
    """Named by their argument."""
    for document, variables in ((WHAT, {"p": given}), (EXPLAIN, {"p": given, "e": "NAME"})):
        assert officer.ask(document, variables).codes == ["BAD_USER_INPUT"]
    assert officer.ask(WHAT, {"p": "per_" + "0" * 32}).data["whatCanSee"] is None
    assert officer.ask(EXPLAIN, {"p": "per_" + "0" * 32, "e": "NAME"}).data["explain"] is None
