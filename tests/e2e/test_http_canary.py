"""A learner whose name and records are canaries: they stand in no log line, and in no answer to who may not see them."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest

from server import tables
from server.register.sort_key import sort_key
from tests.database import Database
from tests.e2e.recording import mark
from tests.e2e.serving import Client, Server, serving
from tests.worlds import World, insert_world
from tests.worlds.learners import special_values
from tests.worlds.wide_school import wide_school


# The learner is cat: 10/Ma2 and 10/En1, form 10B; quinn is her parent.
def _names(text: str) -> set[str]:
    return set(text.split())


EVERYBODY = _names(
    "teacher english cover tutor year-head maths-lead senco senco-untrained head data-manager exams-officer dpo"
    " tutor-trained year-11 pastoral attendance assistant trainee peripatetic cover-trained next-teacher dsl dsl-tutor"
    " data-trained exams-trained trust governor reviewer between-roles pat quinn rosa sam ann bob cat mis mis-gradebook"
    " mis-ended support support-granted"
)
STRANGERS = _names("peripatetic governor between-roles pat rosa sam ann bob mis-gradebook mis-ended support")
# Who reads each, by the agreement: written down, not computed.
SEES: dict[str, set[str]] = {
    "Zqname": EVERYBODY - STRANGERS,
    "Zqaddress": _names("year-head head data-manager attendance dsl dsl-tutor data-trained mis"),
    "Zqemail": _names("year-head head data-manager tutor-trained dsl dsl-tutor data-trained mis cat"),
    "Zqnote": _names(
        "english year-head maths-lead senco senco-untrained head data-manager tutor-trained dsl dsl-tutor data-trained"
        " reviewer"
    ),
    "Zqmedical": _names("english senco tutor-trained cover-trained dsl data-trained"),
    "Zqguardian": _names(
        "year-head head data-manager dpo tutor-trained attendance dsl dsl-tutor data-trained quinn mis"
    ),
    "Zqcomment": _names(
        "english year-head maths-lead senco senco-untrained head data-manager exams-officer tutor-trained data-trained"
        " exams-trained quinn cat reviewer"
    ),
    "Zqreason": _names(
        "year-head maths-lead senco senco-untrained head data-manager exams-officer tutor-trained data-trained"
        " exams-trained support-granted reviewer"
    ),
}
LEARNER = """id givenName familyName preferredName dateOfBirth age gender upn misId yearGroup { name } admittedOn leftOn
  keyStage2 firstLanguage ethnicity lookedAfter freeSchoolMeals pupilPremium { reason } serviceChild
  medical { conditions } accessArrangements sen { provision needs } contact { address email phone }
  attendance { possible attended percentage } tutorGroup { name learners { givenName familyName } }
  classes { name learners { familyName } teachers { familyName } }
  guardians { title givenName familyName relationship contact { email phone address } learner { familyName } }
  marks(first: 20) { totalCount nodes { id score state history { score reason } parts { question topic }
    learner { familyName } } }
  grades { value } targets { value }
  behaviour { kind note learner { familyName } }
  reports { name lines { course teacher grade target comment } learner { familyName } }
  withheld { element reason }"""
SHORT = """preferredName contact { address email } medical { conditions } behaviour { note } reports { lines { comment } }
  guardians { familyName contact { email } } marks { nodes { history { reason } } } withheld { element }"""
DOCUMENTS = [
    f"{{ learners(first: 20) {{ totalCount partial pageInfo {{ endCursor }} edges {{ cursor node {{ {LEARNER} }} }} }} }}",
    f"query($id: ID!) {{ learner(by: {{id: $id}}) {{ familyName }} node(id: $id) {{ ... on Learner {{ {SHORT} }} }} }}",
    """{ classes(first: 5) { nodes { name learners { familyName } gradeDistribution { value count }
      markbook { learner { familyName contact { address } } cells { score learner: assessment { name } } }
      assessments(first: 3) { marks(first: 20) { nodes { score
        learner { familyName medical { conditions } } history(first: 3) { reason } } } } } } }""",
    """query($report: ID!) { report(id: $report) { name learner { familyName } lines { comment teacher } }
      reports { totalCount nodes { learner { familyName } lines { comment } } } }""",
    """{ viewer { roles capabilities children { linkId schoolName } } school { name }
      staff { nodes { familyName contact { email } } } dataCatalogue { element visibleTo } }""",
    '{ learners(filter: {name: {contains: "zq"}}) { totalCount nodes { id } } }',
    '{ learners(filter: {any: [{name: {startsWith: "zqname"}}, {senProvision: {eq: "K"}}]}) { nodes { familyName } } }',
    """query($id: ID!) { learner(by: {id: $id}) { familyName
      grades { explanation { grade steps { text } notices { message } } learner { familyName } } } }""",
    "{ learners(orderBy: [{field: NAME}, {field: ATTENDANCE}], last: 3) { nodes { familyName } } }",
    "query($id: ID!, $day: Date) { learner(by: {id: $id}) { classes(asOf: $day) { learners { familyName } } } }",
]


def with_canaries(world: World) -> World:
    """The wide school, in which everything that is told of cat is a canary."""
    cat = world.ids["cat"]
    for table, key, values in (
        (tables.LearnerRow, "learner_id", {
            "given_name": "Zqname", "family_name": "Zqname", "preferred_name": "Zqname",
            "sort_key": sort_key("Zqname", "Zqname"),
        }),
        (tables.LearnerNameRow, "learner_id", {"given_name": "Zqname", "family_name": "Zqname"}),
        (tables.LearnerContactRow, "learner_id", {"address": "1 Zqaddress", "email": "Zqemail@home.example"}),
        (tables.BehaviourEventRow, "learner_id", {"note": "Zqnote"}),
        (tables.CourseCommentRow, "learner_id", {"text": "Zqcomment"}),
        (tables.ReportLineRow, "learner_id", {"comment": "Zqcomment"}),
    ):  # fmt: skip
        for row in world.rows[table]:
            if row[key] == cat:
                row.update(values)
    for row in world.rows[tables.MarkVersionRow]:
        # One course only: english teaches her another, and does not see it.
        if row["learner_id"] == cat and row["course_id"] == world.ids["maths-10"]:
            row["reason"] = "Zqreason"
    for row in world.rows[tables.GuardianRow]:
        if row["guardian_id"] == world.ids["quinn"]:
            row.update(family_name="Zqguardian", email="Zqguardian@home.example", sort_key=sort_key("Zqguardian", ""))
    world.add(tables.LearnerSpecialRow, **special_values(world, "cat", "medical", ["Zqmedical"]))
    return world


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = with_canaries(wide_school("canary", today))
    insert_world(app_url, world)
    return world


def variables(world: World) -> dict[str, str]:
    return {
        "id": f"lrn_{world.ids['cat'].hex}",
        "report": f"rep_{world.ids['report cat'].hex}",
        "day": str(world.days(-20)),
    }


def canaries(text: str) -> set[str]:
    return {canary for canary in SEES if canary.lower() in text.lower()}


@pytest.mark.parametrize("handle", sorted(EVERYBODY))
def test_an_answer_holds_what_the_account_may_see(server: Server, school: World, handle: str) -> None:
    """Every field of every type, every way to reach her: exactly the canaries of the table, and none in the log."""
    client = server.client(school, handle)
    seen: set[str] = set()
    for document in DOCUMENTS:
        answer = client.ask(document, variables(school))
        assert set(answer.codes) <= {"FORBIDDEN", "FORBIDDEN_ARGUMENT"}, answer
        seen |= canaries(json.dumps(answer.body, ensure_ascii=False))
    assert seen == {canary for canary, who in SEES.items() if handle in who}
    assert canaries(server.log.read_text()) == set()


def test_a_teacher_as_a_parent_sees_none(server: Server, school: World) -> None:
    """The same person in another capacity: her pupil's name is gone with the rest."""
    client = server.client(school, "english", "STAFF")
    assert canaries(str(client.ask(DOCUMENTS[0]).body))
    client = server.client(school, "teacher", "PARENT")
    for document in DOCUMENTS:
        assert canaries(str(client.ask(document, variables(school)).body)) == set()


