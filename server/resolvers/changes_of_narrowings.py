"""narrowPolicy and confirmPolicy, addPolicyExample and removePolicyExample, from GraphQL to their commands and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from server.commands.actor import Actor
from server.commands.policy.examples import (
    AddPolicyExample,
    ExampleOutcome,
    RemovePolicyExample,
    add_policy_example,
    remove_policy_example,
)
from server.commands.policy.narrowing import ConfirmPolicy, NarrowPolicy, confirm_policy, narrow_policy
from server.commands.policy.refusals import COORDINATES, require
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.noun import Argument
from server.queries.policy_history import own_examples
from server.resolvers.changes_of_policy import VERSION, the_key, told
from server.resolvers.mutation import Changed, Mutation
from server.resolvers.policy_edits import read_edits
from server.resolvers.policy_values import own_example

_EXAMPLE: Final = ("example", "PolicyExample", "The example; null once removed.")


async def _narrow(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    require(permit, "write", "Narrowing rules")
    edits, errors = read_edits(given.get("edits") or ())
    if errors:
        return await told(unit, now, ("version",), errors=errors)
    outcome = await narrow_policy(
        NarrowPolicy(given["reason"], edits, given.get("toVersion")), unit, permit, actor, now
    )
    return await told(unit, now, ("version",), numbered=outcome.version, errors=outcome.errors, recheck=False)


async def _confirm(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    outcome = await confirm_policy(ConfirmPolicy(given["version"]), unit, permit, actor, now)
    return await told(unit, now, ("version",), numbered=outcome.version, errors=outcome.errors)


async def _add(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
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
    return await _kept(unit, await add_policy_example(command, unit, permit, actor, now))


async def _remove(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = RemovePolicyExample(the_key(given, "example", "pex"))
    return await _kept(unit, await remove_policy_example(command, unit, permit, actor, now))


async def _kept(unit: UnitOfWork, outcome: ExampleOutcome) -> Changed:
    rows = await own_examples(unit.connection, unit.context.school_id)
    found = next((own_example(row) for row in rows if row.example_id == outcome.example), None)
    return Changed(constants={"example": found}, errors=outcome.errors, written=not outcome.errors)


NARROW_POLICY: Final = Mutation(
    name="narrowPolicy",
    description="In an emergency, take access away at once and alone; refused where anybody would gain anything.",
    inputs=(
        (
            "NarrowPolicyInput",
            "Either edits of what is in force, or an older version's content.",
            (
                Argument("edits", "[PolicyEdit!]", "In the order in which they are made."),
                Argument("toVersion", "Int", "The version whose content is to hold."),
                Argument("reason", "String!", "Why it can't wait, in 1 to 500 characters."),
            ),
        ),
    ),
    payload="NarrowPolicyPayload",
    rows={},
    constants=(VERSION,),
    coordinates=COORDINATES,
    change=_narrow,
)
CONFIRM_POLICY: Final = Mutation(
    name="confirmPolicy",
    description="Stand by another person's narrowing, which is asked for within 24 hours.",
    inputs=(("ConfirmPolicyInput", "Which narrowing.", (Argument("version", "Int!", "The narrowed version."),)),),
    payload="ConfirmPolicyPayload",
    rows={},
    constants=(VERSION,),
    coordinates=COORDINATES,
    change=_confirm,
)
ADD_POLICY_EXAMPLE: Final = Mutation(
    name="addPolicyExample",
    description="Keep a decision that every later submission must make so.",
    inputs=(
        (
            "AddPolicyExampleInput",
            "Who, before which row, may or may not do what; in the words of policyWords.",
            (
                Argument("name", "String!", "What it is called."),
                Argument("capacity", "String!", "In what capacity the person acts."),
                Argument("roles", "[String!]!", "The person's roles."),
                Argument("facts", "[String!]", "Conditions that hold."),
                Argument(
                    "relations", "[String!]", "Scopes in which the row stands to the person; school is always one."
                ),
                Argument("element", "String!", "The data element."),
                Argument("action", "String!", "What is done with it."),
                Argument("visible", "Boolean!", "True: it must be allowed; false: it must not."),
            ),
        ),
    ),
    payload="AddPolicyExamplePayload",
    rows={},
    constants=(_EXAMPLE,),
    coordinates=COORDINATES,
    change=_add,
)
REMOVE_POLICY_EXAMPLE: Final = Mutation(
    name="removePolicyExample",
    description="Hold later submissions to one of the school's own examples no longer.",
    inputs=(("RemovePolicyExampleInput", "Which example.", (Argument("example", "ID!", "The example."),)),),
    payload="RemovePolicyExamplePayload",
    rows={},
    constants=(_EXAMPLE,),
    coordinates=COORDINATES,
    change=_remove,
)
NARROWING_CHANGES: Final = (NARROW_POLICY, CONFIRM_POLICY, ADD_POLICY_EXAMPLE, REMOVE_POLICY_EXAMPLE)
