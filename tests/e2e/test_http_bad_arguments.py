"""Bad input over HTTP: each is a coded error that names its argument, never a 500, and nothing is written."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from server.resolvers.inquiries import INQUIRIES
from server.resolvers.schema import graphql_schema
from tests.e2e.recording import PAPER, mark, record
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world, small_school

# Ids

BAD_IDS = [
    "", " ", "ann", "1", "lrn_", "lrn_123", "LRN_" + "0" * 32, "lrn_" + "g" * 32, "lrn_" + "0" * 31, "lrn_" + "0" * 33,
    "lrn_2026_" + "0" * 32, "xyz_" + "0" * 32, "asm_" + "0" * 32, "mrk_" + "0" * 32, "mrk_99_" + "0" * 32,
    "lrn-" + "0" * 32, "lrn_" + "0" * 32 + "\n", "' OR 1=1 --", "a" * 10_000, "\u0661" * 36, "TGVhcm5lcjox", "😀",
]  # fmt: skip
SINGLE: dict[str, tuple[str, str]] = {
    # a document with one id, and the argument that must be named
    "learner": ("query($id: ID!) { learner(by: {id: $id}) { id } }", "by.id"),
    "class": ("query($id: ID!) { class(id: $id) { id } }", "id"),
    "assessment": ("query($id: ID!) { assessment(id: $id) { id } }", "id"),
    "report": ("query($id: ID!) { report(id: $id) { id } }", "id"),
    "filter by class": ("query($id: ID!) { learners(filter: {class: {eq: $id}}) { nodes { id } } }", "filter.class.eq"),
    "acknowledgeReport": (
        "mutation($id: ID!) { acknowledgeReport(input: {report: $id}) { userErrors { code } } }", "input.report",
    ),
    "publishReports": (
        'mutation($id: ID!) { publishReports(input: {window: $id, yearGroup: "10", name: "a", idempotencyKey: "k"})'
        " { userErrors { code } } }",
        "input.window",
    ),
    "recordMarks learner": (
        "mutation($id: ID!) { recordMarks(input: {idempotencyKey: \"k\", marks: [{learner: $id, score: \"1\","
        f' assessment: "asm_{"0" * 32}"}}]}}) {{ userErrors {{ code }} }} }}',
        "input.marks.0.learner",
    ),
    "recordMarks assessment": (
        "mutation($id: ID!) { recordMarks(input: {idempotencyKey: \"k\", marks: [{assessment: $id, score: \"1\","
        f' learner: "lrn_{"0" * 32}"}}]}}) {{ userErrors {{ code }} }} }}',
        "input.marks.0.assessment",
    ),
}  # fmt: skip
RIGHT_PREFIX = {"learner": "lrn", "class": "cls", "assessment": "asm", "report": "rep", "filter by class": "cls",
                "acknowledgeReport": "rep", "publishReports": "win", "recordMarks learner": "lrn",
                "recordMarks assessment": "asm"}  # fmt: skip


@pytest.mark.parametrize("where", SINGLE)
def test_an_id_that_can_t_be_decoded_is_refused_by_name(
    server: Server, one_school: World, unchanged: None, where: str
) -> None:
    """BAD_USER_INPUT with the argument's path, whatever the text; an id of another type too."""
    document, argument = SINGLE[where]
    client = server.client(
        one_school, "head" if where == "publishReports" else "pat" if where[:3] == "ack" else "teacher"
    )
    for text in BAD_IDS:
        if text.startswith(RIGHT_PREFIX[where] + "_") and len(text) == 36:
            continue
        answer = client.ask(document, {"id": text})
        assert answer.codes == ["BAD_USER_INPUT"], (text, answer)
        assert answer.body["data"] is None
        error = answer.body["errors"][0]
        assert ".".join(map(str, error["extensions"]["argument"])) == argument, (text, error)
        assert len(text) < 8 or text not in str(answer.body), "the answer repeats what was sent"


