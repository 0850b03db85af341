"""Letters that deceive a reader or break a file, in everything an officer can write: stored as they are, or refused."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.policy_desk import LESS, WHY, Desk, Given, nothing_changes
from tests.e2e.serving import Server
from tests.worlds import insert_world, small_school

MISLEADING = {
    "newline": "\n",
    "return": "\r",
    "escape": "\x1b[2J",
    "right-to-left mark": "\u200f",
    "override": "\u202e",
    "line separator": "\u2028",
    "NUL": "\0",
}
ORDINARY = {"comma": ",", "quote": '"', "number sign": "#"}
HOSTILE = MISLEADING | ORDINARY
NOBODY = uuid4().hex
RULE = {"role": "tutor", "element": "photo", "action": "read", "scope": "pastoral"}
SENTENCE = "Tutors may read the photograph{} of learners in their pastoral care."


@pytest.fixture(scope="module")
def desk(server: Server, app_url: str, owner_url: str, today: date) -> Desk:
    world = small_school(f"hostile texts {uuid4()}", today)
    insert_world(app_url, world)
    return Desk(server, world, owner_url)


def refused(desk: Desk, handle: str, mutation: str, given: Given) -> set[str]:
    """The codes, of the operation or of its payload."""
    answer = desk.try_(handle, mutation, given)
    found = set(answer.codes) or {one["code"] for one in answer.data[mutation]["userErrors"]}
    assert found
    return found


@pytest.mark.parametrize("name", MISLEADING)
def test_no_text_of_an_officer_deceives_the_approver(desk: Desk, name: str) -> None:
    """Title, reason and special reason, wherever one is written: a code, and nothing changed."""
    text = f"Agreed with the governors{MISLEADING[name]}Version 2 is in force."
    draft = {"draft": desk.draft()["id"], "expectedRevision": 1}
    submission = {"submission": f"psb_{NOBODY}"}
    given: list[tuple[str, str, Given]] = [
        ("dpo", "editPolicyDraft", {"edits": [LESS], "title": text}),
        ("dpo", "submitPolicy", {**draft, "reason": text}),
        ("dpo", "submitPolicy", {**draft, "reason": WHY, "specialReason": text}),
        ("head", "approvePolicy", {**submission, "reason": text}),
        ("head", "rejectPolicy", {**submission, "reason": text}),
        ("dpo", "withdrawPolicy", {**submission, "reason": text}),
        ("dpo", "rollBackPolicy", {"version": 1, "reason": text}),
        ("dpo", "narrowPolicy", {"edits": [LESS], "reason": text}),
    ]
    with nothing_changes(desk):
        for handle, mutation, what in given:
            assert refused(desk, handle, mutation, what) == {"BAD_USER_INPUT"}, mutation


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_letters_are_kept_as_they_are(desk: Desk, name: str) -> None:
    """A title with a comma is a title with a comma."""
    text = f"One{ORDINARY[name]} two"
    assert desk.draft(title=text)["title"] == text


def _edits(mark: str) -> dict[str, tuple[Any, set[str]]]:
    """An edit with the mark, and the codes of which it gets one; of a NUL no edit is read."""
    return {
        "sentence": (
            {"add": {"sentence": SENTENCE.format(mark)}},
            {"UNSPEAKABLE", "UNKNOWN_OBJECT"},
        ),
        "rule id": ({"add": {"id": f"s1{mark}", "rule": RULE}}, {"BAD_ID"}),
        "condition": ({"add": {"rule": RULE | {"conditions": [f"reason{mark}"]}}}, {"UNKNOWN_CONDITION"}),
        "role": ({"add": {"rule": RULE | {"role": f"tutor{mark}"}}}, {"UNKNOWN_ROLE"}),
    }


@pytest.mark.parametrize("place", _edits(""))
@pytest.mark.parametrize("name", HOSTILE)
def test_no_rule_holds_a_letter_that_is_none_of_the_language(desk: Desk, name: str, place: str) -> None:
    """A code, a sentence, and nothing changed."""
    edit, codes = _edits(HOSTILE[name])[place]
    with nothing_changes(desk):
        found = refused(desk, "dpo", "editPolicyDraft", {"edits": [edit]})
        assert found <= ({"BAD_USER_INPUT"} if name == "NUL" else codes), found


PUBLISH = "mutation($i: PublishReportsInput!) { publishReports(input: $i) { count userErrors { code } } }"


@pytest.mark.parametrize("name", MISLEADING)
def test_reports_have_a_name_that_reads_as_it_is(desk: Desk, name: str) -> None:
    """Families read it above their reports."""
    given = {
        "window": f"win_{desk.world.ids['autumn'].hex}",
        "yearGroup": "10",
        "name": f"Autumn{MISLEADING[name]}final",
        "idempotencyKey": "hostile",
    }
    with nothing_changes(desk):
        for changed in (given, given | {"name": "Autumn", "yearGroup": f"1{MISLEADING[name]}0"}):
            assert desk.client("head").ask(PUBLISH, {"i": changed}).codes == ["BAD_USER_INPUT"]
