"""recordEstimates, setTargets and confirmForecast over HTTP: what they leave, and what they refuse."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server import tables
from server.policies.rule import Rule
from server.policies.shipped import starting_book
from tests.e2e.recording import mark, record
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Answer, Client, Server
from tests.e2e.test_http_forecasts import asked, by_method, half_sat
from tests.oracle.publishing import publish
from tests.worlds import World, insert_world
from tests.worlds.qualification import BOUNDARIES_ID, SPECIFICATION_ID
from tests.worlds.wide_school import wide_school

ESTIMATES = """mutation($input: RecordEstimatesInput!) { recordEstimates(input: $input) {
  estimates { learner course component version } replayed wouldWrite userErrors { code message path } } }"""
TARGETS = """mutation($input: SetTargetsInput!) { setTargets(input: $input) {
  targets { value points learner { givenName } } replayed wouldWrite userErrors { code message path } } }"""
CONFIRM = """mutation($input: ConfirmForecastInput!) { confirmForecast(input: $input) { replayed
  confirmation { id method methodVersion value low high points note confirmedBy confirmedByName }
  userErrors { code message path } } }"""
Given = dict[str, Any]


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = half_sat(wide_school(f"expectations {uuid4()}", today))
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def quiet_school(app_url: str, today: date) -> World:
    """One in which nothing is written."""
    world = half_sat(wide_school("expectations, refused", today))
    insert_world(app_url, world)
    return world


def of(world: World, learner: str = "ann", course: str = "maths-10", **more: Any) -> Given:
    return {"learner": f"lrn_{world.ids[learner].hex}", "course": f"crs_{world.ids[course].hex}"} | more


def estimate(client: Client, *entries: Given, **more: Any) -> Answer:
    return client.ask(ESTIMATES, {"input": {"estimates": list(entries), "idempotencyKey": f"k{uuid4()}"} | more})


def aim(client: Client, *entries: Given, **more: Any) -> Answer:
    return client.ask(TARGETS, {"input": {"targets": list(entries), "idempotencyKey": f"k{uuid4()}"} | more})


def confirm(client: Client, world: World, **more: Any) -> Answer:
    """What the teacher sees of ann: working at a 3, by version 1."""
    seen: Given = {"method": "WORKING_AT", "expectedValue": "3", "expectedMethodVersion": 1}
    given = of(world, window=f"win_{world.ids['autumn'].hex}", idempotencyKey=f"k{uuid4()}", **seen)
    return client.ask(CONFIRM, {"input": given | more})


def errors(answer: Answer) -> list[tuple[str, list[str]]]:
    [payload] = answer.data.values()
    return [(one["code"], one["path"]) for one in payload["userErrors"]]


def rows(owner_url: str, world: World, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(owner_url) as connection:
        return connection.execute(statement.encode(), [world.school_id]).fetchall()


def left(owner_url: str, world: World) -> tuple[Any, ...]:
    """Kind, elements and details of the newest audit row, and the newest event."""
    [audit, *_] = rows(
        owner_url,
        world,
        "SELECT kind, elements, details FROM usher.audit_operation WHERE school_id = %s AND kind = 'write'"
        " ORDER BY audit_id DESC",
    )
    [event] = rows(
        owner_url,
        world,
        "SELECT kind, payload FROM usher.outbox_event WHERE school_id = %s ORDER BY sequence DESC LIMIT 1",
    )
    return (*audit, *event)


# Estimates


def test_an_estimate_counts_in_what_is_projected(server: Server, school: World, owner_url: str) -> None:
    """31 of 80 and an estimate of 70: 101 of 160 is a 6; the other methods say what they said."""
    teacher = server.client(school, "teacher")
    before = by_method(asked(teacher, school)[0])
    done = estimate(teacher, of(school, component="2", score="70", reason="A good mock.")).data["recordEstimates"]
    assert done == {
        "estimates": [of(school) | {"component": "2", "version": 1}],
        "replayed": False,
        "wouldWrite": None,
        "userErrors": [],
    }
    [maths] = asked(teacher, school)
    made = by_method(maths)
    assert (made["PROJECTED"]["value"], made["PROJECTED"]["subjectMark"]) == ("6", "101")
    assert (
        made["PROJECTED"]["reckoning"]
        == "101 of 160 with the estimates for 2; the same share of what is open: 101 of 160"
    )
    assert {name: one for name, one in made.items() if name != "PROJECTED"} == {
        name: one for name, one in before.items() if name != "PROJECTED"
    }
    told = [(one["component"], one["score"], one["grade"], one["version"], one["reason"]) for one in maths["estimates"]]
    assert told == [(None, None, "7", 1, None), ("2", "70", None, 1, "A good mock.")]
    kind, elements, details, event, payload = left(owner_url, school)
    assert (kind, elements, details) == (
        "write", {"forecast": [str(school.ids["ann"])]}, {"estimates": 1, "refused": 0},
    )  # fmt: skip
    assert (event, payload["learner"], payload["course"]) == (
        "estimateRecorded", str(school.ids["ann"]), str(school.ids["maths-10"]),
    )  # fmt: skip
    assert set(payload) == {"year", "estimate", "learner", "course"}


def test_each_is_a_version_and_one_without_a_score_takes_it_back(server: Server, school: World, owner_url: str) -> None:
    """Nothing is changed in place."""
    teacher = server.client(school, "teacher")
    for version, score in enumerate(("70", "60.0", None), start=1):
        entry = of(school, component="2", expectedVersion=version - 1, **({"score": score} if score else {}))
        assert estimate(teacher, entry).data["recordEstimates"]["estimates"][0]["version"] == version
    assert rows(
        owner_url,
        school,
        "SELECT version, score FROM usher.teacher_estimate WHERE school_id = %s AND component_code = '2' ORDER BY version",
    ) == [(1, Decimal(70)), (2, Decimal(60)), (3, None)]
    made = by_method(asked(teacher, school)[0])
    assert made["PROJECTED"]["subjectMark"] == made["WORKING_AT"]["subjectMark"]


def test_a_version_that_was_not_seen_is_a_conflict(server: Server, school: World, owner_url: str) -> None:
    teacher = server.client(school, "teacher")
    estimate(teacher, of(school, component="2", score="70"))
    before = snapshot(owner_url, school)
    answer = estimate(teacher, of(school, component="2", score="1", expectedVersion=0))
    assert errors(answer) == [("VERSION_CONFLICT", ["input", "estimates", "0", "expectedVersion"])]
    assert snapshot(owner_url, school) == before


def test_a_key_repeats_nothing(server: Server, school: World, owner_url: str) -> None:
    """The same again writes nothing; another content under it is a conflict."""
    teacher = server.client(school, "teacher")
    first = estimate(teacher, of(school, component="2", score="70"), idempotencyKey="once").data["recordEstimates"]
    before = snapshot(owner_url, school)
    again = estimate(teacher, of(school, component="2", score="70"), idempotencyKey="once").data["recordEstimates"]
    assert again == first | {"replayed": True}
    other = estimate(teacher, of(school, component="2", score="71"), idempotencyKey="once")
    assert other.codes == ["IDEMPOTENCY_CONFLICT"]
    assert snapshot(owner_url, school) == before


def test_writers_of_one_estimate_take_turns(server: Server, school: World, owner_url: str) -> None:
    """Each gets a version of its own."""
    teacher = server.client(school, "teacher")

    def write(score: str) -> Answer:
        return estimate(teacher, of(school, component="2", score=score))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(write, ("1", "2", "3", "4")))
    versions = [answer.data["recordEstimates"]["estimates"][0]["version"] for answer in answers]
    assert sorted(versions) == [1, 2, 3, 4]


FAULTS: dict[str, tuple[Given, str, str | None]] = {
    "a component of no paper": ({"component": "9", "score": "1"}, "UNKNOWN_COMPONENT", "component"),
    "a component that is hostile": ({"component": "2'; --\u202e", "score": "1"}, "UNKNOWN_COMPONENT", "component"),
    "above the maximum": ({"component": "2", "score": "81"}, "MARK_ABOVE_MAXIMUM", "score"),
    "below zero": ({"component": "2", "score": "-1"}, "MARK_BELOW_ZERO", "score"),
    "half a mark": ({"component": "2", "score": "40.5"}, "MARK_STEP", "score"),
    "a huge number": ({"component": "2", "score": "999999999999"}, "MARK_ABOVE_MAXIMUM", "score"),
    "a grade of another scale": ({"grade": "A"}, "UNKNOWN_GRADE", "grade"),
    "an empty grade": ({"grade": ""}, "UNKNOWN_GRADE", "grade"),
    "a score of the whole course": ({"score": "1"}, "ESTIMATE_FORM", "score"),
    "a grade of a component": ({"component": "2", "grade": "5"}, "ESTIMATE_FORM", "grade"),
    "both": ({"component": "2", "grade": "5", "score": "1"}, "ESTIMATE_FORM", "score"),
    "nothing, where there is nothing to take back": ({"component": "1"}, "ESTIMATE_FORM", None),
    "a version never seen": ({"grade": "5", "expectedVersion": 7}, "VERSION_CONFLICT", "expectedVersion"),
    "an escape": ({"grade": "5", "reason": "a\x1b[2J"}, "BAD_TEXT", "reason"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_estimate_is_refused(server: Server, quiet_school: World, owner_url: str, name: str) -> None:
    """A code at its place, and nothing is written."""
    before = snapshot(owner_url, quiet_school)
    changed, code, field = FAULTS[name]
    answer = estimate(server.client(quiet_school, "teacher"), of(quiet_school, **changed))
    path = ["input", "estimates", "0"] if field is None else ["input", "estimates", "0", field]
    assert errors(answer) == [(code, path)]
    assert answer.data["recordEstimates"]["estimates"] == []
    assert snapshot(owner_url, quiet_school) == before


def test_good_rows_stand_where_each_is_for_itself(server: Server, school: World, owner_url: str) -> None:
    """PER_ROW; twice the same is refused both times; ATOMIC writes nothing."""
    teacher = server.client(school, "teacher")
    before = snapshot(owner_url, school)
    batch = [
        of(school, component="2", score="70"),
        of(school, "cat", component="2", score="1"),
        of(school, "eve", grade="7"),
        of(school, "eve", grade="8"),
    ]
    expected = [("NOT_FOUND", ["input", "estimates", "1"])]
    expected += [("DUPLICATE_ENTRY", ["input", "estimates", place]) for place in "23"]
    assert errors(estimate(teacher, *batch)) == expected
    assert errors(estimate(teacher, *batch, dryRun=True, mode="PER_ROW")) == expected
    assert snapshot(owner_url, school) == before
    done = estimate(teacher, *batch, mode="PER_ROW")
    assert errors(done) == expected
    assert len(done.data["recordEstimates"]["estimates"]) == 1


def test_a_dry_run_counts(server: Server, quiet_school: World, owner_url: str) -> None:
    before = snapshot(owner_url, quiet_school)
    teacher = server.client(quiet_school, "teacher")
    assert estimate(teacher, of(quiet_school, grade="7"), dryRun=True).data["recordEstimates"]["wouldWrite"] == 1
    lead = server.client(quiet_school, "maths-lead")
    assert aim(lead, of(quiet_school, grade="7"), dryRun=True).data["setTargets"]["wouldWrite"] == 1
    assert snapshot(owner_url, quiet_school) == before


@pytest.mark.parametrize("count", [0, 501])
def test_a_batch_has_bounds(server: Server, quiet_school: World, owner_url: str, count: int) -> None:
    before = snapshot(owner_url, quiet_school)
    client = server.client(quiet_school, "maths-lead")
    for answer in (
        estimate(client, *[of(quiet_school, grade="7")] * count),
        aim(client, *[of(quiet_school, grade="7")] * count),
    ):
        assert answer.codes == ["BAD_USER_INPUT"]
    assert snapshot(owner_url, quiet_school) == before


@pytest.mark.parametrize(
    ("handle", "capacity", "learner", "course"),
    [
        ("teacher", "STAFF", "cat", "maths-10"),  # of the course, in another class
        ("teacher", "STAFF", "ann", "english-10"),
        ("teacher", "STAFF", "dan", "maths-11"),
        ("trust", "STAFF", "ann", "maths-10"),  # reads all and writes nothing
        ("head", "STAFF", "ann", "maths-10"),
        ("pat", "PARENT", "ann", "maths-10"),
        ("ann", "LEARNER", "ann", "maths-10"),
    ],
)
def test_what_may_not_be_expected_looks_like_what_is_not_there(
    server: Server, quiet_school: World, owner_url: str, handle: str, capacity: str, learner: str, course: str
) -> None:
    """Estimates, targets and confirmations, sentence for sentence; nothing is written."""
    before = snapshot(owner_url, quiet_school)
    client = server.client(quiet_school, handle, capacity)
    pair, nobody = of(quiet_school, learner, course), of(quiet_school)
    nobody["learner"] = f"lrn_{uuid4().hex}"

    def answers(given: Given) -> list[Answer]:
        graded = given | {"grade": "7"}
        return [estimate(client, graded), aim(client, graded), confirm(client, quiet_school, **given)]

    for there, nowhere in zip(answers(pair), answers(nobody), strict=True):
        assert there.body == nowhere.body
        assert [code for code, _ in errors(there)] == ["NOT_FOUND"]
    assert snapshot(owner_url, quiet_school) == before


# Targets


def test_a_head_of_department_sets_targets(server: Server, school: World, owner_url: str) -> None:
    """By whom, on which day and by which method; forecasts are measured against them at once."""
    lead = server.client(school, "maths-lead")
    answer = aim(lead, of(school, grade="7", method="FFT 20"), of(school, "cat", grade="U")).data["setTargets"]
    assert answer["targets"] == [
        {"value": "7", "points": "7", "learner": {"givenName": "Ann"}},
        {"value": "U", "points": "0", "learner": {"givenName": "Cat"}},
    ]
    [maths] = asked(server.client(school, "teacher"), school)
    assert (maths["target"], maths["targetPoints"], maths["targetMethod"]) == ("7", "7", "FFT 20")
    assert by_method(maths)["WORKING_AT"]["targetGap"] == "-4.00"
    assert rows(
        owner_url,
        school,
        "SELECT DISTINCT set_by, set_on FROM usher.target WHERE school_id = %s AND version > 1",
    ) == [(school.ids["maths-lead"], school.today)]
    kind, elements, details, event, payload = left(owner_url, school)
    assert (kind, details, event) == ("write", {"targets": 2, "refused": 0}, "targetSet")
    assert elements == {"target": sorted(str(school.ids[handle]) for handle in ("ann", "cat"))}
    assert set(payload) == {"year", "target", "learner", "course"}


def test_a_target_that_was_not_there_is_added(server: Server, school: World, owner_url: str) -> None:
    """Once, however often it is set."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("DELETE FROM usher.target_version WHERE school_id = %s", [school.school_id])
        connection.execute("DELETE FROM usher.target WHERE school_id = %s", [school.school_id])
    lead = server.client(school, "maths-lead")
    for grade in ("7", "8"):
        assert errors(aim(lead, of(school, grade=grade))) == []
    assert rows(owner_url, school, "SELECT value, points FROM usher.target WHERE school_id = %s") == [("8", Decimal(8))]


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"grade": "10"}, "UNKNOWN_GRADE", "grade"),
        ({"grade": "6++"}, "UNKNOWN_GRADE", "grade"),
        ({"grade": "7", "method": " "}, "BAD_TEXT", "method"),
        ({"grade": "7", "method": "a\nb"}, "BAD_TEXT", "method"),
    ],
)
def test_a_bad_target_is_refused(
    server: Server, quiet_school: World, owner_url: str, changed: Given, code: str, field: str
) -> None:
    before = snapshot(owner_url, quiet_school)
    answer = aim(server.client(quiet_school, "maths-lead"), of(quiet_school, **changed))
    assert errors(answer) == [(code, ["input", "targets", "0", field])]
    assert snapshot(owner_url, quiet_school) == before


