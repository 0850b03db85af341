"""narrowPolicy and confirmPolicy, addPolicyExample and removePolicyExample, from GraphQL to their commands and back."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from server.commands.actor import Actor
from server.commands.policy.examples import (
    AddPolicyExample,
    RemovePolicyExample,
    add_policy_example,
    remove_policy_example,
)
from server.commands.policy.narrowing import ConfirmPolicy, NarrowPolicy, confirm_policy, narrow_policy
from server.commands.policy.outcome import PolicyOutcome
from server.commands.policy.refusals import require
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.noun import Argument
from server.resolvers.given import Given, key_of
from server.resolvers.mutation import Command
from server.resolvers.policy.edits import read_edits
from server.resolvers.policy.payloads import EXAMPLE, VERSION, policy_mutation


def _narrow(given: Given) -> Command[PolicyOutcome]:
    async def narrow(unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> PolicyOutcome:
        require(permit, "write", "Narrowing rules")
        edits, errors = read_edits(given.get("edits") or ())
        if errors:
            return PolicyOutcome(errors=errors)
        command = NarrowPolicy(given["reason"], edits, given.get("toVersion"))
        return await narrow_policy(command, unit, permit, actor, now)

    return narrow


def _add(given: Given) -> Command[PolicyOutcome]:
    command = AddPolicyExample(
        name=given["name"],
        capacity=given["capacity"],
        held=given["roles"],
        element=given["element"],
        action=given["action"],
        visible=given["visible"],
        facts=given.get("facts") or (),
        relations=given.get("relations") or (),
    )
    return partial(add_policy_example, command)


NARROWING_CHANGES: Final = (
    policy_mutation(
        "narrowPolicy",
        "In an emergency, take access away at once and alone; refused where anybody would gain anything.",
        "Either edits of what is in force, or an older version's content.",
        (
            Argument("edits", "[PolicyEdit!]", "In the order in which they are made."),
            Argument("toVersion", "Int", "The version whose content is to hold."),
            Argument("reason", "String!", "Why it can't wait, in 1 to 500 characters."),
        ),
        (VERSION,),
        _narrow,
    ),
    policy_mutation(
        "confirmPolicy",
        "Stand by another person's narrowing, which is asked for within 24 hours.",
        "Which narrowing.",
        (Argument("version", "Int!", "The narrowed version."),),
        (VERSION,),
        lambda given: partial(confirm_policy, ConfirmPolicy(given["version"])),
    ),
    policy_mutation(
        "addPolicyExample",
        "Keep a decision that every later submission must make so.",
        "Who, before which row, may or may not do what; in the words of policyWords.",
        (
            Argument("name", "String!", "What it is called."),
            Argument("capacity", "String!", "In what capacity the person acts."),
            Argument("roles", "[String!]!", "The person's roles."),
            Argument("facts", "[String!]", "Conditions that hold."),
            Argument("relations", "[String!]", "Scopes in which the row stands to the person; school is always one."),
            Argument("element", "String!", "The data element."),
            Argument("action", "String!", "What is done with it."),
            Argument("visible", "Boolean!", "True: it must be allowed; false: it must not."),
        ),
        (EXAMPLE,),
        _add,
    ),
    policy_mutation(
        "removePolicyExample",
        "Hold later submissions to one of the school's own examples no longer.",
        "Which example.",
        (Argument("example", "ID!", "The example."),),
        (EXAMPLE,),
        lambda given: partial(remove_policy_example, RemovePolicyExample(key_of(given, "example", "pex"))),
    ),
)
