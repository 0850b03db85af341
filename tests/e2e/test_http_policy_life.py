"""The officer's whole story over HTTP: draft, submission, approval, publication, roll-back, each step and each refusal."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server.policies.shipped import starting_book
from tests.e2e.policy_desk import LESS, RETURNS, WHY, WHY_SPECIAL, Desk, Given, give, nothing_changes
from tests.e2e.publishing import publish, without
from tests.e2e.serving import Answer, Server
from tests.worlds import insert_world, small_school

MakeDesk = Callable[[], Desk]
NOBODY = f"{uuid4().hex}"
GENDER = "{ learners { nodes { gender } } }"


@pytest.fixture
def make_desk(server: Server, app_url: str, owner_url: str, today: date) -> MakeDesk:
    def make() -> Desk:
        world = small_school(f"the officer's desk {uuid4()}", today)
        insert_world(app_url, world)
        return Desk(server, world, owner_url)

    return make


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


def genders(desk: Desk) -> set[str | None]:
    return {row["gender"] for row in desk.ask("teacher", GENDER)["learners"]["nodes"]}


def test_the_whole_story(desk: Desk) -> None:
    """A change is drafted, weighed, submitted, approved by another, published, in force at once, and rolled back."""
    assert genders(desk) != {None}
    draft = desk.draft(title="Less gender")
    assert (draft["state"], draft["baseVersion"], draft["revision"], draft["findings"]) == ("DRAFT", 1, 1, [])
    query = "query($d: ID!) { policyImpact(draft: $d) { sentences widens widensSpecial } }"
    impact = desk.ask("dpo", query, {"d": draft["id"]})["policyImpact"]
    assert impact["widens"] is False
    assert any("gender" in said for said in impact["sentences"])

    submission = desk.submit(draft)
    assert (submission["state"], submission["kind"], submission["summary"]) == (
        "SUBMITTED",
        "PUBLISHED",
        impact["sentences"],
    )
    assert genders(desk) != {None}
    assert desk.approve(submission)["state"] == "APPROVED"
    assert genders(desk) != {None}
    published = desk.publish(submission)
    assert published["version"] == {
        "version": 2, "kind": "PUBLISHED", "state": "PUBLISHED", "reason": WHY, "specialReason": None,
        "chainHolds": True, "overdue": False, "confirmedAt": None,
    }  # fmt: skip
    assert genders(desk) == {None}

    back = desk.do("dpo", "rollBackPolicy", {"version": 1, "reason": "Teachers need it after all"})["submission"]
    assert (back["kind"], back["state"]) == ("ROLLED_BACK", "SUBMITTED")
    assert genders(desk) == {None}
    desk.approve(back)
    assert desk.publish(back)["version"]["version"] == 3
    assert genders(desk) != {None}
    assert desk.state(submission) == "SUPERSEDED"
    history = "{ policyVersions { version kind state chainHolds author approvedBy submission diff { same } } }"
    found = desk.ask("head", history)["policyVersions"]
    assert [(one["version"], one["kind"], one["state"]) for one in found] == [
        (3, "ROLLED_BACK", "PUBLISHED"),
        (2, "PUBLISHED", "SUPERSEDED"),
        (1, "FOUNDED", "SUPERSEDED"),
    ]
    assert all(one["chainHolds"] for one in found)
    officer, approver = (f"stf_{desk.world.ids[handle].hex}" for handle in ("dpo", "head"))
    assert [(one["author"], one["approvedBy"]) for one in found] == [(officer, approver)] * 2 + [(None, None)]
    diff = desk.ask("dpo", "{ policyDiff(from: 1, to: 3) { same } b: policyDiff(from: 1, to: 2) { removed { id } } }")
    assert diff == {"policyDiff": {"same": True}, "b": {"removed": [{"id": "r116"}]}}
    assert desk.events() == [
        "policyDrafted", "policySubmitted", "policyDecided", "policyPublished",
        "policySubmitted", "policyDecided", "policyPublished",
    ]  # fmt: skip


def test_every_act_is_in_the_audit(desk: Desk) -> None:
    """Who, under which version, what was done with which ids: one row an act, in its own transaction."""
    desk.publish(desk.approved())
    [submitted] = desk.rows("SELECT submission_id FROM usher.policy_submission WHERE school_id = %s")
    about = [{"name": "submission", "id": f"psb_{submitted[0].hex}"}]
    for handle, kind in (("head", "policySubmitted"), ("dpo", "policyDecided")):
        told = desk.ask(handle, "{ notices(read: false) { kind about { name id } } }")["notices"]
        assert {"kind": kind, "about": about} in told
    found = desk.rows(
        "SELECT details->>'act', person_id, policy_version, elements, kind, footprint FROM usher.audit_operation"
        " WHERE school_id = %s AND details ? 'act' ORDER BY audit_id"
    )
    officer, approver = desk.world.ids["dpo"], desk.world.ids["head"]
    assert [row[:3] for row in found] == [
        ("policyDrafted", officer, 1),
        ("policySubmitted", officer, 1),
        ("policyDecided", approver, 1),
        ("policyPublished", officer, 1),
    ]
    assert all(row[3:5] == ({"policy": []}, "write") for row in found)
    assert all(set(row[5]) == {"read", "write", "export"} for row in found)


def test_a_rule_is_written_in_words(desk: Desk) -> None:
    """Added and changed by sentence, read back with its fields and the same sentence."""
    said = "Tutors may read the photograph of learners in their pastoral care."
    draft = desk.draft({"add": {"sentence": said.upper()}}, {"remove": "r116"})
    query = "query($d: ID!) { policyDraft(id: $d) { rules { id sentence role element action scope effect } diff { added { id sentence } removed { id } changed { after { sentence } fields } } } }"  # noqa: E501
    found = desk.ask("dpo", query, {"d": draft["id"]})["policyDraft"]
    assert found["rules"][-1] == {
        "id": "s001", "sentence": said, "role": "tutor", "element": "photo", "action": "read", "scope": "pastoral",
        "effect": "allow",
    }  # fmt: skip
    assert found["diff"] == {"added": [{"id": "s001", "sentence": said}], "removed": [{"id": "r116"}], "changed": []}
    rule = {"role": "tutor", "element": "photo", "action": "read", "scope": "school"}
    again = desk.draft(
        {"change": {"id": "s001", "rule": rule}}, draft=draft["id"], expectedRevision=1, title="Photographs"
    )
    assert (again["revision"], again["title"]) == (2, "Photographs")
    changed = desk.ask("dpo", query, {"d": draft["id"]})["policyDraft"]["diff"]
    assert [one["id"] for one in changed["added"]] == ["s001"]


def test_workers_are_notified_with_the_commit(desk: Desk) -> None:
    """Once a version, by school and number; a refusal tells nobody."""
    submission = desk.approved()
    with psycopg.connect(desk.owner_url, autocommit=True) as listener:
        listener.execute("LISTEN usher_policy")
        desk.codes("dpo", "publishPolicy", {"submission": f"psb_{NOBODY}"})
        desk.publish(submission)
        desk.do("dpo", "narrowPolicy", {"edits": [{"remove": "r113"}], "reason": WHY})
        heard = [notice.payload for notice in listener.notifies(timeout=10, stop_after=2)]
    assert heard == [f"{desk.world.school_id}:2", f"{desk.world.school_id}:3"]


def test_a_version_changed_behind_our_back_is_seen(desk: Desk) -> None:
    """By an administrator who takes the check away: the link no longer holds, and the history says which."""
    desk.publish(desk.approved())
    held = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'policy_version_chain'"
    change = "UPDATE usher.policy_version SET reason = %s WHERE school_id = %s AND version = 2"
    with psycopg.connect(desk.owner_url, autocommit=True) as connection:
        [(check,)] = connection.execute(held).fetchall()
        connection.execute("ALTER TABLE usher.policy_version DROP CONSTRAINT policy_version_chain")
        try:
            connection.execute(change, ["Quite another reason", desk.world.school_id])
            found = desk.ask("dpo", "{ policyVersions { version chainHolds } }")["policyVersions"]
        finally:
            connection.execute(change, [WHY, desk.world.school_id])
            connection.execute(f"ALTER TABLE usher.policy_version ADD CONSTRAINT policy_version_chain {check}".encode())
    assert [(one["version"], one["chainHolds"]) for one in found] == [(2, False), (1, True)]


OTHERS = ("teacher", "data-manager", "ann", "pat", "mis")
ANY = {
    "editPolicyDraft": {"edits": [LESS]},
    "submitPolicy": {"draft": f"pdr_{NOBODY}", "expectedRevision": 1, "reason": WHY},
    "approvePolicy": {"submission": f"psb_{NOBODY}"},
    "rejectPolicy": {"submission": f"psb_{NOBODY}", "reason": WHY},
    "withdrawPolicy": {"submission": f"psb_{NOBODY}"},
    "publishPolicy": {"submission": f"psb_{NOBODY}"},
    "rollBackPolicy": {"version": 1, "reason": WHY},
    "narrowPolicy": {"edits": [LESS], "reason": WHY},
    "confirmPolicy": {"version": 1},
    "addPolicyExample": {
        "name": "x", "capacity": "STAFF", "roles": ["head"], "element": "name", "action": "read", "visible": True,
    },
    "removePolicyExample": {"example": f"pex_{NOBODY}"},
}  # fmt: skip
APPROVERS = ("approvePolicy", "rejectPolicy", "confirmPolicy")


def test_others_may_do_nothing_of_it(desk: Desk) -> None:
    """Every mutation and query answers FORBIDDEN to teachers, data managers, learners, parents and programs."""
    assert ANY.keys() == RETURNS.keys()
    queries = (
        "policyDrafts { id }", "policySubmissions { id }", "policyVersions { version }", "policyVersion { version }",
        "policyExamples { name }", f'policyDraft(id: "pdr_{NOBODY}") {{ id }}', "policyDiff(from: 1, to: 1) { same }",
        f'policySubmission(id: "psb_{NOBODY}") {{ id }}', "policyImpact(version: 1) { widens }",
    )  # fmt: skip
    with nothing_changes(desk):
        for handle in OTHERS:
            for mutation, given in ANY.items():
                assert desk.try_(handle, mutation, given).codes == ["FORBIDDEN"], (handle, mutation)
        for handle in OTHERS:
            for query in queries:
                assert desk.client(handle).ask(f"{{ {query} }}").codes == ["FORBIDDEN"], (handle, query)


def test_officer_and_approver_do_their_own_part_alone(desk: Desk) -> None:
    """The officer decides nothing, the approver drafts, submits, publishes and narrows nothing."""
    with nothing_changes(desk):
        for mutation, given in ANY.items():
            if mutation in APPROVERS:
                assert desk.try_("dpo", mutation, given).codes == ["FORBIDDEN"], mutation
            elif mutation != "withdrawPolicy":
                assert desk.try_("head", mutation, given).codes == ["FORBIDDEN"], mutation


def test_another_schools_ids_are_unknown(make_desk: MakeDesk) -> None:
    """What exists elsewhere answers as what exists nowhere, in the same words."""
    desk, other = make_desk(), make_desk()
    submission = other.submitted()
    draft, example = other.draft(), other.do("dpo", "addPolicyExample", ANY["addPolicyExample"])["example"]
    elsewhere: dict[str, Given] = {
        "editPolicyDraft": {"draft": draft["id"], "edits": [], "expectedRevision": 1},
        "submitPolicy": {"draft": draft["id"], "expectedRevision": 1, "reason": WHY},
        "approvePolicy": {"submission": submission["id"]},
        "rejectPolicy": {"submission": submission["id"], "reason": WHY},
        "withdrawPolicy": {"submission": submission["id"]},
        "publishPolicy": {"submission": submission["id"]},
        "removePolicyExample": {"example": example["id"]},
    }
    with nothing_changes(desk), nothing_changes(other):
        for mutation, given in elsewhere.items():
            handle = "head" if mutation in APPROVERS else "dpo"
            nowhere: Given = {
                name: f"{value[:4]}{NOBODY}" if name in ("draft", "submission", "example") else value
                for name, value in given.items()
            }
            refused = desk.refusals(handle, mutation, given)
            assert [one["code"] for one in refused] == ["NOT_FOUND"]
            assert refused == desk.refusals(handle, mutation, nowhere)
    query = "query($d: ID!, $s: ID!) { policyDraft(id: $d) { id } policySubmission(id: $s) { id } policyImpact(draft: $d) { widens } }"  # noqa: E501
    found = desk.ask("dpo", query, {"d": draft["id"], "s": submission["id"]})
    assert found == {"policyDraft": None, "policySubmission": None, "policyImpact": None}


def test_an_author_never_approves_their_own(desk: Desk) -> None:
    """Though they hold both roles; nor do they reject it, which is what withdrawing is for."""
    give(desk, "dpo", "policy_approver")
    submission = desk.submitted()
    with nothing_changes(desk):
        for mutation, more in (("approvePolicy", {}), ("rejectPolicy", {"reason": WHY})):
            refused = desk.refusals("dpo", mutation, {"submission": submission["id"], **more})
            assert [(one["code"], one["path"]) for one in refused] == [("SELF_APPROVAL", ["input", "submission"])]
    assert desk.approve(submission)["state"] == "APPROVED"


def test_nothing_is_published_unapproved(desk: Desk) -> None:
    """Neither submitted nor rejected nor withdrawn."""
    waiting, rejected, gone = desk.submitted(), desk.submitted(), desk.approved()
    desk.do("head", "rejectPolicy", {"submission": rejected["id"], "reason": "Not this year"})
    desk.do("dpo", "withdrawPolicy", {"submission": gone["id"]})
    with nothing_changes(desk):
        for submission, code in ((waiting, "NOT_APPROVED"), (rejected, "ALREADY_DECIDED"), (gone, "WITHDRAWN")):
            assert desk.codes("dpo", "publishPolicy", {"submission": submission["id"]}) == [code]
            at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
            assert desk.codes("dpo", "publishPolicy", {"submission": submission["id"], "at": at}) == [code]


def test_a_submission_is_decided_once(desk: Desk) -> None:
    """And published once."""
    submission = desk.approved()
    again: dict[str, Any] = {"submission": submission["id"]}
    with nothing_changes(desk):
        assert desk.codes("head", "approvePolicy", again) == ["ALREADY_DECIDED"]
        assert desk.codes("head", "rejectPolicy", again | {"reason": WHY}) == ["ALREADY_DECIDED"]
    desk.publish(submission)
    with nothing_changes(desk):
        assert desk.codes("dpo", "publishPolicy", again) == ["ALREADY_PUBLISHED"]
        assert desk.codes("dpo", "withdrawPolicy", again) == ["ALREADY_PUBLISHED"]


def test_a_base_that_has_moved_lapses_all_that_stood_on_it(desk: Desk) -> None:
    """A draft can't be submitted, a submission not approved, an approved one not published."""
    draft, waiting, late = desk.draft(), desk.submitted(), desk.approved({"remove": "r113"})
    publish(desk.owner_url, desk.world, without("r113"))
    assert desk.in_force() == 2
    with nothing_changes(desk):
        given = {"draft": draft["id"], "expectedRevision": 1, "reason": WHY}
        assert desk.codes("dpo", "submitPolicy", given) == ["STALE_BASE"]
        assert desk.codes("head", "approvePolicy", {"submission": waiting["id"]}) == ["LAPSED"]
        assert desk.codes("dpo", "publishPolicy", {"submission": late["id"]}) == ["LAPSED"]
    assert [desk.state(one) for one in (waiting, late)] == ["LAPSED", "LAPSED"]
    query = "query($d: ID!) { policyDraft(id: $d) { state } }"
    assert desk.ask("dpo", query, {"d": draft["id"]})["policyDraft"]["state"] == "LAPSED"