BAD_DOCUMENTS = [
    'query Zqname { learners(filter: {name: {contains: "Zqname"}}) { nodes { id } } }',
    '{ learners(filter: {dateOfBirth: {eq: "Zqname"}}) { nodes { id } } }',
    '{ learner(by: {upn: "Zqname"}) { id } }',
    '{ learner(by: {id: "Zqname"}) { id } }',
    '{ learners(after: "Zqname") { nodes { id } } }',
    "{ Zqname }",
    "{ learners { nodes { Zqname } } }",
    "query { Zqname(",
    '"""Zqname""" { learners { nodes { id } } }',
    "# Zqname\n{ learners(first: 99999) { nodes { id } } }",
    'mutation { recordMarks(input: {marks: [], idempotencyKey: "Zqname"}) { replayed } }',
]


def test_what_is_sent_is_not_logged(server: Server, school: World) -> None:
    """Documents, variables, headers, keys, texts and broken bodies that name her, refused and accepted."""
    client = server.client(school, "maths-lead")
    for document in BAD_DOCUMENTS:
        client.ask(document)
    client.ask("{ viewer { roles } }", purpose="Zqname")
    client.ask("{ viewer { roles } }", reason="Zqname is ill")
    Client(server.http, "Zqname").ask("{ viewer { roles } }")
    document = (
        "mutation Zqname($i: RecordMarksInput!) { recordMarks(input: $i) { marks { score } userErrors { message } } }"
    )
    for entry in (
        mark(school, "cat", score="12", reason="Zqname was ill"),
        mark(school, "cat", score="99", reason="Zqname was ill"),
        mark(school, "cat", score="Zqname"),
    ):
        client.ask(document, {"i": {"marks": [entry], "idempotencyKey": "Zqname"}})
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    for content in (
        b'{"query": "Zqname',
        b'{"query": 1, "Zqname": 2}',
        b"Zqname",
        b'["Zqname"]',
        b'{"query":"{Zqname\\u0000}"}',
    ):
        response = server.http.post("/graphql", content=content, headers=headers)
        assert response.status_code == 400
    for path in ("/Zqname", "/graphql?query={Zqname}", "/graphql/Zqname"):
        assert server.http.get(path).status_code in (404, 405)
    assert canaries(server.log.read_text()) == set()


