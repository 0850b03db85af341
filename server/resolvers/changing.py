"""Runs the mutations of an operation: one unit of work each, and a read-back on the same connection."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from graphql import GraphQLSchema, OperationDefinitionNode

from server.commands.input_error import InputError
from server.database.pool import Pool
from server.database.reads import LogMap
from server.database.unit_of_work import UnitOfWork
from server.queries.arguments import evaluated
from server.queries.asking import Reader
from server.queries.cursors import Cursors
from server.queries.reading import Compiled, Reading, read_payload
from server.queries.selection import Document, Selected
from server.resolvers.asked import Asked
from server.resolvers.kinds import KINDS
from server.resolvers.mutation import Changed, Mutation
from server.resolvers.mutations import MUTATIONS
from server.resolvers.projection import Projection

Compiles = Callable[[Reading, Asked], Compiled]


class Changes:
    """The mutations of one operation, in order."""

    def __init__(
        self, pool: Pool, schema: GraphQLSchema, digest: str, operation: OperationDefinitionNode, document: Document
    ) -> None:
        self._pool = pool
        self._reader = Reader(schema, document)
        self._schema = schema
        self._digest = digest
        self._operation = operation
        self.fields = document.select((operation.selection_set,), frozenset(("Mutation",)))
        self.python = False

    async def run(self, one: Selected, asked: Asked, cursors: Cursors, compiles: Compiles) -> Any:
        """The payload of one root field, by response keys. Raises GuardFailed before anything is written."""
        if one.name == "__typename":
            return "Mutation"
        mutation = MUTATIONS[one.name]
        reading = read_payload(self._schema, self._reader.document, mutation.payload, one, mutation.rows)
        self.python = self.python or reading.python
        if mutation.gate is not None:
            mutation.gate(asked.planner, asked.profile)
        permit = asked.planner.permit(asked.profile, mutation.coordinates)
        coordinates = mutation.coordinates | reading.coordinates
        actor = asked.actor(self._digest, self._operation, coordinates)
        given = evaluated(self._reader.declared("Mutation", one)["input"], self._reader.document.variables)

        async def audit(connection: Any, log: LogMap) -> None:
            await asked.audit(connection, log, self._digest, self._operation, coordinates)

        async with UnitOfWork(self._pool, asked.context, audit) as unit:
            changed = await mutation.change(given, unit, permit, actor, asked.now)
            rows = await self._read_back(unit, reading, changed, asked, cursors, compiles)
            payload = await self._payload(mutation, one, changed, rows)
            if changed.written:
                await unit.commit(recheck=changed.recheck)
        return payload

    async def _read_back(
        self, unit: UnitOfWork, reading: Reading, changed: Changed, asked: Asked, cursors: Cursors, compiles: Compiles
    ) -> dict[str, Any]:
        if not reading.parts:
            return {}
        compiled = compiles(reading, asked)
        run = asked.run(self._reader.document.variables, cursors, changed.keys)
        answer = await unit.read(compiled.statement, compiled.parameters(run))
        return json.loads(compiled.seal(answer.json, run))

    async def _payload(
        self, mutation: Mutation, one: Selected, changed: Changed, rows: dict[str, Any]
    ) -> dict[str, Any]:
        projection = Projection(self._reader.document, KINDS)
        types = {name: kind for name, kind, _ in mutation.constants}
        payload: dict[str, Any] = {}
        for member in self._reader.document.select(one.below, frozenset((mutation.payload,))):
            if member.name == "__typename":
                payload[member.key] = mutation.payload
            elif member.name == "userErrors":
                payload[member.key] = [self._error(member, error) for error in changed.errors]
            elif member.name in mutation.rows:
                payload[member.key] = rows[member.key]
            else:
                value = changed.constants[member.name]
                payload[member.key] = await projection.of(types[member.name], value, member.below)
        return payload

    def _error(self, member: Selected, error: InputError) -> dict[str, Any]:
        path = [str(step) for step in error.path]
        known = {"code": error.code, "message": error.message, "path": path, "__typename": "UserError"}
        shown = self._reader.document.select(member.below, frozenset(("UserError",)))
        return {entry.key: known[entry.name] for entry in shown}
