"""Events of a school as clients are told them: over WebSocket and as server-sent events."""

from datetime import date
from uuid import uuid4

import pytest

from tests.e2e.live import events, socket
from tests.e2e.recording import mark, record
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school

GRADES = "subscription { gradeUpdated { id occurredAt resyncRequired grade { id learner { id givenName } version } } }"
MARKS = "subscription { markRecorded { id mark { score learner { id } } } }"


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"live {uuid4()}", today)
    insert_world(app_url, world)
    return world


def test_a_mark_is_told_over_a_websocket(servers: list[Server], school: World) -> None:
    """To a client of another worker than the one that wrote it: the mark, then the grade that rests on it."""
    teacher = servers[0].client(school, "teacher")
    with socket(servers[1], servers[1].client(school, "teacher")) as live:
        live.subscribe(MARKS)
        live.subscribe(GRADES, key="2")
        answer = record(teacher, mark(school, score="11")).data["recordMarks"]
        assert answer["userErrors"] == []
        told = {frame["id"]: frame["payload"]["data"] for frame in (live.receive(), live.receive())}
        assert told["1"]["markRecorded"]["mark"] == {"score": "11", "learner": {"id": f"lrn_{school.ids['ann'].hex}"}}
        assert told["2"]["gradeUpdated"]["grade"]["id"] in {one["id"] for one in answer["grades"]}


def test_a_mark_is_told_as_a_server_sent_event(servers: list[Server], school: World) -> None:
    teacher = servers[0].client(school, "teacher")
    with events(servers[1].client(school, "teacher"), MARKS) as live:
        assert live.response.status_code == 200
        record(teacher, mark(school, score="12"))
        assert live.event()["mark"]["score"] == "12"
