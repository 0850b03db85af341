"""What an operation is reckoned at: of the document and its variables alone, and said in every answer."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from server.queries.cost import CHANGE, EXPLANATION, MAXIMUM_COST, OPERATION, TALLY
from server.queries.noun import Many
from server.queries.nouns import NOUNS
from server.queries.reading import INTROSPECTION
from server.queries.roots import ROOTS
from server.resolvers.charging import HEAVY, INQUIRY
from server.resolvers.inquiries import INQUIRIES
from tests.e2e.live import events, socket
from tests.e2e.recording import mark, record
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world, small_school

LEARNERS = "query($n: Int, $m: Int) { learners(first: $n) { nodes { id guardians { id } marks(first: $m) { nodes { score } } } } }"


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"costs {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def head(server: Server, school: World) -> Client:
    return server.client(school, "head")


def said(client: Client, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return client.ask(document, variables).body["extensions"]["cost"]


def cost(client: Client, document: str, variables: Mapping[str, Any] | None = None) -> int:
    """Beside what any operation costs."""
    return said(client, document, variables)["estimated"] - OPERATION


def usual(type_name: str, field: str) -> int:
    edge = NOUNS[type_name].field(field)
    assert isinstance(edge, Many)
    return edge.usual


def test_lists_multiply(head: Client) -> None:
    """Literals and variables alike; what is asked above the most counts as the most, and nothing as one."""
    literal = "{ learners(first: %d) { nodes { id marks(first: %d) { nodes { score } } } } }"
    assert cost(head, literal % (7, 5)) == 7 + 7 * 5
    assert [cost(head, LEARNERS, {"n": n, "m": m}) for n, m in ((7, 5), (6, 5), (7, 4), (1, 1), (500, 20))] == [
        n + n * usual("Learner", "guardians") + n * m for n, m in ((7, 5), (6, 5), (7, 4), (1, 1), (500, 20))
    ]
    assert cost(head, LEARNERS, {"n": 9_999, "m": 1}) == cost(head, LEARNERS, {"n": 500, "m": 1})
    assert cost(head, LEARNERS, {"n": 0, "m": 1}) == cost(head, LEARNERS, {"n": 1, "m": 1})


def test_a_known_document_is_reckoned_under_each_request_s_variables(head: Client) -> None:
    """Whoever asked first leaves nothing of their variables behind, though 65 and 127 share one statement."""
    document = LEARNERS.replace("query", f"query Q{uuid4().hex}")
    costs = [cost(head, document, {"n": n, "m": 3}) for n in (127, 65, 66, 127)]
    each = 1 + usual("Learner", "guardians") + 3
    assert costs == [127 * each, 65 * each, 66 * each, 127 * each]


def test_a_list_that_names_no_length_has_its_usual_one(head: Client) -> None:
    many = ROOTS["learners"].edge
    assert isinstance(many, Many)
    assert cost(head, "{ learners { nodes { id } } }") == many.usual
    assert cost(head, "query($n: Int) { learners(first: $n) { nodes { id } } }") == many.usual
    # Without its rows too: the page is read to tell whether there is another.
    assert cost(head, "{ learners { pageInfo { hasNextPage } } }") == many.usual


def test_single_objects_counts_and_explanations_have_their_weight(head: Client, school: World) -> None:
    ids = [f"lrn_{school.ids[one].hex}" for one in ("ann", "bob", "cat")]
    assert cost(head, "{ __typename }") == 0
    assert cost(head, "{ viewer { capacity } school { name } }") == 2
    assert cost(head, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids}) == 3
    assert cost(head, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids[:2]}) == 2
    assert cost(head, "query($id: ID!) { node(id: $id) { id } }", {"id": ids[0]}) == 1
    assert cost(head, "{ learners(first: 4) { totalCount } }") == TALLY + 4
    explained = "{ learners(first: 4) { nodes { grades(first: 2) { explanation { __typename } } } } }"
    assert cost(head, explained) == 4 + 4 * 2 + 4 * 2 * EXPLANATION
    assert cost(head, "{ __schema { queryType { name } } }") == INTROSPECTION


def test_what_python_reckons_has_a_price(server: Server, school: World) -> None:
    dpo = server.client(school, "dpo")
    assert INQUIRIES["explain"].heavy
    explain = "query($id: ID!) { explain(person: $id, element: NAME) { __typename } }"
    light = next(name for name, one in INQUIRIES.items() if not one.heavy and not one.arguments)
    assert cost(dpo, explain, {"id": f"stf_{school.ids['teacher'].hex}"}) == HEAVY
    assert cost(dpo, f"{{ {light} {{ __typename }} }}") == INQUIRY


@pytest.mark.parametrize("count", [1, 3])
def test_a_change_costs_by_its_entries(server: Server, school: World, count: int) -> None:
    """Each entry, and what the payload shows for each."""
    marks = [mark(school, one) for one in ("ann", "bob", "cat")[:count]]
    answer = record(server.client(school, "teacher"), *marks, dryRun=True)
    assert answer.body["extensions"]["cost"]["estimated"] == OPERATION + CHANGE + count * (1 + 3)


def test_the_answer_tells_nothing_of_what_is_hidden(server: Server, school: World) -> None:
    """The same figures for who sees all, for who sees nothing, and for rows that aren't there."""
    document = "query($id: ID!) { node(id: $id) { ... on Learner { familyName marks(first: 9) { nodes { score } } } } }"
    handles = ("head", "teacher", "pat", "mis")
    ids = [f"lrn_{one.hex}" for one in (school.ids["ann"], school.ids["eve"], uuid4())]
    told = [cost(server.client(school, handle), document, {"id": one}) for handle in handles for one in ids]
    assert set(told) == {1 + 9}


