"""A stream ends, with a reason, when anything ends that it began with; and tells nothing that its follower may not read."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from websockets.exceptions import ConnectionClosedError

from server import tables
from server.commands.outbox import Event, write_events_now
from server.errors import PermissionEnded
from server.identity.keys import token_key
from server.identity.principal import Principal
from server.identity.tokens import TokenIssuer
from server.resolvers.execution import Execution, OperationRequest
from server.resolvers.live.stream import Stream
from server.resolvers.live.streams import Streams
from tests.e2e.access_desk import AccessDesk
from tests.e2e.live import PATIENCE, Socket, events, follower, socket
from tests.e2e.publishing import publish, without
from tests.e2e.recording import mark, record
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_rows

GRADES = "subscription { gradeUpdated { id grade { learner { id } } } }"
OF_LEARNER = "subscription($learner: ID) { gradeUpdated(learner: $learner) { id } }"
NEEDS = "subscription { gradeUpdated { grade { learner { sen { provision } } } } }"
REPORTS = "subscription { reportPublished { id report { name } } }"
TRANSPORTS = pytest.mark.parametrize("transport", ["websocket", "sse"])
WHY = "A learner has collapsed on the field."


def ended(live: Socket, key: str = "1") -> str:
    """The code by which the stream ended."""
    frame = live.receive()
    assert (frame["type"], frame["id"]) == ("error", key), frame
    [error] = frame["payload"]
    return error["extensions"]["code"]


@TRANSPORTS
async def test_a_role_that_ends_closes_the_stream(desk: AccessDesk, server: Server, transport: str) -> None:
    with follower(transport, server, server.client(desk.world, "teacher"), GRADES) as live:
        record(server.client(desk.world, "teacher"), mark(desk.world, score="7"))
        assert live.event()["grade"]["learner"]["id"] == desk.id("ann", "lrn")
        await desk.do("head", "endRole", assignment=desk.role("teacher", "class_teacher"))
        assert live.ended() == "PERMISSION_ENDED"


@TRANSPORTS
async def test_training_that_ends_closes_what_it_opened(desk: AccessDesk, server: Server, transport: str) -> None:
    """The stream's document reads an element that needs a certificate."""
    [(certificate,)] = desk.rows(
        "SELECT certificate_id FROM usher.training_certificate WHERE school_id = %s AND person_id = %s AND course = 'sen'",
        desk.world.ids["senco"],
    )
    with follower(transport, server, server.client(desk.world, "senco"), NEEDS) as live:
        await desk.do("dpo", "endTraining", certificate=f"crt_{certificate.hex}")
        assert live.ended() == "PERMISSION_ENDED"


@pytest.mark.parametrize("end", ["COURT_ORDER", "LEARNER_CHOICE", "ended"])
async def test_a_link_that_ends_closes_the_stream(desk: AccessDesk, server: Server, end: str) -> None:
    """Of a parent who follows whatever they may, and of one who follows the child by name."""
    link = desk.link("pat", "ann")
    with socket(server, server.client(desk.world, "pat")) as live:
        live.subscribe(REPORTS)
        live.subscribe(
            REPORTS.replace("{ reportPublished", f'{{ reportPublished(learner: "{desk.id("ann", "lrn")}")'), key="2"
        )
        if end == "ended":
            await desk.do("data-manager", "endGuardianLink", link=link)
        else:
            given = {"link": link, "kind": end, "evidence": "Note 12 in the file"}
            await desk.do("dsl", "restrictGuardianLink", **given)
        frames = [live.receive(), live.receive()]
        assert {frame["id"] for frame in frames} == {"1", "2"}
        assert {frame["payload"][0]["extensions"]["code"] for frame in frames} == {"PERMISSION_ENDED"}


@TRANSPORTS
async def test_an_app_that_the_school_ends_closes_the_streams_of_its_people(
    desk: AccessDesk, server: Server, transport: str
) -> None:
    """Of parents, and of nobody else: teachers go on."""
    with (
        follower(transport, server, server.client(desk.world, "pat"), REPORTS) as parent,
        follower(transport, server, server.client(desk.world, "teacher"), GRADES) as teacher,
    ):
        await desk.do("head", "endApp", app="PARENT", reason="The assessment is done anew.")
        assert parent.ended() == "UNAUTHENTICATED"
        record(server.client(desk.world, "teacher"), mark(desk.world, score="7"))
        assert teacher.event()["grade"]["learner"]["id"] == desk.id("ann", "lrn")


