"""forecasts of a class and of several learners: to each asker what they are told of each learner alone, in a few statements."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server import tables
from server.database.pool import Pool
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Client, Server
from tests.e2e.test_http_forecasts import half_sat
from tests.oracle.desk import Desk
from tests.oracle.served import Served
from tests.unit.commands.desk import crowd
from tests.wire_tap import WireTap
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

FIELDS = """{ learner learnerName partial course courseName window windowName specification series shift rounding confidence
  flags target targetPoints targetMethod
  forecasts { label method methodVersion value points low high subjectMark reckoning targetGap residual residualOver }
  estimates { component score grade version reason recordedAt }
  confirmations { id method methodVersion value low high points note confirmedBy confirmedByName confirmedAt } }"""
ONE = f"""query($learner: ID!, $course: ID, $window: ID, $methods: [ForecastMethod!]) {{
  forecasts(learner: $learner, course: $course, window: $window, methods: $methods) {FIELDS} }}"""
MANY = f"""query($learners: [ID!], $class: ID, $course: ID, $window: ID, $methods: [ForecastMethod!]) {{
  forecasts(learners: $learners, class: $class, course: $course, window: $window, methods: $methods) {FIELDS} }}"""
TELLING = "10/En1"
NOWHERE = "0190" + "0" * 24 + "dead"


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    """One in which nothing is written."""
    world = half_sat(wide_school(f"class forecasts {uuid4()}", today))
    for row in world.rows[tables.ClassRow]:
        row["reveals"] = "sen_needs" if row["class_id"] == world.ids[TELLING] else None
    insert_world(app_url, world)
    return world


def learners(world: World) -> list[str]:
    return [f"lrn_{row['learner_id'].hex}" for row in world.rows[tables.LearnerRow]]


def of_class(client: Client, world: World, name: str = "10/Ma1", **more: Any) -> list[dict[str, Any]]:
    return client.ask(MANY, {"class": f"cls_{world.ids[name].hex}", **more}).data["forecasts"]


def alone(client: Client, asked: list[str], **more: Any) -> list[dict[str, Any]]:
    return [row for one in asked for row in client.ask(ONE, {"learner": one, **more}).data["forecasts"]]


def by_pair(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    found = {(row["learner"], row["course"]): {**row, "partial": None} for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.mark.parametrize("handle", ["teacher", "head", "trust", "maths-lead", "senco", "reviewer"])
def test_many_are_told_of_as_each_alone(server: Server, school: World, handle: str) -> None:
    """Every learner of the school, in and out of reach, by every method: the same rows, of nobody more or less."""
    client = server.client(school, handle)
    rows = client.ask(MANY, {"learners": learners(school)}).data["forecasts"]
    assert by_pair(rows) == by_pair(alone(client, learners(school)))
    assert rows


def test_a_class_is_its_learners_of_today(server: Server, school: World) -> None:
    """In order of names, with all that each follows; who may read of some learners only is told so."""
    head, teacher = server.client(school, "head"), server.client(school, "teacher")
    rows = of_class(head, school)
    pupils = [f"lrn_{school.ids[handle].hex}" for handle in ("ann", "bob", "eve", "gus")]
    assert by_pair(rows) == by_pair(alone(head, pupils))
    assert len({row["learner"] for row in rows}) > 1
    assert {row["courseName"] for row in rows} == {"Mathematics, year 10", "English, year 10"}
    assert {row["partial"] for row in rows} == {False}
    assert {row["partial"] for row in of_class(teacher, school)} == {True}
    of = {row["learner_id"]: row for row in school.rows[tables.LearnerRow]}
    order = [of[next(key for key in of if row["learner"] == f"lrn_{key.hex}")]["sort_key"] for row in rows]
    assert order == sorted(order)


def test_learners_course_window_and_methods_narrow_it(server: Server, school: World) -> None:
    """Of the named learners those who are in the class."""
    head = server.client(school, "head")
    named = [f"lrn_{school.ids[handle].hex}" for handle in ("ann", "cat", "ann")]
    maths, autumn = f"crs_{school.ids['maths-10'].hex}", f"win_{school.ids['autumn'].hex}"
    given: dict[str, Any] = {"course": maths, "window": autumn, "methods": ["WORKING_AT"]}
    [row] = of_class(head, school, learners=named, **given)
    assert (row["learner"], row["course"], row["window"]) == (named[0], maths, autumn)
    assert [(one["method"], one["residualOver"]) for one in row["forecasts"]] == [("WORKING_AT", 1)]
    assert by_pair([row]) == by_pair(alone(head, named[:1], **given))


def test_classes_that_are_not_there_are_alike(server: Server, school: World, owner_url: str) -> None:
    """Of nobody, and one that tells what the asker may not know of its learners, whom they may each be told of."""
    teacher = server.client(school, "teacher")
    assert of_class(server.client(school, "english"), school, TELLING)
    before = snapshot(owner_url, school)
    assert of_class(teacher, school, TELLING) == of_class(server.client(school, "trust"), school, TELLING) == []
    assert server.client(school, "trust").ask(MANY, {"class": f"cls_{NOWHERE}"}).data == {"forecasts": []}
    assert snapshot(owner_url, school) == before


def test_another_school_s_class_and_learners_are_nobody_s(server: Server, school: World, other_school: World) -> None:
    head = server.client(school, "head")
    assert of_class(head, other_school) == []
    assert head.ask(MANY, {"learners": learners(other_school)}).data == {"forecasts": []}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "BAD_USER_INPUT"),
        ({"learners": [f"lrn_{NOWHERE}"] * 201}, "LIMIT_EXCEEDED"),
        ({"learners": ["crs_x"]}, "BAD_USER_INPUT"),
        ({"class": "lrn_x"}, "BAD_USER_INPUT"),
    ],
)
def test_what_can_t_be_asked_is_refused(server: Server, school: World, given: dict[str, Any], code: str) -> None:
    assert server.client(school, "head").ask(MANY, given).codes == [code]


def test_a_learner_in_two_ways_is_refused(server: Server, school: World) -> None:
    one = learners(school)[0]
    document = "query($one: ID!) { forecasts(learner: $one, learners: [$one]) { course } }"
    assert server.client(school, "head").ask(document, {"one": one}).codes == ["BAD_USER_INPUT"]


def test_who_may_read_no_forecast_is_refused_classes_too(server: Server, school: World) -> None:
    for handle in ("pat", "ann", "attendance"):
        answer = server.client(school, handle).ask(MANY, {"class": f"cls_{school.ids['10/Ma1'].hex}"})
        assert (answer.codes, answer.body["data"]) == (["FORBIDDEN"], None)


def test_a_logged_reading_names_everybody_who_was_read(server: Server, school: World, owner_url: str) -> None:
    """An external reviewer's: each learner of whom something was told, under each element, and nobody else."""
    rows = server.client(school, "reviewer").ask(MANY, {"learners": learners(school)}).data["forecasts"]
    with psycopg.connect(owner_url) as connection:
        found = connection.execute(
            "SELECT elements FROM usher.audit_operation WHERE school_id = %s AND person_id = %s AND kind = 'read'"
            " ORDER BY audit_id DESC LIMIT 1",
            [school.school_id, school.ids["reviewer"]],
        ).fetchone()
    assert found is not None
    told = {f"lrn_{key.replace('-', '')}" for key in found[0]["forecast"]}
    assert told == {row["learner"] for row in rows}
    assert len(told) > 1
    assert set(found[0]["name"]) == set(found[0]["forecast"])
    aimed = {f"lrn_{key.replace('-', '')}" for key in found[0]["target"]}
    assert aimed == {row["learner"] for row in rows if row["target"] is not None}


