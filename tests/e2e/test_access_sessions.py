"""Support access and broken glass: asked for, told of, over at its moment, ended at any."""

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, UniqueViolation

from server import tables
from tests.e2e.access_desk import AccessDesk, codes
from tests.e2e.serving import Server
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

MOMENT = timedelta(microseconds=1)
WHY = "The grades of 10/Ma1 look wrong."
BY_GRANT = {"Ann", "Bob", "Cat", "Dan", "Gus", "Hal"}
BANNER = "{ supportSessions { id name reason startsAt endsAt } }"


async def _asked(desk: AccessDesk, hours: int = 2) -> str:
    payload = await desk.do("support", "requestSupportAccess", name="Sol Helper", reason=WHY, hours=hours)
    assert payload["userErrors"] == []
    return payload["id"]


async def _let_in(desk: AccessDesk, hours: int = 2) -> str:
    request = await _asked(desk, hours)
    payload = await desk.do("head", "approveSupportAccess", request=request)
    assert payload["userErrors"] == []
    return request


async def test_support_is_asked_for_approved_seen_and_over(desk: AccessDesk) -> None:
    """The whole story, in both workers: nothing, then what the grant gives, then nothing from its last moment on."""
    for worker in (0, 1):
        assert await desk.names("support", worker) == set()
    request = await _asked(desk)
    officers = {desk.world.ids["head"], desk.world.ids["dpo"]}
    assert desk.told("supportRequested") == officers
    assert await desk.names("support") == set()
    payload = await desk.do("head", "approveSupportAccess", request=request)
    assert payload["endsAt"] == (desk.now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert desk.told("supportApproved") == officers | {desk.world.ids["support"]}
    for worker in (0, 1):
        assert await desk.names("support", worker) == BY_GRANT
    begun = desk.now
    desk.now = begun + timedelta(hours=2) - MOMENT
    assert await desk.names("support") == BY_GRANT
    desk.now = begun + timedelta(hours=2)
    for worker in (0, 1):
        assert await desk.names("support", worker) == set()


async def test_all_staff_see_who_is_in(desk: AccessDesk) -> None:
    """Name, reason and end stand in the banner of each member of staff while the session runs, and not after."""
    request = await _let_in(desk, hours=1)
    for handle in ("teacher", "dpo", "governor", "peripatetic"):
        body = await desk.ask(handle, BANNER)
        shown = {row["id"]: row for row in body["data"]["supportSessions"]}
        assert (shown[request]["name"], shown[request]["reason"]) == ("Sol Helper", WHY)
        assert shown[request]["endsAt"] == (desk.now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for handle in ("pat", "ann", "mis", "support"):
        assert codes(await desk.ask(handle, BANNER)) == ["FORBIDDEN"]
    await desk.do("dpo", "endSupportAccess", request=request)
    body = await desk.ask("teacher", BANNER)
    assert request not in {row["id"] for row in body["data"]["supportSessions"]}


def test_a_session_ended_in_one_process_is_over_in_another(servers: list[Server], app_url: str, today: date) -> None:
    """Revoked in the middle: the next request of the same token sees nobody, in every process."""
    world = wide_school(f"revoked {uuid4()}", today)
    insert_world(app_url, world)
    names = "{ learners { nodes { givenName } } }"
    support = [server.client(world, "support-granted") for server in servers[:2]]
    for client in support:
        assert {row["givenName"] for row in client.ask(names).data["learners"]["nodes"]} == BY_GRANT
    key = world.rows[tables.SupportRequestRow][-1]["request_id"]
    ended = (
        servers[0]
        .client(world, "dpo")
        .ask(
            "mutation($input: EndSupportAccessInput!) { endSupportAccess(input: $input) { userErrors { code } } }",
            {"input": {"request": f"sup_{key.hex}"}},
        )
    )
    assert ended.data["endSupportAccess"]["userErrors"] == []
    for client in support:
        answer = client.ask(names)
        assert not answer.body.get("data") or answer.data["learners"]["nodes"] == []


async def test_who_may_ask_decide_and_end(desk: AccessDesk) -> None:
    """A person of the vendor asks, alone; the head and the officer decide; both ends may end it."""
    for handle in ("teacher", "head", "pat", "mis"):
        await desk.forbidden(handle, "requestSupportAccess", name="N", reason=WHY, hours=1)
    await desk.forbidden("support", "requestSupportAccess", by_program="robot", name="N", reason=WHY, hours=1)
    request = await _asked(desk)
    assert await desk.refused("support", "requestSupportAccess", name="N", reason=WHY, hours=1) == ["PENDING"]
    for handle in ("support", "teacher", "data-manager", "pat"):
        await desk.forbidden(handle, "approveSupportAccess", request=request)
        await desk.forbidden(handle, "refuseSupportAccess", request=request, reason=WHY)
    assert await desk.refused("support-granted", "endSupportAccess", request=request) == ["NOT_FOUND"]
    assert await desk.refused("head", "approveSupportAccess", request=request, hours=3) == ["HOURS"]
    assert await desk.refused("head", "endSupportAccess", request=request) == ["ENDED"]
    await desk.do("dpo", "approveSupportAccess", request=request, hours=1)
    await desk.do("support", "endSupportAccess", request=request)
    assert await desk.names("support") == set()
    assert await desk.refused("head", "endSupportAccess", request=request) == ["ENDED"]


async def test_a_repeat_needs_a_new_request(desk: AccessDesk) -> None:
    """A decided request is decided for good, whichever way; its state is told to who asked."""
    request = await _let_in(desk)
    assert await desk.refused("head", "approveSupportAccess", request=request) == ["DECIDED"]
    await desk.do("head", "endSupportAccess", request=request)
    assert await desk.refused("dpo", "approveSupportAccess", request=request) == ["DECIDED"]
    again = await _asked(desk)
    await desk.do("dpo", "refuseSupportAccess", request=again, reason="We have found it ourselves.")
    assert await desk.refused("head", "approveSupportAccess", request=again) == ["DECIDED"]
    body = await desk.ask("support", "{ supportRequests { id state refusal } }")
    states = {row["id"]: (row["state"], row["refusal"]) for row in body["data"]["supportRequests"]}
    assert states[request] == ("ENDED", None)
    assert states[again] == ("REFUSED", "We have found it ourselves.")
    everybodys = await desk.ask("head", "{ supportRequests { requester } }")
    assert len({row["requester"] for row in everybodys["data"]["supportRequests"]}) == 2
    assert codes(await desk.ask("teacher", "{ supportRequests { id } }")) == ["FORBIDDEN"]


async def test_two_who_decide_and_break_at_once(desk: AccessDesk) -> None:
    """Of two decisions one counts, and of two hands at the glass one breaks it."""
    request = await _asked(desk)
    decided = await asyncio.gather(
        desk.do("head", "approveSupportAccess", request=request),
        desk.do("dpo", "refuseSupportAccess", request=request, reason="Not while exams are on."),
    )
    assert sorted(error["code"] for answer in decided for error in answer["userErrors"]) == ["DECIDED"]
    assert (
        len(desk.rows("SELECT 1 FROM usher.support_decision WHERE school_id = %s AND decided_at = %s", desk.now)) == 1
    )
    broken = await asyncio.gather(
        *(desk.do("assistant", "breakGlass", reason="A learner has collapsed on the field.") for _ in range(2))
    )
    assert sorted(error["code"] for answer in broken for error in answer["userErrors"]) == ["ALREADY_BROKEN"]
    assert len(desk.rows("SELECT 1 FROM usher.break_glass WHERE school_id = %s AND started_at = %s", desk.now)) == 1


async def test_a_session_is_a_persons(desk: AccessDesk) -> None:
    """A program that holds a token of the same person sees nothing by the session, and reads on nobody's behalf."""
    await _let_in(desk)
    assert await desk.names("support") == BY_GRANT
    body = await desk.ask("support", "{ learners { nodes { givenName } } }", by_program="robot")
    assert codes(body) == ["FORBIDDEN"] or body["data"]["learners"]["nodes"] == []
    assert await desk.names("support") == BY_GRANT


async def test_what_support_staff_read_is_in_the_audit(desk: AccessDesk) -> None:
    """The decision, and each read with the learners whom it named."""
    request = await _let_in(desk)
    await desk.names("support")
    kinds = desk.rows(
        "SELECT kind, elements, details FROM usher.audit_operation WHERE school_id = %s AND occurred_at >= %s"
        " ORDER BY audit_id",
        desk.now,
    )
    changes = [row[2]["change"] for row in kinds if row[2] and "change" in row[2]]
    assert changes == ["supportRequested", "supportApproved"]
    read = [row[1] for row in kinds if row[0] == "read" and "name" in row[1]]
    assert len(read[0]["name"]) == len(BY_GRANT)
    assert {event[0] for event in desk.rows("SELECT kind FROM usher.outbox_event WHERE school_id = %s")} >= {
        "supportRequested", "supportApproved", "noticePosted",
    }  # fmt: skip
    assert request


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": " ", "reason": WHY, "hours": 1}, "NAME_MISSING"),
        ({"name": "Sol", "reason": "too short", "hours": 1}, "REASON_MISSING"),
        ({"name": "Sol", "reason": "x" * 501, "hours": 1}, "REASON_MISSING"),
        ({"name": "Sol\nThe head", "reason": WHY, "hours": 1}, "BAD_TEXT"),
        ({"name": "Sol\u202e", "reason": WHY, "hours": 1}, "BAD_TEXT"),
        ({"name": "Sol", "reason": f"{WHY}\x1b[2J", "hours": 1}, "BAD_TEXT"),
        ({"name": "Sol", "reason": WHY, "hours": 0}, "HOURS"),
        ({"name": "Sol", "reason": WHY, "hours": 9}, "HOURS"),
    ],
)
async def test_bad_requests(quiet_desk: AccessDesk, given: dict[str, object], code: str) -> None:
    """Each is a code, and nothing is written."""
    assert await quiet_desk.refused("support", "requestSupportAccess", **given) == [code]


