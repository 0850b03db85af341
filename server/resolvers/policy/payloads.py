"""What the mutations of the rule book share: payloads that are read back within the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from server.commands.actor import Actor
from server.commands.policy.outcome import PolicyOutcome
from server.commands.policy.refusals import COORDINATES
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.kinds import Kind
from server.queries.noun import Argument
from server.queries.policy_history import draft, own_examples, submission, version
from server.resolvers.given import Given
from server.resolvers.mutation import Changed, Command, Input, Mutation
from server.resolvers.policy.values import Teller, own_example

DRAFT: Final = ("draft", "PolicyDraft", "The draft as it is now.")
SUBMISSION: Final = ("submission", "PolicySubmission", "The submission as it is now.")
VERSION: Final = ("version", "PolicyVersion", "The version that is now in force.")
EXAMPLE: Final = ("example", "PolicyExample", "The example; null once removed.")


def policy_mutation(
    name: str,
    description: str,
    takes: str,
    arguments: tuple[Argument, ...],
    payload: tuple[tuple[str, str, str], ...],
    command: Callable[[Given], Command[PolicyOutcome]],
    *,
    inputs: tuple[Input, ...] = (),
    kinds: tuple[Kind, ...] = (),
) -> Mutation:
    async def change(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
        outcome = await command(given)(unit, permit, actor, now)
        told = await _told(outcome, unit, now)
        return Changed(constants=told, errors=outcome.errors, written=not outcome.errors, recheck=not outcome.in_force)

    return Mutation(name, description, arguments, COORDINATES, change, payload, takes=takes, inputs=inputs, kinds=kinds)


async def _told(outcome: PolicyOutcome, unit: UnitOfWork, now: datetime) -> dict[str, Any]:
    """All that the payloads may ask for; null what the outcome doesn't name."""
    connection, school_id = unit.connection, unit.context.school_id
    teller = Teller(connection, school_id, now)
    told: dict[str, Any] = dict.fromkeys(("draft", "submission", "version", "example"))
    if outcome.draft is not None and (begun := await draft(connection, school_id, outcome.draft)):
        told["draft"] = await teller.draft(begun)
    if outcome.submission is not None and (handed := await submission(connection, school_id, outcome.submission)):
        told["submission"] = await teller.submission(handed)
    if outcome.version is not None and (numbered := await version(connection, school_id, outcome.version)):
        told["version"] = await teller.version(numbered)
    if outcome.example is not None:
        rows = await own_examples(connection, school_id)
        told["example"] = next((own_example(row) for row in rows if row.example_id == outcome.example), None)
    return told