def test_of_two_that_publish_at_once_one_wins(desk: Desk) -> None:
    """The other is told that it lapsed; approvals of one submission at once are one approval."""
    first, second = desk.approved(), desk.approved({"remove": "r113"})

    def publishes(one: Given) -> Answer:
        return desk.try_("dpo", "publishPolicy", {"submission": one["id"]})

    def approves(one: Given) -> Answer:
        return desk.try_("head", "approvePolicy", {"submission": one["id"]})

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(publishes, (first, second)))
    payloads = [answer.data["publishPolicy"] for answer in answers]
    assert sorted([error["code"] for error in one["userErrors"]] for one in payloads) == [[], ["LAPSED"]]
    assert desk.in_force() == 2
    third = desk.submitted({"remove": "r114"})
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(approves, [third] * 4))
    codes = [[error["code"] for error in answer.data["approvePolicy"]["userErrors"]] for answer in answers]
    assert sorted(codes) == [[], *[["ALREADY_DECIDED"]] * 3]


def test_edits_of_a_stale_revision_are_refused(desk: Desk) -> None:
    """Two windows of one officer: the later must read what the earlier wrote."""
    draft = desk.draft()
    desk.draft({"remove": "r113"}, draft=draft["id"], expectedRevision=1)
    with nothing_changes(desk):
        for revision in (1, 3, None):
            given = {"draft": draft["id"], "expectedRevision": revision, "edits": [{"remove": "r114"}]}
            assert desk.codes("dpo", "editPolicyDraft", given) == ["REVISION_CONFLICT"]
        given = {"draft": draft["id"], "expectedRevision": 1, "reason": WHY}
        assert desk.codes("dpo", "submitPolicy", given) == ["REVISION_CONFLICT"]


