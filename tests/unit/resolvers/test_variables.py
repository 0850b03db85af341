"""Variables taken as they are: what graphql-core would make of them, and its words for what is wrong."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse
from graphql.execution.values import get_variable_values
from hypothesis import given
from hypothesis import strategies as st

from server.resolvers.invalid import DocumentInvalid
from server.resolvers.variables import Variables

SCHEMA = build_schema("""
    enum Colour { RED GREEN }
    input Range { from: Int = 1, to: Int! }
    type Query { a(
        id: ID, ids: [ID!], some: [ID], text: String, number: Int, yes: Boolean, half: Float, colour: Colour, range: Range
    ): Int }
""")
TYPES = (
    *("ID", "ID!", "[ID!]", "[ID]!", "String", "String!", "[String!]", "Int", "Int!", "[Int]", "Boolean", "Boolean!"),
    *("Float", "Colour", "Colour!", "Range", "[Range!]", "[[Int]]", "Int = 3", "[ID!] = []", "String! = null"),
)
VALUES = st.recursive(
    st.sampled_from(
        [None, True, False, 0, 1, -1, 2**31 - 1, 2**31, -(2**31), 1.0, 1.5, "", "a", "RED", "BLUE", "lrn_1", {"to": 1}]
    ),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


def declared(*types: str) -> OperationDefinitionNode:
    names = ", ".join(f"$v{number}: {kind}" for number, kind in enumerate(types))
    [operation] = parse(f"query ({names}) {{ __typename }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation


def by_the_book(operation: OperationDefinitionNode, values: dict[str, Any]) -> Any:
    found = get_variable_values(
        SCHEMA, operation.variable_definitions or (), values, max_errors=10, hide_suggestions=True
    )
    return [str(error) for error in found] if isinstance(found, list) else found.coerced


def taken(operation: OperationDefinitionNode, values: dict[str, Any]) -> Any:
    try:
        return Variables(SCHEMA, operation).coerced(values)
    except DocumentInvalid as invalid:
        return [str(error) for error in invalid.errors]


@pytest.mark.parametrize("kind", TYPES)
@given(value=VALUES)
def test_a_value_becomes_what_graphql_makes_of_it(kind: str, value: Any) -> None:
    """Types of values too: 1 is no true, and 1.0 an Int."""
    operation = declared(kind)
    assert repr(taken(operation, {"v0": value})) == repr(by_the_book(operation, {"v0": value}))


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_left_out_stays_out_unless_it_has_a_default(kind: str) -> None:
    """What was not declared is nobody's business."""
    operation = declared(kind, "Int")
    assert taken(operation, {"v1": 2, "other": 3}) == by_the_book(operation, {"v1": 2, "other": 3})


def test_all_that_is_wrong_is_told_at_once() -> None:
    """One wrong value among right ones is told alone."""
    operation = declared("ID!", "Int", "[String!]")
    for values in ({}, {"v0": "a", "v1": "1"}, {"v0": None, "v1": 2**31, "v2": [None]}):
        assert taken(operation, values) == by_the_book(operation, values)
        assert isinstance(taken(operation, values), list)