async def test_a_whole_class_takes_as_many_statements_as_one_learner(
    wire_tap: WireTap, app_url: str, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the class one more, for who is in it; a class over the bound is refused."""
    world = half_sat(wide_school(f"class forecasts, counted {uuid4()}", today))
    handles = crowd(world, 205, "10/Ma2")
    for mark in [row for row in world.rows[tables.MarkRow] if row["mark_id"] == world.ids["mark ann maths-10 1"]]:
        for handle in handles[:60]:
            world.add(tables.MarkRow, **mark | {"mark_id": world.new_id(), "learner_id": world.ids[handle]})
    insert_world(app_url, world)
    counts: list[int] = []
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        desk = Desk(Served(pool, monkeypatch, world), world)
        ids = [desk.id("lrn", handle) for handle in handles]
        window = desk.id("win", "autumn")
        for given, over in (
            ({"learners": ids[:1]}, 1),
            ({"learners": ids[:60]}, 60),
            ({"class": desk.id("cls", "10/Ma2"), "learners": ids[:60]}, 60),
        ):
            asked = {**given, "window": window}
            await desk.ask("head", MANY, asked)  # fills what is kept
            wire_tap.clear()
            rows = (await desk.ask("head", MANY, asked))["forecasts"]
            assert len({row["learner"] for row in rows}) == over
            counts.append(len(wire_tap.statements))
        assert await desk.code("head", MANY, {"class": desk.id("cls", "10/Ma2")}) == "LIMIT_EXCEEDED"
    assert [count - counts[0] for count in counts] == [0, 0, 1]
