"""Examples over HTTP: a school's own decisions block a book that breaks them; the agreement's can't be removed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from server.policies.examples import starting_examples
from tests.e2e.policy_desk import LESS, WHY, Desk, Given, give, nothing_changes
from tests.e2e.serving import Server
from tests.worlds import insert_world, small_school

OWN: Given = {
    "name": "Teachers see the gender of whom they teach", "capacity": "STAFF", "roles": ["class_teacher"],
    "relations": ["taught"], "element": "gender", "action": "read", "visible": True,
}  # fmt: skip


@pytest.fixture
def desk(server: Server, app_url: str, owner_url: str, today: date) -> Desk:
    world = small_school(f"examples {uuid4()}", today)
    insert_world(app_url, world)
    return Desk(server, world, owner_url)


def examples(desk: Desk) -> list[Given]:
    return desk.ask("head", "{ policyExamples { id fixed name sentence roles visible } }")["policyExamples"]


def test_a_school_keeps_its_own_examples_beside_the_agreements(desk: Desk) -> None:
    """Each told in words; those of the agreement have no id by which they could be removed."""
    fixed = examples(desk)
    assert [one["name"] for one in fixed] == [one.name for one in starting_examples()]
    assert {(one["id"], one["fixed"]) for one in fixed} == {(None, True)}
    added = desk.do("dpo", "addPolicyExample", OWN)["example"]
    assert examples(desk)[len(fixed) :] == [
        {
            "id": added["id"], "fixed": False, "name": OWN["name"], "roles": ["class_teacher"], "visible": True,
            "sentence": examples(desk)[-1]["sentence"],
        }
    ]  # fmt: skip
    assert "gender" in examples(desk)[-1]["sentence"]
    desk.do("dpo", "removePolicyExample", {"example": added["id"]})
    assert examples(desk) == fixed
    with nothing_changes(desk):
        assert desk.codes("dpo", "removePolicyExample", {"example": added["id"]}) == ["NOT_FOUND"]
    assert desk.events()[-2:] == ["policyExampleAdded", "policyExampleRemoved"]


def test_those_who_look_after_the_rules_hear_of_a_removal(desk: Desk) -> None:
    """Who added it, the other officers and the approvers; not who removed it. The audit says who it was."""
    give(desk, "maths-lead", "dpo")
    added = desk.do("dpo", "addPolicyExample", OWN)["example"]
    kept = desk.rows("SELECT 1 FROM usher.notice WHERE school_id = %s AND kind LIKE 'policyExample%%'")
    assert kept == []
    desk.do("maths-lead", "removePolicyExample", {"example": added["id"]})
    query = "{ notices { kind about { name id } } }"
    about = [
        {"name": "example", "id": added["id"]}, {"name": "person", "id": f"per_{desk.world.ids['maths-lead'].hex}"},
    ]  # fmt: skip
    for handle, told in (("dpo", 1), ("head", 1), ("maths-lead", 0)):
        found = [one for one in desk.ask(handle, query)["notices"] if one["kind"] == "policyExampleRemoved"]
        assert [sorted(one["about"], key=lambda each: each["name"]) for one in found] == [about] * told
    assert desk.rows(
        "SELECT person_id FROM usher.audit_operation WHERE school_id = %s AND details->>'act' = 'policyExampleRemoved'"
    ) == [(desk.world.ids["maths-lead"],)]


def test_a_failing_example_blocks_with_its_sentence(desk: Desk) -> None:
    """At the submission; removed, the same draft goes through."""
    added = desk.do("dpo", "addPolicyExample", OWN)["example"]
    draft = desk.draft(LESS)
    query = "query($d: ID!) { policyDraft(id: $d) { examples { holds sentence example { id name } } } }"
    outcomes = desk.ask("dpo", query, {"d": draft["id"]})["policyDraft"]["examples"]
    [failing] = [one for one in outcomes if not one["holds"]]
    assert failing["example"] == {"id": added["id"], "name": OWN["name"]}
    given = {"draft": draft["id"], "expectedRevision": 1, "reason": WHY}
    with nothing_changes(desk):
        [refused] = desk.refusals("dpo", "submitPolicy", given)
        assert refused["code"] == "EXAMPLE_FAILED"
        assert failing["sentence"] in refused["message"]
    desk.do("dpo", "removePolicyExample", {"example": added["id"]})
    assert desk.submit(draft)["state"] == "SUBMITTED"


def test_an_example_added_after_the_approval_blocks_the_publishing(desk: Desk) -> None:
    """What the school holds its rules to is what it holds them to now."""
    submission = desk.approved(LESS)
    desk.do("dpo", "addPolicyExample", OWN)
    with nothing_changes(desk):
        assert desk.codes("dpo", "publishPolicy", {"submission": submission["id"]}) == ["EXAMPLE_FAILED"]


def test_a_draft_that_breaks_the_agreement_is_blocked(desk: Desk) -> None:
    """By the fixed set, whatever the school keeps: whoever must see something of the agreement goes on to."""
    must = next(one for one in starting_examples() if one.visible and one.capacity == "STAFF")
    rules = desk.ask("dpo", "{ policyVersion { rules { id } } }")["policyVersion"]["rules"]
    draft = desk.draft(*({"remove": rule["id"]} for rule in rules))
    given = {"draft": draft["id"], "expectedRevision": 1, "reason": WHY}
    with nothing_changes(desk):
        refused = desk.refusals("dpo", "submitPolicy", given)
        assert any(must.sentence in one["message"] for one in refused if one["code"] == "EXAMPLE_FAILED")


@pytest.mark.parametrize(
    ("changed", "code", "place"),
    [
        ({"roles": ["teecher"]}, "UNKNOWN_ROLE", "roles"),
        ({"roles": ["parent"]}, "UNKNOWN_ROLE", "roles"),
        ({"roles": []}, "NO_ROLE", "roles"),
        ({"capacity": "STAF"}, "UNKNOWN_CAPACITY", "capacity"),
        ({"facts": ["trained:cooking"]}, "UNKNOWN_FACT", "facts"),
        ({"relations": ["tought"]}, "UNKNOWN_RELATION", "relations"),
        ({"element": "telephone"}, "UNKNOWN_ELEMENT", "element"),
        ({"action": "peep"}, "UNKNOWN_ACTION", "action"),
        ({"name": "a\u202eb"}, "BAD_NAME", "name"),
    ],
)
def test_an_example_speaks_the_rules_words(one_desk: Desk, changed: dict[str, Any], code: str, place: str) -> None:
    """Each other word is refused at its place, and nothing changed."""
    with nothing_changes(one_desk):
        refused = one_desk.refusals("dpo", "addPolicyExample", OWN | changed)
        assert (code, ["input", place]) in [(one["code"], one["path"]) for one in refused]


@pytest.fixture(scope="module")
def one_desk(server: Server, app_url: str, owner_url: str, today: date) -> Desk:
    world = small_school(f"one school's examples {uuid4()}", today)
    insert_world(app_url, world)
    return Desk(server, world, owner_url)


def test_names_of_examples_are_told_apart(desk: Desk) -> None:
    """Two of one name would be taken for each other."""
    desk.do("dpo", "addPolicyExample", OWN)
    with nothing_changes(desk):
        assert desk.codes("dpo", "addPolicyExample", OWN) == ["DOUBLED_EXAMPLE"]
        for name in ("", "x" * 200):
            assert desk.try_("dpo", "addPolicyExample", OWN | {"name": name}).codes == ["BAD_USER_INPUT"]
