"""A root field of Query that Python answers, inside one guarded transaction, with its own audit row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from server.database.pool import Pool, PoolConnection
from server.policies.permit import Coordinate, Permit
from server.queries.cursors import Cursors
from server.queries.kinds import Kind
from server.queries.noun import Argument
from server.resolvers.asked import Asked
from server.resolvers.mutation import Input


@dataclass(slots=True)
class Inquirer:
    """What an inquiry has at hand. The transaction is REPEATABLE READ and has proved the versions of the plans."""

    connection: PoolConnection
    asked: Asked
    permit: Permit
    cursors: Cursors
    logged: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    details: dict[str, Any] = field(default_factory=dict[str, Any])
    exported: bool = False

    @property
    def school_id(self) -> UUID:
        return self.asked.principal.school_id

    @property
    def person_id(self) -> UUID:
        return self.asked.principal.person_id

    @property
    def now(self) -> datetime:
        return self.asked.now

    def log(self, element: str, learner_ids: Iterable[UUID] = ()) -> None:
        """The audit row of this operation will name the element, and these learners under it."""
        self.logged.setdefault(element, set()).update(str(learner_id) for learner_id in learner_ids)


Prepare: TypeAlias = Callable[[Pool, Asked], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """`ask` gives a value of `type` as kinds.py describes; `kinds` are the types that it is made of, `inputs` those of its
    arguments.

    FORBIDDEN unless each of `coordinates` may pass on some row. `action` is what the audit row calls it. `heavy` ones look
    at all people, all learners or all rules: few at a time. `prepare` has written what it needs when its transaction
    begins.
    """

    name: str
    type: str
    description: str
    arguments: tuple[Argument, ...]
    coordinates: frozenset[Coordinate]
    ask: Callable[[dict[str, Any], Inquirer], Awaitable[Any]]
    kinds: tuple[Kind, ...] = ()
    action: str = "read"
    heavy: bool = False
    inputs: tuple[Input, ...] = ()
    prepare: Prepare | None = None