def test_a_learner_in_no_class_of_the_course_has_nothing_to_aim_at(
    server: Server, app_url: str, owner_url: str, today: date
) -> None:
    """Who is given learners by name may set targets of any course; only where they sit in it, and it is graded."""
    world = wide_school(f"expectations, assigned {uuid4()}", today)
    world.add(
        tables.LearnerAssignmentRow,
        learner_assignment_id=world.new_id(),
        staff_id=world.ids["data-manager"],
        learner_id=world.ids["ann"],
        kind="ASSIGNED",
        source="manual",
        valid_from=world.days(-9),
        valid_to=None,
    )
    world.rows[tables.CourseScaleRow].clear()
    insert_world(app_url, world)
    before = snapshot(owner_url, world)
    answer = aim(
        server.client(world, "data-manager"),
        of(world, course="maths-11", grade="7"),
        of(world, course="english-10", grade="7"),
    )
    assert errors(answer) == [
        ("NOT_ON_COURSE", ["input", "targets", "0", "learner"]),
        ("NOT_GRADED", ["input", "targets", "1", "course"]),
    ]
    assert snapshot(owner_url, world) == before


# Confirmations


def test_a_person_confirms_what_stands(server: Server, school: World, owner_url: str) -> None:
    """Method, version, value and interval as they are now, in one's own name; it stands beside the forecasts."""
    teacher = server.client(school, "teacher")
    done = confirm(teacher, school, note="Agreed with the department.").data["confirmForecast"]
    shown = done["confirmation"]
    assert (done["userErrors"], done["replayed"]) == ([], False)
    assert {name: shown[name] for name in ("method", "methodVersion", "value", "low", "high", "points", "note")} == {
        "method": "WORKING_AT", "methodVersion": 1, "value": "3", "low": "1", "high": "7", "points": "3",
        "note": "Agreed with the department.",
    }  # fmt: skip
    assert shown["confirmedBy"] == f"per_{school.ids['teacher'].hex}"
    assert shown["confirmedByName"].startswith("Dr ")
    [maths] = asked(teacher, school)
    assert shown["id"] in [one["id"] for one in maths["confirmations"]]
    assert rows(
        owner_url,
        school,
        "SELECT method, method_version, value, specification_id, boundary_set_id, confirmed_by"
        " FROM usher.forecast_confirmation WHERE school_id = %s AND note = 'Agreed with the department.'",
    ) == [("working_at", 1, "3", SPECIFICATION_ID, BOUNDARIES_ID, school.ids["teacher"])]
    kind, elements, details, event, payload = left(owner_url, school)
    assert (kind, elements) == ("write", {"forecast": [str(school.ids["ann"])]})
    assert (details["method"], details["methodVersion"]) == ("working_at", 1)
    assert (event, set(payload)) == ("forecastConfirmed", {"year", "confirmation", "learner", "course", "window"})