MEDICAL = "{ learners { nodes { givenName medical { conditions } withheld { reason } } } }"


async def _medical(desk: AccessDesk, handle: str, worker: int = 0) -> set[str]:
    body = await desk.ask(handle, MEDICAL, worker)
    return {row["givenName"] for row in body["data"]["learners"]["nodes"] if row["medical"]["conditions"]}


async def test_broken_glass_opens_for_two_hours_and_tells_the_officers(desk: AccessDesk) -> None:
    """A trained assistant sees one learner's medical notes, then everybody's but what is denied, then one's again."""
    for worker in (0, 1):
        assert await _medical(desk, "assistant", worker) == {"Ann"}
    payload = await desk.do("assistant", "breakGlass", reason="A learner has collapsed on the field.")
    assert payload["endsAt"] == (desk.now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert desk.told("breakGlass") == {desk.world.ids[handle] for handle in ("dpo", "dsl", "dsl-tutor")}
    for worker in (0, 1):
        assert await _medical(desk, "assistant", worker) > {"Ann", "Bob", "Cat"}
    [(reason, facts)] = desk.rows(
        "SELECT reason, facts FROM usher.audit_operation WHERE school_id = %s AND kind = 'read' AND person_id = %s"
        " AND occurred_at = %s AND 'break_glass' = ANY(facts) ORDER BY audit_id LIMIT 1",
        desk.world.ids["assistant"],
        desk.now,
    )
    assert reason == "A learner has collapsed on the field."
    assert {"break_glass", "reason"} <= set(facts)
    assert await desk.refused("assistant", "breakGlass", reason="And another one there.") == ["ALREADY_BROKEN"]
    begun = desk.now
    desk.now = begun + timedelta(hours=2) - MOMENT
    assert len(await _medical(desk, "assistant")) > 1
    desk.now = begun + timedelta(hours=2)
    for worker in (0, 1):
        assert await _medical(desk, "assistant", worker) == {"Ann"}


async def test_the_glass_never_stands_in_for_a_certificate(desk: AccessDesk) -> None:
    """Who lacks the course may not even break it; who has one course sees that course's values alone."""
    for handle in ("teacher", "tutor", "dpo", "governor"):
        await desk.forbidden(handle, "breakGlass", reason="A learner has collapsed on the field.")
    for handle in ("pat", "ann", "mis", "support-granted"):
        await desk.forbidden(handle, "breakGlass", reason="A learner has collapsed on the field.")
    await desk.do("pastoral", "breakGlass", reason="A learner has not come home.")
    assert await _medical(desk, "pastoral") == set()
    body = await desk.ask("pastoral", "{ learners { nodes { givenName lookedAfter } } }")
    assert len([row for row in body["data"]["learners"]["nodes"] if row["lookedAfter"] is not None]) > 2


async def test_a_certificate_that_ends_closes_what_the_glass_opened(desk: AccessDesk) -> None:
    """In the middle of the session, in both workers."""
    await desk.do("assistant", "breakGlass", reason="A learner has collapsed on the field.")
    assert len(await _medical(desk, "assistant")) > 1
    [(key,)] = desk.rows(
        "SELECT certificate_id FROM usher.training_certificate WHERE school_id = %s AND person_id = %s",
        desk.world.ids["assistant"],
    )
    await desk.do("dpo", "endTraining", certificate=f"crt_{key.hex}")
    for worker in (0, 1):
        assert await _medical(desk, "assistant", worker) == set()


async def test_who_ends_a_break_glass_session(desk: AccessDesk) -> None:
    """Oneself, and the officer who reads the audit; for anybody else it isn't there."""
    mine = await desk.do("assistant", "breakGlass", reason="A learner has collapsed on the field.")
    assert await desk.refused("teacher", "endBreakGlass", session=mine["id"]) == ["NOT_FOUND"]
    body = await desk.ask("dpo", "{ breakGlassSessions { id personName reason live } }")
    [shown] = [row for row in body["data"]["breakGlassSessions"] if row["id"] == mine["id"]]
    assert shown["live"]
    assert "Assistant" in shown["personName"]
    assert codes(await desk.ask("teacher", "{ breakGlassSessions { id } }")) == ["FORBIDDEN"]
    await desk.do("dpo", "endBreakGlass", session=mine["id"])
    assert await _medical(desk, "assistant") == {"Ann"}
    assert await desk.refused("assistant", "endBreakGlass", session=mine["id"]) == ["ENDED"]
    again = await desk.do("assistant", "breakGlass", reason="A learner has collapsed again.")
    await desk.do("assistant", "endBreakGlass", session=again["id"])
    assert await _medical(desk, "assistant") == {"Ann"}


async def test_notices_are_read_by_whom_they_address(desk: AccessDesk) -> None:
    """The officer reads theirs and says so; another's id changes nothing."""
    await desk.do("assistant", "breakGlass", reason="A learner has collapsed on the field.")
    unread = "{ notices(read: false) { id kind about { name id } readAt } }"
    body = await desk.ask("dpo", unread)
    [notice] = [row for row in body["data"]["notices"] if row["kind"] == "breakGlass" and row["readAt"] is None][:1]
    assert {"name": "person", "id": desk.id("assistant")} in notice["about"]
    await desk.do("dsl", "markNoticeRead", notices=[notice["id"]])
    assert notice["id"] in {row["id"] for row in (await desk.ask("dpo", unread))["data"]["notices"]}
    await desk.do("dpo", "markNoticeRead", notices=[notice["id"]])
    assert notice["id"] not in {row["id"] for row in (await desk.ask("dpo", unread))["data"]["notices"]}
    assert (await desk.ask("teacher", unread))["data"]["notices"] == []


def test_the_database_keeps_the_limits(quiet: World, owner_url: str) -> None:
    """Whatever the application does: eight hours, two hours, four eyes, one decision, nobody but the vendor's staff."""
    world = quiet
    request = world.rows[tables.SupportRequestRow][0]["request_id"]
    for statement, error, named in (
        (
            "UPDATE usher.support_decision SET ends_at = starts_at + interval '8 hours 1 second'",
            CheckViolation, "support_decision_hours",
        ),
        ("UPDATE usher.support_decision SET decided_by = requester_id", CheckViolation, "support_decision_four_eyes"),
        ("UPDATE usher.support_decision SET ends_at = NULL", CheckViolation, "support_decision_session"),
        ("UPDATE usher.break_glass SET ends_at = started_at + interval '2 hours 1 second'", CheckViolation, "two_hours"),
        ("UPDATE usher.break_glass SET reason = ' because '", CheckViolation, "break_glass_reason"),
        ("UPDATE usher.support_request SET capacity = 'STAFF'", CheckViolation, "support_request_capacity"),
        (
            f"INSERT INTO usher.support_decision SELECT (d).* FROM (SELECT d FROM usher.support_decision d "
            f"WHERE request_id = '{request}') AS x",
            UniqueViolation, "support_decision_pkey",
        ),
        (
            f"UPDATE usher.support_request SET requester_id = '{world.ids['head']}' WHERE request_id <> '{request}'",
            ForeignKeyViolation, "foreign key",
        ),
    ):  # fmt: skip
        with psycopg.connect(owner_url) as connection, pytest.raises(error, match=named):
            connection.execute(f"SET search_path = usher; {statement}".encode())
