"""policyImpact's people and replay over HTTP: the school's own people and its own last operations."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest

from tests.e2e.policy_desk import LESS, Desk
from tests.e2e.serving import Server
from tests.worlds import World, insert_world
from tests.worlds.people import account
from tests.worlds.wide_school import wide_school

IMPACT = """query Impact($d: ID!) { policyImpact(draft: $d) {
  people { gaining losing learnersGained learnersLost groups { roles people element action gained lost special stated }
    people { person { person name roles } element gained lost gainedLearners { learner name }
      lostLearners { learner name } } }
  replay { lookedAt since differing operations { person roles kind operation turns { element action turn } } } } }"""


@pytest.fixture(scope="module")
def desk(server: Server, app_url: str, owner_url: str, today: date) -> Desk:
    world = wide_school("impact on people", today)
    account(world, "approver", "STAFF", ("policy_approver",))
    insert_world(app_url, world)
    return Desk(server, world, owner_url)


def impact(desk: Desk, handle: str, *edits: dict[str, Any]) -> Any:
    draft = desk.do("dpo", "editPolicyDraft", {"title": "Try", "edits": list(edits)})["draft"]
    return desk.ask(handle, IMPACT, {"d": draft["id"]})["policyImpact"]


def _id(world: World, prefix: str, handle: str) -> str:
    return f"{prefix}_{world.ids[handle].hex}"


def test_a_rule_taken_away_is_told_in_people_and_in_operations(desk: Desk) -> None:
    """Class teachers lose the gender of those they teach; the reading that a teacher made would be answered less."""
    desk.ask("teacher", "query Genders { learners(first: 50) { nodes { gender } } }")
    found = impact(desk, "dpo", LESS)
    people = found["people"]
    assert (people["gaining"], people["learnersGained"]) == (0, 0)
    assert people["losing"] > 1
    of_teacher = [one for one in people["people"] if one["person"]["person"] == _id(desk.world, "per", "teacher")]
    [lost] = of_teacher
    assert (lost["element"], lost["gained"], lost["person"]["name"]) == ("GENDER", 0, "Thea Chalk")
    assert lost["lost"] == len(lost["lostLearners"]) > 1
    assert _id(desk.world, "lrn", "ann") in [one["learner"] for one in lost["lostLearners"]]
    [group] = [one for one in people["groups"] if one["roles"] == ["class_teacher"]]
    assert group["people"] <= people["losing"]
    replay = found["replay"]
    assert replay["lookedAt"] > 0
    assert replay["differing"] == len(replay["operations"])


def test_recorded_operations_are_replayed(desk: Desk) -> None:
    """Who read special needs under a rule that goes is told, with the operation's name; others are not."""
    query = "query Needs { learners(first: 50) { nodes { sen { needs } } } }"
    desk.ask("english", query)
    rules = "{ policyVersion { rules { id role element action } } }"
    known = desk.ask("dpo", rules)["policyVersion"]["rules"]
    removed = [
        {"remove": one["id"]}
        for one in known
        if (one["role"], one["element"], one["action"]) == ("class_teacher", "medical_sen", "read")
    ]
    found = impact(desk, "dpo", *removed)
    operations = found["replay"]["operations"]
    assert {(one["operation"], one["person"]) for one in operations} == {("Needs", _id(desk.world, "per", "english"))}
    assert {"element": "SEN_NEEDS", "action": "READ", "turn": "LOST"} in operations[0]["turns"]
    groups = {one["element"] for one in found["people"]["groups"] if one["special"]}
    assert "SEN_NEEDS" in groups


PROTECTED = {
    "rule": {"role": "staff", "element": "name", "action": "read", "scope": "protected", "effect": "deny"},
}


@pytest.mark.parametrize("handle", ["head", "approver"])
def test_the_approver_is_told_counts_and_groups(desk: Desk, handle: str) -> None:
    """Who approves and reads no audit: a rule about the protected, or about anybody else, tells nobody's id."""
    for edit in (LESS, {"add": PROTECTED}):
        found = impact(desk, handle, edit)
        assert found["replay"] is None
        people = found["people"]
        assert people["people"] == []
        assert people["losing"] > 1
        assert people["learnersLost"] > 0
        assert people["groups"]
        assert not re.search(r"\b(lrn|per|stf)_", json.dumps(found))
        officers = impact(desk, "dpo", edit)["people"]
        assert officers.pop("people")
        assert officers == {name: value for name, value in people.items() if name != "people"}


def test_nothing_changed_is_told_as_nothing(desk: Desk) -> None:
    """A rule that says what another says moves nobody, and replays as it was."""
    sentence = "Class teachers may read the gender of learners they teach."
    found = impact(desk, "dpo", {"add": {"sentence": sentence}})
    people = found["people"]
    assert (people["gaining"], people["losing"], people["groups"], people["people"]) == (0, 0, [], [])
    assert found["replay"]["operations"] == []
