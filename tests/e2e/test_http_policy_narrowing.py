"""Emergency narrowing over HTTP: at once and alone, never a gain for anybody, and a second person within a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from server.commands.policy.overdue import announce_overdue
from server.database.pool import Pool
from tests.e2e.policy_desk import LESS, WHY, Desk, Given, give, nothing_changes
from tests.e2e.serving import Server
from tests.worlds import insert_world, small_school

GENDER = "{ learners { nodes { gender } } }"
NARROW: Given = {"edits": [LESS], "reason": "A class list was found in the canteen"}


@pytest.fixture
def make_desk(server: Server, app_url: str, owner_url: str, today: date) -> Callable[[], Desk]:
    def make() -> Desk:
        world = small_school(f"an emergency {uuid4()}", today)
        insert_world(app_url, world)
        return Desk(server, world, owner_url)

    return make


@pytest.fixture
def desk(make_desk: Callable[[], Desk]) -> Desk:
    return make_desk()


def genders(desk: Desk) -> set[str | None]:
    return {row["gender"] for row in desk.ask("teacher", GENDER)["learners"]["nodes"]}


def notices(desk: Desk) -> list[tuple[str, str]]:
    """(kind, to whom) of those about the rules, in order."""
    handles = {key: handle for handle, key in desk.world.ids.items()}
    found = desk.rows(
        "SELECT kind, person_id FROM usher.notice WHERE school_id = %s AND kind LIKE 'policy%%' ORDER BY notice_id"
    )
    return [(kind, handles[person]) for kind, person in found]


def test_a_narrowing_holds_at_once_and_is_confirmed_by_another(desk: Desk) -> None:
    """By the officer alone; the approver is told, and stands by it."""
    assert genders(desk) != {None}
    version = desk.do("dpo", "narrowPolicy", NARROW)["version"]
    assert version == {
        "version": 2, "kind": "NARROWED", "state": "PUBLISHED", "reason": NARROW["reason"], "specialReason": None,
        "chainHolds": True, "overdue": False, "confirmedAt": None,
    }  # fmt: skip
    assert genders(desk) == {None}
    assert notices(desk) == [("policyNarrowed", "head")]
    [told] = desk.ask("head", "{ notices(read: false) { kind about { name id } } }")["notices"]
    assert told == {"kind": "policyNarrowed", "about": [{"name": "author", "id": f"per_{desk.world.ids['dpo'].hex}"}]}
    confirmed = desk.do("head", "confirmPolicy", {"version": 2})["version"]
    assert confirmed["confirmedAt"] is not None
    assert desk.events() == ["policyPublished", "policyConfirmed"]
    with nothing_changes(desk):
        assert desk.codes("head", "confirmPolicy", {"version": 2}) == ["ALREADY_CONFIRMED"]


def test_nobody_confirms_their_own(desk: Desk) -> None:
    """Though they may confirm others'."""
    desk.do("dpo", "narrowPolicy", NARROW)
    give(desk, "dpo", "policy_approver")
    with nothing_changes(desk):
        assert desk.codes("dpo", "confirmPolicy", {"version": 2}) == ["SELF_CONFIRMATION"]
        for version, code in ((1, "NOT_NARROWED"), (3, "NOT_FOUND")):
            assert desk.codes("head", "confirmPolicy", {"version": version}) == [code]


def test_one_narrowing_at_a_time_stands_unconfirmed(desk: Desk) -> None:
    """Confirmed, the author may narrow again; until then another officer may."""
    desk.do("dpo", "narrowPolicy", NARROW)
    again = NARROW | {"edits": [{"remove": "r113"}]}
    with nothing_changes(desk):
        assert desk.codes("dpo", "narrowPolicy", again) == ["UNCONFIRMED"]
    give(desk, "data-manager", "dpo")
    assert desk.do("data-manager", "narrowPolicy", again)["version"]["version"] == 3
    desk.do("head", "confirmPolicy", {"version": 2})
    assert desk.do("dpo", "narrowPolicy", NARROW | {"edits": [{"remove": "r114"}]})["version"]["version"] == 4


def test_a_narrowing_that_widens_anything_is_refused(desk: Desk) -> None:
    """A rule for others beside the one taken away, a denial removed, a duty dropped, an old book that said more."""
    more: Given = {"add": {"sentence": "Tutors may read the behaviour record of everyone in the school."}}
    desk.publish(desk.approved())
    with nothing_changes(desk):
        for given in (
            {"edits": [{"remove": "r113"}, more]},
            {"edits": [more]},
            {"toVersion": 1},
        ):
            refused = desk.refusals("dpo", "narrowPolicy", {"reason": WHY, **given})
            assert [one["code"] for one in refused] == ["WIDENS"]
            assert "may now" in refused[0]["message"] or "gain" in refused[0]["message"]


