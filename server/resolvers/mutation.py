"""What a mutation declares, and what its command brings back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Coordinate, Permit
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.queries.ids import GlobalId
from server.queries.kinds import Kind
from server.queries.noun import Argument
from server.resolvers.given import Given


@dataclass(frozen=True, slots=True)
class Input:
    """An input type."""

    name: str
    description: str
    members: tuple[Argument, ...]
    one_of: bool = False


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


Change: TypeAlias = Callable[[Given, UnitOfWork, Permit, Actor, datetime], Awaitable[Changed]]
Outcome = TypeVar("Outcome")
Command: TypeAlias = Callable[[UnitOfWork, Permit, Actor, datetime], Awaitable[Outcome]]
"""A command with its own arguments bound."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """Its input and payload are named after it; `takes` describes the input, `inputs` are the types that it is made of.

    `rows` maps payload fields to (noun, column of the keys, description); `constants` are the payload's other fields:
    name, type, description; `kinds` the types that those are made of. `gate` is asked before anything is read, and
    raises Forbidden.
    """

    name: str
    description: str
    arguments: tuple[Argument, ...]
    coordinates: frozenset[Coordinate]
    change: Change
    constants: tuple[tuple[str, str, str], ...] = ()
    rows: Mapping[str, tuple[str, str, str]] = field(default_factory=dict[str, tuple[str, str, str]])
    takes: str = ""
    inputs: tuple[Input, ...] = ()
    kinds: tuple[Kind, ...] = ()
    gate: Callable[[Planner, Profile], None] | None = None

    @property
    def input(self) -> Input:
        return Input(f"{self._title}Input", self.takes or f"What {self.name} takes.", self.arguments)

    @property
    def payload(self) -> str:
        return f"{self._title}Payload"

    @property
    def _title(self) -> str:
        return self.name[0].upper() + self.name[1:]
