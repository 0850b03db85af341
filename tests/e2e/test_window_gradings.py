"""A window is graded by another series or shifted boundaries: every grade follows at once, and says so wherever it is shown."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.e2e.recording import mark, record
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Answer, Client, Server
from tests.e2e.windows import errors, step
from tests.worlds import World, insert_world
from tests.worlds.tiered import EARLIER, tiered_school

NOWHERE = "crs_0190" + "0" * 24 + "dead"
SET = """mutation ($input: SetWindowGradingInput!) { setWindowGrading(input: $input) {
  courses { gradings { version shift series specification reason window { name } setBy { familyName } } }
  version replayed wouldWrite userErrors { code message path } } }"""
GRADES = """query ($id: ID!, $course: ID!) { learner(by: {id: $id}) { grades { value fine shift series specification method
  confidence explanation { shift series grade } history { shift series value } } }
  whatIf(learner: $id, course: $course, overlays: []) { actual { value fine shift series } }
  forecasts(learner: $id, course: $course) { shift series specification forecasts { method value } } }"""
WHAT_IF = """query ($id: ID!, $course: ID!, $overlays: [WhatIfOverlay!]!) {
  whatIf(learner: $id, course: $course, overlays: $overlays) { results { value fine shift series refusal { code } } } }"""


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = tiered_school(f"gradings {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def lead(server: Server, school: World) -> Client:
    return server.client(school, "maths-lead")


def choose(client: Client, world: World, handle: str = "maths-10", **given: Any) -> Answer:
    of = {"course": f"crs_{world.ids[handle].hex}", "window": f"win_{world.ids['autumn'].hex}"}
    about = {"reason": "A hard paper.", "idempotencyKey": f"k{uuid4()}"}
    return client.ask(SET, {"input": {**of, **about, **given}})


def chosen(answer: Answer) -> dict[str, Any]:
    payload = answer.data["setWindowGrading"]
    assert payload["userErrors"] == [], payload
    return payload


def shown(client: Client, world: World, learner: str = "ann") -> dict[str, Any]:
    ids = {"id": f"lrn_{world.ids[learner].hex}", "course": f"crs_{world.ids['maths-10'].hex}"}
    return client.ask(GRADES, ids).data


def supposed(client: Client, world: World, **overlay: Any) -> dict[str, Any]:
    ids = {"id": f"lrn_{world.ids['ann'].hex}", "course": f"crs_{world.ids['maths-10'].hex}"}
    answer = client.ask(WHAT_IF, {**ids, "overlays": [{"name": "x", **overlay}]})
    [found] = answer.data["whatIf"]["results"]
    return found


@pytest.mark.parametrize(
    ("overlay", "given"),
    [
        ({"boundaryShift": -10}, {"boundaryShift": -10}),
        ({"boundaryShift": 7}, {"boundaryShift": 7}),
        ({"series": EARLIER}, {"series": EARLIER}),
        ({"series": EARLIER, "boundaryShift": 3}, {"series": EARLIER, "boundaryShift": 3}),
    ],
)
def test_the_stored_grade_is_the_what_if_s(
    lead: Client, school: World, overlay: dict[str, Any], given: dict[str, Any]
) -> None:
    """Value, fine grade, series and shift; beside the grade, its explanation, its forecasts and what stood before."""
    said = supposed(lead, school, **overlay)
    assert said.pop("refusal") is None
    [before] = [one for one in shown(lead, school)["learner"]["grades"] if one["specification"]]
    assert chosen(choose(lead, school, **given))["version"] == 1
    data = shown(lead, school)
    [grade] = [one for one in data["learner"]["grades"] if one["specification"]]
    assert {name: grade[name] for name in said} == said
    explained = grade["explanation"]
    assert (explained["shift"], explained["grade"]) == (said["shift"], said["value"])
    assert {name: data["whatIf"]["actual"][name] for name in said} == said
    [course] = data["forecasts"]
    assert (course["shift"], course["series"]) == (said["shift"], said["series"])
    assert {one["value"] for one in course["forecasts"] if one["method"] != "FINE"} == {said["value"]}
    assert grade["history"][0] == {name: before[name] for name in ("shift", "series", "value")}
    # What is supposed without a shift of its own keeps the grade's; a shift of 0 takes it away.
    assert supposed(lead, school)["shift"] == said["shift"]
    assert supposed(lead, school, boundaryShift=0)["shift"] == 0


def test_it_is_kept_who_set_what_and_audit_and_subscribers_know(
    lead: Client, server: Server, school: World, owner_url: str
) -> None:
    """Back to the course's own is a version, too; what stands so already is none."""
    chosen(choose(lead, school, boundaryShift=-10, expectedVersion=0))
    head = server.client(school, "head")
    again = chosen(choose(head, school, reason="Agreed otherwise.", expectedVersion=1))
    [course] = again["courses"]
    told = [one for one in course["gradings"] if one["window"]["name"] == "Autumn"]
    assert [(one["version"], one["shift"], one["series"], one["reason"]) for one in told] == [
        (2, 0, None, "Agreed otherwise."),
        (1, -10, None, "A hard paper."),
    ]
    assert told[1]["setBy"]["familyName"] == "Count"
    before = snapshot(owner_url, school)
    assert chosen(choose(lead, school, reason="The same."))["version"] == 2
    after = snapshot(owner_url, school)
    assert {name for name in before if before[name] != after[name]} <= {
        "usher.idempotency_record",
        "idempotency_record",
    }
    with psycopg.connect(owner_url) as connection:
        kinds = connection.execute(
            "SELECT DISTINCT kind FROM usher.outbox_event WHERE school_id = %s", [school.school_id]
        ).fetchall()
        [details] = connection.execute(
            "SELECT details FROM usher.audit_operation WHERE school_id = %s AND details ? 'shift' ORDER BY audit_id LIMIT 1",
            [school.school_id],
        ).fetchall()
    assert {kind for (kind,) in kinds} >= {"windowGradingSet", "gradeUpdated"}
    assert details[0]["shift"] == {"before": 0, "after": -10}


