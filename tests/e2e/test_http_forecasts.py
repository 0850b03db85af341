"""forecasts over HTTP: estimates with method and interval, for whoever may read them, and for nobody else."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server import tables
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world
from tests.worlds.qualification import BOUNDARIES_ID, SPECIFICATION_ID
from tests.worlds.wide_school import wide_school

ASK = """query($learner: ID!, $course: ID, $window: ID, $methods: [ForecastMethod!]) {
  forecasts(learner: $learner, course: $course, window: $window, methods: $methods) {
    course courseName window windowName specification series shift rounding confidence flags
    target targetPoints targetMethod
    forecasts { label method methodVersion value points low high subjectMark reckoning targetGap residual residualOver }
    estimates { component score grade version reason recordedAt }
    confirmations { id method methodVersion value low high points note confirmedBy confirmedByName confirmedAt } } }"""


def half_sat(world: World) -> World:
    """English is graded too; ann has sat 31 of the first 80 marks of maths, and all of English: 63 of 160, a 3."""
    for course in world.rows[tables.CourseRow]:
        course.update(specification_id=SPECIFICATION_ID, boundary_set_id=BOUNDARIES_ID)
    for table in (tables.MarkRow, tables.MarkVersionRow):
        for mark in world.rows[table]:
            if mark["mark_id"] == world.ids["mark ann maths-10 2"]:
                mark.update(state="NOT_ENTERED", score=None)
    return world


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    """One in which nothing is written."""
    world = half_sat(wide_school(f"forecasts {uuid4()}", today))
    insert_world(app_url, world)
    return world


def asked(client: Client, world: World, learner: str = "ann", **more: Any) -> list[dict[str, Any]]:
    given = {"learner": f"lrn_{world.ids[learner].hex}", **more}
    return client.ask(ASK, given).data["forecasts"]


def by_method(course: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["method"]: one for one in course["forecasts"]}


def test_every_method_is_an_estimate_with_its_interval(server: Server, school: World) -> None:
    """31 of 80 and an open paper of 80: from a 1 (31) to a 7 (111), working at a 3 (62), which is 12 of 15 to a 4."""
    [maths] = asked(server.client(school, "teacher"), school)
    assert (maths["courseName"], maths["windowName"], maths["specification"]) == (
        "Mathematics, year 10",
        "Autumn",
        "0001",
    )
    assert (maths["series"], maths["shift"], maths["rounding"], maths["confidence"]) == (
        "2025-06",
        0,
        "sum_exact",
        "high",
    )
    assert (maths["target"], maths["targetPoints"], maths["flags"]) == ("6", "6", [])
    made = by_method(maths)
    assert {method: (one["value"], one["subjectMark"], one["points"]) for method, one in made.items()} == {
        "CURRENT": ("1", "31", "1"),
        "WORKING_AT": ("3", "62", "3"),
        "AVERAGE_UNIT": ("3", "62", "3"),
        "FLOOR": ("1", "31", "1"),
        "CEILING": ("7", "111", "7"),
        "PROJECTED": ("3", "62", "3"),
        "FINE": ("3+", "62", "3.8"),
    }
    assert {(one["label"], one["methodVersion"], one["low"], one["high"]) for one in made.values()} == {
        ("estimate", 1, "1", "7")
    }
    assert made["WORKING_AT"]["reckoning"] == "31 of 80 so far; the same share of what is open: 62 of 160"
    assert (made["FINE"]["targetGap"], made["CEILING"]["targetGap"]) == ("-2.20", "1.00")


def test_methods_are_given_in_the_order_asked_for(server: Server, school: World) -> None:
    """Each once."""
    [maths] = asked(server.client(school, "teacher"), school, methods=["FINE", "FLOOR", "FINE"])
    assert [one["method"] for one in maths["forecasts"]] == ["FINE", "FLOOR"]


def test_residuals_are_over_the_other_courses_that_one_may_read(server: Server, school: World) -> None:
    """The head reads both courses: maths is 3.8 where English is 3.86. The class teacher knows of none to compare with."""
    english, maths = asked(server.client(school, "head"), school)
    assert [one["courseName"] for one in (english, maths)] == ["English, year 10", "Mathematics, year 10"]
    fine = by_method(maths)["FINE"]
    assert (fine["residual"], fine["residualOver"]) == ("-0.07", 1)
    assert by_method(english)["FINE"]["residual"] == "0.07"
    [alone] = asked(server.client(school, "teacher"), school)
    assert {(one["residual"], one["residualOver"]) for one in alone["forecasts"]} == {(None, 0)}


def test_with_everything_sat_all_methods_are_the_grade(server: Server, school: World) -> None:
    """And the interval is that one grade."""
    [maths] = asked(server.client(school, "teacher"), school, "eve")
    assert {(one["points"], one["low"], one["high"]) for one in maths["forecasts"] if one["method"] != "FINE"} == {
        ("6", "6", "6")
    }


def test_marks_are_told_to_those_alone_who_read_marks(server: Server, school: World) -> None:
    """Trust staff read forecasts, grades and targets, no marks: grades, and no figure that ann's one paper gives away.

    With one paper sat the subject mark is that paper's; two methods' together tell the marks of two; and the way to the
    next grade is a subject mark, whether said in points, in thirds, or as a distance.
    """
    for course in asked(server.client(school, "trust"), school):
        made = by_method(course)
        fine = made.pop("FINE")
        for one in (fine, *made.values()):
            assert (one["reckoning"], one["subjectMark"]) == (None, None)
            assert (one["low"], one["high"]) == (made["FLOOR"]["value"], made["CEILING"]["value"])
        assert {fine[name] for name in ("value", "points", "targetGap", "residual")} == {None}
        assert None not in {one[name] for one in made.values() for name in ("value", "points", "targetGap", "residual")}
        assert course["target"] == "6"
        assert (made["WORKING_AT"]["value"], made["WORKING_AT"]["residual"], fine["residualOver"]) == ("3", "0.00", 0)


def test_a_reading_that_is_to_be_logged_names_the_learner_and_what_was_told(
    server: Server, school: World, owner_url: str
) -> None:
    """An external reviewer's, under each element of the answer; nothing of a learner of whom nothing was told."""
    reviewer = server.client(school, "reviewer")
    for learner in ("ann", "eve"):  # eve is protected: not there for them
        asked(reviewer, school, learner)
    with psycopg.connect(owner_url) as connection:
        logged = connection.execute(
            "SELECT elements FROM usher.audit_operation WHERE school_id = %s AND person_id = %s AND kind = 'read'"
            ' AND details = \'{"fields": ["forecasts"]}\' ORDER BY audit_id',
            [school.school_id, school.ids["reviewer"]],
        ).fetchall()
    of_ann, of_eve = [{name: ids for name, ids in row[0].items() if ids} for row in logged]
    assert of_ann == {key: [str(school.ids["ann"])] for key in ("forecast", "grade", "mark", "name", "target")}
    assert of_eve == {}


