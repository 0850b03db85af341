"""A course of units whose windows are of different series: every attempt is converted as the board converts it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server.exchange.context import ImportContext
from server.exchange.marks import import_marks
from server.exchange.outcome import Commit
from server.exchange.records_of_import import Declaration
from tests.e2e.recording import mark, record, undo
from tests.e2e.serving import Answer, Client, Server
from tests.e2e.windows import step, took
from tests.worlds import World, insert_world
from tests.worlds.series_school import SUMMER, WINTER, series_school

AUTUMN_1, AUTUMN_2, SPRING_1 = "maths-10 paper 1", "maths-10 paper 2", "maths-10 spring 1"
SET = """mutation ($input: SetWindowGradingInput!) { setWindowGrading(input: $input) {
  version userErrors { code message path } } }"""
GRADES = """query ($id: ID!) { learner(by: {id: $id}) { grades { basis value status subjectMark flags series confidence
  version history { value subjectMark flags } explanation { grade subjectMark series confidence sources
    steps { kind component text source attempts { raw value counts window series source confidence boundaryDigest } }
  } } } }"""
FORECAST = """query ($id: ID!, $course: ID!, $window: ID) { forecasts(learner: $id, course: $course, window: $window) {
  flags confidence forecasts { value subjectMark } } }"""
WHAT_IF = """query ($id: ID!, $course: ID!, $window: ID, $overlays: [WhatIfOverlay!]!) {
  whatIf(learner: $id, course: $course, window: $window, overlays: $overlays) {
    actual { value subjectMark flags confidence }
    results { value subjectMark flags series sources refusal { code } } } }"""

Grade = dict[str, Any]


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = series_school(f"series {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def teacher(server: Server, school: World) -> Client:
    """Who records 75 in the spring: with the 31 and 32 of the autumn, 94 and 40 uniform marks by the summer's boundaries."""
    client = server.client(school, "teacher")
    recorded(client, mark(school, paper=SPRING_1, score="75"))
    return client


@pytest.fixture
def lead(server: Server, school: World) -> Client:
    return server.client(school, "maths-lead")


