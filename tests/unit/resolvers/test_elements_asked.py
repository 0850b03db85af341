"""What a document asks for is told before it is sent: no request's footprint holds more."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from graphql.execution.values import get_variable_values

from server.queries.ask import existence
from server.queries.nouns import NODES
from server.queries.reading import read_query
from server.queries.selection import Document
from server.resolvers.documents import read_document
from server.resolvers.elements_asked import elements_asked
from server.resolvers.inquiries import INQUIRIES
from server.resolvers.schema import graphql_schema
from tests.oracle.documents import DOCUMENTS
from tests.worlds import small_school

BENCH: Final = sorted((Path(__file__).parents[2] / "bench" / "queries").glob("*.graphql"))
OF_IDS: Final = {(element, "read") for noun in NODES.values() for element in (*existence(noun), "name")}


def asked(text: str) -> frozenset[tuple[str, str]]:
    return elements_asked(read_document(graphql_schema(), lambda _: None, text))


def footprint(text: str, given: dict[str, Any]) -> frozenset[tuple[str, str]]:
    """Of one request."""
    prepared = read_document(graphql_schema(), lambda _: None, text)
    [operation] = prepared.operations.values()
    coerced: Any = get_variable_values(graphql_schema(), operation.variable_definitions or (), given)
    document = Document(prepared.fragments, coerced.coerced)
    return read_query(graphql_schema(), document, operation.selection_set, INQUIRIES).coordinates


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_written_out_document_is_its_footprint(name: str) -> None:
    """The same, where nothing is left to variables; but for what ids alone tell."""
    text = DOCUMENTS[name](small_school("elements asked", date(2026, 11, 20)))
    found, read = asked(text), footprint(text, {})
    assert read - found <= (OF_IDS if "node" in text else set())
    assert found - read <= ({one for one in found if one[1] == "count"} if "totalCount" in text else set())


@pytest.mark.parametrize("path", BENCH, ids=lambda path: path.stem)
def test_variables_can_ask_for_no_more(path: Path) -> None:
    """Whatever the measured queries are sent with."""
    given = json.loads(path.with_suffix(".json").read_text())["variables"]
    ids = {name: f"{named.split(':')[0]}_{'0' * 32}" for name, named in given.items()}
    assert footprint(path.read_text(), ids) <= asked(path.read_text())


VARIED: Final = """
query Varied($born: Boolean!, $filter: LearnerFilter, $order: [LearnerOrder!], $by: LearnerBy!) {
  learners(filter: $filter, orderBy: $order) { totalCount nodes { givenName dateOfBirth @include(if: $born) ...More } }
  learner(by: $by) { id @skip(if: $born) }
}
fragment More on Learner { classes { name } }
"""


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"born": True},
        {"filter": {"yearGroup": {"eq": "10"}}},
        {"filter": {"any": [{"senProvision": {"eq": "K"}}, {"yearGroup": {"eq": "9"}}]}},
        {"order": [{"field": "DATE_OF_BIRTH"}]},
        {"by": {"upn": "A123456789012"}},
    ],
)
def test_what_variables_may_name_is_told(given: dict[str, Any]) -> None:
    """Both sides of a condition, every filter, every order, every way of naming a learner."""
    variables = {"born": False, "by": {"id": f"lrn_{'0' * 32}"}} | given
    assert footprint(VARIED, variables) <= asked(VARIED)


def test_a_literal_filter_tells_of_itself_alone() -> None:
    """Nothing of what it might have been."""
    plain = asked("{ learners { nodes { givenName } } }")
    year = asked('{ learners(filter: {any: [{yearGroup: {eq: "10"}}]}) { totalCount } }')
    assert {element for element, action in year if action == "count"} - {element for element, _ in plain} == {
        element for element, _ in year
    } - {element for element, _ in plain}
    assert ("sen_needs", "read") not in year | plain


def test_changes_inquiries_and_streams_tell_too() -> None:
    """By what they declare, and what they answer."""
    written = asked(
        "mutation($i: RecordMarksInput!) { recordMarks(input: $i) { marks { score learner { givenName } } } }"
    )
    assert {("mark", "write"), ("mark", "read"), ("name", "read")} <= written
    assert ("client_grant", "read") in asked("{ clientGrants { declaredByName scope } }")
    assert ("staff_name", "read") in asked("{ clientGrants { declaredByName scope } }")
    followed = asked("subscription { gradeUpdated { grade { value } } }")
    assert {("grade", "read"), ("name", "read")} <= followed
