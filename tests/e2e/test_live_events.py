"""Events of a school as clients are told them: over WebSocket and as server-sent events, by two workers."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from websockets.exceptions import ConnectionClosed

from server.commands.outbox import Event, write_events_now
from tests.e2e.live import events, socket
from tests.e2e.policy_desk import Desk
from tests.e2e.recording import mark, record
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world, small_school

GRADES = "subscription { gradeUpdated { id occurredAt resyncRequired grade { id learner { id givenName } version } } }"
MARKS = "subscription { markRecorded { id mark { score learner { id } } } }"
SCORES = "subscription($after: ID) { markRecorded(after: $after) { id mark { score } } }"


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"live {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def mortal(servers: list[Server]) -> Generator[Server]:
    """A server that is killed, and started again on the same listening socket."""
    yield servers[-1]
    servers[-1].ready()


def written(client: Client, school: World, score: str, learner: str = "ann", **more: Any) -> dict[str, Any]:
    payload = record(client, mark(school, learner, score=score, **more)).data["recordMarks"]
    assert payload["userErrors"] == []
    return payload


def test_a_mark_is_told_over_a_websocket(servers: list[Server], school: World) -> None:
    """To a client of another worker than the one that wrote it: the mark, and the grade that rests on it."""
    with socket(servers[1], servers[1].client(school, "teacher")) as live:
        live.subscribe(MARKS)
        live.subscribe(GRADES, key="2")
        answer = written(servers[0].client(school, "teacher"), school, "11")
        told = {frame["id"]: frame["payload"]["data"] for frame in (live.receive(), live.receive())}
        assert told["1"]["markRecorded"]["mark"] == {"score": "11", "learner": {"id": f"lrn_{school.ids['ann'].hex}"}}
        assert told["2"]["gradeUpdated"]["grade"]["id"] in {one["id"] for one in answer["grades"]}
        assert told["2"]["gradeUpdated"]["resyncRequired"] is False


def test_a_mark_is_told_as_a_server_sent_event(servers: list[Server], school: World) -> None:
    with events(servers[1].client(school, "teacher"), MARKS) as live:
        assert live.response.headers["content-type"].startswith("text/event-stream")
        written(servers[0].client(school, "teacher"), school, "12")
        assert live.event()["mark"]["score"] == "12"


@pytest.mark.parametrize(
    ("argument", "handle", "prefix"),
    [("learner", "ann", "lrn"), ("class", "10/Ma1", "cls"), ("course", "maths-10", "crs")],
)
def test_arguments_narrow_what_is_told(
    servers: list[Server], school: World, argument: str, handle: str, prefix: str
) -> None:
    """Of cat's mark and then ann's: who follows a course hears both."""
    lead = servers[0].client(school, "maths-lead")
    given = f'{argument}: "{prefix}_{school.ids[handle].hex}"'
    document = f"subscription {{ m: markRecorded({given}) {{ mark {{ l: learner {{ id }} }} }} }}"
    with socket(servers[0], lead) as live:
        live.subscribe(document)
        score = {"learner": "21", "class": "22", "course": "23"}[argument]
        for learner in ("cat", "ann"):
            written(lead, school, score, learner)
        told = [live.event()["mark"]["l"]["id"]]
        if argument == "course":
            told.append(live.event()["mark"]["l"]["id"])
    expected = ["cat", "ann"] if argument == "course" else ["ann"]
    assert told == [f"lrn_{school.ids[one].hex}" for one in expected]


def test_what_python_must_finish_is_finished(server: Server, school: World) -> None:
    """An explanation, under aliases, and a field of the event alone."""
    teacher = server.client(school, "teacher")
    document = (
        """subscription { gradeUpdated { __typename a: grade { value explanation { __typename } } b: grade { id } } }"""
    )
    with socket(server, teacher) as live:
        live.subscribe(document)
        live.subscribe("subscription { gradeUpdated { occurredAt } }", key="2")
        answer = written(teacher, school, "31")
        told = {frame["id"]: frame["payload"]["data"]["gradeUpdated"] for frame in (live.receive(), live.receive())}
    assert told["1"]["__typename"] == "GradeUpdated"
    assert told["1"]["a"]["explanation"] == {"__typename": "GradeExplanation"}
    assert told["1"]["b"] == {"id": answer["grades"][0]["id"]}
    assert set(told["2"]) == {"occurredAt"}


def test_an_import_is_told_to_those_of_whom_it_may_have_changed_something(
    server: Server, school: World, owner_url: str, today: date
) -> None:
    """A teacher of its course is told to ask anew; a parent whose child isn't in it hears nothing but their own."""
    window = _one(
        owner_url, "SELECT window_id FROM usher.grade WHERE school_id = %s AND course_id = %s LIMIT 1", school
    )
    payload: dict[str, object] = {
        "batch": str(uuid4()),
        "year": school.year,
        "course": str(school.ids["maths-10"]),
        "window": str(window),
    }
    elsewhere = payload | {"course": str(school.ids["maths-11"])}
    with socket(server, server.client(school, "teacher")) as live:
        live.subscribe(GRADES)
        with psycopg.connect(owner_url) as connection:
            changed = [Event("marksImported", elsewhere), Event("marksImported", payload)]
            write_events_now(connection, school.school_id, changed, school.morning)
        told = live.event()
        assert (told["resyncRequired"], told["grade"]) == (True, None)
        written(server.client(school, "teacher"), school, "41")
        assert live.event()["resyncRequired"] is False


