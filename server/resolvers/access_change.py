"""What the mutations of access share: ids of people, a payload of one id, and commits that raise one's own profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from server.commands.access.outcome import AccessOutcome
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Coordinate
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.queries.ids import GlobalId, decode
from server.queries.noun import Argument
from server.resolvers.mutation import Change, Changed, Mutation

PEOPLE: Final = ("per", "stf", "gdn", "lrn")
"""Prefixes of ids whose key is a person's."""

_ID: Final = ("id", "ID", "Of what was written; null where nothing was.")
_SESSION: Final = (
    ("startsAt", "DateTime", "When it began."),
    ("endsAt", "DateTime", "When it ends, or ended."),
)


def key_of(given: dict[str, Any], name: str, *prefixes: str) -> UUID:
    """The key of an id argument. Raises BadUserInput for an id of another type."""
    path = ("input", name)
    found = decode(given[name], path, yearly=False)
    return found.key if found.prefix in prefixes else decode(given[name], path, prefixes[0]).key


def changed(outcome: AccessOutcome, unit: UnitOfWork, prefix: str, *, session: bool = False) -> Changed:
    """Where the asker's own profile was raised, the command has looked at the versions itself."""
    members: dict[str, Any] = {"id": None if outcome.key is None else str(GlobalId(prefix, outcome.key))}
    if session:
        members |= {"startsAt": outcome.starts_at, "endsAt": outcome.ends_at}
    own = unit.context.person_id in outcome.touched
    return Changed(constants=members, errors=outcome.errors, written=not outcome.errors, recheck=not own)


def access_mutation(
    name: str,
    description: str,
    arguments: tuple[Argument, ...],
    coordinates: frozenset[Coordinate],
    change: Change,
    *,
    session: bool = False,
    gate: Callable[[Planner, Profile], None] | None = None,
) -> Mutation:
    """Its input and payload are named after it."""
    title = name[0].upper() + name[1:]
    return Mutation(
        name=name,
        description=description,
        inputs=((f"{title}Input", f"What {name} takes.", arguments),),
        payload=f"{title}Payload",
        rows={},
        constants=(_ID, *(_SESSION if session else ())),
        coordinates=coordinates,
        change=change,
        gate=gate,
    )