def test_what_has_changed_since_it_was_seen_is_not_confirmed(server: Server, school: World, owner_url: str) -> None:
    """A mark came in between; the value, or the method's version, is another."""
    teacher = server.client(school, "teacher")
    assert errors(record(teacher, mark(school, "ann", score="60"))) == []
    before = snapshot(owner_url, school)
    for seen in ({}, {"expectedValue": "9"}, {"expectedValue": "7", "expectedMethodVersion": 2}):
        assert errors(confirm(teacher, school, **seen)) == [("FORECAST_CHANGED", ["input"])]
    assert snapshot(owner_url, school) == before
    assert errors(confirm(teacher, school, expectedValue="7")) == []


def test_nothing_is_confirmed_where_nothing_can_be_said(
    server: Server, app_url: str, owner_url: str, today: date
) -> None:
    """Nothing sat: there is no share to go on with, though floor and ceiling stand."""
    world = half_sat(wide_school(f"expectations, blank {uuid4()}", today))
    insert_world(app_url, world)
    teacher = server.client(world, "teacher")
    assert errors(record(teacher, mark(world, "ann", score=None, state="NOT_ENTERED"))) == []
    before = snapshot(owner_url, world)
    assert errors(confirm(teacher, world)) == [("NO_FORECAST", ["input", "method"])]
    assert snapshot(owner_url, world) == before