def test_a_defect_tells_neither_the_caller_nor_the_log(
    make_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory, today: date
) -> None:
    """PostgreSQL names a row in its error: the caller gets a reference, the log the type and the place."""
    database = make_database()
    world = with_canaries(wide_school("canary, defects", today))
    insert_world(database.app_url, world)
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(
            "CREATE FUNCTION usher.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'Zqname %', new USING DETAIL = 'Zqname', HINT = 'Zqname', CONSTRAINT = 'tell'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER tell BEFORE INSERT ON usher.audit_operation FOR EACH ROW EXECUTE FUNCTION usher.tell()"
        )
    with serving(database.app_url, tmp_path_factory.mktemp("defects")) as (server,):
        client = server.client(world, "senco")
        headers = {"Authorization": f"Bearer {client.token}"}
        body: dict[str, Any] = {"query": DOCUMENTS[1], "variables": variables(world)}
        response = server.http.post("/graphql", json=body, headers=headers)
        assert response.status_code == 500
        [error] = response.json()["errors"]
        reference = error["extensions"]["reference"]
        assert error["extensions"] == {"code": "INTERNAL_ERROR", "reference": reference}
        assert canaries(response.text) == set()
        log = server.log.read_text()
    assert reference in log
    assert canaries(log) == set()


def test_the_canaries_are_found_where_they_are() -> None:
    """The control: upper or lower case, within a word, in JSON."""
    assert canaries('{"event": "zqnAME is ill"}') == {"Zqname"}
    assert canaries("nothing") == set()
