"""School measures over HTTP: what each account is told, from the results that it may read."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from server import tables
from tests.e2e.recording import RECORD
from tests.e2e.serving import Client, Server
from tests.oracle.analysis_documents import document
from tests.worlds import World, insert_world
from tests.worlds.measured_school import STUDIED, add_measured, add_result, import_tables
from tests.worlds.wide_school import wide_school

GRADES = {
    "language-10": "6", "literature-10": "7", "numeracy-10": "5", "numeracy-10-f": "4", "science-10": "5-4",
    "history-10": "6", "french-10": "4", "art-10": "5", "drama-10": "3", "unmapped-10": "9",
}  # fmt: skip
MEASURES = document("measures")
PREFIXES = {"learner": "lrn", "class": "cls", "window": "win"}


def measured_school(seed: str, today: date) -> World:
    """Ann's results are Amira's in docs/grading/measures.md; hal is after 16; the others' are drawn."""
    world = wide_school(seed, today)
    world.rows[tables.GradeRow] = []
    world.rows[tables.GradeVersionRow] = []
    add_measured(world, ("bob", "cat", "eve", "gus"), seed=5)
    for course, grade in GRADES.items():
        add_result(world, "ann", course, grade)
    for course, grade in (("chemistry-12", "B"), ("chemistry-as-12", "A"), ("sport-12", "DD")):
        add_result(world, "hal", course, grade)
    for learner in world.rows[tables.LearnerRow]:
        if learner["learner_id"] == world.ids["ann"]:
            learner["key_stage_2"] = 105
    return world


@pytest.fixture(scope="module")
def school(app_url: str, today: date, tmp_path_factory: pytest.TempPathFactory) -> World:
    import_tables(app_url, tmp_path_factory.mktemp("measures"))
    world = measured_school(f"measures {uuid4()}", today)
    insert_world(app_url, world)
    return world


def given(world: World, **scope: Any) -> dict[str, Any]:
    named = {"window": "autumn", **scope}
    return {
        key: f"{PREFIXES[key]}_{world.ids[value].hex}" if key in PREFIXES else value for key, value in named.items()
    }


def ask(client: Client, world: World, **scope: Any) -> Any:
    return client.ask(MEASURES, given(world, **scope)).data["measures"]


def learners(answer: Any) -> dict[str, Any]:
    return {one["name"].split()[0]: one for one in answer["learners"]}


def figures(answer: Any) -> dict[str, Any]:
    return {one["measure"]: one for one in answer["figures"]}


def test_a_head_sees_which_result_fills_which_slot(server: Server, school: World) -> None:
    """Attainment 8, EBacc and basics of the worked example; both tiers of mathematics are one subject."""
    found = learners(ask(server.client(school, "head"), school, learner="ann"))["Annie"]
    reached = found["attainment8"]
    assert (reached["total"], reached["method"], reached["unused"]) == ("54.0", "attainment8/1", ["drama-10"])
    assert [(slot["slot"], slot["course"], slot["points"], slot["weight"]) for slot in reached["slots"]] == [
        ("english", "literature-10", "7.0", 2),
        ("maths", "numeracy-10", "5.0", 2),
        ("ebacc", "history-10", "6.0", 1),
        ("ebacc", "science-10", "4.5", 1),
        ("ebacc", "science-10", "4.5", 1),
        ("open", "language-10", "6.0", 1),
        ("open", "art-10", "5.0", 1),
        ("open", "french-10", "4.0", 1),
    ]
    assert reached["slots"][1]["source"].startswith("dfe_ks4_points_2019.csv line ")
    assert " of version " in reached["slots"][1]["source"]
    assert (found["ebacc"]["exact"], found["ebacc"]["average"], found["ebacc"]["strong"]) == ("31/6", "5.17", False)
    assert (found["basics"]["standard"], found["basics"]["strong"]) == (True, True)
    assert [(one["course"], one["omitted"]) for one in found["results"] if one["omitted"]] == [
        ("numeracy-10-f", "DISCOUNTED"),
        ("unmapped-10", "NOT_MAPPED"),
    ]
    history = next(one for one in found["results"] if one["course"] == "history-10")
    assert (history["grade"], history["specification"], history["series"], history["area"]) == (
        "6", "TEST:HIST", "2025-06", "humanity",
    )  # fmt: skip
    assert " of measure_subjects.csv line " in history["countsBy"]
    assert [(one["measure"], one["reason"]) for one in found["lacking"]] == [
        ("progress8", "NOT_AVAILABLE"),
        ("tariff", "NO_RESULTS"),
    ]


def test_a_proxy_is_asked_for_and_labelled(server: Server, school: World) -> None:
    """Year 10 of this school year has no estimates yet: those of 2023 stand in, and say so."""
    found = learners(ask(server.client(school, "head"), school, learner="ann", proxy=True))["Annie"]["progress8"]
    assert (found["score"], found["exact"], found["priorAttainment"], found["estimate"]) == (
        "0.85", "0.85", "105.0", "45.5",
    )  # fmt: skip
    assert found["proxy"]
    assert found["label"] == f"Proxy by DfE:2023: not a Progress 8 of {school.year + 2}"


def test_the_tariff_is_of_awards_after_16(server: Server, school: World) -> None:
    """40 of the A level and 96 of the diploma; the AS is part of the A level."""
    found = learners(ask(server.client(school, "head"), school, learner="hal"))["Hal"]
    assert found["tariff"]["total"] == "136.0"
    assert [one["course"] for one in found["tariff"]["awards"]] == ["sport-12", "chemistry-12"]
    assert found["attainment8"] is None