@TRANSPORTS
def test_a_child_who_leaves_closes_the_stream_of_its_guardian(desk: AccessDesk, server: Server, transport: str) -> None:
    """As a roster says it; the guardian's link stands."""
    document = REPORTS.replace("{ reportPublished", f'{{ reportPublished(learner: "{desk.id("ann", "lrn")}")')
    with follower(transport, server, server.client(desk.world, "pat"), document) as live:
        with psycopg.connect(desk.owner_url) as connection:
            connection.execute(
                "UPDATE usher.learner SET left_on = %s WHERE school_id = %s AND learner_id = %s",
                [desk.now.date(), desk.world.school_id, desk.world.ids["ann"]],
            )
            write_events_now(connection, desk.world.school_id, [Event("rosterImported", {})], desk.now)
        assert live.ended() == "PERMISSION_ENDED"


def test_a_link_that_ends_closes_an_event_stream(desk: AccessDesk, server: Server) -> None:
    """A roster that leaves it out, with another version of the parent's profile."""
    with follower("sse", server, server.client(desk.world, "pat"), REPORTS) as live:
        with psycopg.connect(desk.owner_url) as connection:
            given = [desk.now.date(), desk.world.school_id, desk.world.ids["pat"]]
            connection.execute(
                "UPDATE usher.guardian_link SET valid_to = %s WHERE school_id = %s AND guardian_id = %s", given
            )
            connection.execute(
                "UPDATE usher.access_profile SET profile_version = profile_version + 1"
                " WHERE school_id = %s AND person_id = %s",
                given[1:],
            )
        assert live.ended() == "PERMISSION_ENDED"


@TRANSPORTS
def test_a_policy_without_the_right_closes_the_stream(desk: AccessDesk, server: Server, transport: str) -> None:
    """Published by nobody's mutation and announced by nobody: the worker finds it."""
    document = "subscription { gradeUpdated { grade { learner { gender } } } }"
    with follower(transport, server, server.client(desk.world, "teacher"), document) as live:
        publish(desk.owner_url, desk.world, without("r116"))
        assert live.ended() == "PERMISSION_ENDED"


@TRANSPORTS
@pytest.mark.parametrize("scopes", ["= 'roster-core.readonly'", "<> ''"])
def test_the_schools_consent_that_ends_closes_a_programs_stream(
    desk: AccessDesk, server: Server, transport: str, scopes: str
) -> None:
    """One scope of the grant, or all of it: nobody says so, but the program's profile has another version."""
    _grant_grades(desk)
    with follower(transport, server, server.client(desk.world, "mis"), GRADES) as live:
        with psycopg.connect(desk.owner_url) as connection:
            given = [desk.world.school_id, desk.world.ids["mis"]]
            connection.execute(
                "UPDATE usher.client_grant SET valid_to = %s WHERE school_id = %s AND person_id = %s"
                f" AND scope {scopes}".encode(),
                [desk.now.date(), *given],
            )
            connection.execute(
                "UPDATE usher.access_profile SET profile_version = profile_version + 1"
                " WHERE school_id = %s AND person_id = %s",
                given,
            )
        assert live.ended() == "PERMISSION_ENDED"


def _grant_grades(desk: AccessDesk) -> None:
    """The program that reads names gets the scope of grades, too."""
    [granted, *_] = (one for one in desk.world.rows[tables.ClientGrantRow] if one["person_id"] == desk.world.ids["mis"])
    with psycopg.connect(desk.owner_url) as connection:
        insert_rows(
            connection, tables.ClientGrantRow, [{**granted, "grant_id": uuid4(), "scope": "gradebook.readonly"}]
        )


