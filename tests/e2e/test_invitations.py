"""Whether a school lets parents and learners in, and whom it invites, over GraphQL; a refusal changes nothing."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest

from server.commands.access.invitation_entries import MOST
from server.database.pool import Pool
from server.identity.invitations.codes import code_digest, confirmation_digest
from tests.e2e.access_desk import AccessDesk, codes
from tests.letters import waiting_letters
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

NOBODY = ("teacher", "tutor", "senco", "dpo", "pat", "ann", "support")
OVER = "The assessment is done anew."
WORDS = {"assessment": "Folder 13 of the office", "declaration": "Assessed and agreed by the governors."}
LIST = "{ invitations { id kind person learner link delivery status invitedBy invitedByName redeemedAt tries } }"
QUEUE = "{ invitationMismatches { invitation kind person number triedAt signInName email } }"
APPS = "{ appActivations { id app assessment declaration decidedByName active ending } }"


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = wide_school(f"invitations {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def desk(pool: Pool, school: World, owner_url: str) -> AccessDesk:
    return AccessDesk(school, pool, owner_url)


def inviting(desk: AccessDesk, name: str, ids: list[str], delivery: str = "PAPER", **changed: Any) -> dict[str, Any]:
    return {name: ids, "delivery": delivery, "mode": "ATOMIC", "idempotencyKey": f"k{uuid4()}"} | changed


async def send(desk: AccessDesk, handle: str, mutation: str, **given: Any) -> dict[str, Any]:
    """The whole response."""
    title = mutation[0].upper() + mutation[1:]
    more = "" if mutation == "reissueInvitation" else " replayed wouldWrite"
    document = (
        f"mutation($input: {title}Input!) {{ {mutation}(input: $input) {{ invitations {{ id of code confirmation expiresAt }}"
        f"{more} userErrors {{ code path message }} }} }}"
    )
    return await desk.ask(handle, document, input=given)


async def sent(desk: AccessDesk, handle: str, mutation: str, **given: Any) -> dict[str, Any]:
    body = await send(desk, handle, mutation, **given)
    assert "errors" not in body, body
    payload: dict[str, Any] = body["data"][mutation]
    return payload


async def refused(desk: AccessDesk, handle: str, mutation: str, **given: Any) -> list[str]:
    before = desk.rows_of("invitation", "invitation_end", "audit_operation", "outbox_event", "idempotency_record")
    payload = await sent(desk, handle, mutation, **given)
    assert payload["invitations"] == []
    after = desk.rows_of("invitation", "invitation_end", "audit_operation", "outbox_event", "idempotency_record")
    assert after == before
    return [error["code"] for error in payload["userErrors"]]


async def forbidden(desk: AccessDesk, handle: str, mutation: str, **given: Any) -> None:
    before = desk.rows_of("invitation", "invitation_end", "audit_operation")
    body = await send(desk, handle, mutation, **given)
    assert codes(body) == ["FORBIDDEN"], (handle, mutation, body)
    assert desk.rows_of("invitation", "invitation_end", "audit_operation") == before


async def listed(desk: AccessDesk, handle: str) -> dict[str, dict[str, Any]]:
    body = await desk.ask(handle, LIST)
    assert "errors" not in body, body
    return {row["id"]: row for row in body["data"]["invitations"]}


async def test_who_activates_and_ends_an_app(desk: AccessDesk) -> None:
    """Head and officer, told and written down; nobody else does it, or reads of it."""
    for handle in ("teacher", "data-manager", "pat", "ann", "mis", "support"):
        await desk.forbidden(handle, "activateApp", app="PARENT", **WORDS)
        await desk.forbidden(handle, "endApp", app="PARENT", reason=OVER)
        body = await desk.ask(handle, APPS)
        assert codes(body) == ["FORBIDDEN"] or body["data"]["appActivations"] == [], handle
    await desk.do("dpo", "endApp", app="LEARNER", reason=OVER)
    assert desk.told("appEnded") == {desk.world.ids["head"], desk.world.ids["dpo"]}
    key = (await desk.do("head", "activateApp", app="LEARNER", **WORDS))["id"]
    assert desk.told("appActivated") == {desk.world.ids["head"], desk.world.ids["dpo"]}
    rows = {row["id"]: row for row in (await desk.ask("head", APPS))["data"]["appActivations"]}
    assert rows[key] == {
        "id": key, "app": "LEARNER", **WORDS, "decidedByName": "Dr Hedda Master", "active": True, "ending": None,
    }  # fmt: skip
    assert OVER in {row["ending"] for row in rows.values()}
    written = desk.rows(
        "SELECT details ->> 'change' FROM usher.audit_operation WHERE school_id = %s AND kind = 'write'"
    )
    assert {row[0] for row in written} >= {"appEnded", "appActivated"}


async def test_without_the_app_nobody_of_it_has_a_standing(desk: AccessDesk) -> None:
    """At once, in every worker; staff who are parents keep what they are as staff; and it comes back with the app."""
    assert [await desk.names("pat", worker) for worker in (0, 1)] == [{"Ann"}] * 2
    await desk.do("head", "endApp", app="PARENT", reason=OVER)
    for worker in (0, 1):
        assert codes(await desk.ask("pat", "{ viewer { capacity } }", worker)) == ["UNAUTHENTICATED"]
    assert await desk.names("ann") == {"Ann"}
    assert await desk.names("teacher")
    await desk.do("head", "activateApp", app="PARENT", **WORDS)
    assert await desk.names("pat", 1) == {"Ann"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"app": "STAFF", **WORDS}, "UNKNOWN_APP"),
        ({"app": "PARENT", **WORDS}, "ALREADY_ACTIVE"),
        ({"app": "PARENT", **WORDS, "assessment": " "}, "EVIDENCE_MISSING"),
        ({"app": "PARENT", **WORDS, "declaration": "agreed"}, "WORDS_MISSING"),
        ({"app": "PARENT", **WORDS, "declaration": "We agree\nand nobody else."}, "BAD_TEXT"),
    ],
)
async def test_what_is_no_decision_is_refused(quiet_desk: AccessDesk, given: dict[str, str], code: str) -> None:
    """And nothing is written."""
    assert await quiet_desk.refused("head", "activateApp", **given) == [code]


async def test_what_is_not_active_is_not_ended_and_nobody_is_invited_to_it(desk: AccessDesk) -> None:
    await desk.do("head", "endApp", app="PARENT", reason=OVER)
    assert await desk.refused("head", "endApp", app="PARENT", reason=OVER) == ["NOT_ACTIVE"]
    given = inviting(desk, "links", [desk.link("quinn", "cat")])
    assert await refused(desk, "data-manager", "inviteGuardians", **given) == ["NOT_ACTIVE"]


async def test_who_invites_whom(desk: AccessDesk) -> None:
    """Data managers everybody, heads learners and staff; nobody else does, or reads of it."""
    guardians = inviting(desk, "links", [desk.link("quinn", "cat")])
    learners = inviting(desk, "learners", [desk.id("bob", "lrn")])
    staff = inviting(desk, "staff", [desk.id("cover", "stf")], "MAIL")
    made = await sent(desk, "data-manager", "inviteGuardians", **guardians)
    key = made["invitations"][0]["id"]
    for handle in (*NOBODY, "mis"):
        await forbidden(desk, handle, "inviteGuardians", **guardians)
        await forbidden(desk, handle, "inviteLearners", **learners)
        await forbidden(desk, handle, "inviteStaff", **staff)
        await forbidden(desk, handle, "reissueInvitation", invitation=key, delivery="PAPER")
        await desk.forbidden(handle, "endInvitation", invitation=key, reason="Nobody asked for it.")
        for document, field in ((LIST, "invitations"), (QUEUE, "invitationMismatches")):
            body = await desk.ask(handle, document)
            may = handle == "dpo"
            assert may or codes(body) == ["FORBIDDEN"] or body["data"][field] == [], handle
    await forbidden(desk, "head", "inviteGuardians", **guardians)
    for mutation, given in (("inviteLearners", learners), ("inviteStaff", staff)):
        payload = await sent(desk, "head", mutation, **given)
        assert payload["userErrors"] == []
    rows = await listed(desk, "data-manager")
    assert rows[key] == {
        "id": key, "kind": "PARENT", "person": desk.id("quinn"), "learner": desk.id("cat", "lrn"),
        "link": desk.link("quinn", "cat"), "delivery": "PAPER", "status": "SENT", "invitedBy": desk.id("data-manager"),
        "invitedByName": "Dr Dara Sheet", "redeemedAt": None, "tries": 0,
    }  # fmt: skip
    seen = (await listed(desk, "head"))[key]
    assert (seen["person"], seen["learner"], seen["link"]) == (desk.id("quinn"), None, None)


async def test_a_code_is_told_once_and_stored_as_a_digest(desk: AccessDesk) -> None:
    """A repeat invites nobody again, and tells no code; nor does the list."""
    given = inviting(desk, "links", [desk.link("quinn", "cat")])
    first = await sent(desk, "data-manager", "inviteGuardians", **given)
    [made] = first["invitations"]
    assert (first["replayed"], first["userErrors"]) == (False, [])
    again = await sent(desk, "data-manager", "inviteGuardians", **given)
    assert again["replayed"]
    told = {name: made[name] for name in ("id", "of", "expiresAt")}
    assert again["invitations"] == [{**told, "code": None, "confirmation": None}]
    by_id = "SELECT expires_at FROM usher.invitation WHERE school_id = %s AND invitation_id = %s::uuid"
    assert desk.rows(by_id, made["id"].removeprefix("inv_")) == [(datetime.fromisoformat(made["expiresAt"]),)]
    stored = desk.rows(
        "SELECT c.code_digest, i.confirmation_digest FROM usher.invitation_code AS c"
        " JOIN usher.invitation AS i USING (school_id, invitation_id) WHERE school_id = %s AND i.kind = 'PARENT'"
        " AND i.delivery = 'PAPER'"
    )
    assert stored == [(code_digest(made["code"]), confirmation_digest(made["confirmation"]))]
    everything = str(desk.rows_of("invitation", "audit_operation", "outbox_event", "idempotency_record", "notice"))
    for code in (made["code"], made["confirmation"]):
        assert code not in everything
        assert code.replace("-", "") not in everything


async def test_a_letter_goes_to_the_address_on_record(desk: AccessDesk) -> None:
    """The code stands in it, apart from the page's address, and is told to nobody else."""
    given = inviting(desk, "learners", [desk.id("bob", "lrn")], "MAIL")
    payload = await sent(
        desk, "data-manager", "inviteStaff", **inviting(desk, "staff", [desk.id("cover", "stf")], "MAIL")
    )
    [made] = payload["invitations"]
    assert (made["code"], made["confirmation"]) == (None, None)
    letters = [
        one for kind, one in waiting_letters(desk.owner_url, "cover@school.example") if kind == "staff_invitation"
    ]
    text = letters[-1].text
    [code] = [line for line in text.splitlines() if line.count("-") == 3 and len(line) == 23]
    assert "http://localhost/join\n" in text
    found = desk.rows(
        "SELECT 1 FROM usher.invitation_code WHERE school_id = %s AND code_digest = %s", code_digest(code)
    )
    assert found == [(1,)]
    assert await refused(desk, "data-manager", "inviteLearners", **given) == ["NO_ADDRESS"]


