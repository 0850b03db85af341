"""What a selection set selects, against the collection of the oracle, which was written apart."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import FragmentDefinitionNode, GraphQLObjectType, OperationDefinitionNode, parse

from server.errors import BadUserInput
from server.queries.selection import Document
from tests.oracle.printed import SCHEMA
from tests.oracle.selecting import Selecting

LEARNER = SCHEMA.type_map["Learner"]
QUERIES = (
    "query($x: Boolean!) { a: learners { nodes { id } } ...F @include(if: $x) ... @skip(if: $x) { b: __typename } }"
    " fragment F on Query { c: school { id } a: learners { totalCount } ...F2 } fragment F2 on Query { ...F3 d: __typename }"
    " fragment F3 on Query { e: viewer { capacity } }",
    "query($x: Boolean = false) { a: __typename @include(if: $x) @skip(if: $x) b: __typename @skip(if: false) ...F ...F }"
    " fragment F on Query { a: __typename c: __typename @include(if: false) }",
)


def _document(text: str, variables: dict[str, Any]) -> tuple[Document, OperationDefinitionNode]:
    node = parse(text)
    fragments = {one.name.value: one for one in node.definitions if isinstance(one, FragmentDefinitionNode)}
    operation = next(one for one in node.definitions if isinstance(one, OperationDefinitionNode))
    return Document(fragments, variables), operation


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("text", QUERIES)
def test_fields_are_collected_in_order_of_first_mention(text: str, held: bool) -> None:
    document, operation = _document(text, {"x": held})
    mine = document.select((operation.selection_set,), frozenset({"Query"}))
    query = SCHEMA.query_type
    assert query is not None
    theirs = Selecting(parse(text), {"x": held}).fields(query, [operation.selection_set])
    assert [(one.key, one.name, len(one.nodes)) for one in mine] == [
        (key, nodes[0].name.value, len(nodes)) for key, nodes in theirs.items()
    ]


def test_fragments_apply_to_their_type_and_its_interface() -> None:
    text = """{ node(id: 1) { ...on Learner { a: id } ...on Class { b: id } ...on Node { c: id } ...F } }
      fragment F on Class { d: id }"""
    document, operation = _document(text, {})
    (node,) = document.select((operation.selection_set,), frozenset({"Query"}))
    assert [one.key for one in document.select(node.below, frozenset({"Learner", "Node"}))] == ["a", "c"]
    assert [one.key for one in document.select(node.below, frozenset({"Class", "Node"}))] == ["b", "c", "d"]
    assert isinstance(LEARNER, GraphQLObjectType)


def test_a_null_condition_is_refused() -> None:
    """A variable of type Boolean may be null where it has a default."""
    document, operation = _document("query($x: Boolean = true) { a: __typename @include(if: $x) }", {"x": None})
    with pytest.raises(BadUserInput):
        document.select((operation.selection_set,), frozenset({"Query"}))
