"""Who learns by whom, when and why a course was locked, moderated and opened in a window, and its marks changed."""

import json
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.recording import agree, mark, mark_id, moderate, record, second
from tests.e2e.serving import Client, Server
from tests.e2e.windows import errors, step, took
from tests.worlds import World, insert_world
from tests.worlds.small_school import small_school
from tests.worlds.wide_school import wide_school

WINDOW = """query($id: ID!) { node(id: $id) { ... on AssessmentWindow { steps {
  step state reason takenAt takenBy { familyName } course { name } } } } }"""
MARK = """query($id: ID!) { node(id: $id) { ... on Mark { history {
  version score reason recordedAt recordedBy { familyName } moderations { reason score moderatedBy { familyName } } } } } }"""


@pytest.fixture(scope="module")
def school(server: Server, app_url: str, today: date) -> World:
    """Locked, moderated with an agreed mark, opened again, and locked for good; each step with its reason."""
    world = wide_school(f"window history {uuid4()}", today)
    insert_world(app_url, world)
    lead, teacher = server.client(world, "maths-lead"), server.client(world, "teacher")
    assert errors(record(teacher, mark(world, score="41"))) == []
    for name, reason in (("lockWindow", "Marked."), ("moderateWindow", "Read twice.")):
        took(step(lead, world, name, reason=reason))
    assert errors(moderate(lead, second(world, "44", version=2))) == []
    assert errors(agree(teacher, second(world, "43", version=2))) == []
    for name, reason in (("reopenWindow", "Wrong paper."), ("lockWindow", "Final.")):
        took(step(lead, world, name, reason=reason))
    return world


@pytest.fixture(scope="module")
def away(app_url: str, today: date) -> World:
    world = small_school(f"window history, elsewhere {uuid4()}", today)
    insert_world(app_url, world)
    return world


def steps(client: Client, school: World) -> list[tuple[Any, ...]]:
    """Newest first; the last member is who took it, where the asker may know."""
    found = client.ask(WINDOW, {"id": f"win_{school.ids['autumn'].hex}"}).data["node"]["steps"]
    assert all(datetime.fromisoformat(one["takenAt"]) for one in found)
    return [
        (one["step"], one["state"], one["reason"], one["takenBy"] and one["takenBy"]["familyName"]) for one in found
    ]


def taken(by: str | None) -> list[tuple[Any, ...]]:
    return [
        (4, "LOCKED", "Final.", by),
        (3, "OPEN", "Wrong paper.", by),
        (2, "MODERATING", "Read twice.", by),
        (1, "LOCKED", "Marked.", by),
    ]


@pytest.mark.parametrize(
    ("handle", "by"),
    [
        ("maths-lead", "Count"), ("teacher", "Count"), ("head", "Count"), ("exams-officer", "Count"), ("cover", "Count"),
        ("dpo", "Count"), ("trust", "Count"), ("governor", None), ("mis", "Count"), ("mis-gradebook", None),
        ("support-granted", "Count"),
    ],
)  # fmt: skip
def test_the_staff_s_side_reads_why_and_who(server: Server, school: World, handle: str, by: str | None) -> None:
    """A governor, and a program for the gradebook alone, read when and why, and not who: they may read nobody's name."""
    assert steps(server.client(school, handle), school) == taken(by)


@pytest.mark.parametrize("handle", ["maths-lead", "teacher", "tutor", "year-head", "head", "support-granted"])
def test_who_reads_the_mark_reads_how_it_came_about(server: Server, school: World, handle: str) -> None:
    """Scores, reasons, both markers and when; a session of support too, as long as it goes."""
    new, agreed_on, _ = server.client(school, handle).ask(MARK, {"id": mark_id(school)}).data["node"]["history"]
    assert (new["score"], new["reason"], new["recordedBy"]) == ("43", "Read again.", {"familyName": "Chalk"})
    assert (agreed_on["score"], agreed_on["recordedBy"]) == ("41", {"familyName": "Chalk"})
    assert agreed_on["moderations"] == [
        {"reason": "Read again.", "score": "44", "moderatedBy": {"familyName": "Count"}}
    ]
    assert datetime.fromisoformat(new["recordedAt"]) >= datetime.fromisoformat(agreed_on["recordedAt"])


def told(client: Client, document: str, key: str) -> str:
    """All that an answer says, errors too."""
    return json.dumps(client.ask(document, {"id": key}).body)


@pytest.mark.parametrize("handle", ["governor", "dpo", "cover", "english", "trust", "mis-gradebook"])
def test_staff_who_read_no_such_mark_read_nothing_of_its_history(server: Server, school: World, handle: str) -> None:
    said = told(server.client(school, handle), MARK, mark_id(school))
    assert not any(word in said for word in ("Read again.", "Chalk", "Count", '"43"', '"44"'))


@pytest.mark.parametrize("handle", ["pat", "ann", "bob", "support", "mis-ended", "away"])
def test_families_support_without_a_session_and_other_schools_read_neither(
    server: Server, school: World, away: World, handle: str
) -> None:
    """Not a reason, not a state, nobody's name; not even the learner's own, nor their parent."""
    client = server.client(away, "head") if handle == "away" else server.client(school, handle)
    said = told(client, WINDOW, f"win_{school.ids['autumn'].hex}") + told(client, MARK, mark_id(school))
    words = (
        "Marked.",
        "Read twice.",
        "Wrong paper.",
        "Final.",
        "Read again.",
        "LOCKED",
        "MODERATING",
        "Chalk",
        "Count",
    )
    assert not any(word in said for word in words), said
    assert not any(score in said for score in ('"41"', '"43"', '"44"'))
