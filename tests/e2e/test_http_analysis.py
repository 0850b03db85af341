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


SPREAD = """query ($window: ID!, $class: ID, $course: ID, $yearGroup: String) {
  gradeDistribution(window: $window, class: $class, course: $course, yearGroup: $yearGroup) {
    window exact partial asOf threshold entries ungraded mean
    grades { grade points count cumulative suppressed } } }"""
NEAR = """query ($window: ID!, $class: ID, $course: ID, $yearGroup: String, $within: Decimal) {
  marksToNext(window: $window, class: $class, course: $course, yearGroup: $yearGroup, within: $within) {
    window partial count learners { learner name course grade nextGrade marks wholeMarks } } }"""
GROUPS = """query ($window: ID!, $dimension: StatisticDimension!, $class: ID, $course: ID, $yearGroup: String) {
  compareGroups(window: $window, dimension: $dimension, class: $class, course: $course, yearGroup: $yearGroup) {
    window dimension partial learners mean groups { level learners mean exact gap } } }"""
SNAPSHOTS = """query (
  $window: ID!, $toWindow: ID, $fromDay: Date, $toDay: Date, $class: ID, $course: ID, $yearGroup: String
) {
  compareSnapshots(
    window: $window, toWindow: $toWindow, fromDay: $fromDay, toDay: $toDay, class: $class, course: $course,
    yearGroup: $yearGroup
  ) { window toWindow partial learners better same worse meanBefore meanAfter cells { before after count } } }"""
ADDED = """query ($window: ID!, $class: ID, $course: ID, $yearGroup: String) {
  valueAdded(window: $window, class: $class, course: $course, yearGroup: $yearGroup) {
    window partial learners mean aimed added compared residual
    courses { course name learners mean aimed added compared residual }
    rows { learner name course points target added elsewhere residual } } }"""
PREFIXES = {"class": "cls", "course": "crs", "window": "win", "toWindow": "win", "assessment": "asm"}


def ask(client: Client, world: World, document: str, **given: Any) -> Any:
    """The one answer; handles stand for ids."""
    named = {key: name(world, PREFIXES[key], value) if key in PREFIXES else value for key, value in given.items()}
    (found,) = client.ask(document, {"window": name(world, "win", "autumn"), **named}).data.values()
    return found


@pytest.mark.parametrize(("document", "given"), [
    (SPREAD, {}), (NEAR, {}), (GROUPS, {"dimension": "GENDER"}), (SNAPSHOTS, {"toWindow": "spring"}), (ADDED, {}),
])  # fmt: skip
def test_a_teacher_sees_part_of_what_the_head_sees(
    server: Server, school: World, document: str, given: dict[str, Any]
) -> None:
    """Of one course, by every analysis of grades: exact figures over the grades that each may read."""
    own = ask(server.client(school, "teacher"), school, document, course="maths-10", **given)
    whole = ask(server.client(school, "head"), school, document, course="maths-10", **given)
    assert (own["partial"], whole["partial"]) == (True, False)
    for of in ("entries", "count", "learners"):
        if isinstance(own.get(of), int) and whole[of]:
            assert 0 < own[of] < whole[of]


@pytest.mark.parametrize(("document", "of", "rows"), [
    (SPREAD, ("entries", "ungraded"), "grades"),
    (SNAPSHOTS, ("better", "same", "worse"), "cells"), (ADDED, ("learners", "aimed", "compared"), "rows"),
])  # fmt: skip
def test_a_year_group_is_its_courses(
    server: Server, school: World, document: str, of: tuple[str, ...], rows: str
) -> None:
    """Each result once, in the course that it is of."""
    head = server.client(school, "head")
    courses = [ask(head, school, document, course=course) for course in ("maths-10", "english-10")]
    whole = ask(head, school, document, yearGroup="10")
    assert [whole[one] for one in of] == [sum(course[one] for course in courses) for one in of]
    assert any(whole[one] for one in of)
    assert len(whole[rows]) >= max(len(course[rows]) for course in courses) > 0


@pytest.mark.parametrize("document", [SPREAD, NEAR, GROUPS, SNAPSHOTS, ADDED])
def test_nothing_is_told_of_what_is_not_there(
    server: Server, school: World, other_school: World, document: str
) -> None:
    """Another school's course or window, and one of nobody: null, alike."""
    head = server.client(school, "head")
    given = {"dimension": "GENDER"} if document == GROUPS else {}
    own, nobody = name(school, "win", "autumn"), "0190" + "0" * 28
    for window, course in (
        (own, name(other_school, "crs", "maths-10")),
        (own, f"crs_{nobody}"),
        (name(other_school, "win", "autumn"), name(school, "crs", "maths-10")),
        (f"win_{nobody}", name(school, "crs", "maths-10")),
    ):
        (found,) = head.ask(document, {"window": window, "course": course, **given}).data.values()
        assert found is None


@pytest.mark.parametrize("handle", ["pat", "ann", "mis", "support-granted"])
@pytest.mark.parametrize("document", [SPREAD, NEAR, GROUPS, SNAPSHOTS, ADDED])
def test_families_and_programs_are_refused(server: Server, school: World, handle: str, document: str) -> None:
    given = {"window": name(school, "win", "autumn"), "course": name(school, "crs", "maths-10")}
    given |= {"dimension": "GENDER"} if document == GROUPS else {}
    assert server.client(school, handle).ask(document, given).codes == ["FORBIDDEN"]


@pytest.mark.parametrize(("handle", "dimension", "code"), [
    ("teacher", "PUPIL_PREMIUM", "FORBIDDEN_ARGUMENT"),
    ("teacher", "SEN_PROVISION", "FORBIDDEN_ARGUMENT"),
    ("trust", "ETHNICITY", "FORBIDDEN_ARGUMENT"),
    ("governor", "GENDER", "FORBIDDEN"),
    ("governor", "PUPIL_PREMIUM", "FORBIDDEN"),
])  # fmt: skip
def test_a_dimension_must_be_readable(server: Server, school: World, handle: str, dimension: str, code: str) -> None:
    """Certificates count: no group is made by what one may not read."""
    given = {"window": name(school, "win", "autumn"), "yearGroup": "10", "dimension": dimension}
    assert server.client(school, handle).ask(GROUPS, given).codes == [code]


@pytest.mark.parametrize("given", [{}, {"class": "cls", "course": "crs"}, {"yearGroup": "10", "course": "crs"}])
def test_exactly_one_group_of_learners_is_named(server: Server, school: World, given: dict[str, str]) -> None:
    handles = {"class": "10/Ma1", "course": "maths-10"}
    named = {key: name(school, PREFIXES[key], handles[key]) if key in handles else of for key, of in given.items()}
    answer = server.client(school, "head").ask(SPREAD, {"window": name(school, "win", "autumn"), **named})
    assert answer.codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("argument", ["fromDay", "toDay"])
def test_the_last_of_all_days_has_no_end(server: Server, school: World, argument: str) -> None:
    """The argument that holds it is named."""
    given = {"window": name(school, "win", "autumn"), "course": name(school, "crs", "maths-10"), argument: "9999-12-31"}
    answer = server.client(school, "head").ask(SNAPSHOTS, given)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.body["errors"][0]["extensions"]["argument"] == [argument]