def test_a_year_group_is_figures_with_what_they_leave_out(server: Server, school: World) -> None:
    """Each over those who have one, with its method and the tables; every left-out learner is counted."""
    answer = ask(server.client(school, "head"), school, yearGroup="10", proxy=True)
    assert not answer["partial"]
    assert set(learners(answer)) == {"Annie", "Bob", "Cat", "Eve"}  # gus's data is restricted
    assert answer["count"] == 4
    for one in answer["figures"]:
        assert one["method"]
        assert one["confidence"]
        assert one["learners"] + sum(each["learners"] for each in one["leftOut"]) == 4
    assert {one["name"]: one["years"] for one in answer["files"]} == {
        "attainment8_estimates.csv": [2023],
        "dfe_ks4_points_2019.csv": [2019],
        "measure_subjects.csv": [],
        "ucas_tariff.csv": [],
    }
    assert figures(answer)["PROGRESS_8"]["labels"]


def test_part_of_a_learners_results_is_no_measure_of_the_learner(server: Server, school: World) -> None:
    """Who teaches one subject reads its grades alone: a sum over them would be none of the learner's."""
    teacher = server.client(school, "tutor")
    whole = ask(teacher, school, yearGroup="10")
    assert whole["partial"]
    assert 0 < whole["count"] < 5
    assert all(one["attainment8"] is not None or one["lacking"] for one in whole["learners"])


@pytest.mark.parametrize("handle", ["pat", "ann", "mis", "support-granted", "governor", "cover", "peripatetic"])
@pytest.mark.parametrize("scope", [{"learner": "ann"}, {"class": "10/Ma1"}, {"yearGroup": "10"}])
def test_who_reads_no_grades_is_refused(
    server: Server, school: World, handle: str, scope: dict[str, str]
) -> None:  # fmt: skip
    """Families, programs, support, and those on the staff who read none, of anybody."""
    assert server.client(school, handle).ask(MEASURES, given(school, **scope)).codes == ["FORBIDDEN"]


def test_nothing_is_told_of_what_is_not_there(server: Server, school: World, other_school: World) -> None:
    """Another school's, and nobody: null, alike."""
    head = server.client(school, "head")
    for scope in ({"learner": f"lrn_{other_school.ids['ann'].hex}"}, {"class": f"cls_{'0190' + '0' * 28}"}):
        assert head.ask(MEASURES, given(school) | scope).data == {"measures": None}
    elsewhere = given(school, learner="ann") | {"window": f"win_{other_school.ids['autumn'].hex}"}
    assert head.ask(MEASURES, elsewhere).data == {"measures": None}


@pytest.mark.parametrize("scope", [{}, {"learner": "ann", "yearGroup": "10"}])
def test_exactly_one_of_learner_class_and_year_group_is_given(
    server: Server, school: World, scope: dict[str, str]
) -> None:
    assert server.client(school, "head").ask(MEASURES, given(school, **scope)).codes == ["BAD_USER_INPUT"]


def test_courses_are_those_of_the_school(school: World) -> None:
    """All of them have an id, so that no test above passes for want of one."""
    assert STUDIED.keys() <= school.ids.keys()


def test_a_class_teacher_has_no_measures_of_the_class(server: Server, school: World) -> None:
    """Who teaches one subject reads its grades alone: the results are listed, and in no figure."""
    answer = ask(server.client(school, "teacher"), school, **{"class": "10/Ma1"}, proxy=True)
    assert answer["partial"]
    assert all(one["learners"] == 0 for one in answer["figures"])
    for one in answer["learners"]:
        assert one["attainment8"] is None
        assert {each["reason"] for each in one["lacking"]} == {"PART_READ"}


def test_a_mark_changes_the_measure_at_the_next_read(server: Server, school: World) -> None:
    """Full marks in mathematics give a 9, which takes the place of the 5 of the same subject: 54 - 10 + 18."""
    head, teacher = server.client(school, "head"), server.client(school, "teacher")
    before = learners(ask(head, school, learner="ann"))["Annie"]["attainment8"]["total"]
    marks = [
        {
            "learner": f"lrn_{school.ids['ann'].hex}",
            "assessment": f"asm_{school.ids[f'maths-10 paper {paper}'].hex}",
            "state": "SCORED",
            "score": "80",
        }
        for paper in (1, 2)
    ]
    wanted = {"input": {"mode": "ATOMIC", "idempotencyKey": str(uuid4()), "marks": marks}}
    done = teacher.ask(RECORD, wanted).data["recordMarks"]
    assert done["userErrors"] == []
    after = learners(ask(head, school, learner="ann"))["Annie"]["attainment8"]
    assert (before, after["total"]) == ("54.0", "62.0")
    assert after["slots"][1]["course"] == "Mathematics, year 10"


def test_the_audit_names_whose_results_were_read(server: Server, school: World, owner_url: str) -> None:
    """Where a rule asks for a log: every learner, under each element of which something was read, and nobody else."""
    answer = ask(server.client(school, "reviewer"), school, yearGroup="10")
    read = {str(UUID(one["learner"].removeprefix("lrn_"))) for one in answer["learners"]}
    assert str(school.ids["ann"]) in read
    with psycopg.connect(owner_url) as connection:
        [(elements,)] = connection.execute(
            "SELECT elements FROM usher.audit_operation WHERE school_id = %s AND person_id = %s AND kind = 'read'"
            ' AND details = \'{"fields": ["measures"]}\'',
            [school.school_id, school.ids["reviewer"]],
        ).fetchall()
    assert {name: set(named) for name, named in elements.items() if named} == {
        "name": read, "grade": read, "education": read,
    }  # fmt: skip
