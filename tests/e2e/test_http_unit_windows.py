"""A course of units over HTTP: a window's grade is of all units sat up to it, wherever it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server.exchange.context import ImportContext
from server.exchange.marks import import_marks
from server.exchange.outcome import Commit, ImportOutcome
from server.exchange.records_of_import import Declaration
from server.grading.specification import Retake, Scheme
from server.policies.rule import Rule
from server.policies.shipped import starting_book
from tests.e2e.recording import mark, record, undo
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Client, Server
from tests.e2e.windows import step, took
from tests.oracle.publishing import publish
from tests.worlds import World, insert_world
from tests.worlds.unit_school import unit_school

AUTUMN_2, SPRING_1, SPRING_2 = "maths-10 paper 2", "maths-10 spring 1", "maths-10 spring 2"
GRADES = """{ learners(first: 20) { nodes { givenName grades { id basis value status floor ceiling subjectMark flags
  version history { value } explanation { grade subjectMark steps { kind component text
    attempts { state raw value counts window maximum } } } withheld { element } } } } }"""
MARKS = """query($learner: ID!) { node(id: $learner) { ... on Learner {
  marks(first: 50) { nodes { score assessment { course { id } } } } } } }"""
FORECAST = """query($learner: ID!, $window: ID) { forecasts(learner: $learner, window: $window) {
  windowName flags forecasts { method value subjectMark } } }"""
WHAT_IF = """query($learner: ID!, $course: ID!, $window: ID, $overlays: [WhatIfOverlay!]!) {
  whatIf(learner: $learner, course: $course, window: $window, overlays: $overlays) {
    windowName actual { value subjectMark flags } results { value subjectMark refusal { code } } } }"""

Grade = dict[str, Any]


@pytest.fixture
def new_school(app_url: str, today: date) -> Callable[..., World]:
    def make(**changes: Any) -> World:
        world = unit_school(f"units {uuid4()}", today, **changes)
        insert_world(app_url, world)
        return world

    return make


@pytest.fixture
def school(new_school: Callable[..., World]) -> World:
    return new_school()


@pytest.fixture
def teacher(server: Server, school: World) -> Client:
    return server.client(school, "teacher")


def recorded(client: Client, *marks: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = record(client, *marks).data["recordMarks"]
    assert answer["userErrors"] == []
    return answer


def grades(client: Client, name: str = "Ann") -> dict[str, Grade]:
    """Of one learner, by window."""
    nodes = client.ask(GRADES).data["learners"]["nodes"]
    return {grade["basis"]: grade for node in nodes if node["givenName"] == name for grade in node["grades"]}


def named(world: World, learner: str = "ann", window: str | None = "spring") -> dict[str, Any]:
    found = {"learner": f"lrn_{world.ids[learner].hex}", "course": f"crs_{world.ids['maths-10'].hex}"}
    return found if window is None else {**found, "window": f"win_{world.ids[window].hex}"}


def test_a_window_is_graded_with_the_units_sat_before(teacher: Client, school: World) -> None:
    """75 of the first unit now, 32 of the second in the autumn: 107, a 6; and the autumn stays as it was."""
    answer = recorded(teacher, mark(school, paper=SPRING_1, score="75"))
    found = grades(teacher)
    assert [one["id"] for one in answer["grades"]] == [found["Spring"]["id"]]
    spring = found["Spring"]
    assert (spring["value"], spring["status"], spring["subjectMark"]) == ("6", "COMPLETE", "107")
    assert (found["Autumn"]["value"], found["Autumn"]["version"]) == ("3", 1)
    why = spring["explanation"]
    assert (why["grade"], why["subjectMark"]) == ("6", "107")
    first, second = (one for one in why["steps"] if one["kind"] == "component")
    assert first["text"] == "1: raw 75 × 1 = 75; attempt 2 of 2 in Spring: the best counts"
    assert [(one["window"], one["raw"], one["maximum"], one["counts"]) for one in first["attempts"]] == [
        ("Autumn", "31", "80", False),
        ("Spring", "75", "80", True),
    ]
    assert second["text"] == "2: raw 32 × 1 = 32; sat in Autumn"
    assert found["Autumn"]["explanation"]["subjectMark"] == "63"


def test_a_change_of_an_earlier_window_changes_the_later_grade(teacher: Client, school: World, owner_url: str) -> None:
    """In the same answer, with history and events; undone, both stand as before."""
    recorded(teacher, mark(school, paper=SPRING_1, score="75"))
    answer = recorded(teacher, mark(school, paper=AUTUMN_2, score="70"))
    found = grades(teacher)
    assert {one["id"] for one in answer["grades"]} == {found[window]["id"] for window in ("Autumn", "Spring")}
    assert [(found[w]["value"], found[w]["subjectMark"]) for w in ("Autumn", "Spring")] == [("6", "101"), ("9", "145")]
    assert found["Spring"]["explanation"]["subjectMark"] == "145"
    assert [one["value"] for one in found["Spring"]["history"]] == ["6"]
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(
            "SELECT payload->>'grade' FROM usher.outbox_event WHERE school_id = %s AND kind = 'gradeUpdated' "
            "ORDER BY sequence DESC LIMIT 2",
            [school.school_id],
        ).fetchall()
    keys = {found[window]["id"].split("_")[-1] for window in ("Autumn", "Spring")}
    assert {row[0].replace("-", "") for row in rows} == keys
    undone = undo(teacher, answer["batch"]).data["undoMarks"]
    assert len(undone["grades"]) == 2
    again = grades(teacher)
    assert [again[window]["subjectMark"] for window in ("Autumn", "Spring")] == ["63", "107"]


def test_a_smaller_paper_counts_by_its_share(teacher: Client, school: World) -> None:
    """30 of 40 is 60 of 80, more than the 32 before; and 15 of 40 is less, so the paper of the autumn counts."""
    recorded(teacher, mark(school, paper=SPRING_2, score="30"))
    assert (grades(teacher)["Spring"]["subjectMark"], grades(teacher)["Spring"]["flags"]) == ("91", ["scaled:2"])
    recorded(teacher, mark(school, paper=SPRING_2, score="15"))
    assert (grades(teacher)["Spring"]["subjectMark"], grades(teacher)["Spring"]["flags"]) == ("63", [])


def test_the_newest_counts_where_the_specification_says_so(server: Server, new_school: Callable[..., World]) -> None:
    """Even where it is lower; an absence takes nothing away."""
    school = new_school(retake=Retake.NEWEST)
    teacher = server.client(school, "teacher")
    recorded(teacher, mark(school, paper=SPRING_1, score="10"))
    assert grades(teacher)["Spring"]["subjectMark"] == "42"
    recorded(teacher, mark(school, paper=SPRING_1, state="ABSENT", score=None))
    assert grades(teacher)["Spring"]["subjectMark"] == "63"


def test_a_linear_course_looks_at_its_own_window(server: Server, new_school: Callable[..., World]) -> None:
    """The second paper is open in the spring, whatever stood in the autumn; and nothing follows a change there."""
    school = new_school(scheme=Scheme.LINEAR)
    teacher = server.client(school, "teacher")
    recorded(teacher, mark(school, paper=SPRING_1, score="75"))
    spring = grades(teacher)["Spring"]
    assert (spring["status"], spring["floor"], spring["ceiling"]) == ("INCOMPLETE", "4", "9")
    answer = recorded(teacher, mark(school, paper=AUTUMN_2, score="70"))
    assert len(answer["grades"]) == 1
    assert grades(teacher)["Spring"]["version"] == spring["version"]


def test_a_lock_closes_marks_and_not_what_they_come_to(server: Server, teacher: Client, school: World) -> None:
    """No mark of the locked window is changed; its grade follows an earlier window that is open, and keeps what stood."""
    recorded(teacher, mark(school, paper=SPRING_1, score="75"))
    lead = server.client(school, "maths-lead")
    took(step(lead, school, "lockWindow", window=f"win_{school.ids['spring'].hex}"))
    refused = record(teacher, mark(school, paper=SPRING_1, score="1")).data["recordMarks"]
    assert [error["code"] for error in refused["userErrors"]] == ["WINDOW_LOCKED"]
    recorded(teacher, mark(school, paper=AUTUMN_2, score="70"))
    spring = grades(teacher)["Spring"]
    assert (spring["subjectMark"], spring["explanation"]["subjectMark"]) == ("145", "145")
    assert [one["value"] for one in spring["history"]] == ["6"]
    took(step(lead, school, "lockWindow"))
    refused = record(teacher, mark(school, paper=AUTUMN_2, score="1")).data["recordMarks"]
    assert [error["code"] for error in refused["userErrors"]] == ["WINDOW_LOCKED"]


def test_forecasts_and_what_ifs_rest_on_the_same_units(teacher: Client, school: World) -> None:
    """With all units in, each method gives the grade; an overlay takes the place of all attempts at a unit."""
    recorded(teacher, mark(school, paper=SPRING_1, score="75"))
    asked = named(school)
    [maths] = teacher.ask(FORECAST, {"learner": asked["learner"], "window": asked["window"]}).data["forecasts"]
    assert (maths["windowName"], {one["subjectMark"] for one in maths["forecasts"]}) == ("Spring", {"107"})
    overlays = [{"name": "same"}, {"name": "second", "marks": [{"component": "2", "score": "80"}]}]
    found = teacher.ask(WHAT_IF, {**asked, "overlays": overlays}).data["whatIf"]
    assert (found["windowName"], found["actual"]["subjectMark"]) == ("Spring", "107")
    assert [(one["value"], one["subjectMark"]) for one in found["results"]] == [("6", "107"), ("9", "155")]
    before = teacher.ask(WHAT_IF, {**named(school, window="autumn"), "overlays": overlays}).data["whatIf"]
    assert before["actual"]["subjectMark"] == "63"


def test_who_reads_no_marks_is_told_no_attempts(server: Server, teacher: Client, school: World, owner_url: str) -> None:
    """Of this window or of earlier ones, alike: whoever reads the marks of both is told why, and nobody else."""
    recorded(teacher, mark(school, paper=SPRING_1, score="75"))
    told: dict[str, bool] = {}
    for handle in READERS:
        client = server.client(school, handle)
        spring = grades(client).get("Spring")
        told[handle] = spring is not None and spring["explanation"] is not None
        assert told[handle] == (_raws(client, school) == ["31", "32", "75"]), handle
        answer = client.ask(WHAT_IF, _asked(school))
        assert told[handle] == (answer.codes == [] and answer.data["whatIf"] is not None)
    assert set(told.values()) == {True, False}
    closed = Rule("no-marks", "staff", "mark", "read", "school", effect="deny")
    book = starting_book()
    with psycopg.connect(owner_url) as owner:
        publish(owner, school, replace(book, rules=(*book.rules, closed)))
    for handle in (handle for handle, before in told.items() if before):
        client = server.client(school, handle)
        spring = grades(client)["Spring"]
        assert (spring["value"], spring["explanation"]) == ("6", None)
        assert spring["withheld"] == [{"element": "MARK"}]
        assert client.ask(WHAT_IF, _asked(school)).codes == ["FORBIDDEN"]


READERS = ("teacher", "maths-lead", "head", "data-manager", "exams-officer", "english", "senco", "tutor", "dpo")


def _asked(school: World) -> dict[str, Any]:
    return {**named(school), "overlays": [{"name": "same"}]}


def _raws(client: Client, school: World) -> list[str]:
    """The scores in mathematics that the client is told."""
    node = client.ask(MARKS, {"learner": named(school)["learner"]}).data["node"]
    marks: list[Any] = [] if node is None or node["marks"] is None else node["marks"]["nodes"]
    maths = f"crs_{school.ids['maths-10'].hex}"
    return sorted(
        one["score"]
        for one in marks
        if one["score"] and one["assessment"] and one["assessment"]["course"]["id"] == maths
    )


def test_an_import_grades_later_windows_as_a_batch_does(
    server: Server, teacher: Client, school: World, app_url: str, owner_url: str, today: date
) -> None:
    """The same marks by a file: the same grades in both windows, and an event for each."""
    recorded(teacher, mark(school, paper=SPRING_1, score="75"), mark(school, "eve", SPRING_2, score="30"))
    done = recorded(teacher, mark(school, paper=AUTUMN_2, score="70"))
    expected = {window: _figures(grade) for window, grade in grades(teacher).items()}
    undo(teacher, done["batch"])
    outcome = _imported(app_url, school, today, "Autumn", "2", "70")
    assert outcome.committed
    assert {window: _figures(grade) for window, grade in grades(teacher).items()} == expected
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(
            "SELECT payload->>'window' FROM usher.outbox_event WHERE school_id = %s AND kind = 'marksImported'",
            [school.school_id],
        ).fetchall()
    assert sorted(row[0] for row in rows) == sorted(str(school.ids[window]) for window in ("autumn", "spring"))
    before = snapshot(owner_url, school)
    assert _imported(app_url, school, today, "Autumn", "2", "70").counts == {}
    assert snapshot(owner_url, school).keys() == before.keys()


def _figures(grade: Grade) -> tuple[Any, ...]:
    return tuple(grade[name] for name in ("value", "status", "subjectMark", "flags"))


def _imported(app_url: str, school: World, today: date, window: str, component: str, score: str) -> ImportOutcome:
    [upn] = [row["upn"] for table, rows in school.rows.items() if table.__name__ == "LearnerRow"
             for row in rows if row["learner_id"] == school.ids["ann"]]  # fmt: skip
    content = (
        "UPN,Academic year,Course,Window,Component,State,Score,Date\n"
        f'{upn},{school.year},"Mathematics, year 10",{window},{component},SCORED,{score},{school.days(-70)}\n'
    )
    context = ImportContext(school.school_id, school.ids["data-manager"])
    with psycopg.connect(app_url, autocommit=True) as connection:
        return import_marks(
            connection, content.encode(), context, Declaration("Agreed."), commit=Commit.ALL_OR_NOTHING, today=today
        )