def test_what_was_executed_and_failed_says_its_cost_too(server: Server, school: World) -> None:
    answer = server.client(school, "pat").ask("{ roleAssignments { id } }")
    assert answer.codes == ["FORBIDDEN"], answer
    assert answer.body["extensions"]["cost"]["estimated"] == OPERATION + INQUIRY


DEAR = """query($n: Int) { learners(first: $n) { nodes {
  marks(first: 300) { nodes { learner { id } assessment { id } } } } } }"""


def test_a_dear_operation_is_refused_before_it_runs(head: Client) -> None:
    """The sentence says what it was reckoned at, what one may cost, and what to do; a known document is no way around."""
    reckoned = OPERATION + 500 + 500 * 300 * 3
    assert reckoned > MAXIMUM_COST
    document = DEAR.replace("query", f"query Q{uuid4().hex}")
    assert cost(head, document, {"n": 1}) == 1 + 300 * 3
    answer = head.ask(document, {"n": 500})
    assert answer.codes == ["LIMIT_EXCEEDED"]
    [error] = answer.body["errors"]
    assert f"{reckoned}" in error["message"]
    assert f"{MAXIMUM_COST}" in error["message"]
    assert "first" in error["message"]


def test_events_say_what_each_of_them_costs(server: Server, school: World) -> None:
    """Over WebSocket and as a server-sent event; and an operation over either says what a POST says."""
    teacher = server.client(school, "teacher")
    document = "subscription { markRecorded { mark { score learner { id } } } }"
    with socket(server, teacher) as live, events(teacher, document) as stream:
        live.subscribe(document)
        assert record(teacher, mark(school, score="7")).data["recordMarks"]["userErrors"] == []
        told = live.receive()["payload"]["extensions"]["cost"]
        assert told["estimated"] == OPERATION + 2
        assert json.loads(stream.next()["data"])["extensions"]["cost"]["estimated"] == OPERATION + 2
        live.send({"type": "subscribe", "id": "2", "payload": {"query": "{ viewer { capacity } }"}})
        frame = next(frame for frame in iter(live.receive, None) if frame["type"] == "next" and frame["id"] == "2")
        assert frame["payload"]["extensions"]["cost"]["estimated"] == OPERATION + 1


def test_a_stream_whose_events_are_dear_is_refused(server: Server, school: World) -> None:
    document = """subscription { markRecorded { mark { learner {
      marks(first: 390) { nodes { learner { id } assessment { id } } } } } } }"""
    with socket(server, server.client(school, "teacher")) as live:
        live.send({"type": "subscribe", "id": "1", "payload": {"query": document}})
        frame = live.receive()
    assert frame["type"] == "error"
    assert frame["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "select less" in frame["payload"][0]["message"]
