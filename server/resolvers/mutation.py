"""What a mutation declares, and what its command brings back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Coordinate, Permit
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.queries.ids import GlobalId
from server.queries.kinds import Kind
from server.queries.noun import Argument

# Name, description, members; True after them makes it @oneOf.
Input = tuple[str, str, tuple[Argument, ...]] | tuple[str, str, tuple[Argument, ...], bool]


@dataclass(frozen=True, slots=True)
class Changed:
    """`keys` are rows of the payload by field; `constants` other members, as values of their kinds.

    `written` False: roll back. `recheck` False: the change raised the versions that its own guard would look at.
    """

    keys: Mapping[str, Sequence[GlobalId]] = field(default_factory=dict[str, Sequence[GlobalId]])
    constants: Mapping[str, Any] = field(default_factory=dict[str, Any])
    errors: Sequence[InputError] = ()
    written: bool = True
    recheck: bool = True


Change = Callable[[dict[str, Any], UnitOfWork, Permit, Actor, datetime], Awaitable[Changed]]


@dataclass(frozen=True, slots=True)
class Mutation:
    """`inputs` end with the mutation's own; `rows` maps payload fields to (noun, column of the keys, description).

    `constants` are the payload's other fields: name, type, description; `kinds` the types that those are made of.
    `gate` is asked before anything is read, and raises Forbidden.
    """

    name: str
    description: str
    inputs: tuple[Input, ...]
    payload: str
    rows: Mapping[str, tuple[str, str, str]]
    constants: tuple[tuple[str, str, str], ...]
    coordinates: frozenset[Coordinate]
    change: Change
    kinds: tuple[Kind, ...] = ()
    gate: Callable[[Planner, Profile], None] | None = None