@pytest.mark.parametrize("text", [text for text in BAD_IDS if not text.startswith("asm_")])
def test_node_and_nodes_refuse_what_is_no_id(teacher: Client, one_school: World, text: str) -> None:
    """Of any type; one bad id among good ones refuses the list. An id that is well formed and unknown is null."""
    good = f"lrn_{one_school.ids['ann'].hex}"
    if text == "lrn_2026_" + "0" * 32:
        pass  # a learner's id has no year
    assert teacher.ask("query($id: ID!) { node(id: $id) { id } }", {"id": text}).codes == ["BAD_USER_INPUT"]
    answer = teacher.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [good, text]})
    assert (answer.codes, answer.body["data"]) == (["BAD_USER_INPUT"], None)


def test_ids_of_another_school_are_null(teacher: Client, one_school: World, other_school: World) -> None:
    """As an unknown id is, and without an error; of every type that has ids."""
    names = {
        "lrn": "ann", "cls": "10/Ma1", "asm": PAPER, "rep": "report ann", "crs": "maths-10", "win": "autumn", "stf": "head",
    }  # fmt: skip
    for prefix, name in names.items():
        for key in (other_school.ids[name], uuid4()):
            answer = teacher.ask("query($id: ID!) { node(id: $id) { id } }", {"id": f"{prefix}_{key.hex}"})
            if answer.codes:
                assert answer.codes == ["BAD_USER_INPUT"]
                assert prefix not in _prefixes()
            else:
                assert answer.data == {"node": None}
    for document, prefix, name in (
        ("query($id: ID!) { one: learner(by: {id: $id}) { id } }", "lrn", "ann"),
        ("query($id: ID!) { one: class(id: $id) { id } }", "cls", "10/Ma1"),
        ("query($id: ID!) { one: assessment(id: $id) { id } }", "asm", PAPER),
        ("query($id: ID!) { one: report(id: $id) { id } }", "rep", "report ann"),
    ):
        assert teacher.ask(document, {"id": f"{prefix}_{other_school.ids[name].hex}"}).data == {"one": None}


def _prefixes() -> set[str]:
    from server.queries.nouns import NODES

    return set(NODES)


# Keys


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "a" * 201, "a\nb", "a\tb", "\u2028"])
def test_an_idempotency_key_out_of_form_is_refused(teacher: Client, one_school: World, key: str) -> None:
    """BAD_USER_INPUT, by name."""
    answer = record(teacher, mark(one_school), idempotencyKey=key)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.body["errors"][0]["extensions"]["argument"] == ["input", "idempotencyKey"]


def test_a_key_with_other_content_is_refused(server: Server, app_url: str, owner_url: str, today: date) -> None:
    """IDEMPOTENCY_CONFLICT, by name; what the key stands for stays as it is."""
    world = small_school(f"keys {uuid4()}", today)
    insert_world(app_url, world)
    client = server.client(world, "teacher")
    first = record(client, mark(world, score="50"), idempotencyKey="one").data["recordMarks"]
    assert first["userErrors"] == []
    before = snapshot(owner_url, world)
    for entry, more in (
        (mark(world, score="51"), {}),
        (mark(world, "eve", score="50"), {}),
        (mark(world, score="50", reason="why"), {}),
        (mark(world, score="50"), {"mode": "PER_ROW"}),
    ):
        answer = record(client, entry, idempotencyKey="one", **more)
        assert answer.codes == ["IDEMPOTENCY_CONFLICT"]
        assert answer.body["errors"][0]["extensions"]["argument"] == ["input", "idempotencyKey"]
    assert record(client, mark(world, score="50"), idempotencyKey="one").data["recordMarks"]["replayed"] is True
    assert snapshot(owner_url, world) == before


# Other arguments

_EMPTY = 'recordMarks(input: {marks: [], idempotencyKey: "k"}) { replayed }'


def _deep(times: int) -> str:
    return "{ learners { nodes { " + times * "classes { learners { " + "id" + times * " } }" + " } } }"


