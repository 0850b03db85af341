"""A course without a specification has grades of its own: targets are set in them, and reckoned with."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server import tables
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Answer, Client, Server
from tests.e2e.test_http_expectations import aim, errors, of
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

NOWHERE = "crs_0190" + "0" * 24 + "dead"
SET = """mutation ($input: SetCourseScaleInput!) { setCourseScale(input: $input) {
  courses { scales { version grades points reason setBy { familyName } } }
  version replayed wouldWrite userErrors { code message path } } }"""
ADDED = """query ($window: ID!, $course: ID!) { valueAdded(window: $window, course: $course) {
  aimed rows { learner points target added } } }"""
LEVELS = [
    {"grade": "Mastered", "points": "4.5"},
    {"grade": "Secure", "points": "3"},
    {"grade": "New", "points": "0.25"},
]


def untaught_rules(world: World) -> World:
    """Maths of year 11 has no specification."""
    for course in world.rows[tables.CourseRow]:
        if course["course_id"] == world.ids["maths-11"]:
            course.update(specification_id=None, boundary_set_id=None)
    return world


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = untaught_rules(wide_school(f"scales {uuid4()}", today))
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def quiet_school(app_url: str, today: date) -> World:
    """One in which nothing is written."""
    world = untaught_rules(wide_school("scales, refused", today))
    insert_world(app_url, world)
    return world


def scale(client: Client, world: World, handle: str = "maths-11", **given: Any) -> Answer:
    about = {"reason": "The department's words.", "idempotencyKey": f"k{uuid4()}", "levels": LEVELS}
    return client.ask(SET, {"input": {"course": f"crs_{world.ids[handle].hex}", **about, **given}})


def chosen(answer: Answer) -> dict[str, Any]:
    payload = answer.data["setCourseScale"]
    assert payload["userErrors"] == [], payload
    return payload


def stored(owner_url: str, world: World, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(owner_url) as connection:
        return connection.execute(statement.encode(), [world.school_id]).fetchall()


def test_targets_are_set_in_its_grades_with_their_exact_points(server: Server, school: World) -> None:
    """And stand beside what was reached; what is no grade of the scale, or a third of one, is refused."""
    lead, head = server.client(school, "maths-lead"), server.client(school, "head")
    assert errors(aim(lead, of(school, "dan", "maths-11", grade="Secure"))) == [
        ("NOT_GRADED", ["input", "targets", "0", "course"])
    ]
    assert chosen(scale(lead, school))["version"] == 1
    done = aim(lead, of(school, "dan", "maths-11", grade="Mastered")).data["setTargets"]
    assert (done["userErrors"], [(one["value"], one["points"]) for one in done["targets"]]) == (
        [],
        [("Mastered", "4.5")],
    )
    for grade in ("Secure+", "9"):
        assert errors(aim(lead, of(school, "dan", "maths-11", grade=grade))) == [
            ("UNKNOWN_GRADE", ["input", "targets", "0", "grade"])
        ]
    ids = {"window": f"win_{school.ids['autumn'].hex}", "course": f"crs_{school.ids['maths-11'].hex}"}
    rows = head.ask(ADDED, ids).data["valueAdded"]["rows"]
    [row] = [one for one in rows if one["learner"] == f"lrn_{school.ids['dan'].hex}"]
    assert row["target"] == "4.5"


def test_labels_without_points_can_be_aimed_at_and_not_reckoned_with(server: Server, school: World) -> None:
    lead = server.client(school, "maths-lead")
    chosen(scale(lead, school, levels=[{"grade": "Ready"}, {"grade": "Not yet"}]))
    done = aim(lead, of(school, "dan", "maths-11", grade="Not yet")).data["setTargets"]
    assert [(one["value"], one["points"]) for one in done["targets"]] == [("Not yet", None)]


def test_every_version_stays_with_who_set_it_and_why(server: Server, school: World, owner_url: str) -> None:
    """Audit and subscribers know; what stands so already is no version; targets keep what they were set with."""
    lead, head = server.client(school, "maths-lead"), server.client(school, "head")
    chosen(scale(lead, school, expectedVersion=0))
    aim(lead, of(school, "dan", "maths-11", grade="Secure"))
    again = chosen(
        scale(head, school, levels=[{"grade": "Secure", "points": "7"}], reason="New words.", expectedVersion=1)
    )
    [course] = again["courses"]
    assert [(one["version"], one["grades"], one["points"], one["reason"]) for one in course["scales"]] == [
        (2, ["Secure"], ["7"], "New words."),
        (1, ["Mastered", "Secure", "New"], ["4.5", "3", "0.25"], "The department's words."),
    ]
    assert course["scales"][1]["setBy"]["familyName"] == "Count"
    before = snapshot(owner_url, school)
    assert chosen(scale(lead, school, levels=[{"grade": "Secure", "points": "7.0"}]))["version"] == 2
    after = snapshot(owner_url, school)
    assert {name for name in before if before[name] != after[name]} == {"idempotency_record"}
    events = stored(
        owner_url,
        school,
        "SELECT payload FROM usher.outbox_event WHERE school_id = %s AND kind = 'courseScaleSet' ORDER BY sequence",
    )
    assert [payload["version"] for (payload,) in events] == [1, 2]
    kept = stored(owner_url, school, "SELECT points FROM usher.target WHERE school_id = %s AND value = 'Secure'")
    assert [str(points) for (points,) in kept] == ["3"]


def test_a_dry_run_and_a_repeat_set_nothing(server: Server, school: World, owner_url: str) -> None:
    lead = server.client(school, "maths-lead")
    before = snapshot(owner_url, school)
    assert chosen(scale(lead, school, dryRun=True))["wouldWrite"] == 1
    assert snapshot(owner_url, school) == before
    first = chosen(scale(lead, school, idempotencyKey="mine-1"))
    again = chosen(scale(lead, school, idempotencyKey="mine-1"))
    assert (first["version"], first["replayed"], again["version"], again["replayed"]) == (1, False, 1, True)


@pytest.mark.parametrize(
    ("handle", "given", "code", "field"),
    [
        ("maths-10", {}, "HAS_SPECIFICATION", "course"),
        ("maths-11", {"course": NOWHERE}, "NOT_FOUND", "course"),
        ("maths-11", {"expectedVersion": 4}, "VERSION_CONFLICT", "expectedVersion"),
    ],
)
def test_what_can_t_be_set_is_refused(
    server: Server, quiet_school: World, owner_url: str, handle: str, given: dict[str, Any], code: str, field: str
) -> None:
    before = snapshot(owner_url, quiet_school)
    assert errors(scale(server.client(quiet_school, "maths-lead"), quiet_school, handle, **given)) == [
        (code, ["input", field])
    ]
    assert snapshot(owner_url, quiet_school) == before


@pytest.mark.parametrize(
    "given",
    [
        {"levels": []},
        {"levels": [{"grade": str(place)} for place in range(51)]},
        {"levels": [{"grade": "A"}, {"grade": "A"}]},
        {"levels": [{"grade": " A"}]},
        {"levels": [{"grade": "a\u202eb"}]},
        {"levels": [{"grade": "A", "points": "2"}, {"grade": "B"}]},
        {"levels": [{"grade": "A", "points": "2"}, {"grade": "B", "points": "2.0"}]},
        {"levels": [{"grade": "A", "points": "-1"}]},
        {"levels": [{"grade": "A", "points": "1000.1"}]},
        {"levels": [{"grade": "A", "points": "0.0000001"}]},
        {"reason": " "},
    ],
)
def test_bounds_are_kept(server: Server, quiet_school: World, owner_url: str, given: dict[str, Any]) -> None:
    before = snapshot(owner_url, quiet_school)
    assert scale(server.client(quiet_school, "maths-lead"), quiet_school, **given).codes == ["BAD_USER_INPUT"]
    assert snapshot(owner_url, quiet_school) == before


@pytest.mark.parametrize("handle", ["teacher", "senco", "dpo", "mis", "pat", "ann"])
def test_nobody_else_sets_it(server: Server, quiet_school: World, owner_url: str, handle: str) -> None:
    before = snapshot(owner_url, quiet_school)
    assert scale(server.client(quiet_school, handle), quiet_school).codes == ["FORBIDDEN"]
    assert snapshot(owner_url, quiet_school) == before


def test_another_department_s_course_looks_like_one_that_is_not_there(
    server: Server, quiet_school: World, owner_url: str
) -> None:
    before = snapshot(owner_url, quiet_school)
    lead = server.client(quiet_school, "maths-lead")
    theirs = scale(lead, quiet_school, "english-10")
    assert theirs.data == scale(lead, quiet_school, course=NOWHERE).data
    assert errors(theirs) == [("NOT_FOUND", ["input", "course"])]
    assert snapshot(owner_url, quiet_school) == before
