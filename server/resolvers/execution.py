"""Runs an operation: plan once, one statement, bytes out; the executor only where Python must finish the answer."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from graphql import DocumentNode, OperationDefinitionNode, OperationType

from server.database.failures import GuardFailed
from server.database.pool import Pool
from server.database.reads import LogMap, read
from server.database.spans import Noted, span
from server.errors import (
    BadUserInput,
    DocumentNotRegistered,
    Forbidden,
    PolicyUnavailable,
    PostRequired,
    RateLimited,
    Unauthenticated,
    Unavailable,
    UsherError,
)
from server.identity.principal import Principal
from server.policies.ceiling import Ceiling
from server.policies.shipped import shipped_ceiling
from server.queries.arguments import shape
from server.queries.cost import Cost
from server.queries.cursors import Cursors
from server.queries.reading import Compiled, Reading, compile_reading, read_query
from server.queries.selection import Document
from server.resolvers.asked import Asked, Standings
from server.resolvers.budgets import Budgets
from server.resolvers.changing import Changes
from server.resolvers.charging import Charging, cost_of_change, cost_of_inquiries
from server.resolvers.documents import Documents, Prepared, error_body
from server.resolvers.finishing import finish, whole
from server.resolvers.inquiries import INQUIRIES
from server.resolvers.inquiring import Inquiring
from server.resolvers.invalid import DocumentInvalid
from server.resolvers.kinds import KINDS
from server.resolvers.prefetching import Prefetching
from server.resolvers.schema import graphql_schema
from server.resolvers.scopes import check_scope
from server.resolvers.trusted import Admission, TrustedDocuments
from server.resolvers.turns import Turns
from server.resolvers.watching import UNWATCHED, OperationWatch

REPLANS = 2
MOST_STATEMENTS = 5000
_STREAMS = "A subscription is a stream: ask over WebSocket (graphql-transport-ws), or accept text/event-stream alone."


# These three are made anew for each request, and a frozen one takes three times as long to make.
@dataclass(slots=True, eq=False)
class OperationRequest:
    """`document` is None where `document_id` names a registered one. `admission`: by what right it is asked; a request is
    admitted where it is read. `own`: a question of the server's own in the asker's name, which costs them nothing.
    `by_get`: it may be nothing but a query."""

    document: str | None
    operation_name: str | None
    variables: dict[str, Any]
    principal: Principal
    purpose: str | None
    reason: str | None
    document_id: str | None = None
    admission: Admission | None = None
    own: bool = False
    by_get: bool = False


@dataclass(slots=True, eq=False)
class OperationAnswer:
    """`body` is the whole JSON of the response; `executed` is False where the request failed before execution.
    `code` is that of its refusal, if it was refused."""

    body: bytes
    executed: bool
    code: str = "OK"


@dataclass(slots=True, eq=False)
class Sent:
    """One operation as it was sent, with its variables coerced; `key` is of all that its reading depends upon."""

    request: OperationRequest
    prepared: Prepared
    operation: OperationDefinitionNode
    variables: dict[str, Any]
    key: tuple[Any, ...]


class Execution:
    """One a worker. `clock` gives the moment in UTC; `home` is the address that letters name."""

    def __init__(
        self,
        pool: Pool,
        cursor_key: bytes,
        *,
        ceiling: Ceiling | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        check: Callable[[DocumentNode], None] = lambda _: None,
        home: str = "http://localhost",
        budgets: Budgets | None = None,
        watch: OperationWatch = UNWATCHED,
    ) -> None:
        self.pool = pool
        self.watch = watch
        self._clock = clock
        self.schema = graphql_schema()
        self.cursor_key = cursor_key
        self._documents = Documents(self.schema, check)
        self.standings = Standings(pool, ceiling or shipped_ceiling(), home)
        self.trusted = TrustedDocuments(pool, clock)
        self.prefetching = Prefetching(self.standings)
        self._turns = Turns()
        self.charging = Charging(budgets)
        self._readings: OrderedDict[Any, Reading] = OrderedDict()
        self._compiled: OrderedDict[Any, Compiled] = OrderedDict()
        self._costs: OrderedDict[Any, Cost] = OrderedDict()
        self._missed = {"readings": 0, "statements": 0}

    def now(self) -> datetime:
        """By the worker's clock."""
        return self._clock()

    def remembered(self) -> Iterator[tuple[str, int, int]]:
        """Of each cache its name, how much it holds, and how often what was looked for was not there."""
        yield "documents", len(self._documents.known), self._documents.missed
        yield "readings", len(self._readings), self._missed["readings"]
        yield "statements", len(self._compiled), self._missed["statements"]
        yield from self.standings.remembered()

    async def run(self, request: OperationRequest) -> OperationAnswer:
        """Answers with coded errors for everything the caller can mend. Raises UsherError for what the edge answers."""
        sent = await self.read(request)
        if isinstance(sent, OperationAnswer):
            return sent
        if sent.operation.operation is OperationType.SUBSCRIPTION:
            return _refused([_coded(BadUserInput(_STREAMS, ("query",)))], BadUserInput.code)
        return await self.answer(sent)

    async def read(self, request: OperationRequest) -> Sent | OperationAnswer:
        """The operation, admitted, parsed and validated; or the answer that refuses it. Raises UsherError."""
        try:
            sent = await self._sent(request)
        except UsherError as error:
            self.watch.unread(error.code)
            raise
        if isinstance(sent, OperationAnswer):
            self.watch.unread(sent.code)
        return sent

    async def _sent(self, request: OperationRequest) -> Sent | OperationAnswer:
        self.standings.turn_away(request.principal)
        try:
            with span("document") as noted:
                document, admitted = await self._admitted(request)
                known = self._documents.knows(document)
                noted.note("usher.document.known", known)
                if not known:
                    self.charging.new_document(request, len(document))
                prepared = self._documents.prepare(document)
                noted.note("usher.document.digest", prepared.digest)
            operation = prepared.operation(request.operation_name)
            if request.by_get and operation.operation is not OperationType.QUERY:
                raise PostRequired("Only queries are answered by GET: send this by POST.")
            check_scope(request.principal, operation.operation)
            variables = prepared.coerced(operation, request.variables)
        except DocumentInvalid as invalid:
            return _refused([error_body(error, "BAD_USER_INPUT") for error in invalid.errors], "BAD_USER_INPUT")
        except (BadUserInput, DocumentNotRegistered, Forbidden) as error:
            return _refused([_coded(error)], error.code)
        if admitted.admission is not None and request.admission is None:
            self.trusted.note(request.principal, admitted.admission)
        key = (prepared.digest, request.operation_name, shape(variables))
        return Sent(admitted, prepared, operation, variables, key)

    async def answer(self, sent: Sent) -> OperationAnswer:
        """Of a query or mutation. Raises Unauthenticated, Unavailable, RateLimited."""
        with span("operation") as noted:
            return await self._noted_answer(sent, noted)

    async def _noted_answer(self, sent: Sent, noted: Noted) -> OperationAnswer:
        begun, code, said = time.perf_counter(), "INTERNAL_ERROR", b""
        try:
            said = self.charging.charge(sent.request, self.cost(sent).of(sent.variables))
            answer = OperationAnswer(await self._answer(sent, said), executed=True)
            code = answer.code
            return answer
        except UsherError as error:
            code = error.code
            if isinstance(error, (Unauthenticated, Unavailable, RateLimited)):
                raise
            return OperationAnswer(errors_body(error, said), executed=True, code=code)
        finally:
            kind = sent.operation.operation.value
            noted.note("usher.operation.kind", kind)
            noted.note("usher.code", code)
            self.watch.operation(kind, code, time.perf_counter() - begun)

    def cost(self, sent: Sent) -> Cost:
        """Of a query or mutation, by its reading. Raises BadUserInput, LimitExceeded, RateLimited."""
        known = self._costs.get(sent.key)
        if known is None:
            self.charging.new_document(sent.request, len(sent.request.document or ""))
            document = Document(sent.prepared.fragments, sent.variables)
            if sent.operation.operation is OperationType.MUTATION:
                known = cost_of_change(self.schema, document, sent.operation)
            else:
                reading = self._reading(sent)
                known = reading.cost.plus(cost_of_inquiries(reading.inquiries))
            _keep(self._costs, sent.key, known)
        return known

    async def stand(self, request: OperationRequest, now: datetime, *, fresh: bool = False) -> Asked:
        """Where the asker of an admitted request stands now, by a document that may still be asked.

        Raises DocumentNotRegistered, Unauthenticated, PolicyUnavailable, BadUserInput.
        """
        who, admission, purpose = request.principal, request.admission, request.purpose
        with span("plan"):
            if admission is not None:
                admission = await self.trusted.again(who, admission, fresh=fresh)
                purpose = admission.purpose or purpose
            return await self.standings.of(who, now, purpose, request.reason, fresh=fresh, admission=admission)

    async def _admitted(self, request: OperationRequest) -> tuple[str, OperationRequest]:
        """What asks in the name of an admitted request is admitted with it: questions of a stream's own."""
        if request.admission is not None and request.document is not None:
            return request.document, request
        document, admission = await self.trusted.admitted(request.principal, request.document, request.document_id)
        if admission is None and document is request.document:
            return document, request
        return document, replace(request, document=document, admission=admission)

    async def _answer(self, sent: Sent, said: bytes) -> bytes:
        request = sent.request
        # Plan anew when a version has changed under a plan; a mutation that failed its guard has written nothing.
        for attempt in range(REPLANS + 1):
            now = self.now()
            asked = await self.stand(request, now, fresh=attempt > 0)
            try:
                if sent.operation.operation is OperationType.MUTATION:
                    return await self._change(sent, asked, said)
                return await self._read(sent, asked, said)
            except GuardFailed:
                continue
            except Forbidden:
                # A refusal runs no statement, so no guard has told whether its plan is of today.
                if attempt > 0:
                    raise
        raise PolicyUnavailable("The school's rules are changing: try again in a moment.")

    def _reading(self, sent: Sent) -> Reading:
        reading = self._readings.get(sent.key)
        if reading is None:
            self._missed["readings"] += 1
            document = Document(sent.prepared.fragments, sent.variables)
            reading = read_query(self.schema, document, sent.operation.selection_set, INQUIRIES)
            _keep(self._readings, sent.key, reading)
        return reading

    async def _read(self, sent: Sent, asked: Asked, said: bytes) -> bytes:
        reading = self._reading(sent)
        if reading.inquiries:
            return await self._inquire(sent, asked, reading, said)
        data = await self._rows(sent, asked, reading)
        # What PostgreSQL made goes out as it is, where Python has nothing to add.
        if not reading.python:
            return b'{"data":' + data + said + b"}"
        return await self.told(sent, json.loads(data), said, python=True)

    async def _rows(self, sent: Sent, asked: Asked, reading: Reading) -> bytes:
        """What the compiled statement answers, by response keys."""
        compiled = self.compile(reading, sent.key, asked)
        run = asked.run(sent.variables, Cursors(self.cursor_key))

        async def audit(connection: Any, log: LogMap) -> None:
            await asked.audit(connection, log, sent.prepared.digest, sent.operation, reading.coordinates)

        answer = await read(self.pool, compiled.statement, compiled.parameters(run), asked.context, audit)
        return compiled.seal(answer.json, run)

    async def _inquire(self, sent: Sent, asked: Asked, reading: Reading, said: bytes) -> bytes:
        """Rows and inquiries are two transactions; the guard of each proves that both are of the same versions."""
        document = Document(sent.prepared.fragments, sent.variables)
        inquiring = Inquiring(self.schema, document, reading.inquiries, INQUIRIES, KINDS)
        who = asked.principal
        turn = self._turns.taken(who.school_id, who.person_id) if inquiring.heavy else nullcontext()
        with turn:
            cursors = Cursors(self.cursor_key)
            found = await inquiring.run(self.pool, asked, cursors, sent.prepared.digest, sent.operation)
        if reading.parts:
            found |= json.loads(await self._rows(sent, asked, reading))
        keys = [one.key for one in document.select((sent.operation.selection_set,), frozenset(("Query",)))]
        return await self.told(sent, {key: found[key] for key in keys if key in found}, said, python=reading.python)

    def compile(self, reading: Reading, reading_key: Any, asked: Asked) -> Compiled:
        key = (reading_key, asked.profile, asked.planner.book_digest)
        compiled = self._compiled.get(key)
        if compiled is None:
            self._missed["statements"] += 1
            with span("compile"):
                compiled = compile_reading(reading, asked.planner, asked.profile)
            _keep(self._compiled, key, compiled)
        return compiled

    async def _change(self, sent: Sent, asked: Asked, said: bytes) -> bytes:
        document = Document(sent.prepared.fragments, sent.variables)
        changes = Changes(self.pool, self.schema, sent.prepared.digest, sent.operation, document)
        if len(changes.fields) != 1:
            raise BadUserInput("Send one mutation an operation: each is a transaction of its own.", ("query",))
        one = changes.fields[0]
        key = (*sent.key, one.key)
        payload = await changes.run(
            one, asked, Cursors(self.cursor_key), lambda reading, who: self.compile(reading, key, who)
        )
        return await self.told(sent, {one.key: payload}, said, python=changes.python)

    async def told(self, sent: Sent, data: dict[str, Any], said: bytes, *, python: bool) -> bytes:
        """The whole response, with what is `said` of its cost; `python`: the executor has its part to add."""
        if not python:
            return whole(data, said)
        request = sent.request
        return await finish(self.schema, sent.prepared.node, request.operation_name, request.variables, data, said)


def _keep(known: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    known[key] = value
    if len(known) > MOST_STATEMENTS:
        known.popitem(last=False)


def _coded(error: UsherError) -> dict[str, Any]:
    extensions: dict[str, Any] = {"code": error.code}
    if error.path:
        extensions["argument"] = list(error.path)
    return {"message": error.message, "extensions": extensions}


def errors_body(error: UsherError, said: bytes = b"") -> bytes:
    """A whole response that says nothing but the error; `said` of its cost."""
    return b'{"errors":[' + json.dumps(_coded(error)).encode() + b'],"data":null' + said + b"}"


def _refused(errors: list[dict[str, Any]], code: str) -> OperationAnswer:
    return OperationAnswer(json.dumps({"errors": errors}).encode(), executed=False, code=code)