def test_a_draft_waits_while_it_is_submitted(desk: Desk) -> None:
    """Withdrawn or rejected, it goes on; closed, it doesn't."""
    draft = desk.draft()
    submission = desk.submit(draft)
    edit = {"draft": draft["id"], "expectedRevision": 1, "edits": [{"remove": "r113"}]}
    with nothing_changes(desk):
        assert desk.codes("dpo", "editPolicyDraft", edit) == ["ALREADY_SUBMITTED"]
    desk.do("head", "rejectPolicy", {"submission": submission["id"], "reason": "Not enough"})
    with nothing_changes(desk):
        again = {"draft": draft["id"], "expectedRevision": 1, "reason": WHY}
        assert desk.codes("dpo", "submitPolicy", again) == ["ALREADY_SUBMITTED"]
    edited = desk.do("dpo", "editPolicyDraft", edit)["draft"]
    assert desk.submit(edited)["state"] == "SUBMITTED"
    closed = desk.do("dpo", "withdrawPolicy", {"draft": draft["id"]})["draft"]
    assert closed["state"] == "CLOSED"
    with nothing_changes(desk):
        assert desk.codes("dpo", "editPolicyDraft", edit | {"expectedRevision": 2}) == ["DRAFT_CLOSED"]
        assert desk.codes("dpo", "withdrawPolicy", {"draft": draft["id"]}) == ["DRAFT_CLOSED"]