def test_narrowing_to_an_older_version(desk: Desk) -> None:
    """Where that one gave nobody more."""
    desk.publish(
        desk.approved({"add": {"sentence": "Tutors may read the behaviour record of everyone in the school."}})
    )
    assert desk.do("dpo", "narrowPolicy", {"toVersion": 1, "reason": WHY})["version"]["version"] == 3
    diff = desk.ask("dpo", "{ policyDiff(from: 1, to: 3) { same } }")
    assert diff == {"policyDiff": {"same": True}}


def test_what_is_no_narrowing_is_refused(desk: Desk) -> None:
    """Nothing changed, an unknown version, both or neither, a book that would lock out, an unknown rule."""
    rules = desk.ask("dpo", "{ policyVersion { rules { id role element } } }")["policyVersion"]["rules"]
    audit = [{"remove": rule["id"]} for rule in rules if (rule["role"], rule["element"]) == ("dpo", "audit")]
    assert audit
    with nothing_changes(desk):
        assert desk.codes("dpo", "narrowPolicy", {"toVersion": 1, "reason": WHY}) == ["NOTHING_CHANGED"]
        assert desk.codes("dpo", "narrowPolicy", {"toVersion": 9, "reason": WHY}) == ["NOT_FOUND"]
        neither: tuple[Given, ...] = ({"edits": [LESS], "toVersion": 1}, {}, {"edits": []})
        for given in neither:
            assert desk.try_("dpo", "narrowPolicy", {"reason": WHY, **given}).codes == ["BAD_USER_INPUT"]
        literal = 'mutation { narrowPolicy(input: { reason: "a", edits: null }) { version { version } } }'
        assert desk.client("dpo").ask(literal).codes == ["BAD_USER_INPUT"]
        refused = desk.codes("dpo", "narrowPolicy", {"reason": WHY, "edits": [{"remove": "nobody"}]})
        assert refused == ["UNKNOWN_RULE"]
        assert "LOCK_OUT" in desk.codes("dpo", "narrowPolicy", {"reason": WHY, "edits": audit})


async def test_an_unconfirmed_narrowing_stays_and_is_told_of_once(desk: Desk, pool: Pool) -> None:
    """After a day the approvers are told; it stays in force, is marked, and may still be confirmed."""
    desk.do("dpo", "narrowPolicy", NARROW)
    now = datetime.now(UTC)

    async def told(moment: datetime) -> list[int]:
        found = await announce_overdue(pool, moment)
        return [version for school, version in found if school == desk.world.school_id]

    assert await told(now + timedelta(hours=23)) == []
    assert await told(now + timedelta(hours=25)) == [2]
    assert await told(now + timedelta(hours=26)) == []
    assert notices(desk) == [("policyNarrowed", "head"), ("policyUnconfirmed", "head")]
    assert genders(desk) == {None}
    assert desk.do("head", "confirmPolicy", {"version": 2})["version"]["confirmedAt"] is not None
    assert await told(now + timedelta(hours=27)) == []


def test_a_denial_in_a_hurry_needs_no_tidying_first(desk: Desk) -> None:
    """It makes an older permission idle: in an emergency that refuses nothing, and the next draft says so."""
    assert genders(desk) != {None}
    deny = {"add": {"sentence": "Class teachers may not read the gender of everyone in the school."}}
    assert desk.do("dpo", "narrowPolicy", NARROW | {"edits": [deny]})["version"]["version"] == 2
    assert genders(desk) == {None}
    draft = desk.do("dpo", "editPolicyDraft", {"edits": [{"remove": "r113"}]})["draft"]
    assert [one["code"] for one in draft["findings"]] == ["SHADOWED_RULE"]


def test_an_idle_promise_stops_no_narrowing(desk: Desk) -> None:
    """Books from before may say that the officers are told of what nobody tells: a draft has to tidy that up."""
    told = "Tutors may not read the photograph of learners in their pastoral care; the officers are told at once when the glass is broken."  # noqa: E501
    edits = [LESS, {"add": {"sentence": told}}]
    assert desk.do("dpo", "narrowPolicy", {"reason": WHY, "edits": edits})["version"]["state"] == "PUBLISHED"
    draft = desk.draft({"remove": "r115"})
    assert "NOTIFY_WITHOUT_GLASS" in {finding["code"] for finding in draft["findings"]}
