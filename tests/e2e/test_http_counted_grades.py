"""Grades of a course for those who may count and not read: as they once stood, small numbers suppressed."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from server import tables
from server.compliance.disclosure.family import WHOLE, Cell, Family
from tests.e2e.serving import Server
from tests.e2e.test_http_analysis import ADDED, GROUPS, NEAR, QUESTIONS, SNAPSHOTS, SPREAD, ask, name
from tests.properties.disclosure.attacker import bounds, derived
from tests.worlds import World, insert_world
from tests.worlds.counted_school import counted_school

SCALE = ("9", "8", "7", "6", "5", "4", "3", "2", "1", "U", "X")
WEIGHTS = (2, 8, 20, 25, 20, 15, 6, 2, 1, 1, 0)


def graded_school(seed: str, today: date) -> World:
    """Learners with a grade in one course, computed two months ago."""
    world = counted_school(seed, today)
    drawn = Random(3)
    template = {**world.rows[tables.GradeRow][0], "kind": "CURRENT", "computed_at": world.morning - timedelta(days=60)}
    for tables_ in (tables.GradeRow, tables.GradeVersionRow):
        world.rows[tables_] = []
    for handle in [one for one in world.ids if one.startswith("learner-")]:
        grade = drawn.choices(SCALE, WEIGHTS)[0]
        points = Decimal(grade) if grade.isdigit() else Decimal(0)
        mine = {"grade_id": world.new_id(), "learner_id": world.ids[handle], "course_id": world.ids["maths-10"]}
        world.add(tables.GradeRow, **{**template, **mine, "value": grade, "points": points})
    return world


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = graded_school(f"counted grades {uuid4()}", today)
    insert_world(app_url, world)
    return world


def truth(world: World) -> Counter[str]:
    return Counter(row["value"] for row in world.rows[tables.GradeRow])


def told(server: Server, world: World, handle: str = "governor") -> Any:
    return ask(server.client(world, handle), world, SPREAD, course="maths-10")


def test_a_governor_derives_no_small_grade(server: Server, school: World) -> None:
    """What is told is true, is of five or more, and gives nothing smaller away."""
    found, real = told(server, school), truth(school)
    assert (found["exact"], found["threshold"], found["entries"]) == (False, 5, sum(real.values()))
    assert found["asOf"] is not None
    assert [one["grade"] for one in found["grades"]] == list(SCALE)
    shown = {one["grade"]: one["count"] for one in found["grades"] if not one["suppressed"]}
    assert len(shown) >= 5
    assert shown == {grade: real[grade] for grade in shown}
    assert any(0 < real[grade] < 5 for grade in SCALE)
    line = Family((*SCALE, "another"), {})
    known = {Cell(hub=grade): count for grade, count in shown.items()} | {WHOLE: found["entries"]}
    assert all(number >= 5 or number == 0 for number in known.values())
    assert all(sum(real[cell.hub] for cell in group) >= 5 for group in derived(line, known))
    assert all(most >= 5 for _, most in bounds(line, known).values())


def test_whoever_reads_every_grade_is_told_all(server: Server, school: World) -> None:
    """The head sees small numbers: each could be read one by one."""
    found, real = told(server, school, "head"), truth(school)
    assert found["exact"]
    assert {one["grade"]: one["count"] for one in found["grades"]} == dict(real)


def test_staff_without_attainment_count_as_governors_do(server: Server, school: World) -> None:
    """A cover teacher reads no grades, and may count them as all staff may."""
    assert told(server, school, "cover-trained") == told(server, school)


@pytest.mark.parametrize("scope", [{"class": "10/Ma1"}, {"yearGroup": "10"}])
def test_no_smaller_or_larger_groups_are_counted(server: Server, school: World, scope: dict[str, str]) -> None:
    """Two groups of which one lies in the other could be subtracted."""
    named = {"class": name(school, "cls", "10/Ma1")} if "class" in scope else scope
    answer = server.client(school, "governor").ask(SPREAD, {"window": name(school, "win", "autumn"), **named})
    assert answer.codes == ["FORBIDDEN"]


@pytest.mark.parametrize("handle", ["governor", "cover-trained"])
@pytest.mark.parametrize(("document", "given"), [
    (NEAR, {}), (NEAR, {"within": "1"}), (GROUPS, {"dimension": "GENDER"}), (SNAPSHOTS, {}), (ADDED, {}),
    (SNAPSHOTS, {"fromDay": "2026-01-01", "toDay": "2026-01-02"}), (QUESTIONS, {"assessment": "maths-10 paper 1"}),
])  # fmt: skip
def test_there_is_nothing_to_set_beside_the_counts(
    server: Server, school: World, handle: str, document: str, given: dict[str, str]
) -> None:
    """Neither steps of marks, nor days, nor a class less its course."""
    named = {**given, "window": name(school, "win", "autumn")}
    named |= {"assessment": name(school, "asm", given["assessment"])} if "assessment" in given else {}
    scopes = {"class": name(school, "cls", "10/Ma1"), "course": name(school, "crs", "maths-10"), "yearGroup": "10"}
    for scope, of in list(scopes.items())[: 2 if document == QUESTIONS else 3]:
        answer = server.client(school, handle).ask(document, {**named, scope: of})
        assert answer.codes == ["FORBIDDEN"], (scope, answer.data)


def test_the_scale_is_of_what_was_graded_by(server: Server, today: date, app_url: str, owner_url: str) -> None:
    """A course that is moved to another specification would else be told by two scales, one subtracted from the other."""
    world = graded_school(f"counted grades moved {uuid4()}", today)
    insert_world(app_url, world)
    before = told(server, world)
    with psycopg.connect(owner_url) as owner:
        move = "UPDATE usher.course SET specification_id = NULL, boundary_set_id = NULL WHERE school_id = %s AND course_id = %s"
        owner.execute(move, [world.school_id, world.ids["maths-10"]])
    assert told(server, world) == before
    assert before["entries"] is not None


def test_another_threshold_tells_nothing_more(server: Server, today: date, app_url: str, owner_url: str) -> None:
    """What is told under the larger one was told under the smaller one."""
    world = graded_school(f"counted grades threshold {uuid4()}", today)
    insert_world(app_url, world)
    few = {one["grade"]: one["count"] for one in told(server, world)["grades"]}
    with psycopg.connect(owner_url) as owner:
        owner.execute("UPDATE usher.school SET suppression_threshold = 12 WHERE school_id = %s", [world.school_id])
    found = told(server, world)
    more = {one["grade"]: one["count"] for one in found["grades"] if one["count"] is not None}
    assert found["threshold"] == 12
    assert more.items() <= few.items()
    assert len(more) < sum(count is not None for count in few.values())


def test_what_changes_later_changes_no_figure(server: Server, today: date, app_url: str, owner_url: str) -> None:
    """A result that is replaced, and a learner who joins, can't be seen by subtracting one day from another."""
    world = graded_school(f"counted grades later {uuid4()}", today)
    insert_world(app_url, world)
    before = told(server, world)
    row = world.rows[tables.GradeRow][0]
    kept = [column for column in row if column not in ("version", "computed_at", "school_id")]
    fresh = {"grade_id": world.new_id(), "learner_id": world.ids["ann"]}
    columns = SQL(", ").join(map(Identifier, kept))
    copied = SQL(", ").join(Literal(fresh[one]) if one in fresh else Identifier(one) for one in kept)
    key = [world.school_id, row["grade_id"]]
    own = SQL(" FROM usher.grade WHERE school_id = %s AND grade_id = %s")
    with psycopg.connect(owner_url) as owner:
        keep = SQL("INSERT INTO usher.grade_version (school_id, version, computed_at, replaced_at, {columns})"
                   " SELECT school_id, version, computed_at, %s, {columns}")  # fmt: skip
        owner.execute(keep.format(columns=columns) + own, [world.morning, *key])
        owner.execute(
            "UPDATE usher.grade SET value = '9', version = version + 1, computed_at = %s"
            " WHERE school_id = %s AND grade_id = %s",
            [world.morning, *key],
        )
        join = SQL("INSERT INTO usher.grade (school_id, version, computed_at, {columns})"
                   " SELECT school_id, version, %s, {copied}")  # fmt: skip
        owner.execute(join.format(columns=columns, copied=copied) + own, [world.morning, *key])
    assert told(server, world) == before
    assert told(server, world, "head") != before


def test_nothing_is_told_while_somebodys_data_is_restricted(
    server: Server, today: date, app_url: str, owner_url: str
) -> None:
    """Without them the figures would be others: the difference would be their grade."""
    world = graded_school(f"counted grades restricted {uuid4()}", today)
    flag = {"flag_id": world.new_id(), "learner_id": world.ids["learner-107"], "kind": "RESTRICTED"}
    flag |= {"valid_from": world.days(-1), "valid_to": None, "decided_by": world.ids["head"]}
    world.add(tables.LearnerFlagRow, **flag)
    insert_world(app_url, world)
    found = told(server, world)
    assert found["entries"] is None
    assert all(one["suppressed"] and one["count"] is None for one in found["grades"])


def test_nothing_is_told_before_the_window_is_over(server: Server, school: World) -> None:
    found = ask(server.client(school, "governor"), school, SPREAD, course="maths-10", window="spring")
    assert (found["asOf"], found["entries"]) == (None, None)
