"""Runs an operation: plan once, one statement, bytes out; the executor only where Python must finish the answer."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graphql import DocumentNode, OperationDefinitionNode, OperationType
from graphql.execution.values import get_variable_values

from server.database.failures import GuardFailed
from server.database.pool import Pool
from server.database.reads import LogMap, read
from server.errors import BadUserInput, Forbidden, PolicyUnavailable, Unauthenticated, Unavailable, UsherError
from server.identity.principal import Principal
from server.policies.ceiling import Ceiling
from server.policies.shipped import shipped_ceiling
from server.queries.arguments import shape
from server.queries.cursors import Cursors
from server.queries.reading import Compiled, Reading, compile_reading, read_query
from server.queries.selection import Document
from server.resolvers.asked import Asked, Standings
from server.resolvers.changing import Changes
from server.resolvers.documents import DocumentInvalid, Documents, Prepared, error_body
from server.resolvers.finishing import finish
from server.resolvers.inquiries import INQUIRIES
from server.resolvers.inquiring import Inquiring
from server.resolvers.kinds import KINDS
from server.resolvers.prefetching import Prefetching
from server.resolvers.schema import graphql_schema
from server.resolvers.turns import Turns

REPLANS = 2
MOST_STATEMENTS = 5000


@dataclass(frozen=True, slots=True)
class OperationRequest:
    document: str
    operation_name: str | None
    variables: dict[str, Any]
    principal: Principal
    purpose: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class OperationAnswer:
    """`body` is the whole JSON of the response; `executed` is False where the request failed before execution."""

    body: bytes
    executed: bool


class Execution:
    """One a worker. `clock` gives the moment in UTC."""

    def __init__(
        self,
        pool: Pool,
        cursor_key: bytes,
        *,
        ceiling: Ceiling | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        check: Callable[[DocumentNode], None] = lambda _: None,
    ) -> None:
        self._pool = pool
        self._cursor_key = cursor_key
        self._clock = clock
        self._schema = graphql_schema()
        self._documents = Documents(self._schema, check)
        self._standings = Standings(pool, ceiling or shipped_ceiling())
        self.prefetching = Prefetching(self._standings)
        self._turns = Turns()
        self._readings: OrderedDict[Any, Reading] = OrderedDict()
        self._compiled: OrderedDict[Any, Compiled] = OrderedDict()

    async def run(self, request: OperationRequest) -> OperationAnswer:
        """Answers with coded errors for everything the caller can mend. Raises UsherError for what the edge answers."""
        try:
            prepared = self._documents.prepare(request.document)
            operation = prepared.operation(request.operation_name)
            variables = self._coerced(operation, request.variables)
        except DocumentInvalid as invalid:
            return _refused([error_body(error, "BAD_USER_INPUT") for error in invalid.errors])
        except BadUserInput as error:
            return _refused([_coded(error)])
        try:
            return OperationAnswer(await self._answer(request, prepared, operation, variables), executed=True)
        except (Unauthenticated, Unavailable):
            raise
        except UsherError as error:
            return OperationAnswer(_errors([_coded(error)]), executed=True)

    def _coerced(self, operation: OperationDefinitionNode, given: dict[str, Any]) -> dict[str, Any]:
        if not operation.variable_definitions:
            return {}
        coerced = get_variable_values(
            self._schema, operation.variable_definitions, given, max_errors=10, hide_suggestions=True
        )
        if isinstance(coerced, list):
            raise DocumentInvalid(coerced)
        return coerced.coerced

    async def _answer(
        self,
        request: OperationRequest,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: dict[str, Any],
    ) -> bytes:
        reading_key = (prepared.digest, request.operation_name, shape(variables))
        # Plan anew when a version has changed under a plan; a mutation that failed its guard has written nothing.
        for attempt in range(REPLANS + 1):
            now = self._clock()
            asked = await self._standings.of(request.principal, now, request.purpose, request.reason, fresh=attempt > 0)
            try:
                if operation.operation is OperationType.MUTATION:
                    return await self._change(request, prepared, operation, variables, asked)
                return await self._read(request, prepared, operation, variables, asked, reading_key)
            except GuardFailed:
                continue
            except Forbidden:
                # A refusal runs no statement, so no guard has told whether its plan is of today.
                if attempt > 0:
                    raise
        raise PolicyUnavailable("The school's rules are changing: try again in a moment.")

    async def _read(
        self,
        request: OperationRequest,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: dict[str, Any],
        asked: Asked,
        reading_key: Any,
    ) -> bytes:
        reading = self._readings.get(reading_key)
        if reading is None:
            document = Document(prepared.fragments, variables)
            reading = read_query(self._schema, document, operation.selection_set, INQUIRIES)
            _keep(self._readings, reading_key, reading)
        if reading.inquiries:
            return await self._inquire(request, prepared, operation, variables, asked, reading, reading_key)
        data = await self._rows(prepared, operation, variables, asked, reading, reading_key)
        if reading.python:
            return await finish(
                self._schema, prepared.node, request.operation_name, request.variables, json.loads(data)
            )
        return b'{"data":' + data + b"}"

    async def _rows(
        self,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: dict[str, Any],
        asked: Asked,
        reading: Reading,
        reading_key: Any,
    ) -> bytes:
        """What the compiled statement answers, by response keys."""
        compiled = self._compile(reading, reading_key, asked)
        run = asked.run(variables, Cursors(self._cursor_key))

        async def audit(connection: Any, log: LogMap) -> None:
            await asked.audit(connection, log, prepared.digest, operation, reading.coordinates)

        answer = await read(self._pool, compiled.statement, compiled.parameters(run), asked.context, audit)
        return compiled.seal(answer.json, run)

    async def _inquire(
        self,
        request: OperationRequest,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: dict[str, Any],
        asked: Asked,
        reading: Reading,
        reading_key: Any,
    ) -> bytes:
        """Rows and inquiries are two transactions; the guard of each proves that both are of the same versions."""
        document = Document(prepared.fragments, variables)
        inquiring = Inquiring(self._schema, document, reading.inquiries, INQUIRIES, KINDS)
        who = asked.principal
        turn = self._turns.taken(who.school_id, who.person_id) if inquiring.heavy else nullcontext()
        with turn:
            found = await inquiring.run(self._pool, asked, Cursors(self._cursor_key), prepared.digest, operation)
        if reading.parts:
            found |= json.loads(await self._rows(prepared, operation, variables, asked, reading, reading_key))
        keys = [one.key for one in document.select((operation.selection_set,), frozenset(("Query",)))]
        data = {key: found[key] for key in keys if key in found}
        if reading.python:
            return await finish(self._schema, prepared.node, request.operation_name, request.variables, data)
        return json.dumps({"data": data}, ensure_ascii=False, separators=(",", ":")).encode()

    def _compile(self, reading: Reading, reading_key: Any, asked: Asked) -> Compiled:
        key = (reading_key, asked.profile, asked.planner.book_digest)
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = compile_reading(reading, asked.planner, asked.profile)
            _keep(self._compiled, key, compiled)
        return compiled

    async def _change(
        self,
        request: OperationRequest,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: dict[str, Any],
        asked: Asked,
    ) -> bytes:
        document = Document(prepared.fragments, variables)
        changes = Changes(self._pool, self._schema, prepared.digest, operation, document)
        if len(changes.fields) != 1:
            raise BadUserInput("Send one mutation an operation: each is a transaction of its own.", ("query",))
        one = changes.fields[0]
        key = (prepared.digest, request.operation_name, shape(variables), one.key)
        payload = await changes.run(
            one, asked, Cursors(self._cursor_key), lambda reading, who: self._compile(reading, key, who)
        )
        data = {one.key: payload}
        if changes.python:
            return await finish(self._schema, prepared.node, request.operation_name, request.variables, data)
        return json.dumps({"data": data}, ensure_ascii=False, separators=(",", ":")).encode()


def _keep(known: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    known[key] = value
    if len(known) > MOST_STATEMENTS:
        known.popitem(last=False)


def _coded(error: UsherError) -> dict[str, Any]:
    extensions: dict[str, Any] = {"code": error.code}
    if error.path:
        extensions["argument"] = list(error.path)
    return {"message": error.message, "extensions": extensions}


def _errors(errors: list[dict[str, Any]]) -> bytes:
    return json.dumps({"errors": errors, "data": None}).encode()


def _refused(errors: list[dict[str, Any]]) -> OperationAnswer:
    return OperationAnswer(json.dumps({"errors": errors}).encode(), executed=False)
