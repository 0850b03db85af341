"""Events whose members Python makes, inside a guarded transaction as inquiries are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from server.database.context import Isolation
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Coordinate
from server.queries.cursors import Cursors
from server.queries.events import OutboxEvent
from server.queries.selection import Document, Selected
from server.resolvers.asked import Asked
from server.resolvers.inquiry import Inquirer
from server.resolvers.projection import Projection

if TYPE_CHECKING:
    from server.resolvers.live.following import Following


class Reckoned:
    """Of one operation; `shown` are the members that it selects."""

    python: Final = False

    def __init__(self, following: Following, document: Document, shown: Sequence[Selected]) -> None:
        self._following = following
        self._document = document
        self._types = {name: kind for name, kind, _ in following.subscription.members}
        self._shown = [one for one in shown if one.name in self._types]

    @property
    def coordinates(self) -> frozenset[Coordinate]:
        return frozenset()

    async def found(self, events: Sequence[OutboxEvent], asked: Asked) -> dict[int, Mapping[str, Any]]:
        """By sequence number and response key. Raises GuardFailed."""
        following, execution = self._following, self._following.execution
        tells = following.subscription.tells
        assert tells is not None
        permit = asked.planner.permit(asked.profile, following.coordinates)
        if any(permit.plan(*one).nothing for one in following.coordinates):
            return {}
        projection = Projection(self._document, {one.name: one for one in following.subscription.kinds})
        async with UnitOfWork(execution.pool, asked.context, isolation=Isolation.INQUIRY) as unit:
            inquirer = Inquirer(unit.connection, asked, permit, Cursors(execution.cursor_key))
            values = await tells(events, inquirer)
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
        logged = {one[0] for one in self._following.coordinates if "log" in inquirer.permit.plan(*one).duties}
        if logged:
            sent, log = self._following.sent, {element: list[str]() for element in sorted(logged)}
            digest, coordinates = sent.prepared.digest, self._following.coordinates
            await inquirer.asked.audit(inquirer.connection, log, digest, sent.operation, coordinates)
