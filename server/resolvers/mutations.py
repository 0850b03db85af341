"""Mutations as declared: verb after noun, one input, a payload with what changed and what was refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from server.queries.noun import Argument
from server.resolvers.access.changes import ACCESS_MUTATIONS
from server.resolvers.access.changes_of_apps import APP_CHANGES
from server.resolvers.access.changes_of_grants import GRANT_CHANGES
from server.resolvers.access.changes_of_invitations import INVITATION_CHANGES
from server.resolvers.access.changes_of_opt_outs import OPT_OUT_CHANGES
from server.resolvers.access.changes_of_roles import ROLE_MUTATIONS
from server.resolvers.access.changes_of_summaries import SUMMARY_CHANGES
from server.resolvers.changes_of_reports import ACKNOWLEDGE_REPORT, PUBLISH_REPORTS
from server.resolvers.changes_of_statistics import TAKE_CENSUS
from server.resolvers.expectations.changes import EXPECTATION_CHANGES
from server.resolvers.governed import TYPES, answered, input_type, object_type
from server.resolvers.marks.changes import RECORD_MARKS
from server.resolvers.marks.later_changes import LATER_CHANGES
from server.resolvers.mutation import Mutation
from server.resolvers.policy.changes import POLICY_CHANGES
from server.resolvers.policy.changes_of_narrowings import NARROWING_CHANGES
from server.resolvers.rosters.changes import ROSTER_CHANGES
from server.resolvers.rosters.upserts import UPSERTS
from server.resolvers.windows.changes import WINDOW_CHANGES
from server.resolvers.windows.changes_of_gradings import GRADING_CHANGES
from server.resolvers.windows.changes_of_scales import SCALE_CHANGES

MUTATIONS: dict[str, Mutation] = {
    one.name: one
    for one in (
        RECORD_MARKS,
        *LATER_CHANGES,
        *WINDOW_CHANGES,
        *GRADING_CHANGES,
        *SCALE_CHANGES,
        PUBLISH_REPORTS,
        ACKNOWLEDGE_REPORT,
        TAKE_CENSUS,
        *EXPECTATION_CHANGES,
        *POLICY_CHANGES,
        *NARROWING_CHANGES,
        *ROLE_MUTATIONS,
        *ACCESS_MUTATIONS,
        *GRANT_CHANGES,
        *APP_CHANGES,
        *INVITATION_CHANGES,
        *OPT_OUT_CHANGES,
        *SUMMARY_CHANGES,
        *UPSERTS,
        *ROSTER_CHANGES,
    )
}


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


def one_of_inputs() -> Iterator[str]:
    """Names of inputs of which exactly one member is given."""
    for mutation in MUTATIONS.values():
        yield from (one.name for one in mutation.inputs if one.one_of)


def _field(mutation: Mutation) -> Any:
    for one in (*mutation.inputs, mutation.input):
        if one.name not in TYPES:  # some are shared
            input_type(one.name, one.description, one.members, one_of=one.one_of)
    rows = [answered(name, f"[{noun}!]!", said) for name, (noun, _, said) in mutation.rows.items()]
    constants = [answered(*one) for one in mutation.constants]
    errors = answered("userErrors", "[UserError!]!", "What was refused, in order of the input.")
    object_type(mutation.payload, f"What came of {mutation.name}.", [*rows, *constants, errors])
    given = Argument("input", f"{mutation.input.name}!", "What to do.")
    return answered(mutation.name, f"{mutation.payload}!", mutation.description, (given,))