def test_a_draft_is_its_authors(desk: Desk) -> None:
    """Another officer reads it and changes nothing of it."""
    draft = desk.draft()
    give(desk, "data-manager", "dpo")
    with nothing_changes(desk):
        given = {"draft": draft["id"], "expectedRevision": 1, "edits": [{"remove": "r113"}]}
        assert desk.codes("data-manager", "editPolicyDraft", given) == ["NOT_AUTHOR"]
        given = {"draft": draft["id"], "expectedRevision": 1, "reason": WHY}
        assert desk.codes("data-manager", "submitPolicy", given) == ["NOT_AUTHOR"]
        assert desk.codes("data-manager", "withdrawPolicy", {"draft": draft["id"]}) == ["NOT_AUTHOR"]
    submission = desk.submit(draft)
    with nothing_changes(desk):
        assert desk.codes("data-manager", "withdrawPolicy", {"submission": submission["id"]}) == ["NOT_AUTHOR"]
    assert desk.do("head", "withdrawPolicy", {"submission": submission["id"]})["submission"]["state"] == "WITHDRAWN"


OPENS = {"add": {"sentence": "Pastoral support staff may read the special needs of learners in their pastoral care, if their SEN training is in date; every read is logged."}}  # fmt: skip  # noqa: E501


def test_opening_special_category_needs_a_typed_reason(desk: Desk) -> None:
    """Twenty characters of text, which become part of the version."""
    draft = desk.draft(OPENS)
    given = {"draft": draft["id"], "expectedRevision": 1, "reason": WHY}
    with nothing_changes(desk):
        for reason in (None, "", "because we must", f"too short{' ' * 40}"):
            refused = desk.refusals("dpo", "submitPolicy", given | {"specialReason": reason})
            assert [(one["code"], one["path"][-1]) for one in refused] == [("SPECIAL_REASON_REQUIRED", "specialReason")]
    submission = desk.submit(draft, specialReason=f"  {WHY_SPECIAL} ")
    assert (submission["widensSpecial"], submission["specialReason"]) == (True, WHY_SPECIAL)
    assert desk.publish(desk.approve(submission))["version"]["specialReason"] == WHY_SPECIAL


