"""Courses in assessment windows are locked, moderated and reopened; what is recorded obeys."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.recording import mark, record
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Client, Server
from tests.e2e.windows import STEPS, errors, step, took
from tests.worlds import World, insert_world, small_school

MATHS_10, MATHS_11 = "Mathematics, year 10", "Mathematics, year 11"
LOCKED = ("WINDOW_LOCKED", ["input", "marks", "0"])


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = small_school(f"windows {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def lead(server: Server, school: World) -> Client:
    return server.client(school, "maths-lead")


@pytest.fixture
def teacher(server: Server, school: World) -> Client:
    return server.client(school, "teacher")


def test_a_window_is_open_locked_moderated_locked_and_reopened(
    lead: Client, teacher: Client, school: World, owner_url: str
) -> None:
    """Each step is kept with its number, reason and taker; only an open window takes marks."""
    assert errors(record(teacher, mark(school, score="41"))) == []
    for name, state in (
        ("lockWindow", "LOCKED"),
        ("moderateWindow", "MODERATING"),
        ("lockWindow", "LOCKED"),
        ("reopenWindow", "OPEN"),
    ):
        answer = step(lead, school, name, reason=f"So that it is {state}.")
        assert took(answer) == [MATHS_10]
        shown = answer.data[name]["courses"][0]["assessments"]
        assert {one["windowState"] for one in shown} == {state}
        before = snapshot(owner_url, school)
        answer = record(teacher, mark(school, score="42"))
        if state == "OPEN":
            assert errors(answer) == []
        else:
            assert errors(answer) == [LOCKED]
            assert snapshot(owner_url, school) == before
    steps = step(lead, school, "lockWindow").data["lockWindow"]["windows"][0]["steps"]
    assert [(one["step"], one["state"], one["reason"]) for one in steps] == [
        (5, "LOCKED", "Because."),
        (4, "OPEN", "So that it is OPEN."),
        (3, "LOCKED", "So that it is LOCKED."),
        (2, "MODERATING", "So that it is MODERATING."),
        (1, "LOCKED", "So that it is LOCKED."),
    ]
    assert {(one["takenBy"]["familyName"], one["course"]["name"]) for one in steps} == {("Count", MATHS_10)}


def test_a_locked_row_is_refused_alone(lead: Client, teacher: Client, server: Server, school: World) -> None:
    """Other courses of the window are recorded, and the other rows of a batch that goes by rows."""
    step(lead, school, "lockWindow", "maths-11")
    assert errors(record(teacher, mark(school, score="41"))) == []
    mixed = (mark(school, "dan", "maths-11 paper 1", score="40"), mark(school, "cat", score="43"))
    assert errors(record(lead, *mixed)) == [LOCKED]
    answer = record(lead, *mixed, mode="PER_ROW").data["recordMarks"]
    assert [error["code"] for error in answer["userErrors"]] == ["WINDOW_LOCKED"]
    assert len(answer["marks"]) == 1


def test_a_dry_run_tells_of_the_lock(lead: Client, teacher: Client, school: World) -> None:
    step(lead, school, "lockWindow")
    answer = record(teacher, mark(school, score="41"), dryRun=True)
    assert errors(answer) == [LOCKED]
    assert answer.data["recordMarks"]["wouldWrite"] == 0


@pytest.mark.parametrize(
    ("handle", "courses"),
    [
        ("maths-lead", [MATHS_10, MATHS_11]),
        ("head", ["English, year 10", MATHS_10, MATHS_11]),
        ("data-manager", ["English, year 10", MATHS_10, MATHS_11]),
        ("exams-officer", ["English, year 10", MATHS_10, MATHS_11]),
    ],
)
def test_without_a_course_all_that_are_one_s_own_take_the_step(
    server: Server, school: World, handle: str, courses: list[str]
) -> None:
    """Those from whose state it leads on: the others stay as they are."""
    client = server.client(school, handle)
    assert took(step(client, school, "moderateWindow", None)) == []
    step(client, school, "lockWindow", "maths-11")
    assert sorted(took(step(client, school, "lockWindow", None))) == [one for one in courses if one != MATHS_11]
    assert sorted(took(step(client, school, "reopenWindow", None))) == courses


@pytest.mark.parametrize(
    "handle", ["teacher", "english", "cover", "tutor", "year-head", "senco", "dpo", "mis", "support", "pat", "ann"]
)
def test_nobody_else_takes_a_step(server: Server, one_school: World, unchanged: None, handle: str) -> None:
    """Whoever teaches one class of a course would lock the others' marks."""
    client = server.client(one_school, handle)
    for name in STEPS:
        for course in ("maths-10", None):
            answer = step(client, one_school, name, course)
            assert answer.codes == ["FORBIDDEN"], answer


