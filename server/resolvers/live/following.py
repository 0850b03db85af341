"""The events of one subscription operation, as its asker may read them now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from server.policies.permit import Coordinate
from server.queries.cost import OPERATION
from server.queries.events import OutboxEvent
from server.resolvers.asked import Asked
from server.resolvers.execution import Execution, Sent
from server.resolvers.live.probing import Rolls
from server.resolvers.live.reckoned_events import Reckoned
from server.resolvers.live.row_events import Rows
from server.resolvers.live.subscribed import subscribed
from server.resolvers.projection import written

Named: TypeAlias = tuple[OutboxEvent, str]
"""An event and its id."""


class Following:
    """Raises BadUserInput for arguments that are no ids."""

    def __init__(self, execution: Execution, sent: Sent) -> None:
        self.subscribed = subscribed(execution, sent)
        self._shown = self.subscribed.shown
        self._rolls = Rolls(self.subscribed)
        row = self.subscribed.subscription.row
        self._source = Reckoned(self.subscribed) if row is None else Rows(self.subscribed, row, self._rolls)
        self.cost = OPERATION + self._source.cost.of(sent.variables)
        """Of one event."""

    @property
    def coordinates(self) -> frozenset[Coordinate]:
        return self.subscribed.subscription.coordinates | self._source.coordinates

    async def meant(self, events: Sequence[OutboxEvent], asked: Asked) -> list[OutboxEvent]:
        """Those of them that the operation asks for, as far as that is known without their rows."""
        kinds, mine = self.subscribed.subscription.events, self.subscribed.subscription.mine
        some = [one for one in events if one.kind in kinds and mine(one.payload, asked)]
        roll = await self._rolls.now() if some else None
        return [one for one in some if self.subscribed.narrowing.holds(one.payload, roll)]

    async def tell(self, events: Sequence[Named], asked: Asked) -> list[tuple[str, bytes]]:
        """Of those that the asker may know of now, id and whole response. Raises GuardFailed."""
        found = await self._source.found([event for event, _ in events], asked)
        return [
            (id_, await self._body(event, id_, found[event.sequence]))
            for event, id_ in events
            if event.sequence in found
        ]

    async def _body(self, event: OutboxEvent, id_: str, members: Mapping[str, Any]) -> bytes:
        """`members` by response key, for those that aren't of the event itself."""
        of = self.subscribed
        known: dict[str, Any] = {
            "__typename": of.subscription.payload,
            "id": id_,
            "occurredAt": written(event.occurred_at),
            "resyncRequired": event.kind != of.subscription.name,
        }
        shown = {one.key: members[one.key] if one.key in members else known[one.name] for one in self._shown}
        said = of.execution.charging.said(of.sent.request, self.cost)
        return await of.execution.told(of.sent, {of.selected.key: shown}, said, python=self._source.python)