def test_marks_that_come_later_are_graded_so(lead: Client, server: Server, school: World) -> None:
    """The choice is the window's, not that day's."""
    chosen(choose(lead, school, boundaryShift=-10))
    teacher = server.client(school, "teacher")
    answer = record(teacher, mark(school, score="33"))
    assert answer.data["recordMarks"]["userErrors"] == []
    grades = shown(lead, school)["learner"]["grades"]
    assert {one["shift"] for one in grades if one["specification"]} == {-10}


CONFIRM = """mutation ($input: ConfirmForecastInput!) { confirmForecast(input: $input) {
  confirmation { value shift } userErrors { code } } }"""


def test_a_confirmed_forecast_keeps_the_shift_that_it_was_made_with(
    lead: Client, server: Server, school: World, owner_url: str
) -> None:
    """And shows it, whatever is set afterwards."""
    chosen(choose(lead, school, boundaryShift=-10))
    teacher = server.client(school, "teacher")
    [course] = shown(teacher, school)["forecasts"]
    [value] = [one["value"] for one in course["forecasts"] if one["method"] == "CURRENT"]
    given = {"course": f"crs_{school.ids['maths-10'].hex}", "window": f"win_{school.ids['autumn'].hex}"}
    seen = {"method": "CURRENT", "expectedValue": value, "expectedMethodVersion": 1}
    about = {"learner": f"lrn_{school.ids['ann'].hex}", "idempotencyKey": "confirmed"}
    done = teacher.ask(CONFIRM, {"input": {**given, **seen, **about}}).data["confirmForecast"]
    assert done == {"confirmation": {"value": value, "shift": -10}, "userErrors": []}
    chosen(choose(lead, school, boundaryShift=2))
    document = "query ($learner: ID!) { forecasts(learner: $learner) { shift confirmations { shift } } }"
    [after] = teacher.ask(document, {"learner": about["learner"]}).data["forecasts"]
    assert (after["shift"], {one["shift"] for one in after["confirmations"]}) == (2, {-10, 0})
    with psycopg.connect(owner_url) as connection:
        kept = connection.execute(
            "SELECT shift FROM usher.forecast_confirmation WHERE school_id = %s AND method = 'current'",
            [school.school_id],
        ).fetchall()
    assert kept == [(-10,)]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"series": "June 1999"}, "UNKNOWN_SERIES", "series"),
        ({"course": NOWHERE}, "NOT_FOUND", "course"),
        ({"expectedVersion": 4}, "VERSION_CONFLICT", "expectedVersion"),
    ],
)
def test_what_can_t_be_set_is_refused(
    lead: Client, school: World, owner_url: str, given: dict[str, Any], code: str, field: str
) -> None:
    """With a stable word; nothing is written."""
    before = snapshot(owner_url, school)
    assert errors(choose(lead, school, **given)) == [(code, ["input", field])]
    assert snapshot(owner_url, school) == before


