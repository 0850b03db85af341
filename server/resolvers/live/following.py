"""One subscription operation: what it asks for, and its events as the asker may read them now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from server.errors import BadUserInput
from server.policies.permit import Coordinate
from server.queries.arguments import evaluated
from server.queries.asking import Reader
from server.queries.events import OutboxEvent
from server.queries.selection import Document
from server.resolvers.asked import Asked
from server.resolvers.execution import Execution, Sent
from server.resolvers.live.narrowing import ClassRoll, narrowing
from server.resolvers.live.probing import roll_of
from server.resolvers.live.reckoned_events import Reckoned
from server.resolvers.live.row_events import Rows
from server.resolvers.live.subscription import Subscription
from server.resolvers.live.subscriptions import SUBSCRIPTIONS
from server.resolvers.projection import written

Named: TypeAlias = tuple[OutboxEvent, str]
"""An event and its id."""
_ROOT: Final = frozenset(("Subscription",))
_FRESH: Final = timedelta(seconds=2)


class Following:
    """Raises BadUserInput for arguments that are no ids."""

    def __init__(self, execution: Execution, sent: Sent) -> None:
        self.execution = execution
        self.sent = sent
        document = Document(sent.prepared.fragments, sent.variables)
        selected = document.select((sent.operation.selection_set,), _ROOT)
        if len(selected) != 1:
            raise BadUserInput("A subscription follows exactly one thing: select one field.", ("query",))
        one = selected[0]
        self.subscription: Subscription = SUBSCRIPTIONS[one.name]
        declared = Reader(execution.schema, document).declared("Subscription", one)
        given = {name: evaluated(tree, sent.variables) for name, tree in declared.items()}
        self.narrowing = narrowing(given)
        self.after: str | None = given.get("after")
        self._key = one.key
        self._shown = document.select(one.below, frozenset((self.subscription.payload,)))
        row = self.subscription.row
        self._source = Reckoned(self, document, self._shown) if row is None else Rows(self, document, one, row)
        self._roll: tuple[datetime, ClassRoll | None] | None = None

    @property
    def coordinates(self) -> frozenset[Coordinate]:
        return self.subscription.coordinates | self._source.coordinates

    async def meant(self, events: Sequence[OutboxEvent], asked: Asked) -> list[OutboxEvent]:
        """Those of them that the operation asks for, as far as that is known without their rows."""
        kinds, mine = self.subscription.events, self.subscription.mine
        some = [one for one in events if one.kind in kinds and mine(one.payload, asked)]
        roll = await self.roll() if some else None
        return [one for one in some if self.narrowing.holds(one.payload, roll)]

    async def roll(self) -> ClassRoll | None:
        """Of the class that is asked for, at most two seconds old."""
        if self.narrowing.class_id is None:
            return None
        now = self.execution.now()
        if self._roll is None or now - self._roll[0] > _FRESH:
            self._roll = now, await roll_of(self, self.narrowing.class_id)
        return self._roll[1]

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
        known: dict[str, Any] = {
            "__typename": self.subscription.payload,
            "id": id_,
            "occurredAt": written(event.occurred_at),
            "resyncRequired": event.kind != self.subscription.name,
        }
        shown = {one.key: members[one.key] if one.key in members else known[one.name] for one in self._shown}
        return await self.execution.told(self.sent, {self._key: shown}, python=self._source.python)