async def test_each_row_is_refused_for_its_own_reason(desk: AccessDesk) -> None:
    """In mode PER_ROW the others are invited."""
    guardian, other = desk.link("quinn", "cat"), desk.link("pat", "ann")
    nobody = f"gdn_{uuid4().hex}"
    await desk.do("dsl", "restrictGuardianLink", link=other, kind="PROTECTION", evidence="Folder 7")
    links = [guardian, nobody, guardian, other]
    atomic = inviting(desk, "links", links)
    assert await refused(desk, "data-manager", "inviteGuardians", **atomic) == [
        "NOT_FOUND", "DUPLICATE_ENTRY", "RESTRICTED",
    ]  # fmt: skip
    payload = await sent(desk, "data-manager", "inviteGuardians", **(atomic | {"mode": "PER_ROW"}))
    assert [one["of"] for one in payload["invitations"]] == [guardian]
    assert [error["path"] for error in payload["userErrors"]] == [["input", "links", str(at)] for at in (1, 2, 3)]
    again = inviting(desk, "links", [guardian])
    assert await refused(desk, "data-manager", "inviteGuardians", **again) == ["ALREADY_INVITED"]


async def test_a_dry_run_writes_nothing(desk: AccessDesk) -> None:
    given = inviting(desk, "links", [desk.link("quinn", "cat")], dryRun=True)
    before = desk.rows_of("invitation", "idempotency_record")
    payload = await sent(desk, "data-manager", "inviteGuardians", **given)
    assert (payload["invitations"], payload["wouldWrite"]) == ([], 1)
    assert desk.rows_of("invitation", "idempotency_record") == before


