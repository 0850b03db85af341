"""The schema: the contract with clients, printed to schema.graphql."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

import strawberry
from graphql import GraphQLInputObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

from server.queries.catalogue import CATALOGUE, ENTRY, FIELDS
from server.queries.noun import Argument, Many
from server.queries.nouns import NOUNS
from server.queries.roots import MOST_NODES, ROOTS
from server.resolvers.governed import TYPES, answered, input_type, object_type
from server.resolvers.grades.explanations import build_explanations
from server.resolvers.inquiries import inquiry_fields
from server.resolvers.kinds import build_kinds
from server.resolvers.live.subscriptions import build_subscription
from server.resolvers.mutations import build_mutation, one_of_inputs
from server.resolvers.nouns import build_types, edge_field
from server.resolvers.scalars import SCALARS

_LEARNER_BY: Final = "LearnerBy"


@cache
def schema() -> strawberry.Schema:
    """Built once a process."""
    build_explanations()
    build_types()
    build_kinds()
    input_type(
        _LEARNER_BY,
        "How a learner is named.",
        (
            Argument("id", "ID", "By id."),
            Argument("upn", "UPN", "By unique pupil number."),
            Argument("misId", "String", "By id in the school's MIS."),
        ),
        one_of=True,
    )
    object_type(ENTRY, "A data element, and what the school may do with it.", (answered(*field) for field in FIELDS))
    query = object_type("Query", "What can be asked.", _roots())
    return strawberry.Schema(
        query=query,
        mutation=build_mutation(),
        subscription=build_subscription(),
        types=[TYPES[name] for name in NOUNS],
        config=StrawberryConfig(auto_camel_case=False, scalar_map=SCALARS, disable_field_suggestions=True),
    )


@cache
def graphql_schema() -> GraphQLSchema:
    """The same schema as graphql-core knows it."""
    made = schema()._schema  # pyright: ignore[reportPrivateUsage]
    for name in (_LEARNER_BY, *one_of_inputs()):
        # Strawberry prints @oneOf and never tells graphql-core, whose validation and coercion enforce it.
        one_of = made.type_map[name]
        assert isinstance(one_of, GraphQLInputObjectType)
        one_of.is_one_of = True
    return made


def printed() -> str:
    """The schema's text, as committed in schema.graphql."""
    return f"{schema().as_str().strip()}\n"


def _roots() -> Iterator[StrawberryField]:
    for name, root in ROOTS.items():
        arguments = () if isinstance(root.edge, Many) else root.arguments
        required = root.required or isinstance(root.edge, Many)
        assert root.edge.name == name
        yield edge_field(root.edge, required=required, arguments=arguments)
    yield answered("node", "Node", "Any row by its id.", (Argument("id", "ID!", "The id."),))
    yield answered(
        "nodes",
        "[Node]!",
        "Rows by their ids, in that order; null for each that you may not know of.",
        (Argument("ids", "[ID!]!", f"At most {MOST_NODES} ids."),),
    )
    yield answered(CATALOGUE, f"[{ENTRY}!]!", "Every data element of the register, and who may see it now.")
    yield from inquiry_fields()