ARGUMENTS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    # a document, its variables, the code, and a word of the error that names the argument
    "first below 0": ("{ learners(first: -1) { nodes { id } } }", {}, "BAD_USER_INPUT", "first"),
    "first above the most": ("{ learners(first: 501) { nodes { id } } }", {}, "BAD_USER_INPUT", "first"),
    "first and last": ("{ learners(first: 1, last: 1) { nodes { id } } }", {}, "BAD_USER_INPUT", "last"),
    "after and last": ('{ learners(last: 1, after: "x") { nodes { id } } }', {}, "BAD_USER_INPUT", "learners"),
    "a cursor that is none": ('{ learners(after: "x") { nodes { id } } }', {}, "BAD_CURSOR", "after"),
    "a cursor in base64": (
        '{ learners(after: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") { nodes { id } } }',
        {},
        "BAD_CURSOR",
        "after",
    ),
    "a cursor of other letters": ('{ learners(after: "äöü😀") { nodes { id } } }', {}, "BAD_CURSOR", "after"),
    "an empty cursor": ('{ learners(after: "") { nodes { id } } }', {}, "BAD_CURSOR", "after"),
    "a long cursor": (
        "query($c: String) { learners(after: $c) { nodes { id } } }",
        {"c": "a" * 5000},
        "BAD_CURSOR",
        "after",
    ),
    "two ways to name a learner": ('{ learner(by: {id: "a", misId: "b"}) { id } }', {}, "BAD_USER_INPUT", "LearnerBy"),
    "no way to name a learner": ("{ learner(by: {}) { id } }", {}, "BAD_USER_INPUT", "LearnerBy"),
    "a variable that is missing, as a way": (
        "query($i: ID) { learner(by: {id: $i}) { id } }",
        {},
        "BAD_USER_INPUT",
        "by",
    ),
    "a variable that is null, as a way": (
        "query($i: ID) { learner(by: {id: $i}) { id } }",
        {"i": None},
        "BAD_USER_INPUT",
        "by",
    ),
    "an empty variable": ("query($b: LearnerBy!) { learner(by: $b) { id } }", {"b": {}}, "BAD_USER_INPUT", "$b"),
    "a full variable": (
        "query($b: LearnerBy!) { learner(by: $b) { id } }",
        {"b": {"misId": "a", "upn": "A12345678901B"}},
        "BAD_USER_INPUT",
        "$b",
    ),
    "null as a way": ("{ learner(by: {id: null}) { id } }", {}, "BAD_USER_INPUT", "LearnerBy"),
    "a UPN of another form": ('{ learner(by: {upn: "a"}) { id } }', {}, "BAD_USER_INPUT", "UPN"),
    "a date that is none": (
        '{ learners(filter: {dateOfBirth: {eq: "2026-02-30"}}) { nodes { id } } }',
        {},
        "BAD_USER_INPUT",
        "Date",
    ),
    "a date of year 0": (
        '{ learners(filter: {dateOfBirth: {eq: "0000-01-01"}}) { nodes { id } } }',
        {},
        "BAD_USER_INPUT",
        "Date",
    ),
    "a time without an offset": (
        '{ reports(filter: {publishedAt: {from: "2026-01-01T00:00:00"}}) { nodes { id } } }',
        {},
        "BAD_USER_INPUT",
        "DateTime",
    ),
    "a time before time": (
        '{ reports(filter: {publishedAt: {from: "0001-01-01T00:00:00+14:00"}}) { nodes { id } } }',
        {},
        "BAD_USER_INPUT",
        "DateTime",
    ),
    "a number beyond Int": (
        "{ classes(filter: {academicYear: {eq: 99999999999}}) { nodes { id } } }",
        {},
        "BAD_USER_INPUT",
        "99999999999",
    ),
    "an unknown field": ("{ learners { nodes { passwords } } }", {}, "BAD_USER_INPUT", "passwords"),
    "an unknown argument": ("{ learners(everything: true) { nodes { id } } }", {}, "BAD_USER_INPUT", "everything"),
    "an unknown enum value": (
        "{ learners(orderBy: [{field: PASSWORD}]) { nodes { id } } }",
        {},
        "BAD_USER_INPUT",
        "PASSWORD",
    ),
    "a variable of another type": (
        "query($n: Int) { learners(first: $n) { nodes { id } } }",
        {"n": "ten"},
        "BAD_USER_INPUT",
        "$n",
    ),
    "a variable that is missing": ("query($id: ID!) { node(id: $id) { id } }", {}, "BAD_USER_INPUT", "$id"),
    "too many ids": (
        "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        {"ids": [f"lrn_{n:032x}" for n in range(101)]},
        "BAD_USER_INPUT",
        "ids",
    ),
    "no marks": (
        'mutation { recordMarks(input: {marks: [], idempotencyKey: "k"}) { replayed } }',
        {},
        "BAD_USER_INPUT",
        "input.marks",
    ),
    "two mutations": (f"mutation {{ a: {_EMPTY} b: {_EMPTY} }}", {}, "BAD_USER_INPUT", "one mutation"),
    "a subscription": ("subscription { markRecorded { id } }", {}, "BAD_USER_INPUT", "subscription"),
    "no operation": ("fragment f on Query { __typename }", {}, "BAD_USER_INPUT", "Fragment"),
    "no document": ("", {}, "BAD_USER_INPUT", "Syntax"),
    "a deep document": (_deep(8), {}, "LIMIT_EXCEEDED", "deeper"),
    "many rows": (
        "{ learners(first: 500) { nodes { classes(first: 500) { learners(first: 500) { id } } } } }",
        {},
        "LIMIT_EXCEEDED",
        "rows",
    ),
}