def test_a_confirmation_is_made_once(server: Server, school: World, owner_url: str) -> None:
    """Its key repeats nothing, and answers with the first."""
    teacher = server.client(school, "teacher")
    first = confirm(teacher, school, idempotencyKey="once").data["confirmForecast"]
    before = snapshot(owner_url, school)
    assert confirm(teacher, school, idempotencyKey="once").data["confirmForecast"] == first | {"replayed": True}
    assert confirm(teacher, school, idempotencyKey="once", note="x").codes == ["IDEMPOTENCY_CONFLICT"]
    assert confirm(teacher, school, note="a\u202eb").codes == ["BAD_USER_INPUT"]
    assert snapshot(owner_url, school) == before


def test_without_the_marks_nothing_is_confirmed_that_tells_them(
    server: Server, app_url: str, owner_url: str, today: date
) -> None:
    """How far ann is to the next grade tells her one mark: refused, whether or not it was guessed. The grade is confirmed."""
    world = half_sat(wide_school(f"expectations, no marks {uuid4()}", today))
    insert_world(app_url, world)
    book = starting_book()
    closed = Rule("no-marks", "staff", "mark", "read", "school", effect="deny")
    teacher = server.client(world, "teacher")
    fine: Given = {"method": "FINE", "expectedValue": "3+"}
    assert errors(confirm(teacher, world, **fine)) == []
    with psycopg.connect(owner_url) as owner:
        publish(owner, world, replace(book, rules=(*book.rules, closed)))
    before = snapshot(owner_url, world)
    for guess in ("3-", "3", "3+"):
        refused = errors(confirm(teacher, world, method="FINE", expectedValue=guess))
        assert refused == [("NOT_FOUND", ["input"])], guess
    assert snapshot(owner_url, world) == before
    assert errors(confirm(teacher, world)) == []
    [maths] = asked(teacher, world)
    told = {(one["method"], one["value"], one["low"]) for one in maths["confirmations"]}
    assert {("FINE", None, "1"), ("WORKING_AT", "3", "1")} <= told
    assert {value for method, value, _ in told if method == "FINE"} == {None}


def test_a_target_of_a_third_is_exact_and_what_it_replaced_is_kept(server: Server, school: World) -> None:
    """5+ is a third of a point above 5; who set what before stays readable."""
    lead = server.client(school, "maths-lead")
    for grade in ("5-", "5+"):
        assert errors(aim(lead, of(school, grade=grade))) == []
    answer = lead.ask(
        "query ($id: ID!) { learner(by: {id: $id}) { targets { value points version "
        "history { version value points setBy { familyName } } } } }",
        {"id": of(school)["learner"]},
    )
    [target] = [one for one in answer.data["learner"]["targets"] if one["version"] > 2]
    assert (target["value"], target["points"]) == ("5+", "5.33")
    newest = target["history"][0]
    assert (newest["value"], newest["points"], newest["setBy"]["familyName"]) == ("5-", "4.66", "Count")
