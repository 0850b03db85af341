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
from server.queries.ids import GlobalId
from server.queries.noun import Argument

Input = tuple[str, str, tuple[Argument, ...]]


@dataclass(frozen=True, slots=True)
class Changed:
    """`keys` are rows of the payload by field; `constants` other members; `written` False: roll back."""

    keys: Mapping[str, Sequence[GlobalId]] = field(default_factory=dict[str, Sequence[GlobalId]])
    constants: Mapping[str, Any] = field(default_factory=dict[str, Any])
    errors: Sequence[InputError] = ()
    written: bool = True


Change = Callable[[dict[str, Any], UnitOfWork, Permit, Actor, datetime], Awaitable[Changed]]


@dataclass(frozen=True, slots=True)
class Mutation:
    """`inputs` end with the mutation's own; `rows` maps payload fields to (noun, column of the keys, description)."""

    name: str
    description: str
    inputs: tuple[Input, ...]
    payload: str
    rows: Mapping[str, tuple[str, str, str]]
    constants: tuple[tuple[str, str, str], ...]
    coordinates: frozenset[Coordinate]
    change: Change