def recorded(client: Client, *marks: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = record(client, *marks).data["recordMarks"]
    assert answer["userErrors"] == []
    return answer


def choose(client: Client, world: World, series: str | None, window: str = "autumn") -> Answer:
    of = {"course": f"crs_{world.ids['maths-10'].hex}", "window": f"win_{world.ids[window].hex}"}
    about = {"series": series, "boundaryShift": 0, "reason": "Sat in it.", "idempotencyKey": f"k{uuid4()}"}
    answer = client.ask(SET, {"input": {**of, **about}})
    assert answer.data["setWindowGrading"]["userErrors"] == []
    return answer


def named(world: World, window: str = "spring") -> dict[str, Any]:
    keys = {"id": f"lrn_{world.ids['ann'].hex}", "course": f"crs_{world.ids['maths-10'].hex}"}
    return {**keys, "window": f"win_{world.ids[window].hex}"}


def grades(client: Client, world: World) -> dict[str, Grade]:
    """Ann's in mathematics, by window."""
    found = client.ask(GRADES, {"id": named(world)["id"]}).data["learner"]["grades"]
    return {one["basis"]: one for one in found if one["explanation"] is not None}


def totals(client: Client, world: World) -> dict[str, str]:
    return {window: grade["subjectMark"] for window, grade in grades(client, world).items() if grade["version"] > 0}


def test_each_attempt_is_converted_by_the_series_of_its_window(teacher: Client, lead: Client, school: World) -> None:
    """32 of the winter is worth 50 and not 40; the totals are those of the summer, and all that it rests on is named."""
    before = grades(teacher, school)["Spring"]
    assert (before["value"], before["subjectMark"], before["flags"]) == ("C", "134", [])
    assert before["confidence"] == "official"
    choose(lead, school, WINTER)
    found = grades(teacher, school)
    assert (found["Autumn"]["value"], found["Autumn"]["subjectMark"]) == ("D", "99")
    spring = found["Spring"]
    assert (spring["value"], spring["subjectMark"], spring["series"]) == ("B", "144", SUMMER)
    [flag] = spring["flags"]
    assert flag.startswith(f"series:2:{WINTER}:")
    assert spring["confidence"] == "single-source"
    assert [(one["value"], one["subjectMark"]) for one in spring["history"]][:1] == [("C", "134")]
    why = spring["explanation"]
    assert (why["grade"], why["subjectMark"], why["series"], why["confidence"]) == ("B", "144", SUMMER, "single-source")
    assert why["sources"] == [f"the board's table of {series}" for series in (SUMMER, WINTER)]
    first, second = (one for one in why["steps"] if one["kind"] == "component")
    assert [(one["window"], one["raw"], one["value"], one["series"], one["counts"]) for one in first["attempts"]] == [
        ("Autumn", "31", "49", WINTER, False),
        ("Spring", "75", "94", SUMMER, True),
    ]
    [only] = second["attempts"]
    assert (only["series"], only["source"], only["confidence"]) == (WINTER, second["source"], "single-source")
    assert flag.endswith(only["boundaryDigest"][:12])
    assert only["boundaryDigest"] == first["attempts"][0]["boundaryDigest"] != first["attempts"][1]["boundaryDigest"]
    assert second["text"].endswith(f"sat in Autumn; by the boundaries of {WINTER}")
    choose(lead, school, None)
    after = grades(teacher, school)["Spring"]
    assert {name: after[name] for name in ("value", "subjectMark", "flags", "confidence", "explanation")} == {
        name: before[name] for name in ("value", "subjectMark", "flags", "confidence", "explanation")
    }
    assert after["history"][0]["flags"] == [flag]


def test_which_attempt_counts_is_decided_in_uniform_marks(teacher: Client, lead: Client, school: World) -> None:
    """40 in the spring are 50, as many as 32 of the winter: 39 are fewer, though more raw marks."""
    choose(lead, school, WINTER)
    recorded(teacher, mark(school, paper=AUTUMN_1, score="60"))
    recorded(teacher, mark(school, paper=SPRING_1, score="64"))
    first = next(one for one in grades(teacher, school)["Spring"]["explanation"]["steps"] if one["component"] == "1")
    assert [(one["value"], one["counts"]) for one in first["attempts"]] == [("85", True), ("80", False)]
    assert totals(teacher, school)["Spring"] == "135"


def test_what_ifs_and_forecasts_rest_on_the_same(teacher: Client, lead: Client, school: World) -> None:
    """A series that is supposed is the window's own, as if it were set: earlier windows keep theirs."""
    supposed = {**named(school), "overlays": [{"name": "winter", "series": WINTER}]}
    [before] = teacher.ask(WHAT_IF, supposed).data["whatIf"]["results"]
    # The spring's 75 is full marks of the winter; the autumn's 32 of the summer.
    assert (before["subjectMark"], before["flags"][0].split(":")[:3]) == ("140", ["series", "2", SUMMER])
    assert before["sources"] == [f"the board's table of {series}" for series in (WINTER, SUMMER)]
    choose(lead, school, WINTER)
    overlays = [
        {"name": "as it is"},
        {"name": "winter", "series": WINTER},
        {"name": "marks", "marks": [{"component": "2", "score": "40"}]},
    ]
    found = teacher.ask(WHAT_IF, {**named(school), "overlays": overlays}).data["whatIf"]
    assert (found["actual"]["subjectMark"], found["actual"]["confidence"]) == ("144", "single-source")
    # A mark takes the place of the attempt that counts, and is converted as that one.
    assert [(one["value"], one["subjectMark"]) for one in found["results"]] == [
        ("B", "144"),
        ("A", "150"),
        ("B", "154"),
    ]
    [course] = teacher.ask(FORECAST, named(school)).data["forecasts"]
    assert {one["subjectMark"] for one in course["forecasts"]} == {"144"}
    assert course["confidence"] == "single-source"
    assert course["flags"] == found["actual"]["flags"]
    choose(lead, school, WINTER, "spring")
    spring = grades(teacher, school)["Spring"]
    assert [(spring["value"], spring["subjectMark"], spring["flags"])] == [("A", "150", [])]


def test_a_change_of_an_earlier_window_is_undone_by_its_series(teacher: Client, lead: Client, school: World) -> None:
    """Both windows in one answer, before and after."""
    choose(lead, school, WINTER)
    answer = recorded(teacher, mark(school, paper=AUTUMN_2, score="40"))
    assert len(answer["grades"]) == 2
    assert totals(teacher, school) == {"Autumn": "109", "Spring": "154"}
    undo(teacher, answer["batch"])
    assert totals(teacher, school) == {"Autumn": "99", "Spring": "144"}


def test_a_locked_window_keeps_its_series_and_gives_it_to_later_ones(
    teacher: Client, lead: Client, school: World
) -> None:
    """What is locked stands; and marks of later windows go on resting on it."""
    choose(lead, school, WINTER)
    took(step(lead, school, "lockWindow"))
    recorded(teacher, mark(school, paper=SPRING_1, score="70"))
    assert totals(teacher, school) == {"Autumn": "99", "Spring": "138"}
    took(step(lead, school, "reopenWindow"))
    assert totals(teacher, school) == {"Autumn": "99", "Spring": "138"}


def test_an_import_gives_what_a_batch_gives(
    teacher: Client, lead: Client, school: World, app_url: str, today: date
) -> None:
    """Of a mark of the autumn, and of one of the spring that rests on it."""
    choose(lead, school, WINTER)
    done = recorded(teacher, mark(school, paper=AUTUMN_2, score="40"))
    expected = grades(teacher, school)
    undo(teacher, done["batch"])
    _imported(app_url, school, today, "Autumn", "2", "40")
    found = grades(teacher, school)
    assert _figures(found) == _figures(expected)
    done = recorded(teacher, mark(school, paper=SPRING_1, score="60"))
    expected = grades(teacher, school)
    undo(teacher, done["batch"])
    _imported(app_url, school, today, "Spring", "1", "60")
    assert _figures(grades(teacher, school)) == _figures(expected)


def _figures(found: dict[str, Grade]) -> dict[str, Any]:
    names = ("value", "status", "subjectMark", "flags", "confidence", "explanation")
    return {window: {name: grade[name] for name in names} for window, grade in found.items()}


def _imported(app_url: str, school: World, today: date, window: str, component: str, score: str) -> None:
    [upn] = [row["upn"] for table, rows in school.rows.items() if table.__name__ == "LearnerRow"
             for row in rows if row["learner_id"] == school.ids["ann"]]  # fmt: skip
    content = (
        "UPN,Academic year,Course,Window,Component,State,Score,Date\n"
        f'{upn},{school.year},"Mathematics, year 10",{window},{component},SCORED,{score},{school.days(-5)}\n'
    )
    context = ImportContext(school.school_id, school.ids["data-manager"])
    with psycopg.connect(app_url, autocommit=True) as connection:
        outcome = import_marks(
            connection, content.encode(), context, Declaration("Agreed."), commit=Commit.ALL_OR_NOTHING, today=today
        )
    assert outcome.committed