def test_another_department_s_course_looks_like_one_that_is_not_there(
    lead: Client, school: World, app_url: str, today: date, owner_url: str
) -> None:
    """Unknown, another school's, without an assessment in the window, led by somebody else: the same words."""
    away = small_school(f"windows, elsewhere {uuid4()}", today)
    insert_world(app_url, away)
    before = snapshot(owner_url, school)
    given: list[dict[str, Any]] = [
        {"course": f"crs_{school.ids['english-10'].hex}"},
        {"course": f"crs_{away.ids['maths-10'].hex}"},
        {"course": f"crs_{uuid4().hex}"},
        {"course": f"crs_{school.ids['maths-10'].hex}", "window": f"win_{away.ids['autumn'].hex}"},
        {"course": f"crs_{school.ids['maths-10'].hex}", "window": f"win_{school.ids['spring'].hex}"},
        {"course": f"crs_{school.ids['maths-10'].hex}", "window": f"win_{uuid4().hex}"},
    ]
    told = [str(step(lead, school, "lockWindow", **one).data) for one in given]
    assert len(set(told)) == 1
    assert "NOT_FOUND" in told[0]
    assert errors(step(lead, school, "lockWindow", None, window=f"win_{uuid4().hex}")) == [
        ("NOT_FOUND", ["input", "window"])
    ]
    assert snapshot(owner_url, school) == before


def test_a_step_that_does_not_lead_on_is_refused(lead: Client, school: World, owner_url: str) -> None:
    """Nothing is moderated before it is locked, nothing opened that is open, nothing locked twice."""
    at_course = [("WINDOW_STATE", ["input", "course"])]
    assert errors(step(lead, school, "moderateWindow")) == at_course
    assert errors(step(lead, school, "reopenWindow")) == at_course
    assert took(step(lead, school, "lockWindow", expectedStep=0)) == [MATHS_10]
    before = snapshot(owner_url, school)
    assert errors(step(lead, school, "lockWindow")) == at_course
    for stale in (0, 2, -1):
        answer = step(lead, school, "reopenWindow", expectedStep=stale)
        assert errors(answer) == [("VERSION_CONFLICT", ["input", "expectedStep"])]
    assert snapshot(owner_url, school) == before
    assert took(step(lead, school, "moderateWindow", expectedStep=1)) == [MATHS_10]


def test_bad_arguments_are_refused(server: Server, one_school: World, unchanged: None) -> None:
    """Reasons out of bounds or missing, and the step of no course."""
    lead = server.client(one_school, "maths-lead")
    for reason in ("", "  ", "x" * 501, "a\x1b[2J", "a\u202eb", "a\u0000b"):
        assert step(lead, one_school, "lockWindow", reason=reason).codes == ["BAD_USER_INPUT"], reason
    for name in ("moderateWindow", "reopenWindow"):
        assert step(lead, one_school, name, reason=None).codes == ["BAD_USER_INPUT"]
    assert step(lead, one_school, "lockWindow", None, expectedStep=0).codes == ["BAD_USER_INPUT"]


def test_locking_needs_no_reason(lead: Client, school: World) -> None:
    assert took(step(lead, school, "lockWindow", reason=None)) == [MATHS_10]


def test_a_step_s_dry_run_takes_none_and_a_repeat_none_again(lead: Client, school: World, owner_url: str) -> None:
    """The same key with another step is refused; one whose step was refused may come again."""
    before = snapshot(owner_url, school)
    tried = step(lead, school, "lockWindow", None, dryRun=True).data["lockWindow"]
    assert (tried["wouldWrite"], tried["courses"], tried["windows"]) == (2, [], [])
    tried = step(lead, school, "reopenWindow", dryRun=True, idempotencyKey="one").data["reopenWindow"]
    assert (tried["wouldWrite"], [error["code"] for error in tried["userErrors"]]) == (0, ["WINDOW_STATE"])
    assert errors(step(lead, school, "reopenWindow", idempotencyKey="one")) == [("WINDOW_STATE", ["input", "course"])]
    assert snapshot(owner_url, school) == before
    first = step(lead, school, "lockWindow", idempotencyKey="one").data["lockWindow"]
    after = snapshot(owner_url, school)
    assert (first["replayed"], first["wouldWrite"]) == (False, None)
    assert step(lead, school, "lockWindow", idempotencyKey="one").data["lockWindow"] == first | {"replayed": True}
    other: list[tuple[str, str | None, dict[str, Any]]] = [
        ("reopenWindow", "maths-10", {}),
        ("lockWindow", "maths-11", {}),
        ("lockWindow", None, {}),
        ("lockWindow", "maths-10", {"reason": "Another."}),
        ("lockWindow", "maths-10", {"expectedStep": 1}),
    ]
    for name, handle, more in other:
        assert step(lead, school, name, handle, idempotencyKey="one", **more).codes == ["IDEMPOTENCY_CONFLICT"]
    for key in ("", "a b", "x" * 201):
        assert step(lead, school, "lockWindow", "maths-11", idempotencyKey=key).codes == ["BAD_USER_INPUT"]
    assert snapshot(owner_url, school) == after