def test_an_element_is_raised_and_lowered_again(desk: Desk) -> None:
    """Raised, staff need the certificate at once; lowering it opens special category, and needs its reason."""
    query = "{ learners { nodes { gender withheld { element reason } } } }"
    raised = desk.draft({"raise": {"element": "gender", "course": "equality"}})
    submission = desk.submit(raised)
    assert submission["widensSpecial"] is False
    desk.publish(desk.approve(submission))
    rows = desk.ask("teacher", query)["learners"]["nodes"]
    assert {row["gender"] for row in rows} == {None}
    reasons = {entry["reason"] for row in rows for entry in row["withheld"]}
    assert reasons == {"TRAINING_REQUIRED", "OUT_OF_SCOPE"}
    found = desk.ask("dpo", "{ policyVersion { raised { element course sentence } } }")["policyVersion"]["raised"]
    assert [(one["element"], one["course"]) for one in found] == [("gender", "equality")]
    lowered = desk.draft({"lower": "gender"})
    with nothing_changes(desk):
        given = {"draft": lowered["id"], "expectedRevision": 1, "reason": WHY}
        assert desk.codes("dpo", "submitPolicy", given) == ["SPECIAL_REASON_REQUIRED"]
        assert desk.codes("dpo", "narrowPolicy", {"edits": [{"lower": "gender"}], "reason": WHY}) == ["WIDENS"]
    desk.publish(desk.approve(desk.submit(lowered, specialReason=WHY_SPECIAL)))
    assert genders(desk) != {None}