async def test_officers_are_invited_by_who_may_change_grants(desk: AccessDesk) -> None:
    """An account is theirs who redeems it: so other officers are told, too."""
    given = inviting(desk, "staff", [desk.id("dpo", "stf")], "MAIL")
    assert await refused(desk, "data-manager", "inviteStaff", **given) == ["OFFICER_ROLE"]
    payload = await sent(desk, "head", "inviteStaff", **inviting(desk, "staff", [desk.id("dpo", "stf")], "MAIL"))
    assert payload["userErrors"] == []
    assert desk.world.ids["dpo"] in desk.told("officerInvited")
    assert desk.world.ids["head"] not in desk.told("officerInvited")
    key = payload["invitations"][0]["id"]
    assert await refused(desk, "data-manager", "reissueInvitation", invitation=key, delivery="MAIL") == ["OFFICER_ROLE"]


async def test_nobody_invites_themselves_or_staff_on_paper(desk: AccessDesk) -> None:
    own = inviting(desk, "staff", [desk.id("head", "stf")], "MAIL")
    assert await refused(desk, "head", "inviteStaff", **own) == ["SELF_ASSIGNMENT"]
    printed = await send(desk, "head", "inviteStaff", **inviting(desk, "staff", [desk.id("cover", "stf")]))
    assert codes(printed) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "changed",
    [{"links": []}, {"links": [f"gdn_{uuid4().hex}"] * (MOST + 1)}, {"delivery": "PIGEON"}, {"idempotencyKey": ""}],
)
async def test_a_batch_that_is_none_is_refused(quiet_desk: AccessDesk, changed: dict[str, Any]) -> None:
    given = inviting(quiet_desk, "links", [quiet_desk.link("quinn", "cat")]) | changed
    assert codes(await send(quiet_desk, "data-manager", "inviteGuardians", **given)) == ["BAD_USER_INPUT"]


