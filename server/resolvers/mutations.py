"""Mutations as declared: verb after noun, one input, a payload with what changed and what was refused."""

from __future__ import annotations

from typing import Any

from server.queries.noun import Argument
from server.resolvers.changes_of_marks import RECORD_MARKS
from server.resolvers.changes_of_reports import ACKNOWLEDGE_REPORT, PUBLISH_REPORTS
from server.resolvers.governed import answered, input_type, object_type
from server.resolvers.mutation import Mutation

MUTATIONS: dict[str, Mutation] = {one.name: one for one in (RECORD_MARKS, PUBLISH_REPORTS, ACKNOWLEDGE_REPORT)}


def build_mutation() -> Any:
    """The Mutation type, with its inputs and payloads."""
    object_type(
        "UserError",
        "A submitted value, or the state of a row, that was refused.",
        (
            answered("code", "String!", "A stable word."),
            answered("message", "String!", "What is wrong and what to do."),
            answered("path", "[String!]!", "Where in the arguments; positions are written as digits."),
        ),
    )
    return object_type("Mutation", "What can be changed.", [_field(one) for one in MUTATIONS.values()])


def _field(mutation: Mutation) -> Any:
    for name, said, members in mutation.inputs:
        input_type(name, said, members)
    rows = [answered(name, f"[{noun}!]!", said) for name, (noun, _, said) in mutation.rows.items()]
    constants = [answered(*one) for one in mutation.constants]
    errors = answered("userErrors", "[UserError!]!", "What was refused, in order of the input.")
    object_type(mutation.payload, f"What came of {mutation.name}.", [*rows, *constants, errors])
    given = Argument("input", f"{mutation.inputs[-1][0]}!", "What to do.")
    return answered(mutation.name, f"{mutation.payload}!", mutation.description, (given,))