def test_a_book_that_would_be_disarmed_or_lock_out_is_not_handed_in(desk: Desk) -> None:
    """The draft says so, and the submission is refused finding by finding."""
    wide = {"add": {"rule": {"role": "parent", "element": "name", "action": "read", "scope": "school"}}}
    audit = [rule.id for rule in starting_book().rules if rule.role == "dpo" and rule.element == "audit"]
    for edits, code in (([wide], "CEILING_SCOPE"), ([{"remove": one} for one in audit], "LOCK_OUT")):
        draft = desk.draft(*edits)
        assert code in [one["code"] for one in draft["findings"]]
        given = {"draft": draft["id"], "expectedRevision": 1, "reason": WHY}
        with nothing_changes(desk):
            assert code in desk.codes("dpo", "submitPolicy", given)


def _said(sentence: str) -> dict[str, Any]:
    return {"add": {"sentence": sentence}}


def _field(**changed: Any) -> dict[str, Any]:
    rule = {"role": "tutor", "element": "photo", "action": "read", "scope": "pastoral"}
    return {"add": {"rule": rule | changed}}


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (_said("Teechers may read the photograph of learners they teach."), "UNKNOWN_ROLE"),
        (_said(""), "NO_VERB"),
        (_said("p, r001, staff, structure, read"), "NO_VERB"),
        (_field(element="telephone"), "UNKNOWN_ELEMENT"),
        (_field(role="r, p"), "UNKNOWN_ROLE"),
        (_field(scope='"school"'), "UNKNOWN_SCOPE"),
        (_field(action="read\n"), "UNKNOWN_ACTION"),
        (_field(element="# name"), "UNKNOWN_ELEMENT"),
        (_field(role="\u202erotut"), "UNKNOWN_ROLE"),
        (_field(conditions=["trained:cooking"]), "UNKNOWN_CONDITION"),
        (_field(effect="Deny"), "UNKNOWN_EFFECT"),
        ({"add": {"id": "a,b", **_field()["add"]}}, "BAD_ID"),
        ({"add": {"id": "r116", **_field()["add"]}}, "DOUBLED_ID"),
        ({"add": {}}, "SENTENCE_OR_RULE"),
        ({"add": {"sentence": "Tutors may read the photograph.", **_field()["add"]}}, "SENTENCE_OR_RULE"),
        ({"change": {"id": "nobody", **_field()["add"]}}, "UNKNOWN_RULE"),
        ({"remove": "nobody"}, "UNKNOWN_RULE"),
        ({"raise": {"element": "nothing", "course": "sen"}}, "UNKNOWN_ELEMENT"),
        ({"lower": "gender"}, "NOT_RAISED"),
    ],
)
def test_what_is_no_rule_is_refused(one_desk: Desk, edit: dict[str, Any], code: str) -> None:
    """With a code, a sentence, the edit's place, and nothing changed."""
    with nothing_changes(one_desk):
        refused = one_desk.refusals("dpo", "editPolicyDraft", {"edits": [{"remove": "r113"}, edit]})
        assert [one["code"] for one in refused] == [code]
        assert all(one["path"][:3] == ["input", "edits", "1"] for one in refused)