def _one(owner_url: str, query: str, school: World) -> Any:
    with psycopg.connect(owner_url) as connection:
        found = connection.execute(query.encode(), [school.school_id, school.ids["maths-10"]]).fetchone()
    assert found is not None
    return found[0]


def test_a_version_and_a_notice_are_told(server: Server, app_url: str, owner_url: str, today: date) -> None:
    """To who may read the rules, and to whom a notice addresses."""
    school = small_school(f"live policy {uuid4()}", today)
    insert_world(app_url, school)
    desk = Desk(server, school, owner_url)
    with socket(server, server.client(school, "dpo")) as live:
        live.subscribe("subscription { policyPublished { id version } }")
        live.subscribe("subscription { noticePosted { notice { id kind } } }", key="2")
        desk.publish(desk.approved())
        told: dict[str, list[Any]] = {"1": [], "2": []}
        while not (told["1"] and told["2"]):
            frame = live.receive()
            assert frame["type"] == "next", frame
            told[frame["id"]] += frame["payload"]["data"].values()
    assert told["1"][0]["version"] == 2
    assert told["2"][0]["notice"]["kind"]


@pytest.mark.parametrize("transport", ["websocket", "sse"])
def test_a_stream_goes_on_behind_its_last_event(servers: list[Server], school: World, transport: str) -> None:
    """Over another worker: what was missed is told once, in order, and the id of an event is the same each time."""
    teacher = servers[0].client(school, "teacher")
    with events(servers[0].client(school, "teacher"), SCORES) as live:
        for score in ("51", "52", "53"):
            written(teacher, school, score)
        ids = [live.event()["id"] for _ in range(3)]
    again = servers[1].client(school, "teacher")
    if transport == "sse":
        with events(again, SCORES, last=ids[0]) as live:
            assert [live.event()["id"] for _ in range(2)] == ids[1:]
            written(teacher, school, "54")
            assert live.event()["mark"]["score"] == "54"
    else:
        with socket(servers[1], again) as live:
            live.subscribe(SCORES, {"after": ids[0]})
            assert [live.event()["id"] for _ in range(2)] == ids[1:]


def test_ids_that_are_none(server: Server, school: World) -> None:
    """Of another person's stream, made up, or of a time that isn't kept."""
    with events(server.client(school, "teacher"), SCORES) as live:
        other = live.response.headers["last-event-id"]
    for handle, id_ in (
        ("maths-lead", other),
        ("teacher", "evt_"),
        ("teacher", f"{other[:-4]}AAAA"),
        ("teacher", "x" * 500),
    ):
        with socket(server, server.client(school, handle)) as live:
            live.send({"type": "subscribe", "id": "1", "payload": {"query": SCORES, "variables": {"after": id_}}})
            assert live.receive()["payload"][0]["extensions"] == {"code": "BAD_USER_INPUT", "argument": ["after"]}


def test_what_is_kept_no_longer_is_asked_for_again(server: Server, app_url: str, owner_url: str, today: date) -> None:
    school = small_school(f"live forgotten {uuid4()}", today)
    insert_world(app_url, school)
    teacher = server.client(school, "teacher")
    with socket(server, teacher) as live:
        live.subscribe(SCORES)
        start = live.positions["1"]
    written(teacher, school, "61")
    written(teacher, school, "62")
    with psycopg.connect(owner_url) as connection:
        connection.execute("DELETE FROM usher.outbox_event WHERE school_id = %s AND sequence <= 3", [school.school_id])
    with socket(server, teacher) as live:
        live.send({"type": "subscribe", "id": "1", "payload": {"query": SCORES, "variables": {"after": start}}})
        frame = live.receive()
        assert frame["type"] == "error", frame
        assert frame["payload"][0]["extensions"]["code"] == "RESYNC_REQUIRED"


def test_a_killed_worker_loses_and_doubles_nothing(
    servers: list[Server], mortal: Server, app_url: str, owner_url: str, today: date
) -> None:
    """Twenty marks, written by one worker while another is killed in the midst of telling them; the client goes on."""
    school = small_school(f"live kills {uuid4()}", today)
    insert_world(app_url, school)
    scores = [str(score) for score in range(1, 21)]

    def write() -> None:
        client = servers[0].client(school, "teacher")
        for score in scores:
            written(client, school, score)

    told: list[str] = []
    last: str | None = None
    with ThreadPoolExecutor(1) as threads:
        with socket(mortal, mortal.client(school, "teacher")) as live:
            live.subscribe(SCORES)
            last = live.positions["1"]
            writing = threads.submit(write)
            event = live.event()
            told, last = [event["id"]], event["id"]
            mortal.kill()
            with suppress(ConnectionClosed, EOFError):
                while True:  # what had left before it died
                    event = live.event()
                    told, last = [*told, event["id"]], event["id"]
        mortal.start()
        mortal.ready()
        with socket(mortal, mortal.client(school, "teacher")) as live:
            live.subscribe(SCORES, {"after": last})
            while len(told) < len(scores):
                told.append(live.event()["id"])
            writing.result(60)
    with events(servers[0].client(school, "teacher"), SCORES, last=told[0]) as whole:
        assert [whole.event()["id"] for _ in scores[1:]] == told[1:]
    assert len(set(told)) == len(scores)
