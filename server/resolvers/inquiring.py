"""Runs the inquiries of an operation: all in one transaction, answered only after its COMMIT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graphql import GraphQLSchema, OperationDefinitionNode

from server.commands.keys import new_key
from server.compliance.audit import write_audit
from server.database.context import Isolation
from server.database.pool import Pool
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden, LimitExceeded
from server.policies.permit import Coordinate
from server.queries.arguments import evaluated
from server.queries.asking import Reader
from server.queries.cursors import Cursors
from server.queries.kinds import Kind
from server.queries.selection import Document, Selected
from server.resolvers.asked import Asked
from server.resolvers.inquiry import Inquirer, Inquiry
from server.resolvers.projection import Projection

MOST_INQUIRIES: Final = 5
MOST_HEAVY: Final = 2


class Inquiring:
    """The inquiries of one operation; `known` are all that the schema has, `kinds` all their types."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: Document,
        fields: Sequence[Selected],
        known: Mapping[str, Inquiry],
        kinds: Mapping[str, Kind],
    ) -> None:
        if len(fields) > MOST_INQUIRIES:
            raise LimitExceeded(f"One operation may hold at most {MOST_INQUIRIES} reckoned fields: ask in parts.")
        heavy = sum(known[one.name].heavy for one in fields)
        if heavy > MOST_HEAVY:
            names = ", ".join(sorted(one.name for one in known.values() if one.heavy))
            raise LimitExceeded(f"One operation may hold at most {MOST_HEAVY} of {names}: ask in parts.")
        self.heavy = heavy > 0
        self._reader = Reader(schema, document)
        self._projection = Projection(document, kinds)
        self._fields = [(one, known[one.name]) for one in fields]

    @property
    def coordinates(self) -> frozenset[Coordinate]:
        return frozenset(coordinate for _, inquiry in self._fields for coordinate in inquiry.coordinates)

    async def run(
        self, pool: Pool, asked: Asked, cursors: Cursors, digest: str, operation: OperationDefinitionNode
    ) -> dict[str, Any]:
        """The answers by response key. Raises Forbidden before any statement runs, and GuardFailed."""
        permit = asked.planner.permit(asked.profile, self.coordinates)
        for one, inquiry in self._fields:
            if any(permit.plan(*coordinate).nothing for coordinate in inquiry.coordinates):
                raise Forbidden(f"{one.name} is not for you: ask your school's data protection officer.", (one.name,))
        for inquiry in {one.name: one for _, one in self._fields}.values():
            if inquiry.prepare is not None:
                await inquiry.prepare(pool, asked)
        found: dict[str, Any] = {}
        async with UnitOfWork(pool, asked.context, isolation=Isolation.INQUIRY) as unit:
            inquirer = Inquirer(unit.connection, asked, permit, cursors)
            for one, inquiry in self._fields:
                declared = self._reader.declared("Query", one)
                given = {name: evaluated(tree, self._reader.document.variables) for name, tree in declared.items()}
                value = await inquiry.ask(given, inquirer)
                found[one.key] = await self._projection.of(inquiry.type, value, one.below)
            await self._audit(inquirer, digest, operation)
            await unit.commit()
        return found

    async def _audit(self, inquirer: Inquirer, digest: str, operation: OperationDefinitionNode) -> None:
        """One row, where a duty or an inquiry asks for it."""
        asked = inquirer.asked
        for element, action in self.coordinates:
            if "log" in inquirer.permit.plan(element, action).duties:
                inquirer.log(element)
        if not inquirer.logged:
            return
        exported = inquirer.exported or any(one.action == "export" for _, one in self._fields)
        action = "export" if exported else "read"
        elements = {element: sorted(learners) for element, learners in inquirer.logged.items()}
        details = {"fields": sorted({one.name for _, one in self._fields}), **inquirer.details}
        actor = asked.actor(digest, operation, self.coordinates)
        record = actor.record(inquirer.school_id, new_key(), asked.now, action, elements, details)
        await write_audit(inquirer.connection, record)