@pytest.fixture(scope="module")
def one_desk(server: Server, app_url: str, owner_url: str, today: date) -> Desk:
    world = small_school(f"one officer's desk {uuid4()}", today)
    insert_world(app_url, world)
    return Desk(server, world, owner_url)


def test_a_nul_is_refused(one_desk: Desk) -> None:
    """At the edge, wherever it stands."""
    with nothing_changes(one_desk):
        for more in ({"edits": [_field(role="tutor\0")]}, {"edits": [LESS], "title": "a\0b"}):
            assert one_desk.try_("dpo", "editPolicyDraft", more).codes == ["BAD_USER_INPUT"]


def test_too_many_rules_are_refused_at_once(one_desk: Desk) -> None:
    """Ten thousand in one draft, which no body holds; more than are made at once; one that makes the book too long."""
    several: tuple[tuple[list[Given], str], ...] = (
        ([{"remove": "r116"}] * 10_000, "TOO_MANY_EDITS"),
        ([_field(scope="own")] * 2_001, "TOO_MANY_EDITS"),
        ([_field(scope="own")] * 2_000, "TOO_MANY_RULES"),
    )
    with nothing_changes(one_desk):
        for many, code in several:
            refused = one_desk.refusals("dpo", "editPolicyDraft", {"edits": many})
            assert [one["code"] for one in refused] == [code]
        real: Given = {"edits": [_field(scope="own")] * 10_000}
        assert one_desk.try_("dpo", "editPolicyDraft", real).codes == ["LIMIT_EXCEEDED"]


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        ({"remove": "r116", "lower": "gender"}, "BAD_USER_INPUT"),
        ({}, "BAD_USER_INPUT"),
        ({"remove": None}, "BAD_USER_INPUT"),
    ],
)
def test_an_edit_is_one_thing(one_desk: Desk, edit: dict[str, Any], code: str) -> None:
    """@oneOf: none, two or a null are no edit."""
    with nothing_changes(one_desk):
        assert one_desk.try_("dpo", "editPolicyDraft", {"edits": [edit]}).codes == [code]


