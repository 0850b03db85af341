"""What the mutations of access share: ids of people, a payload of one id, and commits that raise one's own profile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from server.commands.access.outcome import AccessOutcome
from server.commands.actor import Actor
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Coordinate, Permit
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.queries.ids import GlobalId
from server.queries.noun import Argument
from server.resolvers.given import Given
from server.resolvers.mutation import Changed, Command, Mutation

PEOPLE: Final = ("per", "stf", "gdn", "lrn")
"""Prefixes of ids whose key is a person's."""

_ID: Final = ("id", "ID", "Of what was written; null where nothing was.")
_SESSION: Final = (
    ("startsAt", "DateTime", "When it began."),
    ("endsAt", "DateTime", "When it ends, or ended."),
)


def access_mutation(
    name: str,
    description: str,
    arguments: tuple[Argument, ...],
    coordinates: frozenset[Coordinate],
    prefix: str,
    command: Callable[[Given], Command[AccessOutcome]],
    *,
    session: bool = False,
    gate: Callable[[Planner, Profile], None] | None = None,
) -> Mutation:
    """`prefix` is of the payload's id; `session`: the payload tells its times."""

    async def change(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
        outcome = await command(given)(unit, permit, actor, now)
        members: dict[str, Any] = {"id": None if outcome.key is None else str(GlobalId(prefix, outcome.key))}
        if session:
            members |= {"startsAt": outcome.starts_at, "endsAt": outcome.ends_at}
        # Where the asker's own profile was raised, the command has looked at the versions itself.
        own = unit.context.person_id in outcome.touched
        return Changed(constants=members, errors=outcome.errors, written=not outcome.errors, recheck=not own)

    return Mutation(name, description, arguments, coordinates, change, (_ID, *(_SESSION if session else ())), gate=gate)
