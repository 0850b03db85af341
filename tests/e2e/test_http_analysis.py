"""Analyses over HTTP: what each account is told, from the marks and grades that it may read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

QUESTIONS = """query ($assessment: ID!, $class: ID, $course: ID) {
  questionAnalysis(assessment: $assessment, class: $class, course: $course) {
    assessment name maximum partial entries share courseShare gap
    questions { question topic maximum entries share exact courseShare gap bands }
    topics { topic questions entries share gap bands }
    learners { learner name score share cells } } }"""


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = wide_school("analysis", today)
    insert_world(app_url, world)
    return world


def name(world: World, prefix: str, handle: str) -> str:
    return f"{prefix}_{world.ids[handle].hex}"


def questions(client: Client, world: World, **scope: str) -> Any:
    given = {of: name(world, {"class": "cls", "course": "crs"}[of], handle) for of, handle in scope.items()}
    answer = client.ask(QUESTIONS, {"assessment": name(world, "asm", "maths-10 paper 1"), **given})
    return answer.data["questionAnalysis"]


def test_a_teacher_sees_the_learners_whose_marks_they_may_read(server: Server, school: World) -> None:
    """And the head the whole course: two accounts, two answers."""
    own = questions(server.client(school, "teacher"), school, course="maths-10")
    whole = questions(server.client(school, "head"), school, course="maths-10")
    assert own["partial"]
    assert not whole["partial"]
    assert 0 < own["entries"] < whole["entries"]
    assert {one["learner"] for one in own["learners"]} < {one["learner"] for one in whole["learners"]}


def test_elsewhere_out_of_reach_and_nowhere_are_alike(server: Server, school: World, other_school: World) -> None:
    """No such assessment of that class or course, whoever else has one: null."""
    teacher = server.client(school, "teacher")
    paper, elsewhere = name(school, "asm", "maths-10 paper 1"), name(other_school, "asm", "maths-10 paper 1")
    own = name(school, "crs", "maths-10")
    for assessment, scope in (
        (elsewhere, {"course": own}),
        (paper, {"course": name(school, "crs", "maths-11")}),
        (paper, {"course": name(other_school, "crs", "maths-10")}),
        (paper, {"class": name(school, "cls", "10/En1")}),
        (paper, {"class": f"cls_{'0190' + '0' * 28}"}),
    ):
        assert teacher.ask(QUESTIONS, {"assessment": assessment, **scope}).data == {"questionAnalysis": None}


@pytest.mark.parametrize("handle", ["pat", "ann", "mis", "governor", "cover-trained", "peripatetic"])
def test_who_reads_no_marks_is_refused(server: Server, school: World, handle: str) -> None:
    given = {"assessment": name(school, "asm", "maths-10 paper 1"), "course": name(school, "crs", "maths-10")}
    assert server.client(school, handle).ask(QUESTIONS, given).codes == ["FORBIDDEN"]
