"""What-ifs over HTTP: what the grade would be, to whoever may read its marks; and nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server import tables
from server.policies.rule import Rule
from server.policies.shipped import starting_book
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Answer, Client, Server
from tests.oracle.publishing import publish
from tests.worlds import World, insert_world
from tests.worlds.tiered import EARLIER, tiered_school

RESULT = """name refusal { code message component } value status points fine subjectMark nextGrade marksToNext floor ceiling
  required { component grade marks least } specification tier series option shift shiftRounding rounding confidence sources
  flags changed"""
WHAT_IF = f"""query ($learner: ID!, $course: ID!, $window: ID, $overlays: [WhatIfOverlay!]!) {{
  whatIf(learner: $learner, course: $course, window: $window, overlays: $overlays) {{
    learner course window windowName actual {{ {RESULT} }} results {{ {RESULT} }} }} }}"""
BOTH = f"""query ($learner: ID!, $course: ID!) {{ bothTiers(learner: $learner, course: $course) {{
  window windowName refusal {{ code message }} tiers {{ {RESULT} }} }} }}"""
MARKED = (
    tables.MarkRow,
    tables.MarkVersionRow,
    tables.MarkPartRow,
    tables.MarkPartVersionRow,
    tables.MarkModerationRow,
)
NOWHERE = "0190" + "0" * 24 + "dead"


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = tiered_school(f"what if {uuid4()}", today)
    insert_world(app_url, world)
    return world


def of(world: World, learner: str = "ann", course: str = "maths-10") -> dict[str, str]:
    return {"learner": f"lrn_{world.ids[learner].hex}", "course": f"crs_{world.ids[course].hex}"}


def ask(client: Client, world: World, *overlays: Mapping[str, Any], **named: str) -> Answer:
    return client.ask(WHAT_IF, {**of(world, **named), "overlays": list(overlays)})


def results(client: Client, world: World, *overlays: Mapping[str, Any], **named: str) -> tuple[Any, list[Any]]:
    """The actual result, and those of the overlays."""
    found = ask(client, world, *overlays, **named).data["whatIf"]
    return found["actual"], found["results"]


def score(component: str, raw: str) -> dict[str, Any]:
    return {"component": f"0002/{component}", "score": raw}


def test_each_overlay_is_answered_beside_the_actual_result(server: Server, school: World) -> None:
    """Ann has 31 and 32 of 80: 63 of 160, a 3 of the Higher tier."""
    actual, found = results(
        server.client(school, "teacher"),
        school,
        {"name": "marks", "marks": [score("2H", "50")]},
        {"name": "series", "series": EARLIER},
        {"name": "shift", "boundaryShift": 10},
        {"name": "tier", "tier": "F"},
        {"name": "open", "marks": [{"component": "0002/2H", "state": "NOT_ENTERED"}]},
    )
    marks, series, shift, tier, unsat = found
    assert (actual["value"], actual["subjectMark"], actual["changed"], actual["sources"]) == ("3", "63", [], ["a test"])
    assert (marks["value"], marks["subjectMark"]) == ("5", "81")
    assert {"value", "subjectMark", "points"} <= set(marks["changed"])
    assert (series["value"], series["series"], "series" in series["changed"]) == ("4", EARLIER, True)
    assert (shift["value"], shift["shift"], shift["marksToNext"], shift["shiftRounding"]) == ("3", 10, "17/2", "exact")
    assert (tier["value"], tier["tier"], tier["specification"]) == ("2", "F", "TEST:0002:F")
    assert tier["flags"] == ["carried:0002/1H>0002/1F", "carried:0002/2H>0002/2F"]
    assert (unsat["status"], unsat["value"], unsat["floor"], unsat["ceiling"]) == ("INCOMPLETE", None, "U", "7")
    assert [(one["grade"], one["marks"], one["least"]) for one in unsat["required"]] == [
        ("3", "26", "26"), ("4", "34", "34"), ("5", "49", "49"), ("6", "64", "64"), ("7", "79", "79")
    ]  # fmt: skip


def test_both_tiers_stand_side_by_side(server: Server, school: World) -> None:
    """By the same series, with raw marks carried paper by paper, which the flags say."""
    found = server.client(school, "teacher").ask(BOTH, of(school)).data["bothTiers"]
    assert found["refusal"] is None
    assert [(one["name"], one["tier"], one["value"], one["series"]) for one in found["tiers"]] == [
        ("F", "F", "2", "June 2025"),
        ("H", "H", "3", "June 2025"),
    ]
    assert [bool(one["flags"]) for one in found["tiers"]] == [True, False]


def test_a_qualification_without_tiers_has_no_sides(server: Server, school: World) -> None:
    """The refusal says why; it is told to who may read the grade."""
    found = server.client(school, "head").ask(BOTH, of(school, "dan", "maths-11")).data["bothTiers"]
    assert (found["refusal"]["code"], found["tiers"]) == ("UNKNOWN_TIER", [])


@pytest.mark.parametrize(
    ("overlay", "code", "component"),
    [
        ({"marks": [{"component": "3", "score": "1"}]}, "UNKNOWN_COMPONENT", "3"),
        ({"marks": [{"component": "0002/1F", "score": "1"}]}, "UNKNOWN_COMPONENT", "0002/1F"),
        ({"marks": [{"component": "0002/1F", "score": "1"}, {"component": "0002/2H", "score": "1"}]}, "BOTH_TIERS", None),
        ({"tier": "F", "marks": [{"component": "0002/1F", "score": "1"}, {"component": "0002/2H", "score": "1"}]},
         "BOTH_TIERS", None),
        ({"series": "June 1999"}, "UNKNOWN_SERIES", None),
        ({"tier": "F", "series": EARLIER}, "UNKNOWN_SERIES", None),
        ({"tier": "Z"}, "UNKNOWN_TIER", None),
        ({"option": "DS"}, "UNKNOWN_OPTION", None),
        ({"marks": [{"component": "0002/1H", "score": "80.5"}]}, "MARK_ABOVE_MAXIMUM", "0002/1H"),
        ({"marks": [{"component": "0002/1H", "score": "-1"}]}, "MARK_BELOW_ZERO", "0002/1H"),
        ({"marks": [{"component": "0002/1H", "score": "1.5"}]}, "MARK_STEP", "0002/1H"),
    ],
)  # fmt: skip
def test_an_overlay_that_no_rules_fit_is_refused_by_itself(
    server: Server, school: World, owner_url: str, overlay: dict[str, Any], code: str, component: str | None
) -> None:
    """The others are answered; the sentence holds no mark."""
    before = snapshot(owner_url, school)
    _, [bad, good] = results(server.client(school, "teacher"), school, {"name": "bad", **overlay}, {"name": "good"})
    assert (bad["refusal"]["code"], bad["refusal"]["component"]) == (code, component)
    assert (bad["value"], bad["specification"], bad["required"], bad["changed"]) == (None, None, [], [])
    assert (good["refusal"], good["value"], good["changed"]) == (None, "3", [])
    assert snapshot(owner_url, school) == before


@pytest.mark.parametrize(
    ("overlay", "path"),
    [
        ({"boundaryShift": 11}, ["overlays", 1, "boundaryShift"]),
        ({"boundaryShift": -11}, ["overlays", 1, "boundaryShift"]),
        ({"marks": [{"component": "0002/1H", "score": "9", "state": "ABSENT"}]}, ["overlays", 1, "marks", 0, "score"]),
        ({"marks": [{"component": "0002/1H"}]}, ["overlays", 1, "marks", 0, "score"]),
        ({"marks": [{"component": "0002/1H", "score": "1"}] * 2}, ["overlays", 1, "marks", 1]),
    ],
)
def test_arguments_that_nothing_could_mend_are_refused(
    server: Server, school: World, overlay: dict[str, Any], path: list[Any]
) -> None:
    """An absent learner has no score, a shift has its bounds: the argument is named, and nothing is answered."""
    answer = ask(server.client(school, "teacher"), school, {"name": "fine"}, {"name": "bad", **overlay})
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.body["errors"][0]["extensions"]["argument"] == path


@pytest.mark.parametrize("number", [51, 10_000])
def test_too_many_overlays_are_refused(server: Server, school: World, number: int) -> None:
    """Before any statement; fifty are answered."""
    teacher = server.client(school, "teacher")
    assert ask(teacher, school, *[{"name": "x"}] * number).codes == ["LIMIT_EXCEEDED"]
    _, found = results(teacher, school, *({"name": str(shift), "boundaryShift": shift % 10} for shift in range(50)))
    assert [one["name"] for one in found] == [str(shift) for shift in range(50)]


@pytest.mark.parametrize("document", [WHAT_IF, BOTH], ids=["whatIf", "bothTiers"])
def test_who_may_not_read_the_grade_and_its_marks_is_told_nothing(
    server: Server, school: World, owner_url: str, document: str
) -> None:
    """Null out of reach, for families too; refused to who may read no marks at all; and nothing is written."""
    before = snapshot(owner_url, school)
    given = {**of(school), "overlays": [{"name": "bad", "marks": [{"component": "nowhere", "score": "900"}]}]}
    given = {name: value for name, value in given.items() if name in ("learner", "course") or document == WHAT_IF}
    [field] = ["whatIf" if document == WHAT_IF else "bothTiers"]
    for handle in ("teacher", "maths-lead", "head", "data-manager"):
        assert server.client(school, handle).ask(document, given).data[field] is not None, handle
    for handle in ("english", "teacher", "pat", "ann"):
        learner = of(school, "cat") if handle == "teacher" else {}
        assert server.client(school, handle).ask(document, {**given, **learner}).data[field] is None, handle
    assert server.client(school, "dpo").ask(document, given).codes == ["FORBIDDEN"]
    assert snapshot(owner_url, school) == before


def test_the_vendors_support_reads_under_a_grant_alone(server: Server, school: World) -> None:
    assert ask(server.client(school, "support"), school, {"name": "x"}).codes == ["FORBIDDEN"]


def test_another_schools_learner_and_nobody_are_alike(server: Server, school: World, other_school: World) -> None:
    """As are a course without a grade, a learner who is not in it, and one of whom the asker is family."""
    head = server.client(school, "head")
    for learner, course in (
        (f"lrn_{other_school.ids['ann'].hex}", f"crs_{other_school.ids['maths-10'].hex}"),
        (f"lrn_{NOWHERE}", of(school)["course"]),
        (of(school)["learner"], f"crs_{NOWHERE}"),
        (of(school)["learner"], f"crs_{school.ids['english-10'].hex}"),
        (of(school, "dan")["learner"], of(school)["course"]),
    ):
        for document, more in ((WHAT_IF, {"overlays": [{"name": "x", "series": "none"}]}), (BOTH, {})):
            answer = head.ask(document, {"learner": learner, "course": course, **more})
            assert answer.data == {("whatIf" if more else "bothTiers"): None}
    assert ask(server.client(school, "teacher"), school, {"name": "x"}, learner="bob").data == {"whatIf": None}


def test_ids_of_other_types_are_refused(server: Server, school: World) -> None:
    given: dict[str, Any] = {"learner": of(school)["course"], "course": of(school)["course"], "overlays": []}
    assert server.client(school, "head").ask(WHAT_IF, given).codes == ["BAD_USER_INPUT"]


def test_without_the_marks_there_is_no_what_if(server: Server, app_url: str, owner_url: str, today: date) -> None:
    """Who may read grades and no marks is refused, as Grade.explanation is withheld."""
    world = tiered_school(f"what if, without marks {uuid4()}", today)
    insert_world(app_url, world)
    book = starting_book()
    closed = Rule("no-marks", "staff", "mark", "read", "school", effect="deny")
    with psycopg.connect(owner_url) as owner:
        publish(owner, world, replace(book, rules=(*book.rules, closed)))
    answer = server.client(world, "head").ask(WHAT_IF, {**of(world), "overlays": [{"name": "x"}]})
    assert answer.codes == ["FORBIDDEN"]


def test_what_the_rules_refuse_spoils_no_answer(server: Server, app_url: str, owner_url: str, today: date) -> None:
    """A mark above its paper's maximum, as it is stored: a refusal, and no explanation, beside what others are told."""
    world = tiered_school(f"what if, refused {uuid4()}", today)
    paper = world.ids["maths-10 paper 1"]
    for row in world.rows[tables.AssessmentRow]:
        row.update({"maximum": 20} if row["assessment_id"] == paper else {})
    for row in world.rows[tables.MarkRow]:
        row.update({"score": 20} if row["mark_id"] == world.ids["mark bob maths-10 1"] else {})
    insert_world(app_url, world)
    lead, before = server.client(world, "maths-lead"), snapshot(owner_url, world)
    actual, [same, lower] = results(lead, world, {"name": "same"}, {"name": "lower", "marks": [score("1H", "9")]})
    for one in (actual, same):
        assert (one["refusal"]["code"], one["refusal"]["component"]) == ("MARK_ABOVE_MAXIMUM", "0002/1H")
        assert (one["value"], one["required"], one["changed"]) == (None, [], [])
    assert (lower["refusal"], lower["value"], lower["changed"]) == (None, "4", [])
    tiers = lead.ask(BOTH, of(world)).data["bothTiers"]["tiers"]
    assert [one["refusal"]["code"] for one in tiers] == ["MARK_ABOVE_MAXIMUM"] * 2
    explained = "query($id: ID!) { class(id: $id) { learners { id grades { explanation { status } } } } }"
    rows = lead.ask(explained, {"id": f"cls_{world.ids['10/Ma1'].hex}"}).data["class"]["learners"]
    told = {row["id"]: [grade["explanation"] for grade in row["grades"]] for row in rows}
    assert told[of(world)["learner"]] == [None]
    assert told[of(world, "bob")["learner"]] == [{"status": "complete"}]
    assert snapshot(owner_url, world) == before


