"""What a subscription declares: which events of the outbox it tells, to whom they may be told, and what is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from server.policies.permit import Coordinate
from server.queries.events import OutboxEvent
from server.queries.kinds import Kind
from server.queries.noun import Argument
from server.resolvers.asked import Asked
from server.resolvers.inquiry import Inquirer

AFTER: Final = Argument(
    "after", "ID", "The id of the last event that you were told: begin with the one that came after it. Left out: now."
)
IMPORTED: Final = "marksImported"


@dataclass(frozen=True, slots=True)
class RowTold:
    """A row that the compiled read answers: `field` of the payload, its noun, the column and the event's member of its key."""

    field: str
    noun: str
    column: str
    key: str
    description: str
    yearly: bool = False


Tells: TypeAlias = Callable[[Sequence[OutboxEvent], Inquirer], Awaitable[Mapping[int, Mapping[str, Any]]]]
"""Members by sequence number; an event that is missing isn't told."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """`kind` is the outbox's; its payload's type is named after it.

    `row`, or else `tells` with the `members` (name, type, description) that it gives. `mine`: whether the event concerns
    the account at all, where that is known without a read. `coordinates` must be open to somebody like the asker.
    """

    name: str
    description: str
    arguments: tuple[Argument, ...] = ()
    row: RowTold | None = None
    tells: Tells | None = None
    members: tuple[tuple[str, str, str], ...] = ()
    kinds: tuple[Kind, ...] = ()
    coordinates: frozenset[Coordinate] = frozenset()
    mine: Callable[[Mapping[str, Any], Asked], bool] = lambda _payload, _asked: True
    imported: bool = False

    @property
    def payload(self) -> str:
        return self.name[0].upper() + self.name[1:]

    @property
    def events(self) -> frozenset[str]:
        """The outbox's kinds."""
        return frozenset({self.name, IMPORTED} if self.imported else {self.name})