def test_rolling_back_to_what_is_in_force_or_nowhere_is_refused(desk: Desk) -> None:
    """And twice the same, while the first is undecided."""
    desk.publish(desk.approved())
    with nothing_changes(desk):
        for version, code in ((2, "NOTHING_CHANGED"), (9, "NOT_FOUND"), (-1, "NOT_FOUND")):
            assert desk.codes("dpo", "rollBackPolicy", {"version": version, "reason": WHY}) == [code]
    desk.do("dpo", "rollBackPolicy", {"version": 1, "reason": WHY})
    with nothing_changes(desk):
        assert desk.codes("dpo", "rollBackPolicy", {"version": 1, "reason": WHY}) == ["ALREADY_SUBMITTED"]


def test_a_draft_that_changes_nothing_is_not_handed_in(desk: Desk) -> None:
    """There would be nothing to decide."""
    draft = desk.do("dpo", "editPolicyDraft", {"edits": []})["draft"]
    with nothing_changes(desk):
        given = {"draft": draft["id"], "expectedRevision": 1, "reason": WHY}
        assert desk.codes("dpo", "submitPolicy", given) == ["NOTHING_CHANGED"]


def test_a_draft_begins_with_any_version(desk: Desk) -> None:
    """The base is what is in force all the same."""
    desk.publish(desk.approved())
    draft = desk.do("dpo", "editPolicyDraft", {"edits": [], "fromVersion": 1})["draft"]
    assert (draft["baseVersion"], draft["title"]) == (2, "Changes to version 1")
    with nothing_changes(desk):
        assert desk.codes("dpo", "editPolicyDraft", {"edits": [], "fromVersion": 7}) == ["NOT_FOUND"]
        given: Given = {"edits": [], "fromVersion": 1, "draft": draft["id"], "expectedRevision": 1}
        assert desk.try_("dpo", "editPolicyDraft", given).codes == ["BAD_USER_INPUT"]


def test_a_lapsed_drafts_changes_are_brought_to_todays_rules(desk: Desk) -> None:
    """By anybody who drafts; what can't be done any more is refused in words."""
    added = "Tutors may read the behaviour record of learners they teach."
    draft = desk.draft(LESS, {"add": {"sentence": added}}, title="Two changes")
    publish(desk.owner_url, desk.world, without("r113"))
    give(desk, "data-manager", "dpo")
    anew = desk.draft({"remove": "r114"}, handle="data-manager", fromDraft=draft["id"])
    assert (anew["baseVersion"], anew["title"], anew["state"]) == (2, "Two changes", "DRAFT")
    query = "query($d: ID!) { policyDraft(id: $d) { diff { added { sentence } removed { id } } } }"
    found = desk.ask("dpo", query, {"d": anew["id"]})["policyDraft"]["diff"]
    assert found == {"added": [{"sentence": added}], "removed": [{"id": "r114"}, {"id": "r116"}]}
    publish(desk.owner_url, desk.world, without("r116"))
    with nothing_changes(desk):
        refused = desk.refusals("dpo", "editPolicyDraft", {"edits": [], "fromDraft": draft["id"]})
        assert [(one["code"], one["path"]) for one in refused] == [("UNKNOWN_RULE", ["input", "fromDraft"])]
        nowhere: Given = {"edits": [], "fromDraft": f"pdr_{NOBODY}"}
        assert desk.codes("dpo", "editPolicyDraft", nowhere) == ["NOT_FOUND"]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\0b"])
def test_reasons_are_real_texts(one_desk: Desk, reason: str) -> None:
    """Of 1 to 500 characters, for whoever reads them later."""
    with nothing_changes(one_desk):
        for handle, mutation in (("dpo", "rollBackPolicy"), ("dpo", "narrowPolicy"), ("head", "rejectPolicy")):
            answer = one_desk.try_(handle, mutation, ANY[mutation] | {"reason": reason})
            assert answer.codes == ["BAD_USER_INPUT"], mutation