def test_estimates_and_confirmations_stand_beside_them(server: Server, school: World) -> None:
    """With who confirmed and when; the name goes by its own element."""
    [maths] = asked(server.client(school, "teacher"), school, course=f"crs_{school.ids['maths-10'].hex}")
    [estimate] = maths["estimates"]
    assert (estimate["component"], estimate["grade"], estimate["score"], estimate["version"]) == (None, "7", None, 1)
    [confirmed] = maths["confirmations"]
    assert (confirmed["method"], confirmed["methodVersion"], confirmed["high"]) == ("WORKING_AT", 1, "9")
    assert confirmed["confirmedBy"] == f"per_{school.ids['teacher'].hex}"
    assert confirmed["confirmedByName"].startswith("Dr ")
    assert confirmed["note"] == "Agreed in the department's meeting."


def test_what_is_not_there_looks_like_what_is_not_for_one(server: Server, school: World, owner_url: str) -> None:
    """Learners, courses and windows unknown, of elsewhere, out of reach: all the same nothing, and nothing is written."""
    before = snapshot(owner_url, school)
    teacher, nowhere = server.client(school, "teacher"), uuid4().hex
    assert asked(teacher, school, "cat") == asked(teacher, school, "dan") == []
    assert asked(teacher, school, course=f"crs_{school.ids['english-10'].hex}") == []
    assert asked(teacher, school, course=f"crs_{nowhere}") == asked(teacher, school, window=f"win_{nowhere}") == []
    assert teacher.ask(ASK, {"learner": f"lrn_{nowhere}"}).data == {"forecasts": []}
    assert snapshot(owner_url, school) == before


@pytest.mark.parametrize(
    ("handle", "capacity"), [("pat", "PARENT"), ("ann", "LEARNER"), ("attendance", "STAFF"), ("assistant", "STAFF")]
)
def test_who_may_read_no_forecast_is_refused(
    server: Server, school: World, owner_url: str, handle: str, capacity: str
) -> None:
    """Parents and learners, of their own too; staff without a rule, who may read targets."""
    before = snapshot(owner_url, school)
    answer = server.client(school, handle, capacity).ask(ASK, {"learner": f"lrn_{school.ids['ann'].hex}"})
    assert (answer.codes, answer.body["data"]) == (["FORBIDDEN"], None)
    assert snapshot(owner_url, school) == before


def test_a_window_that_begins_takes_nothing_away(server: Server, app_url: str, today: date) -> None:
    """Until the learner has a mark in it, the marks of before count; it can be asked for, and has no share to tell."""
    world = half_sat(wide_school(f"forecasts, spring {uuid4()}", today))
    [autumn] = [
        row for row in world.rows[tables.AssessmentRow] if row["assessment_id"] == world.ids["maths-10 paper 1"]
    ]
    world.add(tables.AssessmentRow, **autumn | {"assessment_id": world.new_id(), "window_id": world.ids["spring"]})
    insert_world(app_url, world)
    teacher = server.client(world, "teacher")
    [maths] = asked(teacher, world)
    assert (maths["windowName"], by_method(maths)["WORKING_AT"]["value"]) == ("Autumn", "3")
    [spring] = asked(teacher, world, window=f"win_{world.ids['spring'].hex}")
    assert (spring["windowName"], [one["method"] for one in spring["forecasts"]]) == (
        "Spring", ["CURRENT", "FLOOR", "CEILING"],
    )  # fmt: skip


def test_a_test_of_any_maximum_counts_by_its_share(server: Server, app_url: str, owner_url: str, today: date) -> None:
    """31 of a test of 40 is 62 of the paper's 80; the answer says that it was scaled."""
    world = half_sat(wide_school(f"forecasts, scaled {uuid4()}", today))
    for paper in world.rows[tables.AssessmentRow]:
        if paper["assessment_id"] == world.ids["maths-10 paper 1"]:
            paper["maximum"] = Decimal(40)
    insert_world(app_url, world)
    [maths] = asked(server.client(world, "teacher"), world)
    made = by_method(maths)
    assert (made["FLOOR"]["subjectMark"], made["WORKING_AT"]["subjectMark"]) == ("62", "124")
    assert maths["flags"] == ["scaled:1"]
    assert made["FLOOR"]["reckoning"] == "62 of 80 so far; nothing for what is open: 62 of 160"