@pytest.mark.parametrize(
    ("handle", "kind"), [("mis", "OPTED_OUT"), ("reviewer", "PROTECTED")], ids=["a consent that ends", "a protection"]
)
def test_a_decision_about_a_learner_closes_the_stream_that_names_them(
    desk: AccessDesk, server: Server, handle: str, kind: str
) -> None:
    """Brought by a roster; a stream of many learners goes on and tells of the others, as the teacher's does of them."""
    _grant_grades(desk)
    client = server.client(desk.world, handle)
    named = {"learner": desk.id("ann", "lrn")}
    with (
        follower("websocket", server, client, OF_LEARNER, named) as of_ann,
        follower("sse", server, client, OF_LEARNER, named) as of_ann_too,
        follower("websocket", server, client, GRADES) as of_all,
    ):
        with psycopg.connect(desk.owner_url) as connection:
            decided = {**desk.world.rows[tables.LearnerFlagRow][0], "flag_id": uuid4(), "kind": kind}
            decided |= {"learner_id": desk.world.ids["ann"], "valid_from": desk.now.date(), "valid_to": None}
            insert_rows(connection, tables.LearnerFlagRow, [decided])
            write_events_now(connection, desk.world.school_id, [Event("rosterImported", {})], desk.now)
        assert [of_ann.ended(), of_ann_too.ended()] == ["PERMISSION_ENDED"] * 2
        lead = server.client(desk.world, "maths-lead")
        for learner in ("ann", "cat"):
            assert record(lead, mark(desk.world, learner, score="9")).data["recordMarks"]["userErrors"] == []
        assert of_all.event()["grade"]["learner"]["id"] == desk.id("cat", "lrn")


async def test_a_support_session_that_ends_closes_the_stream(desk: AccessDesk, server: Server) -> None:
    asked = await desk.do("support", "requestSupportAccess", name="Sol Helper", reason="Reports look wrong.", hours=2)
    await desk.do("head", "approveSupportAccess", request=asked["id"])
    with socket(server, server.client(desk.world, "support")) as live:
        live.subscribe(REPORTS)
        await desk.do("dpo", "endSupportAccess", request=asked["id"])
        assert ended(live) == "PERMISSION_ENDED"


async def test_glass_that_is_whole_again_closes_the_stream(desk: AccessDesk, server: Server) -> None:
    broken = await desk.do("assistant", "breakGlass", reason=WHY)
    with socket(server, server.client(desk.world, "assistant")) as live:
        live.subscribe(REPORTS)
        await desk.do("assistant", "endBreakGlass", session=broken["id"])
        assert ended(live) == "PERMISSION_ENDED"


