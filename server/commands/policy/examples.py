"""addPolicyExample and removePolicyExample: decisions that a school holds every later draft to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.access.notice_kinds import NoticeKind
from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.policy.outcome import PolicyOutcome
from server.commands.policy.refusals import no_such, refused, require
from server.commands.policy.texts import check_length
from server.commands.policy.traces import leave_trace, tell_keepers
from server.commands.statements import execute
from server.database.unit_of_work import UnitOfWork
from server.policies.examples import LONGEST_NAME, Example
from server.policies.permit import Permit
from server.queries.policy_history import own_examples

MOST_EXAMPLES: Final = 500
_INSERT: Final = """\
INSERT INTO usher.policy_example (school_id, example_id, name, capacity, roles, facts, relations, element, action,
    visible, added_by, added_at)
VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::text[], $6::text[], $7::text[], $8::text, $9::text, $10::boolean,
    $11::uuid, $12::timestamptz)"""
_END: Final = """\
INSERT INTO usher.policy_example_end (school_id, example_id, removed_by, removed_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::timestamptz)
ON CONFLICT DO NOTHING"""

_NO_ROLE: Final = refused("NO_ROLE", "Name at least one role: without one nobody may do anything.", "roles")


@dataclass(frozen=True, slots=True)
class AddPolicyExample:
    """Somebody in `capacity` who holds these roles and facts, before a row to which the relations hold."""

    name: str
    capacity: str
    held: Sequence[str]
    element: str
    action: str
    visible: bool
    facts: Sequence[str] = ()
    relations: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RemovePolicyExample:
    example: UUID


async def add_policy_example(
    command: AddPolicyExample, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> PolicyOutcome:
    """Raises Forbidden without ("policy", "write"), and BadUserInput for a name out of bounds."""
    require(permit, "write", "Keeping examples")
    name = check_length(command.name, "name", LONGEST_NAME)
    roles, facts, relations = (tuple(sorted(set(words))) for words in (command.held, command.facts, command.relations))
    example = Example(
        name or "", command.capacity, roles, facts, relations, command.element, command.action, command.visible
    )
    if not roles:
        return PolicyOutcome(errors=_NO_ROLE)
    if errors := _unknown_words(example):
        return PolicyOutcome(errors=errors)
    context = unit.context
    standing = await own_examples(unit.connection, context.school_id)
    if any(one.name == name for one in standing):
        return PolicyOutcome(errors=refused("DOUBLED_EXAMPLE", "Another example has this name: choose one.", "name"))
    if len(standing) >= MOST_EXAMPLES:
        said = f"A school keeps at most {MOST_EXAMPLES} examples: remove one first."
        return PolicyOutcome(errors=refused("TOO_MANY_EXAMPLES", said, "name"))
    example_id = new_key()
    values = [
        context.school_id, example_id, name, command.capacity, list(roles), list(facts), list(relations),
        command.element, command.action, command.visible, context.person_id, now,
    ]  # fmt: skip
    await execute(unit.connection, _INSERT, values)
    await leave_trace(unit, actor, now, "policyExampleAdded", {"example": str(example_id)})
    return PolicyOutcome(example=example_id)


async def remove_policy_example(
    command: RemovePolicyExample, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> PolicyOutcome:
    """A school's own; those of the agreement are no rows. Whoever looks after the rules is told, and who added it.

    Raises Forbidden without ("policy", "write").
    """
    require(permit, "write", "Keeping examples")
    context = unit.context
    standing = await own_examples(unit.connection, context.school_id)
    added_by = next((one.added_by for one in standing if one.example_id == command.example), None)
    if added_by is None:
        return PolicyOutcome(errors=no_such("example of your own", "example"))
    if not await execute(unit.connection, _END, [context.school_id, command.example, context.person_id, now]):
        return PolicyOutcome(errors=no_such("example of your own", "example"))
    await leave_trace(unit, actor, now, "policyExampleRemoved", {"example": str(command.example)})
    ids = {"example": command.example, "person": context.person_id}
    await tell_keepers(unit, NoticeKind.POLICY_EXAMPLE_REMOVED, ids, now, added_by)
    return PolicyOutcome(example=command.example)


def _unknown_words(example: Example) -> tuple[InputError, ...]:
    """One error a word outside the vocabulary, or of another capacity."""
    places = {"bad_name": "name", "unknown_role": "roles", "unknown_fact": "facts", "unknown_relation": "relations"}
    return tuple(
        InputError(one.code.upper(), f"{one.sentence}.", ("input", places.get(one.code) or one.code.split("_")[-1]))
        for one in example.findings()
    )
