"""Events whose members Python makes, inside a guarded transaction as inquiries are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from server.database.context import Isolation
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Coordinate
from server.queries.cost import Cost
from server.queries.cursors import Cursors
from server.queries.events import OutboxEvent
from server.resolvers.asked import Asked
from server.resolvers.inquiry import Inquirer
from server.resolvers.live.subscribed import Subscribed
from server.resolvers.projection import Projection


class Reckoned:
    """Of one operation."""

    python: Final = False
    cost: Final = Cost(1)
    """Of one event."""

    def __init__(self, of: Subscribed) -> None:
        self._of = of
        self._types = {name: kind for name, kind, _ in of.subscription.members}
        self._shown = [one for one in of.shown if one.name in self._types]

    @property
    def coordinates(self) -> frozenset[Coordinate]:
        return frozenset()

    async def found(self, events: Sequence[OutboxEvent], asked: Asked) -> dict[int, Mapping[str, Any]]:
        """By sequence number and response key. Raises GuardFailed."""
        subscription, execution = self._of.subscription, self._of.execution
        assert subscription.tells is not None
        permit = asked.planner.permit(asked.profile, subscription.coordinates)
        if any(permit.plan(*one).nothing for one in subscription.coordinates):
            return {}
        projection = Projection(self._of.document, {one.name: one for one in subscription.kinds})
        async with UnitOfWork(execution.pool, asked.context, isolation=Isolation.INQUIRY) as unit:
            inquirer = Inquirer(unit.connection, asked, permit, Cursors(execution.cursor_key))
            values = await subscription.tells(events, inquirer)
            found: dict[int, Mapping[str, Any]] = {
                sequence: {
                    one.key: await projection.of(self._types[one.name], members[one.name], one.below)
                    for one in self._shown
                }
                for sequence, members in values.items()
            }
            await self._audit(inquirer)
            await unit.commit()
        return found

    async def _audit(self, inquirer: Inquirer) -> None:
        """One row, where a duty asks for it."""
        coordinates = self._of.subscription.coordinates
        logged = {one[0] for one in coordinates if "log" in inquirer.permit.plan(*one).duties}
        if logged:
            sent, log = self._of.sent, {element: list[str]() for element in sorted(logged)}
            await inquirer.asked.audit(inquirer.connection, log, sent.prepared.digest, sent.operation, coordinates)