def test_a_token_that_expires_closes_the_connection(server: Server, quiet: World) -> None:
    """Over WebSocket by its close code, as server-sent events by a last word."""
    issuer = TokenIssuer(token_key(server.home / "keys"))
    token = issuer.issue(quiet.school_id, quiet.ids["teacher"], "STAFF", 4, factor=True)
    client = Client(server.http, token)
    with socket(server, client) as live, events(client, GRADES) as sent:
        live.subscribe(GRADES)
        with pytest.raises(ConnectionClosedError) as closed:
            live.receive()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason.split(":")[0]) == (4403, "UNAUTHENTICATED")
        assert json.loads(sent.next()["data"])["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert sent.next()["event"] == "complete"


async def test_an_account_that_ends_closes_the_stream(desk: AccessDesk, server: Server) -> None:
    with socket(server, server.client(desk.world, "teacher")) as live:
        live.subscribe(GRADES)
        with psycopg.connect(desk.owner_url) as connection:
            connection.execute(
                "UPDATE usher.access_profile SET valid_to = %s, profile_version = profile_version + 1"
                " WHERE school_id = %s AND person_id = %s AND capacity = 'STAFF'",
                [desk.now.date(), desk.world.school_id, desk.world.ids["teacher"]],
            )
        assert ended(live) == "UNAUTHENTICATED"


async def test_rows_that_end_without_a_version_close_a_stream(desk: AccessDesk, server: Server) -> None:
    """As a roster may change them: its event has the rights of the school's streams looked at."""
    with socket(server, server.client(desk.world, "pat")) as live:
        live.subscribe(REPORTS)
        before = desk.version("pat")
        with psycopg.connect(desk.owner_url) as connection:
            connection.execute(
                "UPDATE usher.guardian_link SET valid_to = %s WHERE school_id = %s AND guardian_id = %s",
                [desk.now.date(), desk.world.school_id, desk.world.ids["pat"]],
            )
            write_events_now(connection, desk.world.school_id, [Event("rosterImported", {})], desk.now)
        assert ended(live) == "PERMISSION_ENDED"
        assert desk.version("pat") == before


@pytest.mark.parametrize(("handle", "document", "days"), [("senco", NEEDS, 400), ("reviewer", GRADES, 120)])
async def test_time_alone_closes_a_stream(desk: AccessDesk, handle: str, document: str, days: int) -> None:
    """A certificate that expires, a role that was for a time: no version is raised, and nobody says so."""
    execution = Execution(desk.pool, bytes(32), clock=lambda: desk.now)
    principal = Principal(desk.world.school_id, desk.world.ids[handle], "STAFF", None, "token", 2**40, factor=True)
    async with Streams(execution, every=0.05) as streams:
        stream = await streams.open(OperationRequest(document, None, {}, principal, None, None))
        assert isinstance(stream, Stream)
        coming = asyncio.create_task(stream.next())
        desk.now += timedelta(days=days)
        with pytest.raises(PermissionEnded):
            await asyncio.wait_for(coming, PATIENCE)
        streams.close(stream)


@pytest.mark.parametrize(
    ("handle", "document"),
    [
        ("governor", GRADES),
        ("leaver", GRADES),
        ("kit", REPORTS),
        ("teacher", "subscription { policyPublished { version } }"),
    ],
)
def test_who_may_not_follow_is_refused(server: Server, quiet: World, handle: str, document: str) -> None:
    """In one sentence, whatever the reason, but for an account that is none."""
    with socket(server, server.client(quiet, handle)) as live:
        live.send({"type": "subscribe", "id": "1", "payload": {"query": document}})
        assert ended(live) == ("UNAUTHENTICATED" if handle == "leaver" else "FORBIDDEN")


def test_a_hidden_learner_and_none_are_refused_alike(server: Server, quiet: World) -> None:
    """One of another class, one of another school, one that isn't there."""
    said: set[str] = set()
    for key in (quiet.ids["gus"].hex, uuid4().hex, quiet.ids["pat"].hex):
        with socket(server, server.client(quiet, "pat")) as live:
            payload = {"query": OF_LEARNER, "variables": {"learner": f"lrn_{key}"}}
            live.send({"type": "subscribe", "id": "1", "payload": payload})
            said.add(str(live.receive()))
    assert len(said) == 1
    assert "FORBIDDEN" in said.pop()


async def test_what_may_not_be_read_is_no_event(desk: AccessDesk, server: Server) -> None:
    """Cat is in a class that the teacher doesn't teach: they hear of ann alone, whose mark came later."""
    lead = server.client(desk.world, "maths-lead")
    with socket(server, server.client(desk.world, "teacher")) as live:
        live.subscribe(GRADES)
        for learner in ("cat", "ann"):
            assert record(lead, mark(desk.world, learner, score="9")).data["recordMarks"]["userErrors"] == []
        assert live.event()["grade"]["learner"]["id"] == desk.id("ann", "lrn")


def test_where_a_stream_stands_does_not_tell_that_something_happened(desk: AccessDesk, server: Server) -> None:
    """A parent's stream moves with the whole school: its places are never alike, with or without a mark between them."""
    parent, teacher = (server.client(desk.world, handle) for handle in ("pat", "teacher"))

    def places() -> set[str]:
        with events(parent, REPORTS) as one, socket(server, parent) as other:
            other.subscribe(REPORTS)
            return {one.response.headers["last-event-id"], other.positions["1"]}

    before = places() | places()
    assert record(teacher, mark(desk.world, score="7")).data["recordMarks"]["userErrors"] == []
    after = places()
    assert len(before | after) == 6
    assert {len(one) for one in before | after} == {len(one) for one in before}
    with socket(server, parent) as live:
        live.subscribe(REPORTS.replace("reportPublished", f'reportPublished(after: "{min(before)}")'))