@pytest.mark.parametrize(
    "given", [{"boundaryShift": 11}, {"boundaryShift": -11}, {"reason": " "}, {"reason": "a\u202eb"}]
)
def test_bounds_are_kept(lead: Client, school: World, owner_url: str, given: dict[str, Any]) -> None:
    before = snapshot(owner_url, school)
    assert choose(lead, school, **given).codes == ["BAD_USER_INPUT"]
    assert snapshot(owner_url, school) == before


def test_a_locked_window_stands_fixed(lead: Client, school: World, owner_url: str) -> None:
    """Locked or moderated; reopened it can be set."""
    for name in ("lockWindow", "moderateWindow"):
        step(lead, school, name)
        before = snapshot(owner_url, school)
        assert errors(choose(lead, school, boundaryShift=1)) == [("WINDOW_LOCKED", ["input", "window"])]
        assert snapshot(owner_url, school) == before
    step(lead, school, "reopenWindow")
    chosen(choose(lead, school, boundaryShift=1))


def test_a_dry_run_and_a_repeat_set_nothing(lead: Client, school: World, owner_url: str) -> None:
    before = snapshot(owner_url, school)
    assert chosen(choose(lead, school, boundaryShift=2, dryRun=True))["wouldWrite"] == 1
    assert chosen(choose(lead, school, dryRun=True))["wouldWrite"] == 0
    assert snapshot(owner_url, school) == before
    first = chosen(choose(lead, school, boundaryShift=2, idempotencyKey="mine-1"))
    again = chosen(choose(lead, school, boundaryShift=2, idempotencyKey="mine-1"))
    assert (first["version"], first["replayed"], again["version"], again["replayed"]) == (1, False, 1, True)


@pytest.mark.parametrize("handle", ["teacher", "senco", "dpo", "mis", "pat", "ann"])
def test_nobody_else_sets_it(server: Server, school: World, owner_url: str, handle: str) -> None:
    """Not who teaches the course, nor families or programs."""
    before = snapshot(owner_url, school)
    assert choose(server.client(school, handle), school, boundaryShift=1).codes == ["FORBIDDEN"]
    assert snapshot(owner_url, school) == before


def test_another_department_s_course_looks_like_one_that_is_not_there(
    lead: Client, school: World, owner_url: str
) -> None:
    """The same words for what is led by others and what nobody has."""
    before = snapshot(owner_url, school)
    theirs = choose(lead, school, "english-10", boundaryShift=1)
    nowhere = choose(lead, school, boundaryShift=1, course=NOWHERE)
    assert theirs.data == nowhere.data
    assert errors(theirs) == [("NOT_FOUND", ["input", "course"])]
    assert snapshot(owner_url, school) == before