@pytest.mark.parametrize("marked", [True, False])
def test_a_learner_without_a_stored_grade_has_a_what_if(
    server: Server, app_url: str, today: date, *, marked: bool
) -> None:
    """From marks, course and specification alone: as with the grade, or with nothing entered an interval."""
    world = tiered_school(f"what if, ungraded {uuid4()}", today)
    for table in (tables.GradeRow, tables.GradeVersionRow, *(() if marked else MARKED)):
        world.rows[table] = [row for row in world.rows.get(table, ()) if row["learner_id"] != world.ids["ann"]]
    insert_world(app_url, world)
    client = server.client(world, "teacher")
    actual, [better, open_] = results(
        client,
        world,
        {"name": "better", "marks": [score("1H", "80"), score("2H", "60")], "boundaryShift": 0},
        {"name": "open", "series": EARLIER},
    )
    assert better["value"] == "9"
    assert open_["series"] == EARLIER
    if marked:
        assert (actual["value"], actual["status"], actual["subjectMark"]) == ("3", "COMPLETE", "63")
    else:
        assert (actual["value"], actual["status"]) == (None, "INCOMPLETE")
        assert (actual["floor"], actual["ceiling"]) == ("U", "9")
        assert {one["component"] for one in actual["required"]} == {"0002/1H", "0002/2H"}
    both = client.ask(BOTH, of(world)).data["bothTiers"]
    assert [one["tier"] for one in both["tiers"]] == ["F", "H"]
    assert ask(server.client(world, "english"), world).data["whatIf"] is None
    assert ask(client, world, learner="dan").data["whatIf"] is None
    forecasts = client.ask(
        "query ($l: ID!) { forecasts(learner: $l) { courseName forecasts { method low high } } }",
        {"l": f"lrn_{world.ids['ann'].hex}"},
    ).data["forecasts"]
    assert {one["method"] for course in forecasts for one in course["forecasts"]} >= {"CURRENT", "FLOOR", "CEILING"}


def test_a_hundred_what_ifs_under_aliases_are_refused_before_anything_is_read(
    server: Server, school: World, owner_url: str
) -> None:
    """Fields count, not overlays alone."""
    one = "whatIf(learner: $learner, course: $course, overlays: []) { actual { value } }"
    fields = " ".join(f"a{place}: {one}" for place in range(100))
    before = snapshot(owner_url, school)
    answer = server.client(school, "teacher").ask(f"query ($learner: ID!, $course: ID!) {{ {fields} }}", of(school))
    assert answer.codes == ["LIMIT_EXCEEDED"]
    assert snapshot(owner_url, school) == before