@pytest.mark.parametrize("what", ARGUMENTS)
def test_an_argument_that_can_t_be_answered_is_named(teacher: Client, what: str) -> None:
    """A code of the printed list, a sentence that names it, and no data."""
    document, variables, code, word = ARGUMENTS[what]
    answer = teacher.ask(document, variables)
    assert answer.codes == [code], answer
    error = answer.body["errors"][0]
    assert word in error["message"] + ".".join(map(str, error["extensions"].get("argument", ()))), error
    assert answer.body.get("data") is None


def test_a_batch_of_too_many_marks_is_refused(teacher: Client, one_school: World) -> None:
    """501 marks."""
    answer = record(teacher, *[mark(one_school)] * 501)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.body["errors"][0]["extensions"]["argument"] == ["input", "marks"]


@pytest.mark.parametrize("text", ["", "   ", "a" * 201, "a\u0000b"])
@pytest.mark.parametrize("argument", ["name", "yearGroup"])
def test_texts_of_a_publication_are_checked(
    server: Server, one_school: World, unchanged: None, argument: str, text: str
) -> None:
    """Empty, long, or with characters that can't be stored."""
    given = {
        "window": f"win_{one_school.ids['autumn'].hex}",
        "yearGroup": "10",
        "name": "a",
        "idempotencyKey": f"k{uuid4()}",
    }
    document = "mutation($i: PublishReportsInput!) { publishReports(input: $i) { userErrors { code path } } }"
    answer = server.client(one_school, "head").ask(document, {"i": given | {argument: text}})
    assert answer.codes == ["BAD_USER_INPUT"], answer
    assert "data" not in answer.body or answer.body["data"] is None


def test_a_purpose_that_is_not_registered_is_refused(teacher: Client) -> None:
    """By the header's name."""
    answer = teacher.ask("{ viewer { roles } }", purpose="curiosity")
    assert answer.codes == ["BAD_USER_INPUT"]
    assert "Usher-Purpose" in answer.body["errors"][0]["message"]


def test_every_argument_of_every_field_takes_the_wrong_type(
    server: Server, teacher: Client, app_url: str, today: date
) -> None:
    """A list, an object, a string and null in each argument of each root field: coded errors, never a defect.

    What is an officer's is asked as the officer too, of whom no rule of access turns it away before it is read.
    """
    officers = small_school("arguments of officers", today)
    insert_world(app_url, officers)
    officer = server.client(officers, "dpo")
    schema = graphql_schema()
    assert schema.query_type is not None
    seen = 0
    wrong: tuple[Callable[[str], str], ...] = (
        lambda name: f"{name}: [[[1]]]", lambda name: f"{name}: {{a: 1}}", lambda name: f'{name}: "\\u0007"',
        lambda name: f"{name}: -1.5e300", lambda name: f"{name}: SOMETHING", lambda name: f"{name}: null",
    )  # fmt: skip
    for field, described in schema.query_type.fields.items():
        for name in described.args:
            for value in wrong:
                document = f"{{ {field}({value(name)}) {{ __typename }} }}"
                reckoned = {"FORBIDDEN"} if field in INQUIRIES else set[str]()
                for client in (teacher, officer) if reckoned else (teacher,):
                    answer = client.ask(document)
                    assert set(answer.codes) <= {"BAD_USER_INPUT", "BAD_CURSOR"} | reckoned, answer
                    seen += 1
    assert seen > 100