async def test_an_invitation_is_reissued_and_ended(desk: AccessDesk) -> None:
    """Once each; the old code's invitation is over, and what was ended may be invited anew."""
    first = await sent(desk, "data-manager", "inviteGuardians", **inviting(desk, "links", [desk.link("quinn", "cat")]))
    [old] = first["invitations"]
    [new] = (await sent(desk, "data-manager", "reissueInvitation", invitation=old["id"], delivery="PAPER"))[
        "invitations"
    ]
    assert new["code"] not in (None, old["code"])
    rows = await listed(desk, "data-manager")
    assert (rows[old["id"]]["status"], rows[new["id"]]["status"]) == ("ENDED", "SENT")
    again = {"invitation": old["id"], "delivery": "PAPER"}
    assert await refused(desk, "data-manager", "reissueInvitation", **again) == ["ENDED"]
    why = "They have moved away."
    assert await desk.refused("data-manager", "endInvitation", invitation=new["id"], reason="gone") == [
        "REASON_MISSING"
    ]
    await desk.do("data-manager", "endInvitation", invitation=new["id"], reason=why)
    assert await desk.refused("data-manager", "endInvitation", invitation=new["id"], reason=why) == ["ENDED"]
    third = await sent(desk, "data-manager", "inviteGuardians", **inviting(desk, "links", [desk.link("quinn", "cat")]))
    assert third["userErrors"] == []


async def test_the_queue_of_wrong_answers_is_worked_off(desk: AccessDesk) -> None:
    """It tells how whoever it was called themselves, and never what they gave; reissuing takes it off."""
    rows = (await desk.ask("data-manager", QUEUE))["data"]["invitationMismatches"]
    assert [(row["number"], row["person"], row["signInName"], row["email"]) for row in rows] == [
        (number, desk.id("eve"), "eve.of.year.ten", "eve@home.example") for number in (1, 2)
    ]
    key = rows[0]["invitation"]
    assert (await listed(desk, "data-manager"))[key]["tries"] == 2
    await sent(desk, "data-manager", "reissueInvitation", invitation=key, delivery="PAPER")
    assert (await desk.ask("data-manager", QUEUE))["data"]["invitationMismatches"] == []


async def test_another_schools_invitation_is_unknown(desk: AccessDesk, quiet_desk: AccessDesk) -> None:
    key = next(iter(await listed(quiet_desk, "data-manager")))
    assert await refused(desk, "data-manager", "reissueInvitation", invitation=key, delivery="PAPER") == ["NOT_FOUND"]
    assert await desk.refused("data-manager", "endInvitation", invitation=key, reason=OVER) == ["NOT_FOUND"]
